/** What can be wrong with a mapping, and with a document that goes through it. */
export const MAPPING_PROBLEM_CODES = [
  // of the mapping
  'shape', 'to-form', 'from-form', 'no-source', 'several-sources', 'rows-missing', 'packaging-list', 'twice', 'to-unknown', 'to-unnamed', 'from-unknown', 'required-unmapped', 'may-be-missing', 'kinds', 'too-fine-perhaps', 'not-a-list-there',
  'list-unknown', 'zone-unknown', 'zone-needed', 'format-unknown', 'places', 'unit-code', 'expression-form', 'expression-unknown', 'constant',
  'constant-decimal', 'constant-whole', 'constant-places', 'constant-digits', 'constant-date', 'constant-time', 'constant-long', 'constant-short', 'constant-pattern', 'constant-least', 'constant-most', 'constant-member', 'constant-extra',
  // of a document
  'missing', 'type', 'no-decimal', 'too-fine', 'too-large', 'imprecise', 'float', 'not-a-list', 'code-missing', 'date-form', 'date-unreal', 'zone-missing', 'time-skipped', 'time-twice', 'unit-unknown', 'unit-kinds',
  'uneven', 'pack-unknown', 'no-packaging', 'currency-unknown', 'no-boolean', 'expression-failed', 'operand-missing', 'too-long', 'not-a-choice', 'too-many',
] as const;
export type MappingProblemCode = typeof MAPPING_PROBLEM_CODES[number];

export interface MappingProblem {
  readonly code: MappingProblemCode;
  /** Places of the row in the mapping, from 0: `2`, or `4.1` for a row of row 4. */
  readonly row: string;
  /** JSON Pointer into the target; with numbers for a document, with `*` for a mapping. */
  readonly at: string;
  /** JSON Pointer into the source. */
  readonly from?: string;
  /** What the sentence about it needs. */
  readonly values: Readonly<Record<string, string>>;
  /** A mapping with it can be used; it may go wrong with some documents. */
  readonly warning?: true;
}
