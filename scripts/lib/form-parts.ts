import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** Rows that several forms have to the letter, a file each; their texts are those of the form's node, or shared. */
export const FORM_PARTS = path.join(ROOT, 'src/editor/form-parts');

const PART = /^ *<!-- part: ([a-z-]+) -->\n/gm;

/** A node's form with its parts put in: `<!-- part: step-id -->` on a line of its own is `step-id.html`, and may hold parts itself. Throws when there is no such part. */
export function readForm(file: string): string {
  return readFileSync(file, 'utf8').replace(PART, (_line, name: string) => {
    const part = path.join(FORM_PARTS, `${name}.html`);
    if (!existsSync(part)) throw new Error(`${path.relative(ROOT, file)} names the part ${name}, and there is no ${path.relative(ROOT, part)}`);
    return readForm(part);
  });
}
