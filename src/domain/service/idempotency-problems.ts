import type { Json, JsonObject } from '../json.ts';
import { headerNameProblem, queryNameProblem } from './header-name.ts';
import { isPointer } from '../json-pointer.ts';
import type { ServiceProblem } from './problem.ts';
import { fieldSchemas } from './schema-field.ts';
import type { ServiceOperation } from './service.ts';

/** Characters of a key as the engine makes them, and of the hash that a longer one is shortened to (base64url). */
export const KEY_LENGTH = 22;

const takesText = ({ type }: JsonObject): boolean => type === undefined || (Array.isArray(type) ? (type as readonly Json[]).includes('string') : type === 'string');

function* fieldProblems(name: string, maxLength: number | undefined, request: Json | undefined, place: string): Generator<ServiceProblem> {
  const at = `${place}/name`;
  if (!isPointer(name) || name === '') {
    yield { at, message: `${JSON.stringify(name)} is no JSON Pointer into the request, such as /header/reference.` };
    return;
  }
  const schemas = fieldSchemas(request, name);
  if (schemas === undefined) {
    yield { at, message: request === undefined || request === false ? 'The key stands in a field, and the operation takes no request: describe the "request", or put the key into a header or the query.' : `The contract of the request lets nothing stand at ${name}; name a field that it has, or add this one.` };
    return;
  }
  if (!schemas.every(takesText)) yield { at, message: `The contract of the request lets no text stand at ${name}, and the key is one; name another field.` };
  const shortest = Math.min(...schemas.map(({ maxLength: most }) => (typeof most === 'number' ? most : Number.POSITIVE_INFINITY)));
  if (shortest < (maxLength ?? KEY_LENGTH)) yield { at: maxLength === undefined ? at : `${place}/maxLength`, message: `The contract of the request takes ${shortest} characters at ${name}, and the key has up to ${maxLength ?? KEY_LENGTH}; say "maxLength": ${shortest}, or widen the field.` };
}

/** What is wrong with where the idempotency key lives over there. */
export function* idempotencyProblems({ idempotency, effect, request }: ServiceOperation, operation: string): Generator<ServiceProblem> {
  if (idempotency === undefined) return;
  const at = `${operation}/idempotency`;
  const { in: place, name, maxLength } = idempotency;
  if (effect === 'reads') yield { at, message: 'What reads needs no idempotency key: it may be repeated at will. Leave this out.' };
  if (place === 'field') yield* fieldProblems(name, maxLength, request as Json | undefined, at);
  else {
    const problem = place === 'header' ? headerNameProblem(name, 'an idempotency key') : queryNameProblem(name);
    if (problem !== undefined) yield { at: `${at}/name`, message: problem };
    else if (place === 'header' && /^authorization$/i.test(name)) yield { at: `${at}/name`, message: 'The header Authorization holds credentials and cannot hold an idempotency key; name another.' };
  }
}
