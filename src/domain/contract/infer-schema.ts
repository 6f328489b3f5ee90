import type { Json, JsonObject } from '../json.ts';
import { isDecimalText } from './decimal-text.ts';

type Made = { [key: string]: Json };

/** A JSON Schema of what samples hold, for a form that has nothing else to go by. What one of them lacks is optional. */
export function inferSchema(samples: readonly Json[]): JsonObject {
  return samples.length === 0 ? {} : samples.map(schemaOf).reduce(merged);
}

function schemaOf(value: Json): Made {
  if (value === null) return { type: 'null' };
  if (Array.isArray(value)) {
    const entries = (value as readonly Json[]).map(schemaOf);
    return { type: 'array', ...(entries.length === 0 ? {} : { items: entries.reduce(merged) }) };
  }
  if (typeof value === 'object') {
    const properties = Object.fromEntries(Object.entries(value as JsonObject).map(([name, below]) => [name, schemaOf(below)]));
    return { type: 'object', properties, required: Object.keys(properties) };
  }
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number', examples: [value] };
  if (typeof value === 'boolean') return { type: 'boolean' };
  return { type: 'string', ...(/^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d\d:\d\d)$/.test(value) ? { format: 'date-time' } : /^\d{4}-\d{2}-\d{2}$/.test(value) ? { format: 'date' } : value.includes('.') && isDecimalText(value) ? { format: 'decimal' } : {}), examples: [value.slice(0, 80)] };
}

const typesOf = (schema: Made): readonly string[] => [schema['type'] ?? []].flat() as string[];

/** What the one says of its text, where the other does not speak against it: `2` is a decimal beside `1.5`. */
function formatOf(one: Made, other: Made): Json | undefined {
  if (typesOf(other).join() === 'null' || one['format'] === other['format']) return one['format'];
  const [example] = other['examples'] as readonly Json[] | undefined ?? [];
  return one['format'] === 'decimal' && other['format'] === undefined && isDecimalText(String(example)) ? 'decimal' : undefined;
}

function merged(one: Made, other: Made): Made {
  const types = [...new Set([...typesOf(one), ...typesOf(other)])].filter((type, _at, all) => type !== 'integer' || !all.includes('number'));
  const properties = { ...one['properties'] as Made | undefined };
  for (const [name, schema] of Object.entries(other['properties'] as Made | undefined ?? {})) properties[name] = name in properties ? merged(properties[name] as Made, schema as Made) : schema;
  const required = one['properties'] === undefined ? other['required'] : other['properties'] === undefined ? one['required'] : (one['required'] as Json[]).filter((name) => (other['required'] as Json[]).includes(name));
  const items = one['items'] !== undefined && other['items'] !== undefined ? merged(one['items'] as Made, other['items'] as Made) : one['items'] ?? other['items'];
  const format = formatOf(one, other) ?? formatOf(other, one);
  const examples = one['examples'] ?? other['examples'];
  return {
    ...(types.length === 0 ? {} : { type: types.length === 1 ? types[0]! : types }), ...(Object.keys(properties).length === 0 ? {} : { properties, required: required ?? [] }),
    ...(items === undefined ? {} : { items }), ...(format === undefined ? {} : { format }), ...(examples === undefined ? {} : { examples }),
  };
}
