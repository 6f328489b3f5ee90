import type { ScenarioKind } from './demo-data/index.ts';
import type { QuarantineReason } from '../../intake/mapper/index.ts';

/** What a scan of the shift is: a handling unit of a scenario, or one of the things that happen around it. */
export type ScanKind =
  | ScenarioKind
  /** Goods of a mixed pallet, scanned by GTIN with order, line and quantity. */
  | 'loose-goods'
  /** The same message once more: same transport id, same bytes. */
  | 'double-same-id'
  /** The same handling unit scanned again, perhaps at the other dock: another transport id. */
  | 'double-new-id'
  /** An earlier receipt taken back. */
  | 'reversal'
  | 'dirty-check-digit'
  | 'dirty-truncated'
  | 'dirty-binary'
  | 'dirty-json';

/**
 * What a receiving flow has to make of a scan:
 * `straight-through` one case, one receipt, no person; `approval` a task, and a receipt only after it; `joint-over` of the
 * two scans with the same `group` exactly one goes straight through and the other to approval; `exception-…` one case
 * with an exception and no receipt; `duplicate-transport` nothing new at all; `duplicate-business` recorded on the case
 * of `sameAs`, no second receipt; `reversal` a negative receipt; `quarantine` with `quarantineReason`, no case.
 */
export type ExpectedOutcome =
  | 'straight-through'
  | 'approval'
  | 'joint-over'
  | 'exception-no-asn'
  | 'exception-line-closed'
  | 'duplicate-transport'
  | 'duplicate-business'
  | 'reversal'
  | 'quarantine';

/** One message of the shift. */
export interface PlannedScan {
  /** Position in the shift, from 0. */
  readonly index: number;
  readonly kind: ScanKind;
  readonly expected: ExpectedOutcome;
  readonly topic: string;
  readonly payload: Buffer;
  /** When it is published, in milliseconds from the start of the shift. */
  readonly at: number;
  readonly dock: string;
  readonly device: string;
  /** Absent in the form that names none (ProGlove), and in unreadable messages. */
  readonly operator?: string;
  /** Absent in unreadable messages. */
  readonly transportId?: string;
  /** Number of the demo scenario that it belongs to. */
  readonly scenario: number;
  /** Joins the two scans of a `joint-over`. */
  readonly group?: string;
  /** Index of the scan that a double or a reversal repeats. */
  readonly sameAs?: number;
  readonly quarantineReason?: QuarantineReason;
  readonly sscc?: string;
  readonly gtin?: string;
  readonly po?: string;
  readonly line?: string;
  /** What the ERP's receipt has to say, as a decimal string without sign. */
  readonly quantity?: string;
  readonly final?: boolean;
}

export interface ShiftOptions {
  /** Seed of the demo data; the demo ERP's own is 1. */
  readonly seed: number;
  /** How many scans; the plan has exactly so many. */
  readonly count: number;
  /** 'acme' by default. */
  readonly enterprise?: string;
  /** 'dc-1' by default. */
  readonly site?: string;
  /** How many docks work at the same time, 2 by default: dock-1, dock-2, … */
  readonly docks?: number;
  /** Scans per second, 5 by default; sets `at` and the times in the messages. */
  readonly rate?: number;
  /** Epoch milliseconds of the start, for the times in the messages. */
  readonly startAt?: number;
  /** First scenario; scans of different scenarios never share an id, order or handling unit. */
  readonly fromScenario?: number;
  /** Only scenarios of these kinds. */
  readonly kinds?: readonly ScenarioKind[];
  /** Share of handling units that are scanned twice, half of them with the same transport id; 0.06 by default. */
  readonly doubles?: number;
  /** Share of scenarios with an unreadable label before them; 0.04 by default. */
  readonly dirty?: number;
  /** Share of exact receipts that are taken back later; 0.01 by default. */
  readonly reversals?: number;
  /** Share of exact handling units that a ProGlove scans (no operator in the message); 0.1 by default. */
  readonly proglove?: number;
}
