import Big from 'big.js';
import type { Json, JsonObject } from '../../../domain/json.ts';

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'string': case 'boolean': return typeof value === type;
    case 'number': return typeof value === 'number' && Number.isFinite(value);
    case 'integer': return Number.isInteger(value);
    case 'array': return Array.isArray(value);
    case 'object': return isObject(value);
    case 'null': return value === null;
    default: return true;
  }
}

const TYPES: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', integer: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object' };

function* ofNumber(schema: JsonObject, value: number): Generator<string> {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === 'number' && value < minimum) yield `must be at least ${minimum}`;
  if (typeof maximum === 'number' && value > maximum) yield `must be at most ${maximum}`;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) yield `must be more than ${exclusiveMinimum}`;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) yield `must be less than ${exclusiveMaximum}`;
  if (typeof multipleOf === 'number' && multipleOf > 0 && !new Big(value).mod(multipleOf).eq(0)) yield `must be a multiple of ${multipleOf}`;
}

/** Characters of a text that a pattern is tried on. */
const LONGEST = 10_000;

const FORMATS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/, time: /^\d{2}:\d{2}(:\d{2})?/, email: /^[^\s@]+@[^\s@]+$/, uri: /^[a-z][a-z0-9+.-]*:\S+$/i, uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

function* ofText(schema: JsonObject, value: string): Generator<string> {
  const { minLength, maxLength, pattern, format } = schema;
  const length = [...value].length;
  if (typeof minLength === 'number' && length < minLength) yield minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`;
  if (typeof maxLength === 'number' && length > maxLength) yield `must have at most ${maxLength} characters`;
  // A pattern of a template is made for what people type.
  if (value.length > LONGEST) yield `must have at most ${LONGEST} characters`;
  else if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) yield `must have the form ${pattern}`;
  if (typeof format === 'string' && FORMATS[format]?.test(value) === false) yield `must be a valid ${format}`;
}

/** Members of JSON Schema 2020-12 that are judged here; the rest describes. */
const KNOWN: ReadonlySet<string> = new Set([
  'type', 'const', 'enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern', 'format', 'allOf',
  'title', 'description', 'default', 'examples', 'writeOnly', 'readOnly', 'deprecated', '$comment',
]);

/**
 * What is wrong with a parameter's value, one phrase each; [] when it keeps the schema. Parameters are texts, numbers and
 * flags: a schema with members for anything else is one that this cannot judge, and says so.
 * @throws SyntaxError when the pattern is none
 */
export function schemaProblems(schema: JsonObject, value: unknown): readonly string[] {
  const unknown = Object.keys(schema).filter((member) => !KNOWN.has(member) && !member.startsWith('x-'));
  if (unknown.length > 0) return [`cannot be judged: its schema has "${unknown[0]}"`];
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  if (!types.some((type: Json | undefined) => isOfType(value, type))) return [`must be ${types.map((type) => TYPES[String(type)] ?? String(type)).join(' or ')}`];
  if (Object.hasOwn(schema, 'const') && JSON.stringify(value) !== JSON.stringify(schema['const'])) return [`is ${JSON.stringify(schema['const'])}, set centrally`];
  const choices = schema['enum'];
  if (Array.isArray(choices) && !choices.some((choice: Json) => JSON.stringify(choice) === JSON.stringify(value))) return [`must be one of ${choices.map(String).join(', ')}`];
  const all: readonly Json[] = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return [
    ...(typeof value === 'number' ? ofNumber(schema, value) : []), ...(typeof value === 'string' ? ofText(schema, value) : []),
    ...all.flatMap((each) => (isObject(each) ? schemaProblems(each, value) : [])),
  ];
}
