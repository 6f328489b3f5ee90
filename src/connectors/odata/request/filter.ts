import type { Json } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { Filter } from '../binding.ts';
import type { ODataModel, StructuredType, TypeOf } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { atPointer } from '../../../domain/json-pointer.ts';
import { valueOf } from '../value-source.ts';
import { literal } from '../values/literal.ts';

/** So many values one condition `in` may have: a longer list makes an address that many servers cut. */
const mostValues = 100;

/**
 * The text of `$filter`, not yet encoded. Values are literals by the type of their property; none of them can be read as
 * a part of the expression. Undefined when all conditions were optional and the document had no values.
 *
 * @throws DriverError
 */
export function filterText(filter: Filter, type: StructuredType, model: ODataModel, document: Json): string | undefined {
  if ('all' in filter || 'any' in filter) {
    const parts = ('all' in filter ? filter.all : filter.any).map((each) => filterText(each, type, model, document)).filter((part) => part !== undefined);
    return parts.length < 2 ? parts[0] : `(${parts.join('all' in filter ? ' and ' : ' or ')})`;
  }
  if ('not' in filter) {
    const inner = filterText(filter.not, type, model, document);
    return inner === undefined ? undefined : `not (${inner})`;
  }
  if (filter.optional === true && 'from' in filter && (atPointer(document, filter.from) ?? null) === null) return undefined;
  const facets = propertyAt(filter.property, type, model);
  const { value, at: place } = valueOf(filter, document, filter.property);
  const { property, operator = 'eq' } = filter;
  const text = (each: Json): string => literal(each, bare(facets), model, place);
  switch (operator) {
    case 'in': {
      if (!Array.isArray(value) || value.length === 0 || value.length > mostValues) throw new DriverError(`The condition on "${property}" needs a list of 1 to ${mostValues} values.`, place);
      const each = (value as readonly Json[]).map((one) => `${property} eq ${text(one)}`);
      return each.length === 1 ? each[0] : `(${each.join(' or ')})`;
    }
    case 'contains': return model.version === '2.0' ? `substringof(${text(value)},${property})` : `contains(${property},${text(value)})`;
    case 'startswith': case 'endswith': return `${operator}(${property},${text(value)})`;
    default: return `${property} ${operator} ${text(value)}`;
  }
}

/**
 * The property at a path such as `supplier/name`.
 *
 * @throws DriverError when a part of it is not in the metadata
 */
export function propertyAt(path: string, type: StructuredType, model: ODataModel): TypeOf {
  const [name = '', ...rest] = path.split('/');
  const property = own(type.properties, name);
  if (rest.length === 0) {
    if (property === undefined) throw new DriverError(`The metadata of the service have no property "${name}" there; they have ${Object.keys(type.properties).slice(0, 30).join(', ')}.`);
    return property;
  }
  const next = own(model.types, property?.type ?? own(type.navigation, name)?.type ?? '');
  if (next === undefined) throw new DriverError(`"${path}" cannot be followed: "${name}" is neither a navigation nor a complex property of the metadata.`);
  return propertyAt(rest.join('/'), next, model);
}

/** A condition may ask for null whatever the property takes, and asks for one value of a collection. */
const bare = ({ collection: _collection, nullable: _nullable, ...facets }: TypeOf): TypeOf => facets;
