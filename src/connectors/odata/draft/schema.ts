import type { Json, JsonObject } from '../../../domain/json.ts';
import type { Expand, OperationBinding, Shape } from '../binding.ts';
import type { ODataModel, Property, StructuredType, TypeOf } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { operationOf, typeNamed } from '../request/build.ts';

/** Deep insert is described down to so many levels; below that anything goes, and the driver still checks it. */
const levels = 3;

const TEXTS: Readonly<Record<string, string>> = {
  'Edm.Guid': '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$', 'Edm.Date': '^-?\\d{4,}-\\d\\d-\\d\\d$', 'Edm.TimeOfDay': '^\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?$',
  'Edm.DateTimeOffset': '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)$', 'Edm.DateTime': '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?)?$',
  'Edm.Int64': '^-?\\d{1,19}$',
};
const WHOLE: Readonly<Record<string, readonly [number, number]>> = { 'Edm.Byte': [0, 255], 'Edm.SByte': [-128, 127], 'Edm.Int16': [-32768, 32767], 'Edm.Int32': [-2147483648, 2147483647] };

/** JSON Schema (2020-12) of what a binding takes and of what it answers, from the metadata: the one form of V2 and V4. @throws DriverError */
export function contractOf(binding: OperationBinding, model: ODataModel): { readonly request?: JsonObject; readonly answer?: JsonObject } {
  switch (binding.do) {
    case 'read': return { request: keySchema(typeNamed(binding.entitySet, model), model), answer: entitySchema(typeNamed(binding.entitySet, model), model, binding) };
    case 'query': {
      const entity = entitySchema(typeNamed(binding.entitySet, model), model, binding);
      return { answer: { type: 'object', required: ['value'], properties: { value: { type: 'array', items: entity }, count: { type: 'integer' } } } };
    }
    case 'create': return { request: bodySchema(typeNamed(binding.entitySet, model), model, 'create', levels), ...(binding.representation === false ? {} : { answer: entitySchema(typeNamed(binding.entitySet, model), model, {}) }) };
    case 'update': {
      const type = typeNamed(binding.entitySet, model);
      const changes = bodySchema(type, model, 'update', 1);
      return { request: { ...changes, properties: { ...changes['properties'] as JsonObject, ...keySchema(type, model)['properties'] as JsonObject, '@odata.etag': { type: 'string' } }, required: [...type.key] } };
    }
    case 'delete': {
      const key = keySchema(typeNamed(binding.entitySet, model), model);
      return { request: { ...key, properties: { ...key['properties'] as JsonObject, '@odata.etag': { type: 'string' } } } };
    }
    case 'call': {
      const { parameters, returns } = operationOf(binding, model);
      const key = binding.entitySet === undefined || binding.collection === true ? undefined : keySchema(typeNamed(binding.entitySet, model), model);
      const request: JsonObject = {
        type: 'object', properties: { ...key?.['properties'] as JsonObject | undefined, ...Object.fromEntries(parameters.map((each) => [each.name, valueSchema(each, model, levels)])) },
        required: [...key?.['required'] as readonly string[] | undefined ?? [], ...parameters.filter((each) => each.optional !== true && each.nullable === false).map((each) => each.name)],
      };
      return { request, ...(returns === undefined ? {} : { answer: returnSchema(returns, model) }) };
    }
    case 'batch': return {};
    default: return {};
  }
}

function returnSchema(returns: TypeOf, model: ODataModel): JsonObject {
  const type = own(model.types, returns.type);
  const one = type === undefined ? valueSchema(single(returns), model, 1) : entitySchema(type, model, {});
  if (returns.collection === true) return { type: 'object', required: ['value'], properties: { value: { type: 'array', items: one } } };
  return type === undefined ? { type: 'object', required: ['value'], properties: { value: one } } : one;
}

function keySchema(type: StructuredType, model: ODataModel): JsonObject {
  return { type: 'object', required: [...type.key], properties: Object.fromEntries(type.key.map((name) => [name, valueSchema({ ...own(type.properties, name) ?? { type: 'Edm.String' }, nullable: false }, model, 1)])) };
}

