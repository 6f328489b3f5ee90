import type { Json, JsonObject } from '../json.ts';
import type { DecimalRoom } from './decimal-text.ts';
import { atPointer, pointerOf, pointerParts } from '../json-pointer.ts';

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';
/** Stands in a pointer for every entry of a list. */
export const ANY_ENTRY = '*';

/** One place in documents of a schema. What it holds is looked up when it is asked for, so that a schema may lead back into itself. */
export interface SchemaField {
  /** Member name, or `*` for the entries of a list; '' for the document. */
  readonly name: string;
  /** JSON Pointer, with `*` for entries: `/lines/* /quantity` without the blank. */
  readonly pointer: string;
  /** Empty: any. */
  readonly types: readonly JsonType[];
  /** Its parent is not valid without it. */
  readonly required: boolean;
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly choices?: readonly Json[];
  readonly maxLength?: number;
  readonly minLength?: number;
  /** Regular expression that a text has to match somewhere (JSON Schema 2020-12, 6.3.3). */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** What the schema says is meant where nothing is said. */
  readonly preset?: Json;
  /** What such a value may look like. */
  readonly example?: Json;
  /** Room of a decimal. */
  readonly decimal?: DecimalRoom;
  /** Code list that its values come from. */
  readonly codes?: string;
  /** Members that are not named are allowed. */
  readonly open: boolean;
  readonly members: readonly SchemaField[];
  /** What the entries of a list are. */
  readonly entry: SchemaField | undefined;
}

type Schema = Readonly<Record<string, Json>>;

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: Json | undefined): readonly Json[] => Array.isArray(value) ? value as readonly Json[] : [];
const MOST_STEPS = 32;

/** The document that a JSON Schema (2020-12) describes. Only references within the schema are followed; what another one leads to is open. */
export function schemaField(schema: JsonObject | boolean): SchemaField {
  const root = isObject(schema) ? schema : {};
  return fieldOf(root, root, '', '', false);
}

function fieldOf(schema: Schema, root: Schema, name: string, pointer: string, required: boolean): SchemaField {
  const flat = flattened(schema, root, 0);
  const ours = isObject(flat['x-waybill']) ? flat['x-waybill'] : {};
  let members: readonly SchemaField[] | undefined;
  let entry: SchemaField | null | undefined;
  const types = typesOf(flat);
  return {
    name, pointer, types, required, open: flat['additionalProperties'] !== false && flat['unevaluatedProperties'] !== false,
    ...text(flat, 'title'), ...text(flat, 'description'), ...text(flat, 'format'),
    ...(Array.isArray(flat['enum']) ? { choices: flat['enum'] as readonly Json[] } : 'const' in flat ? { choices: [flat['const'] as Json] } : {}),
    ...number(flat, 'maxLength'), ...number(flat, 'minLength'), ...number(flat, 'minimum'), ...number(flat, 'maximum'), ...text(flat, 'pattern'),
    ...('default' in flat ? { preset: flat['default'] as Json } : {}), ...(listOf(flat['examples']).length > 0 ? { example: listOf(flat['examples'])[0]! } : {}),
    ...decimalOf(flat, ours, types), ...(typeof ours['codes'] === 'string' ? { codes: ours['codes'] } : {}),
    get members() {
      const needed = new Set(listOf(flat['required']));
      members ??= Object.entries(isObject(flat['properties']) ? flat['properties'] : {}).map(([each, below]) => fieldOf(isObject(below) ? below : {}, root, each, pointer + pointerOf(each), needed.has(each)));
      return members;
    },
    get entry() {
      entry ??= types.includes('array') ? fieldOf(isObject(flat['items']) ? flat['items'] : {}, root, ANY_ENTRY, `${pointer}/${ANY_ENTRY}`, true) : null;
      return entry ?? undefined;
    },
  };
}

function text<K extends string>(schema: Schema, key: K): { readonly [Each in K]?: string } {
  const value = schema[key];
  return (typeof value === 'string' ? { [key]: value } : {}) as { readonly [Each in K]?: string };
}

