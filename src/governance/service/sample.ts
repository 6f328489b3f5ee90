import type { Json } from '../../domain/json.ts';

/** One call as it may look, for whoever writes a mapping; a file of `samples/`. */
export interface ServiceSample {
  readonly operation: string;
  readonly title?: string;
  readonly request?: Json;
  readonly answer?: Json;
}

const MEMBERS = new Set(['operation', 'title', 'request', 'answer']);

/** Why a value is no sample, one sentence; undefined when it is one. Whether it fits its contracts, lint says. */
export function sampleProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'A sample is an object with "operation", "request" and "answer".';
  const odd = Object.keys(value).find((name) => !MEMBERS.has(name));
  if (odd !== undefined) return `A sample has no member ${JSON.stringify(odd.slice(0, 60))}; it has "operation", "title", "request" and "answer".`;
  const { operation, title } = value as { readonly operation?: unknown; readonly title?: unknown };
  if (typeof operation !== 'string' || operation === '') return 'A sample says of which "operation" it is.';
  return title === undefined || typeof title === 'string' ? undefined : 'The title of a sample is a text.';
}
