import type { Json } from '../../domain/json.ts';
import type { ODataModel } from './metadata/model.ts';

/** `binding` of an OData service: where it is, how it is spoken to, and the part of its metadata that the operations need. What a preset says need not be said again. */
export interface ServiceBinding {
  /** Path of the service below the system's address, for example `/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV`. */
  readonly path: string;
  readonly metadata: ODataModel;
  /** Writes need a token that is fetched with the session's cookie. */
  readonly csrf?: boolean;
  /** Query options of every request, such as `sap-client`. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** How decimals are written: `number` for systems that take no text. Default `text`. */
  readonly decimals?: 'text' | 'number';
  /** How a part of an entity is changed. `MERGE-by-POST`: POST with `X-HTTP-Method: MERGE`. */
  readonly update?: 'PATCH' | 'MERGE' | 'MERGE-by-POST' | 'PUT';
  readonly batch?: 'multipart' | 'json';
  /** What an update without an ETag sends: nothing, or `If-Match: *`, which overwrites whatever is there. */
  readonly withoutEtag?: 'refuse' | 'none' | 'any';
  /** After so many minutes the metadata are read again and compared; 0: never. */
  readonly metadataMinutes?: number;
  readonly maxPages?: number;
  /** What the system says when something is there already; under a repeated key that is an unknown outcome. */
  readonly duplicate?: Codes;
  /** What the system says, besides 412, when somebody else has changed the entity. */
  readonly conflict?: Codes;
  /** What the system says when it cannot now, such as a lock, and has done nothing. */
  readonly busy?: Codes;
}

export interface Codes { readonly status?: readonly number[]; readonly codes?: readonly string[] }

/** Where a value comes from: a JSON Pointer into the document, or it is always the same. */
export type ValueSource = { readonly from: string } | { readonly value: Json };

export type Filter =
  | ({ readonly property: string; readonly operator?: FilterOperator; /** Without a value in the document the condition is left out. */ readonly optional?: true } & ValueSource)
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter };
export type FilterOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'contains' | 'startswith' | 'endswith' | 'in';

export type Expand = string | { readonly navigation: string; readonly select?: readonly string[]; readonly expand?: readonly Expand[] };

export interface Target {
  /** Name of the entity set or the singleton. */
  readonly entitySet: string;
  /** Where the values of the key come from; by default from the document's members of their names. */
  readonly key?: Readonly<Record<string, ValueSource>>;
}

export interface Shape { readonly select?: readonly string[]; readonly expand?: readonly Expand[] }

export type ReadBinding = { readonly do: 'read' } & Target & Shape;
export type QueryBinding = { readonly do: 'query'; readonly entitySet: string; readonly filter?: Filter; readonly orderBy?: readonly (string | { readonly property: string; readonly descending?: true })[]; readonly top?: number | { readonly from: string }; readonly count?: true; readonly maxPages?: number } & Shape;
export type CreateBinding = { readonly do: 'create'; readonly entitySet: string; /** Answer with what was made; default true. */ readonly representation?: boolean };
export type UpdateBinding = { readonly do: 'update'; readonly method?: ServiceBinding['update']; readonly etag?: ValueSource | 'any'; readonly representation?: boolean } & Target;
export type DeleteBinding = { readonly do: 'delete'; readonly etag?: ValueSource | 'any' } & Target;
/** `operation`: qualified name in V4, name of the function import in V2. With `entitySet` it is bound to that entity (or, `collection`, to the set). */
export type CallBinding = { readonly do: 'call'; readonly operation: string; readonly parameters?: Readonly<Record<string, ValueSource>>; readonly entitySet?: string; readonly key?: Target['key']; readonly collection?: true; readonly etag?: ValueSource | 'any' };
export type SingleBinding = ReadBinding | QueryBinding | CreateBinding | UpdateBinding | DeleteBinding | CallBinding;
/** Several in one request: what writes is one change set, all of it or nothing; what reads comes after it. */
export type BatchBinding = { readonly do: 'batch'; readonly requests: readonly BatchPart[] };
/** `id`: name of its answer; `document`: JSON Pointer to its document, default `/<id>`. `under`: the entity that an earlier part makes, instead of set and key. */
export type BatchPart = { readonly id: string; readonly document?: string; readonly under?: string } & SingleBinding;
export type OperationBinding = SingleBinding | BatchBinding;
