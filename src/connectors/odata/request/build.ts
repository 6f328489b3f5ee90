import type { Json, JsonObject } from '../../../domain/json.ts';
import { DriverError } from '../../driver.ts';
import type { CallBinding, CreateBinding, DeleteBinding, QueryBinding, ReadBinding, SingleBinding, Target, UpdateBinding, ValueSource } from '../binding.ts';
import type { ODataModel, OperationModel, StructuredType, TypeOf } from '../metadata/model.ts';
import { own, typeOfSet } from '../metadata/model.ts';
import { isObject } from '../../../domain/json.ts';
import { atPointer, pointerOf } from '../../../domain/json-pointer.ts';
import { valueOf } from '../value-source.ts';
import type { Settings } from '../settings.ts';
import { literal } from '../values/literal.ts';
import { entityBody, propertyValue } from './body.ts';
import { queryOptions, queryString, shapeOptions } from './query.ts';
import type { Options } from './query.ts';

/** A request of one operation, its URL below the service's root without a leading slash. */
export interface Built {
  readonly method: string;
  readonly resource: string;
  readonly options: Options;
  readonly headers: { readonly [name: string]: string };
  readonly body: JsonObject | undefined;
  readonly safe: boolean;
  readonly answer: { readonly kind: 'entity' | 'list' | 'call' | 'nothing'; readonly type?: StructuredType | undefined; readonly returns?: TypeOf | undefined };
  /** Where the entity can be read again, for what changes one. */
  readonly self?: string;
}

interface Context { readonly settings: Settings; readonly document: Json; /** Resource of an earlier part of a batch, in place of set and key. */ readonly under?: string | undefined }

/** @throws DriverError when binding, document and metadata do not fit together */
export function build(binding: SingleBinding, context: Context): Built {
  switch (binding.do) {
    case 'read': return read(binding, context);
    case 'query': return query(binding, context);
    case 'create': return create(binding, context);
    case 'update': return update(binding, context);
    case 'delete': return remove(binding, context);
    case 'call': return call(binding, context);
    default: throw new DriverError(`The binding's "do" is ${JSON.stringify((binding as { do?: unknown }).do)}; it must be read, query, create, update, delete, call or batch.`);
  }
}

export function resourceUrl({ resource, options }: Pick<Built, 'resource' | 'options'>, settings: Settings): string {
  return resource + queryString([...Object.entries(settings.query), ...options]);
}

function read(binding: ReadBinding, context: Context): Built {
  const type = typeNamed(binding.entitySet, context.settings.metadata);
  return { method: 'GET', resource: entityAt(binding, type, context), options: shapeOptions(binding, type, context.settings.metadata), headers: {}, body: undefined, safe: true, answer: { kind: 'entity', type } };
}

function query(binding: QueryBinding, { settings, document }: Context): Built {
  const type = typeNamed(binding.entitySet, settings.metadata);
  return { method: 'GET', resource: encodeURIComponent(binding.entitySet), options: queryOptions(binding, type, settings.metadata, document), headers: {}, body: undefined, safe: true, answer: { kind: 'list', type } };
}

function create(binding: CreateBinding, { settings, document, under }: Context): Built {
  const { metadata: model, decimals } = settings;
  const type = typeNamed(binding.entitySet, model);
  const prefer = model.version === '2.0' ? {} : { prefer: `return=${binding.representation === false ? 'minimal' : 'representation'}` };
  return { method: 'POST', resource: under ?? encodeURIComponent(binding.entitySet), options: [], headers: prefer, body: entityBody(document, type, { model, decimals, mode: 'create' }), safe: false, answer: { kind: 'entity', type } };
}

function update(binding: UpdateBinding, context: Context): Built {
  const { settings, document } = context;
  const { metadata: model, decimals } = settings;
  const type = typeNamed(binding.entitySet, model);
  const self = entityAt(binding, type, context);
  const way = binding.method ?? settings.update;
  const representation = binding.representation === true && model.version !== '2.0' ? { prefer: 'return=representation' } : {};
  const tunnelled: { readonly [name: string]: string } = way === 'MERGE-by-POST' ? { 'x-http-method': 'MERGE' } : {};
  return {
    method: way === 'MERGE-by-POST' ? 'POST' : way, resource: self, options: [], self, safe: false, answer: { kind: 'entity', type },
    headers: { ...ifMatch(binding, settings, binding.entitySet, document), ...representation, ...tunnelled },
    body: entityBody(document, type, { model, decimals, mode: 'update' }),
  };
}

function remove(binding: DeleteBinding, context: Context): Built {
  const self = entityAt(binding, typeNamed(binding.entitySet, context.settings.metadata), context);
  return { method: 'DELETE', resource: self, options: [], self, headers: ifMatch(binding, context.settings, binding.entitySet, context.document), body: undefined, safe: false, answer: { kind: 'nothing' } };
}

