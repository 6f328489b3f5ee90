/** Types of columns. `decimal` is an exact number that travels as text; in conditions `number` is exact as well. */
export type ColumnType = 'number' | 'decimal' | 'string' | 'boolean' | 'date';

/** What a rule asks about. */
export interface InputColumn {
  readonly label: string;
  /** Dot path of a fact, or an expression; who evaluates it is told by `sourceType`. */
  readonly source: string;
  readonly sourceType: 'facts' | 'jsonata' | 'msg';
  readonly type: ColumnType;
  /** All values that there are, for a column of texts; empty: any. */
  readonly values: readonly string[];
}

/** What a rule answers. */
export interface OutputColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: readonly string[];
}

export interface Rule {
  /** Stable, unique in the table: what the ledger records. */
  readonly id: string;
  /** One cell for each input: a FEEL unary test, `-` or empty for anything. */
  readonly when: readonly string[];
  /** One cell for each output: a FEEL literal or expression. */
  readonly then: readonly string[];
  readonly note: string;
  /** Owned by the centre: sites leave it as it is. */
  readonly central: boolean;
}

/** A named value that cells may use; a site sets its own inside the bounds of the centre. */
export interface Parameter {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: string;
  /** Bounds for numbers and dates; empty: none. */
  readonly min: string;
  readonly max: string;
  readonly scope: 'central' | 'site';
}

/** DMN 1.3 §8.2.10: one rule may fit, the first that fits counts, or all that fit are collected. */
export type HitPolicy = 'unique' | 'first' | 'collect';
/** DMN 1.3 §8.2.10: what is made of collected outputs. */
export type Aggregation = 'list' | 'sum' | 'min' | 'max' | 'count';

export interface DecisionTable {
  readonly hitPolicy: HitPolicy;
  readonly aggregation: Aggregation;
  readonly inputs: readonly InputColumn[];
  readonly outputs: readonly OutputColumn[];
  readonly rules: readonly Rule[];
  readonly parameters: readonly Parameter[];
}

/** What is wrong with a table, at which place; texts for people are made where they are shown. */
export interface TableProblem {
  readonly code: TableProblemCode;
  /** `error`: the table does not work; `warning`: it works, and somebody should look. */
  readonly level: 'error' | 'warning';
  readonly rule?: string;
  /** Index of the input or output column. */
  readonly input?: number;
  readonly output?: number;
  readonly parameter?: string;
  /** Other rules that it is about. */
  readonly rules?: readonly string[];
  /** Where in the space of inputs, one text for each input column. */
  readonly where?: readonly string[];
  readonly reason?: string;
}

export type TableProblemCode =
  | 'no-inputs' | 'no-outputs' | 'no-rules' | 'cells-missing' | 'rule-id-twice' | 'column-without-source' | 'output-without-name' | 'output-name-twice'
  | 'cell-unreadable' | 'cell-wrong-type' | 'value-not-listed' | 'name-unknown' | 'cell-matches-nothing'
  | 'parameter-unreadable' | 'parameter-out-of-bounds' | 'parameter-name' | 'parameter-twice'
  | 'overlap' | 'gap' | 'never-reached' | 'not-checked' | 'too-large-to-check';

export const columnTypes: readonly ColumnType[] = ['number', 'decimal', 'string', 'boolean', 'date'];
