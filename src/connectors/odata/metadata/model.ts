/** One model for the metadata of OData V2, V4 and 4.01, plain JSON so that it can stand in a service definition. */
export interface ODataModel {
  readonly version: ODataVersion;
  /** Entity and complex types by qualified name; what a type inherits stands in it. */
  readonly types: Readonly<Record<string, StructuredType>>;
  readonly enums: Readonly<Record<string, EnumType>>;
  readonly sets: Readonly<Record<string, EntitySet>>;
  readonly singletons: Readonly<Record<string, Singleton>>;
  readonly operations: readonly OperationModel[];
  /** The service says that it takes `$batch` as JSON (OData 4.01). */
  readonly jsonBatch?: true;
}

export type ODataVersion = '2.0' | '4.0' | '4.01';

/** A type and what bounds its values. */
export interface TypeOf {
  /** `Edm.String`, or the qualified name of a type of the model. */
  readonly type: string;
  readonly collection?: true;
  /** Absent: null is a value. */
  readonly nullable?: false;
  readonly maxLength?: number;
  readonly precision?: number;
  /** Digits after the point; absent: nobody said so. */
  readonly scale?: number;
}

export interface Property extends TypeOf {
  readonly label?: string;
  /** Property that holds its unit or currency. */
  readonly unit?: string;
  /** The system gives the value: nobody else may (Core.Computed). */
  readonly computed?: true;
  /** Given at creation and never changed (Core.Immutable, sap:updatable). */
  readonly immutable?: true;
  readonly filterable?: false;
  readonly sortable?: false;
  readonly hasDefault?: true;
}

export interface Navigation {
  readonly type: string;
  readonly collection?: true;
  readonly contains?: true;
  readonly partner?: string;
}

export interface StructuredType {
  readonly kind: 'entity' | 'complex';
  readonly key: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
  readonly navigation: Readonly<Record<string, Navigation>>;
  /** May have properties that the metadata does not name. */
  readonly open?: true;
  readonly label?: string;
}

export interface EnumType {
  /** Numbers by names. */
  readonly members: Readonly<Record<string, string>>;
  readonly flags?: true;
}

export interface EntitySet {
  readonly type: string;
  readonly label?: string;
  readonly creatable?: false;
  readonly updatable?: false;
  readonly deletable?: false;
  /** Changes need `If-Match` (Core.OptimisticConcurrency, ConcurrencyMode="Fixed"). */
  readonly etag?: true;
}

export interface Singleton { readonly type: string; readonly label?: string }

export interface Parameter extends TypeOf { readonly name: string; readonly optional?: true }

export interface OperationModel {
  /** Qualified in V4; the name of the function import in V2. */
  readonly name: string;
  readonly kind: 'action' | 'function';
  /** What it is bound to; absent: it stands by itself. */
  readonly bound?: { readonly type: string; readonly collection?: true; readonly parameter: string };
  readonly parameters: readonly Parameter[];
  readonly returns?: TypeOf;
  /** Name below the service's root, for what is not bound. */
  readonly importName?: string;
  readonly label?: string;
}

/** Metadata that cannot be worked with; `message` is one sentence that says why and what to do. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError';
}

/** The set's or singleton's type; undefined when the model has neither. */
export function typeOfSet(model: ODataModel, name: string): StructuredType | undefined {
  const set = own(model.sets, name) ?? own(model.singletons, name);
  return set === undefined ? undefined : own(model.types, set.type);
}

/** A member of a record that was made of somebody else's names. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Last part of a qualified name. */
export const shortName = (qualified: string): string => qualified.slice(qualified.lastIndexOf('.') + 1);
