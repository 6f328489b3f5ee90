import type { JsonObject } from '../../../domain/json.ts';
import { kindOf } from '../types.ts';
import type { DraftField, DraftType } from './schemas.ts';

/** A contract that is complete in itself, of a type and all that it holds. */
export function contractOf(type: string, types: Readonly<Record<string, DraftType>>): JsonObject {
  if (!type.startsWith('#')) return simple(type, undefined);
  const needed = new Set<string>();
  const visit = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const field of types[name]?.fields ?? []) if (field.type.startsWith('#')) visit(field.type.slice(1));
  };
  const root = type.slice(1);
  visit(root);
  const refersToRoot = [...needed].some((name) => types[name]?.fields.some((field) => field.type === type));
  const defs = [...needed].filter((name) => name !== root || refersToRoot);
  return { ...objectOf(types[root]), ...(defs.length === 0 ? {} : { $defs: Object.fromEntries(defs.map((name) => [name, objectOf(types[name])])) }) };
}

function objectOf({ fields = [], text, textFacets }: Partial<DraftType> = {}): JsonObject {
  const members = fields.map((field): [string, JsonObject] => [field.attribute === true ? `@${field.name}` : field.name, memberOf(field)]);
  const required = fields.filter(({ min }) => min > 0).map(({ name, attribute }) => (attribute === true ? `@${name}` : name));
  return { type: 'object', properties: { ...(text === undefined ? {} : { $: simple(text, textFacets) }), ...Object.fromEntries(members) }, ...(required.length === 0 ? {} : { required }), additionalProperties: false };
}

function memberOf({ type, facets, list, nillable }: DraftField): JsonObject {
  const one = type.startsWith('#') ? { $ref: `#/$defs/${type.slice(1)}` } : simple(type, facets);
  const may = nillable === true ? { anyOf: [one, { type: 'null' }] } : one;
  return list === true ? { type: 'array', items: may } : may;
}

function simple(type: string, facets: JsonObject | undefined): JsonObject {
  const { pattern, ...rest } = facets ?? {};
  switch (kindOf(type)) {
    case 'boolean': return { type: 'boolean' };
    case 'small': return { type: 'integer' };
    case 'float': return { type: 'number' };
    case 'decimal': return { type: 'string', pattern: pattern ?? '^-?\\d+(\\.\\d+)?$' };
    case 'date': return { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}' };
    case 'dateTime': case 'base64': return { type: 'string' };
    case 'text': return { type: 'string', ...rest };
  }
}
