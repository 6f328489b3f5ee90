import type { EdiStandard } from './types.ts';

/** How a text of the message becomes a value of the document, and back. */
export type FieldKind =
  | 'text' | 'decimal' | 'date' | 'time'
  /** Written with a year of two digits. */
  | 'date6'
  /** X12 N2: the last two digits are decimals. */
  | 'implied2'
  /** EDIFACT C507: qualifier, value and format; the value becomes `date`, `time` and `until` beside `to`. */
  | 'dtm';

/** One element, or component of an element: `3` or `2.1`. */
export interface FieldSpec {
  readonly at?: string;
  /** Where it goes in the object: `number` or `quantity.value`. */
  readonly to?: string;
  /** Always written so, and no member of the document. */
  readonly is?: string;
  readonly as?: FieldKind;
  /** List of codes by which it has a name in the document. */
  readonly codes?: string;
  readonly required?: boolean;
  readonly length?: readonly [number, number];
  /** Written when the document has none. */
  readonly default?: string;
  /** Filled up to its greatest length, at its end with blanks or in front with zeros. */
  readonly pad?: 'blanks' | 'zeros';
  /** Says how many objects that list of the document has. */
  readonly counts?: string;
  /** Is the `id` of an object before it in that list of the document. */
  readonly refers?: string;
  /** Not in the message: taken from a member of the whole document. */
  readonly from?: string;
}

/** Qualifier and value, again and again, from one element on: PO106 and PO107, PO108 and PO109, …; or the same in components. */
export interface PairsSpec {
  readonly pairsAt: number;
  /** `components` when an element has value and qualifier as its components, as C212. */
  readonly in?: 'components';
  /** How many at most. */
  readonly max?: number;
  readonly to: string;
  readonly codes?: string;
}

export interface SegmentSpec {
  readonly tag: string;
  readonly fields?: readonly FieldSpec[];
  readonly pairs?: PairsSpec;
  /** Each such segment is one object of that list; without it, it comes once and its fields are those of the object around. */
  readonly list?: string;
  /** What follows it within its loop: each loop is one object of `list`. */
  readonly loop?: readonly SegmentSpec[];
  readonly required?: boolean;
  /** Only segments whose element has one of these values. */
  readonly when?: { readonly at: string; readonly in: readonly string[] };
}

/** Segments of the envelopes, each by its tag. */
export type EnvelopeMap = Readonly<Record<'ISA' | 'GS' | 'ST' | 'UNB' | 'UNG' | 'UNH', SegmentSpec>>;

export interface MessageMap {
  readonly name: string;
  readonly title: string;
  readonly standard: EdiStandard;
  /** `850` or `ORDERS`. */
  readonly message: string;
  /** X12: functional identifier code. */
  readonly group?: string;
  readonly releases: readonly string[];
  readonly document: string;
  readonly segments: readonly SegmentSpec[];
}

/** Code in messages → name in documents; both unique. */
export type CodeLists = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** An element as JSON: its text when it is plain, else repetitions of components. */
export type JsonElement = string | readonly (readonly string[])[];
/** A segment as JSON: tag and elements. */
export type JsonSegment = readonly JsonElement[];

/** An element as it was, and as the map writes it; `null` when there is none. It holds as long as the map still writes that. */
export interface Kept { readonly is: JsonElement | null; readonly for: JsonElement | null }

/** What a map does not know of an object, so that nothing is lost. */
export interface Rest {
  /** Elements by segment and number. */
  readonly elements?: Readonly<Record<string, Readonly<Record<string, Kept>>>>;
  /** Whole segments, and how many of the object's own segments and loops come before. */
  readonly segments?: readonly { readonly after: number; readonly segment: JsonSegment }[];
}

export interface EdiDocument { readonly type: string; readonly rest?: Rest; readonly [key: string]: unknown }
