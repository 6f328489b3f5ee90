import type { ExchangeRate } from './money.ts';

export type DeadlineUnit = 'minutes' | 'hours' | 'days';
/** How many have to agree: so many, one of them, or all who hold the role at that moment. */
export type MatrixQuorum = number | 'any' | 'all';
export type MatrixOperator = '=' | '!=' | 'in' | '<' | '<=' | '>' | '>=' | 'exists' | 'missing';

/** A condition on one fact of the case. */
export interface MatrixCondition {
  /** Dot path in the case document. */
  readonly path: string;
  readonly operator: MatrixOperator;
  /** Text or decimal; for `in` a list with commas; unused by `exists` and `missing`. */
  readonly value: string;
}

/** One level of a row: who decides, how many of them, and until when. */
export interface MatrixLevel {
  readonly role: string;
  readonly quorum: MatrixQuorum;
  /** 0 is no deadline. */
  readonly deadline: number;
  readonly deadlineUnit: DeadlineUnit;
  /** Counted in working time of the calendar. */
  readonly working: boolean;
  readonly onExpiry: 'reject' | 'expire';
  /** Seconds in which the decider may recall the last word; 0 for none. */
  readonly hold: number;
}

export interface MatrixRow {
  /** Stands in the ledger with every decision. */
  readonly id: string;
  /** Amount band in the base currency: from (included) to (not included); blank is open. */
  readonly from: string;
  readonly to: string;
  readonly conditions: readonly MatrixCondition[];
  /** Approves without asking anybody. */
  readonly auto: boolean;
  readonly levels: readonly MatrixLevel[];
}

/** Sums over the cases of one requester, supplier and so on, so that a purchase gains nothing by being split. */
export interface Cumulation {
  /** Comma-separated fact paths that name who or what is summed over; blank: off. */
  readonly keys: string;
  readonly days: number;
  /** Approvals with the same name share their sums. */
  readonly scope: string;
}

export interface ApprovalMatrix {
  /** `unique`: exactly one row may fit; `first`: the first that fits counts. */
  readonly hit: 'unique' | 'first';
  /** Whether the levels are asked one after the other or all at once. */
  readonly order: 'sequence' | 'parallel';
  /** Fact paths of the amount and its currency; a blank currency means the base currency. */
  readonly amount: string;
  readonly currency: string;
  readonly base: string;
  readonly rates: readonly ExchangeRate[];
  readonly cumulative: Cumulation;
  /** None: the one level of the simple form. */
  readonly rows: readonly MatrixRow[];
}

export const EMPTY_MATRIX: ApprovalMatrix = {
  hit: 'unique', order: 'sequence', amount: '', currency: '', base: 'EUR', rates: [], cumulative: { keys: '', days: 30, scope: '' }, rows: [],
};
