import type { Json, JsonObject } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { ODataModel, Property, StructuredType, TypeOf } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { isObject } from '../../../domain/json.ts';
import { pointerOf } from '../../../domain/json-pointer.ts';
import { toWire } from '../values/wire.ts';

export interface BodyOptions { readonly model: ODataModel; readonly decimals: 'text' | 'number'; readonly mode: 'create' | 'update' }

/** Deeper documents are refused. */
const mostLevels = 8;

/**
 * The body of a create (with what is below it: deep insert) or of an update (without the key). Every member is checked
 * against the metadata; control information but `…@odata.bind` is left out.
 *
 * @throws DriverError naming the member and what to do
 */
export function entityBody(document: Json, type: StructuredType, options: BodyOptions, at = ''): JsonObject {
  if (!isObject(document)) throw new DriverError(`${at === '' ? 'The document' : `"${at.slice(1)}"`} must be an object.`, at);
  if (at.split('/').length > mostLevels * 2) throw new DriverError(`The document is nested deeper than ${mostLevels} levels.`, at);
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(document)) {
    const place = `${at}${pointerOf(name)}`;
    if (name.includes('@')) {
      if (name.endsWith('@odata.bind')) body[name] = value;
      continue;
    }
    const property = own(type.properties, name);
    const navigation = own(type.navigation, name);
    if (property !== undefined) {
      if (options.mode === 'update' && type.key.includes(name)) continue;
      refuseFixed(name, property, options.mode, place);
      body[name] = propertyValue(value, property, options, place);
    } else if (navigation !== undefined) {
      const target = own(options.model.types, navigation.type);
      if (options.mode === 'update') throw new DriverError(`"${name}" are entities of their own: change them by an operation on them, or leave them out.`, place);
      if (target === undefined) throw new DriverError(`The service definition has no metadata of "${name}"; make it anew with what is below it.`, place);
      if (navigation.collection === true && !Array.isArray(value)) throw new DriverError(`"${name}" must be a list.`, place);
      body[name] = Array.isArray(value) ? (value as readonly Json[]).map((each, index) => entityBody(each, target, options, `${place}/${index}`)) : entityBody(value, target, options, place);
    } else if (type.open === true) {
      body[name] = value;
    } else {
      const names = [...Object.keys(type.properties), ...Object.keys(type.navigation)];
      throw new DriverError(`"${name}" is not in the metadata of the service there; it has ${names.slice(0, 30).join(', ')}${names.length > 30 ? ' …' : ''}.`, place);
    }
  }
  return body as JsonObject;
}

function refuseFixed(name: string, property: Property, mode: 'create' | 'update', at: string): void {
  if (property.computed === true) throw new DriverError(`"${name}" is set by the system: leave it out.`, at);
  if (property.immutable === true && mode === 'update') throw new DriverError(`"${name}" cannot be changed any more once the entity is there: leave it out.`, at);
}

/** A value of a property or a parameter: one, a list, or a complex one. */
export function propertyValue(value: Json, facets: TypeOf, options: BodyOptions, at: string): unknown {
  if (facets.collection === true) {
    if (!Array.isArray(value)) throw new DriverError(`"${at.slice(at.lastIndexOf('/') + 1)}" must be a list.`, at);
    const { collection: _collection, ...one } = facets;
    return (value as readonly Json[]).map((each, index) => propertyValue(each, one, options, `${at}/${index}`));
  }
  const complex = own(options.model.types, facets.type);
  if (complex !== undefined && value !== null) return entityBody(value, complex, { ...options, mode: 'create' }, at);
  return toWire(value, facets, options.model, at, options.decimals);
}
