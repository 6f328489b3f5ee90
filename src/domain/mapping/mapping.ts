import type { Json } from '../json.ts';
import type { PackagingRow } from '../packaging/levels.ts';

/**
 * A mapping as data: how documents of one form become documents of another.
 *
 * Places of the source are JSON Pointers (RFC 6901): within `each` from the entry, with a `#` before them from the whole
 * document (`#/number`). Places of the target are JSON Pointers too, within `each` from the new entry.
 */
export interface Mapping {
  readonly rows: readonly MappingRow[];
  /** Packaging levels for the conversion `packaging`. */
  readonly packaging?: readonly PackagingRow[];
}

/** One place of the target. It has exactly one of `from`, `value`, `expression` and `each`. */
export interface MappingRow {
  readonly to: string;
  /** Place of the source. */
  readonly from?: string;
  /** A constant. */
  readonly value?: Json;
  /** JSONata over the entry; `$root` is the whole document, `$plus`, `$times` and so on count exactly. */
  readonly expression?: string;
  /** Place of a list in the source: `rows` say what becomes of each entry. */
  readonly each?: string;
  readonly rows?: readonly MappingRow[];
  /** What is done with the value, in order. */
  readonly convert?: readonly Conversion[];
  /** Taken when the source has nothing: no member, null or an empty text. */
  readonly default?: Json;
  /** Nothing is a problem. */
  readonly required?: boolean;
}

/** A text, or a place of the source that holds it, translated by a code list where one is named. */
export type Operand = string | { readonly at: string; readonly list?: string };

export const ROUNDINGS = ['half-up', 'half-even', 'up', 'down'] as const;
/** `half-up` and `up` go away from zero, `down` to it. */
export type Rounding = typeof ROUNDINGS[number];

export type Conversion =
  | { readonly kind: 'trim' | 'upper' | 'lower' }
  /** Reads a decimal as people of a country write it: `1.250,5` with mark `,` and grouping `.`. */
  | { readonly kind: 'decimal'; readonly mark: '.' | ','; readonly grouping?: string }
  /** A quantity in another unit of UN/ECE Recommendation 20. */
  | { readonly kind: 'unit'; readonly from: Operand; readonly to: Operand }
  /** A number of packages in base units, or back, by the packaging levels of the site. */
  | { readonly kind: 'packaging'; readonly gtin: Operand; readonly to: 'base-units' | 'packages' }
  /** Money in the smallest unit of its currency (ISO 4217), such as cents, and back. */
  | { readonly kind: 'minor-units'; readonly currency: Operand; readonly to: 'major' | 'minor' }
  | { readonly kind: 'round'; readonly places: number; readonly mode: Rounding }
  /** Reads a date or time; `format` is written with YYYY, MM, DD, HH, mm, ss, SSS and Z, or one of `iso`, `unix-seconds`, `unix-milliseconds`, `odata-v2`. */
  | { readonly kind: 'date'; readonly format: string; readonly zone?: string; readonly as: 'date' | 'date-time' }
  /** Writes a date (RFC 3339) or a time in another form. */
  | { readonly kind: 'format-date'; readonly format: string; readonly zone?: string }
  /** A code by a list of the catalogue, `name@version`. */
  | { readonly kind: 'codes'; readonly list: string; readonly to: 'central' | 'site' }
  | { readonly kind: 'boolean'; readonly yes: readonly string[]; readonly no: readonly string[] };

export type ConversionKind = Conversion['kind'];
export const CONVERSION_KINDS: readonly ConversionKind[] = ['trim', 'upper', 'lower', 'decimal', 'unit', 'packaging', 'minor-units', 'round', 'date', 'format-date', 'codes', 'boolean'];

/** Codes of a site or a system, and what they are called centrally: content of the catalogue, `code-lists/<name>/<version>.json`. */
export interface CodeList {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description?: string;
  /** Who answers for it: an account or a group. */
  readonly owner: string;
  /** Several of a site may be the same central one; back goes the first. A code of the site stands in it once. */
  readonly entries: readonly CodeEntry[];
}

export interface CodeEntry {
  readonly site: string;
  readonly central: string;
  readonly note?: string;
}

/** Calculates an expression; given from outside, since JSONata is no part of the rules. */
export interface ExpressionPort {
  /** @throws RangeError with a sentence when it is no JSONata */
  compile(expression: string): (input: Json, root: Json) => { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string };
}