/** What a create or an update may give: without what the system sets, and deep down to where lists of the document may go. */
function bodySchema(type: StructuredType, model: ODataModel, mode: 'create' | 'update', depth: number): JsonObject {
  const given = Object.entries(type.properties).filter(([name, property]) => property.computed !== true && !(mode === 'update' && (property.immutable === true || type.key.includes(name))));
  const deep = mode === 'update' || depth <= 1 ? [] : Object.entries(type.navigation).flatMap(([name, navigation]) => {
    const target = own(model.types, navigation.type);
    if (target === undefined) return [];
    const item = bodySchema(target, model, 'create', depth - 1);
    // A key that comes from the entity above need not be given.
    return [[name, navigation.collection === true ? { type: 'array', items: { ...item, required: [] } } : { ...item, required: [] }] as const];
  });
  const required = mode === 'update' ? [] : given.filter(([name, property]) => property.nullable === false && property.hasDefault !== true && !type.key.includes(name)).map(([name]) => name);
  return { type: 'object', properties: { ...Object.fromEntries(given.map(([name, property]) => [name, valueSchema(property, model, depth)])), ...Object.fromEntries(deep) }, required, additionalProperties: type.open === true };
}

/** What an answer has: everything may be absent that was not asked for, and what is new over there is let through. */
function entitySchema(type: StructuredType, model: ODataModel, shape: Shape): JsonObject {
  const names = shape.select === undefined ? Object.keys(type.properties) : shape.select.filter((name) => own(type.properties, name) !== undefined);
  const properties: Record<string, Json> = { '@odata.etag': { type: 'string' } };
  for (const name of names) properties[name] = valueSchema(type.properties[name]!, model, levels);
  for (const expand of shape.expand ?? []) {
    const { navigation, ...inner }: Exclude<Expand, string> = typeof expand === 'string' ? { navigation: expand } : expand;
    const found = own(type.navigation, navigation);
    const target = own(model.types, found?.type ?? '');
    if (target === undefined) continue;
    const one = entitySchema(target, model, inner);
    properties[navigation] = found?.collection === true ? { type: 'array', items: one } : { anyOf: [one, { type: 'null' }] };
  }
  return { type: 'object', properties };
}

/** A value in the form that documents have with us: decimals are text. */
export function valueSchema(facets: TypeOf & Pick<Property, 'label'>, model: ODataModel, depth: number): JsonObject {
  if (facets.collection === true) {
    const { collection: _collection, ...one } = facets;
    return { type: 'array', items: valueSchema(one, model, depth) };
  }
  const complex = own(model.types, facets.type);
  if (complex !== undefined) return depth <= 0 ? {} : nullable(bodySchema(complex, model, 'create', depth - 1), facets);
  return nullable({ ...plain(facets, model), ...(facets.label === undefined ? {} : { title: facets.label }) }, facets);
}

function plain({ type, maxLength, scale }: TypeOf, model: ODataModel): JsonObject {
  const whole = own(WHOLE, type);
  if (whole !== undefined) return { type: 'integer', minimum: whole[0], maximum: whole[1] };
  const enumeration = own(model.enums, type);
  if (enumeration !== undefined) return enumeration.flags === true ? { type: 'string' } : { type: 'string', enum: Object.keys(enumeration.members) };
  switch (type) {
    case 'Edm.Boolean': return { type: 'boolean' };
    case 'Edm.Double': case 'Edm.Single': return { type: 'number' };
    case 'Edm.Decimal': return { type: 'string', pattern: `^-?\\d{1,40}${scale === 0 ? '' : `(\\.\\d{1,${scale ?? 40}})?`}$` };
    default: return { type: 'string', ...(own(TEXTS, type) === undefined ? {} : { pattern: TEXTS[type]! }), ...(maxLength === undefined ? {} : { maxLength }) };
  }
}

function nullable(schema: JsonObject, { nullable: mayBe }: TypeOf): JsonObject {
  if (mayBe === false) return schema;
  return typeof schema['type'] === 'string' && schema['enum'] === undefined ? { ...schema, type: [schema['type'], 'null'] } : { anyOf: [schema, { type: 'null' }] };
}

const single = ({ collection: _collection, ...one }: TypeOf): TypeOf => one;
