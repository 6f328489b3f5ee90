/** A JSON Schema, as far as a form shows it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

/** One field of a document; `path` with dots, `[]` after a list. */
export interface SchemaField { readonly path: string; readonly type: string; readonly required: boolean; readonly title: string }

const DEEPEST = 6;
const MOST = 120;

/** The fields of a document in the order of its schema, those of objects and lists below them. */
export function fieldsOf(schema: Schema): readonly SchemaField[] {
  const fields: SchemaField[] = [];
  const walk = (at: Schema, path: string, depth: number): void => {
    const here = resolved(at, schema);
    if (typeOf(here) === 'array') return walk(asSchema(here['items']), `${path}[]`, depth);
    const required = listOf(here['required']);
    for (const [name, given] of Object.entries(asSchema(here['properties']))) {
      if (fields.length >= MOST) return;
      const member = resolved(asSchema(given), schema);
      const own = path === '' ? name : `${path}.${name}`;
      fields.push({ path: own, type: described(member, schema), required: required.includes(name), title: textOf(member['title']) || textOf(member['description']).slice(0, 120) });
      if (depth < DEEPEST) walk(member, own, depth + 1);
    }
  };
  walk(schema, '', 0);
  return fields;
}

/** A document that fits the shape of the schema: what it gives as an example, else one value of each type. */
export function sampleOf(schema: Schema): unknown {
  const make = (at: Schema, depth: number): unknown => {
    const here = resolved(at, schema);
    if (here['example'] !== undefined) return here['example'];
    const [example] = Array.isArray(here['examples']) ? here['examples'] as readonly unknown[] : [];
    if (example !== undefined) return example;
    if (here['const'] !== undefined) return here['const'];
    if (here['default'] !== undefined) return here['default'];
    if (Array.isArray(here['enum'])) return (here['enum'] as readonly unknown[])[0];
    const type = typeOf(here);
    if (type === 'array') return depth >= DEEPEST ? [] : [make(asSchema(here['items']), depth + 1)];
    if (type === 'object') return depth >= DEEPEST ? {} : Object.fromEntries(Object.entries(asSchema(here['properties'])).slice(0, MOST).map(([name, member]) => [name, make(asSchema(member), depth + 1)]));
    if (type === 'integer' || type === 'number') return typeof here['minimum'] === 'number' ? here['minimum'] : 1;
    if (type === 'boolean') return true;
    if (type === 'null') return null;
    return stringSample(here);
  };
  return make(schema, 0);
}

function stringSample({ format, pattern }: Schema): string {
  if (format === 'date') return '2026-03-02';
  if (format === 'date-time') return '2026-03-02T08:00:00Z';
  return typeof pattern === 'string' && /\\d/.test(pattern) ? '1' : 'text';
}

function described(schema: Schema, root: Schema): string {
  if (Array.isArray(schema['enum'])) return (schema['enum'] as readonly unknown[]).slice(0, 6).map(String).join(' | ');
  if (typeOf(schema) === 'array') return `[${described(resolved(asSchema(schema['items']), root), root)}]`;
  const format = textOf(schema['format']);
  return format === '' ? typeOf(schema) : `${typeOf(schema)} (${format})`;
}

function typeOf(schema: Schema): string {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return String((type as readonly unknown[]).find((each) => each !== 'null') ?? 'null');
  return schema['properties'] !== undefined ? 'object' : schema['items'] !== undefined ? 'array' : 'string';
}

/** Behind a `$ref` within the document, and with the first of several forms. */
function resolved(schema: Schema, root: Schema, hops = 0): Schema {
  const { $ref: reference } = schema;
  if (typeof reference === 'string' && reference.startsWith('#') && hops < 8) {
    let at: unknown = root;
    for (const part of reference.slice(1).split('/').filter((each) => each !== '')) at = asSchema(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    return resolved(asSchema(at), root, hops + 1);
  }
  const parts = ['allOf', 'oneOf', 'anyOf'].flatMap((keyword) => (Array.isArray(schema[keyword]) ? keyword === 'allOf' ? schema[keyword] as readonly unknown[] : (schema[keyword] as readonly unknown[]).slice(0, 1) : []));
  if (parts.length === 0 || hops >= 8) return schema;
  return parts.map((part) => resolved(asSchema(part), root, hops + 1)).reduce<Schema>((all, part) => ({
    ...all, ...part, properties: { ...asSchema(all['properties']), ...asSchema(part['properties']) }, required: [...listOf(all['required']), ...listOf(part['required'])],
  }), schema);
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Schema : {};
}
function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
