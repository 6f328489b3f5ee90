import { openJsonEditor } from './json-editor.ts';
import type { JsonEditor } from './json-editor.ts';

/** What is said of a text that is no JSON Schema. */
export interface SchemaComplaints {
  /** It is JSON, and no schema. */
  readonly form: () => string;
  readonly json: (reason: string) => string;
}

/** What is wrong with a schema's text, or `true`. The schema itself is compiled when the flow starts. */
export function judgeSchema(written: string, complaints: SchemaComplaints): true | string {
  try {
    const parsed: unknown = JSON.parse(written);
    return typeof parsed === 'boolean' || (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) ? true : complaints.form();
  } catch (error) {
    return complaints.json(error instanceof Error ? error.message : String(error));
  }
}

/** The code editor for the schema of the one dialog that is open. */
export class SchemaField {
  #editor: JsonEditor | undefined;

  open(written: string): void {
    this.#editor = openJsonEditor('node-input-schema-editor', written);
  }

  text(): string {
    return this.#editor?.text() ?? '';
  }

  /** What stands in it at last. */
  close(): string {
    const written = this.text();
    this.#editor?.close();
    this.#editor = undefined;
    return written;
  }
}