function call(binding: CallBinding, context: Context): Built {
  const { settings, document, under } = context;
  const { metadata: model } = settings;
  const operation = operationOf(binding, model);
  const safe = operation.kind === 'function';
  const type = operation.returns === undefined ? undefined : own(model.types, operation.returns.type);
  const answer = { kind: 'call', type, returns: operation.returns } as const;
  const given = operation.parameters.flatMap((parameter) => {
    const source = own(binding.parameters ?? {}, parameter.name) ?? { from: pointerOf(parameter.name) };
    if ('from' in source && atPointer(document, source.from) === undefined && (parameter.optional === true || parameter.nullable !== false)) return [];
    return [{ parameter, ...valueOf(source, document, parameter.name) }];
  });
  if (model.version === '2.0') {
    const options = given.map(({ parameter, value, at: place }) => [parameter.name, literal(value, parameter, model, place)] as const);
    return { method: safe ? 'GET' : 'POST', resource: encodeURIComponent(operation.name), options, headers: safe ? {} : { 'content-type': 'application/json' }, body: undefined, safe, answer };
  }
  const bound = binding.entitySet === undefined ? undefined
    : binding.collection === true ? encodeURIComponent(binding.entitySet) : entityAt({ entitySet: binding.entitySet, ...(binding.key === undefined ? {} : { key: binding.key }) }, typeNamed(binding.entitySet, model), context);
  const owner = under ?? bound;
  const name = owner === undefined ? operation.importName ?? operation.name : `${owner}/${operation.name}`;
  const headers = bound === undefined || binding.collection === true ? {} : ifMatch(binding, settings, binding.entitySet!, document, 'none');
  const self = bound === undefined || binding.collection === true ? {} : { self: bound };
  if (safe) {
    const inline = given.map(({ parameter, value, at: place }) => `${parameter.name}=${encodeURIComponent(literal(value, parameter, model, place))}`);
    return { method: 'GET', resource: `${name}(${inline.join(',')})`, options: [], headers: {}, body: undefined, safe, answer };
  }
  const body = Object.fromEntries(given.map(({ parameter, value, at: place }) => [parameter.name, propertyValue(value, parameter, { model, decimals: settings.decimals, mode: 'create' }, place) as Json]));
  return { method: 'POST', resource: name, options: [], headers, body, safe, answer, ...self };
}

/** @throws DriverError when the metadata have no such operation */
export function operationOf(binding: CallBinding, model: ODataModel): OperationModel {
  const named = model.operations.filter((each) => each.name === binding.operation || each.importName === binding.operation);
  const boundTo = binding.entitySet === undefined ? undefined : (own(model.sets, binding.entitySet) ?? own(model.singletons, binding.entitySet))?.type;
  const found = named.find((each) => (model.version === '2.0' ? true : boundTo === undefined ? each.bound === undefined : each.bound?.type === boundTo && each.bound.collection === binding.collection)) ?? named.find((each) => each.bound !== undefined && boundTo !== undefined);
  if (found === undefined) {
    throw new DriverError(`The metadata of the service have no action or function "${binding.operation}"${boundTo === undefined ? ' that stands by itself' : ` for ${binding.entitySet}`}; they have ${model.operations.map((each) => each.name).slice(0, 30).join(', ') || 'none'}.`);
  }
  return found;
}

/** @throws DriverError when the metadata have no such set */
export function typeNamed(entitySet: string, model: ODataModel): StructuredType {
  const type = typeOfSet(model, entitySet);
  if (type === undefined) throw new DriverError(`The metadata of the service have no entity set "${entitySet}"; they have ${[...Object.keys(model.sets), ...Object.keys(model.singletons)].slice(0, 30).join(', ')}.`);
  return type;
}

/** `Set('key')`, or a singleton's name; each value a literal of its type. */
function entityAt(target: Target, type: StructuredType, { settings: { metadata: model }, document, under }: Context): string {
  if (under !== undefined) return under;
  const name = encodeURIComponent(target.entitySet);
  if (own(model.sets, target.entitySet) === undefined) return name;
  const parts = type.key.map((property) => {
    const source: ValueSource = own(target.key ?? {}, property) ?? { from: pointerOf(property) };
    const { value, at: place } = valueOf(source, document, property);
    const facets = own(type.properties, property) ?? { type: 'Edm.String' };
    return [property, encodeURIComponent(literal(value, { ...facets, nullable: false }, model, place))] as const;
  });
  return `${name}(${parts.length === 1 ? parts[0]![1] : parts.map(([property, value]) => `${property}=${value}`).join(',')})`;
}

function ifMatch(binding: { readonly etag?: ValueSource | 'any' }, settings: Settings, entitySet: string, document: Json, without = settings.withoutEtag): { readonly [name: string]: string } {
  if (binding.etag === 'any') return { 'if-match': '*' };
  const source = binding.etag ?? { from: '/@odata.etag' };
  const value = 'value' in source ? source.value : atPointer(document, source.from);
  if (value === undefined || value === null) {
    if (binding.etag !== undefined) throw new DriverError(`The document has no ETag at "${'from' in source ? source.from : ''}": read the entity first and map its @odata.etag.`, 'from' in source ? source.from : undefined);
    if (without === 'any') return { 'if-match': '*' };
    if (without === 'refuse' && own(settings.metadata.sets, entitySet)?.etag === true) {
      throw new DriverError(`Changes of ${entitySet} need the ETag of what was read: read it first and map its @odata.etag, or say "etag": "any" in the binding to overwrite whatever is there.`, '/@odata.etag');
    }
    return {};
  }
  if (typeof value !== 'string' || !/^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$|^\*$|^W\/"[\x20-\x7e]*"$/.test(value)) throw new DriverError(`"@odata.etag" must be an ETag as the system gave it, such as W/"1", not ${JSON.stringify(value).slice(0, 60)}.`, '/@odata.etag');
  return { 'if-match': value };
}

/** Whether a document has something besides what names the entity. */
export const hasChanges = (body: JsonObject | undefined): boolean => isObject(body) && Object.keys(body).length > 0;
