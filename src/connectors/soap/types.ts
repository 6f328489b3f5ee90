/** What a document consists of, as XML Schema had it when the service was drafted; it stands in the signed definition. */
export interface SoapField {
  /** Local name of the element or attribute, and member of the JSON object. */
  readonly name: string;
  /** Namespace of the element; blank: unqualified. */
  readonly ns: string;
  /** A simple type of XML Schema by its local name, or `#` and the name of one of `types`. */
  readonly type: string;
  readonly min: 0 | 1;
  readonly list?: true;
  readonly nillable?: true;
  readonly attribute?: true;
}

/** Elements in their order, then attributes. `text`: a simple type that the element itself holds, as member `$`. */
export interface SoapType { readonly fields: readonly SoapField[]; readonly text?: string }

export type SoapTypes = Readonly<Record<string, SoapType>>;

/** How simple types of XML Schema 1.0 part 2 are JSON: whole numbers that fit are numbers, everything counted is decimal text. */
export type SimpleKind = 'text' | 'small' | 'decimal' | 'float' | 'boolean' | 'date' | 'dateTime' | 'base64';

const kinds: Readonly<Record<string, SimpleKind>> = {
  boolean: 'boolean', int: 'small', short: 'small', byte: 'small', unsignedShort: 'small', unsignedByte: 'small',
  decimal: 'decimal', integer: 'decimal', long: 'decimal', unsignedInt: 'decimal', unsignedLong: 'decimal', positiveInteger: 'decimal', nonNegativeInteger: 'decimal', negativeInteger: 'decimal', nonPositiveInteger: 'decimal',
  float: 'float', double: 'float', date: 'date', dateTime: 'dateTime', base64Binary: 'base64',
};

export function kindOf(simple: string): SimpleKind {
  return Object.hasOwn(kinds, simple) ? kinds[simple] ?? 'text' : 'text';
}
