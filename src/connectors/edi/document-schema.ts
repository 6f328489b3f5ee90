import type { FieldKind, MessageMap } from './map-types.ts';
import { membersOf } from './members.ts';
import type { Members, Shape } from './members.ts';

/** Exact texts, so that nobody rounds on the way. */
const TEXTS: Readonly<Record<FieldKind, object>> = {
  text: { type: 'string' }, dtm: { type: 'string' },
  decimal: { type: 'string', pattern: '^-?[0-9]{1,30}(\\.[0-9]{1,15})?$' }, implied2: { type: 'string', pattern: '^-?[0-9]{1,30}(\\.[0-9]{1,2})?$' },
  date: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }, date6: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
  time: { type: 'string', pattern: '^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,2})?)?$' },
};

const REST = { $ref: '#/definitions/rest' };

function schemaOf(shape: Shape): object {
  switch (shape.kind) {
    case 'text': return TEXTS[shape.as];
    case 'object': return objectOf(shape.members, {});
    case 'list': return { type: 'array', items: objectOf(shape.members, { rest: REST }) };
  }
}

function objectOf(members: Members, besides: Readonly<Record<string, object>>): object {
  return { type: 'object', additionalProperties: false, properties: { ...Object.fromEntries([...members].map(([name, shape]) => [name, schemaOf(shape)])), ...besides } };
}

/** JSON Schema (draft 07) of the document that a map reads and writes: a contract for whoever makes one. */
export function documentSchema(map: MessageMap): object {
  const document = objectOf(membersOf(map.segments), { rest: REST, type: { const: map.document } });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#', title: `${map.title} (${map.message})`, ...document, required: ['type'],
    definitions: { rest: { type: 'object', additionalProperties: false, properties: { elements: { type: 'object' }, segments: { type: 'array', items: { type: 'object', required: ['after', 'segment'] } } } } },
  };
}