function number<K extends string>(schema: Schema, key: K): { readonly [Each in K]?: number } {
  const value = schema[key];
  return (typeof value === 'number' ? { [key]: value } : {}) as { readonly [Each in K]?: number };
}

function typesOf(schema: Schema): readonly JsonType[] {
  const { type } = schema;
  if (typeof type === 'string') return [type as JsonType];
  if (Array.isArray(type)) return type as readonly JsonType[];
  return isObject(schema['properties']) ? ['object'] : isObject(schema['items']) ? ['array'] : [];
}

function decimalOf(schema: Schema, ours: Schema, types: readonly JsonType[]): { readonly decimal?: DecimalRoom } {
  const said = ours['decimal'];
  if (isObject(said) && typeof said['digits'] === 'number' && typeof said['places'] === 'number') return { decimal: { digits: said['digits'], places: said['places'] } };
  const { multipleOf } = schema;
  if (types.includes('number') && typeof multipleOf === 'number' && multipleOf > 0 && multipleOf < 1) return { decimal: { digits: 15, places: Math.max(0, Math.round(-Math.log10(multipleOf))) } };
  return types.includes('string') && schema['format'] === 'decimal' ? { decimal: { digits: 30, places: 12 } } : {};
}

/** A schema with what it refers to and what it is made of in one. Of alternatives everything may be there, and only what all of them need must. */
function flattened(schema: Schema, root: Schema, steps: number): Schema {
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  if (steps > MOST_STEPS || ($ref === undefined && allOf === undefined && anyOf === undefined && oneOf === undefined)) return own;
  let made: Schema = {};
  if (typeof $ref === 'string' && ($ref === '#' || $ref.startsWith('#/'))) {
    const target = atPointer(root, decodeURIComponent($ref.slice(1)));
    if (isObject(target)) made = flattened(target, root, steps + 1);
  }
  for (const part of listOf(allOf)) if (isObject(part)) made = joined(made, flattened(part, root, steps + 1));
  made = joined(made, own);
  const choices = [...listOf(anyOf), ...listOf(oneOf)].filter(isObject).map((part) => flattened(part, root, steps + 1)).filter((part) => part['type'] !== 'null');
  return choices.length === 0 ? made : joined(choices.reduce(either), made);
}

const propertiesOf = (schema: Schema): Schema => isObject(schema['properties']) ? schema['properties'] : {};

function joined(one: Schema, other: Schema): Schema {
  const properties = { ...propertiesOf(one), ...propertiesOf(other) };
  const required = [...new Set([...listOf(one['required']), ...listOf(other['required'])])];
  return { ...one, ...other, ...(Object.keys(properties).length === 0 ? {} : { properties }), ...(required.length === 0 ? {} : { required }) };
}

function either(one: Schema, other: Schema): Schema {
  const needed = new Set(listOf(other['required']));
  const both = joined(one, other);
  const types = [...new Set([...typesOf(one), ...typesOf(other)])];
  const { enum: choices, const: constant, pattern, format, minLength, maxLength, minimum, maximum, 'x-waybill': ours, ...rest } = both;
  return { ...rest, ...(types.length === 0 ? {} : { type: types }), required: listOf(one['required']).filter((name) => needed.has(name)) };
}

/** The place that a pointer leads to. `known` is false where the schema allows members without naming them. */
export function fieldAt(field: SchemaField, pointer: string): { readonly known: true; readonly field: SchemaField } | { readonly known: false; readonly allowed: boolean } {
  let here = field;
  for (const part of pointerParts(pointer)) {
    const next: SchemaField | undefined = here.types.includes('array') && (part === ANY_ENTRY || /^\d+$/.test(part)) ? here.entry : here.members.find(({ name }) => name === part);
    if (next === undefined) return { known: false, allowed: here.types.length === 0 || (here.types.includes('object') && here.open) };
    here = next;
  }
  return { known: true, field: here };
}

/** Whether a document without this place is never valid: it and all that hold it are required, up to the next list. */
export function isNeeded(root: SchemaField, pointer: string): boolean {
  const parts = pointerParts(pointer);
  return parts.every((_part, length) => {
    const found = fieldAt(root, pointerOf(...parts.slice(0, length + 1)));
    return found.known && found.field.required;
  });
}
