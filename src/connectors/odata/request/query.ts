import type { Json } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { Expand, QueryBinding, Shape } from '../binding.ts';
import type { ODataModel, StructuredType } from '../metadata/model.ts';
import { own } from '../metadata/model.ts';
import { valueOf } from '../value-source.ts';
import { filterText, propertyAt } from './filter.ts';

/** Query options by name, values not yet encoded. */
export type Options = readonly (readonly [name: string, value: string])[];

/** `$select` and `$expand`, checked against the metadata. */
export function shapeOptions(shape: Shape, type: StructuredType, model: ODataModel): Options {
  for (const name of shape.select ?? []) propertyAt(name, type, model);
  if (model.version === '2.0') {
    const expanded = paths(shape.expand ?? [], type, model);
    const selected = [...shape.select ?? [], ...expanded.selected];
    return [...option('$select', selected.length > expanded.selected.length || shape.expand === undefined ? selected : []), ...option('$expand', expanded.expanded)];
  }
  return [...option('$select', shape.select ?? []), ...option('$expand', (shape.expand ?? []).map((each) => nested(each, type, model)))];
}

const option = (name: string, values: readonly string[]): Options => (values.length === 0 ? [] : [[name, values.join(',')]]);

/** V2 has one list of paths (OData V2, URI Conventions §4.6, §4.8). */
function paths(expand: readonly Expand[], type: StructuredType, model: ODataModel, before = ''): { readonly selected: string[]; readonly expanded: string[] } {
  const result = { selected: [] as string[], expanded: [] as string[] };
  for (const each of expand) {
    const { navigation, select = [], expand: deeper = [] } = typeof each === 'string' ? { navigation: each } : each;
    const target = targetOf(navigation, type, model);
    for (const name of select) propertyAt(name, target, model);
    const path = `${before}${navigation}`;
    result.expanded.push(path);
    result.selected.push(...(select.length > 0 ? select.map((name) => `${path}/${name}`) : [path]));
    const below = paths(deeper, target, model, `${path}/`);
    result.expanded.push(...below.expanded);
    result.selected.push(...below.selected);
  }
  return result;
}

function nested(expand: Expand, type: StructuredType, model: ODataModel): string {
  if (typeof expand === 'string') {
    targetOf(expand, type, model);
    return expand;
  }
  const inner = shapeOptions(expand, targetOf(expand.navigation, type, model), model);
  return inner.length === 0 ? expand.navigation : `${expand.navigation}(${inner.map(([name, value]) => `${name}=${value}`).join(';')})`;
}

function targetOf(navigation: string, type: StructuredType, model: ODataModel): StructuredType {
  const found = own(model.types, own(type.navigation, navigation)?.type ?? '');
  if (found === undefined) throw new DriverError(`The metadata of the service have no navigation "${navigation}" there; they have ${Object.keys(type.navigation).join(', ') || 'none'}.`);
  return found;
}

/** All query options of a query. */
export function queryOptions(binding: QueryBinding, type: StructuredType, model: ODataModel, document: Json): Options {
  const filter = binding.filter === undefined ? undefined : filterText(binding.filter, type, model, document);
  const orderBy = (binding.orderBy ?? []).map((each) => {
    const { property, descending } = typeof each === 'string' ? { property: each, descending: undefined } : each;
    propertyAt(property, type, model);
    return descending === true ? `${property} desc` : property;
  });
  const top = topOf(binding, document);
  return [
    ...(filter === undefined ? [] : [['$filter', filter] as const]),
    ...shapeOptions(binding, type, model), ...option('$orderby', orderBy),
    ...(top === undefined ? [] : [['$top', String(top)] as const]),
    ...(binding.count === true ? [model.version === '2.0' ? ['$inlinecount', 'allpages'] as const : ['$count', 'true'] as const] : []),
  ];
}

export function topOf(binding: QueryBinding, document: Json): number | undefined {
  const value = typeof binding.top === 'object' ? valueOf(binding.top, document, '$top').value : binding.top;
  if (value === undefined || typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 100_000) return value;
  throw new DriverError('How many are wanted ("top") must be a whole number from 1 to 100000.', typeof binding.top === 'object' ? binding.top.from : undefined);
}

/** Query options as they stand in a URL. */
export function queryString(options: Options): string {
  return options.length === 0 ? '' : `?${options.map(([name, value]) => `${encodeURIComponent(name).replace(/^%24/, '$')}=${encodeURIComponent(value)}`).join('&')}`;
}
