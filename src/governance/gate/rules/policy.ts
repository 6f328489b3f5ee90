import type { JsonObject } from '../../../domain/json.ts';
import type { Level } from './rule.ts';

/** Central policy of the gate: the target `policy.json` of the catalogue, signed by the board. */
export interface GatePolicy {
  /** Raised with every change; shown on the pages. */
  readonly version: string;
  /** By rule code; what is not named has the rule's own level and options. */
  readonly rules: Readonly<Record<string, RulePolicy>>;
  /** Contrib packages that may run besides Node-RED's own and Waybill: name to semver range; absent: none is looked at. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Owners of a process family who have to agree on a change request; one where the family is not named. */
  readonly changeQuorum?: Readonly<Record<string, number>>;
  /** How versions of templates reach the sites; kept by the publisher before anything is put out. */
  readonly releases?: ReleasePolicy;
  /** Days that a catalogue may be older than its expiry before the site says it is stale; work goes on. */
  readonly staleAfterDays?: number;
}

/** Rings are `test`, `pilot` and `all`, in this order. */
export interface ReleasePolicy {
  /** Ring at which a new version begins, where the board grants its family nothing further; `test` when absent. */
  readonly firstRing?: 'test' | 'pilot' | 'all';
  /** Who of a family's owners has to sign a version's way into a ring, besides what the board asks of the family anyway. */
  readonly signatures?: Readonly<Partial<Record<'test' | 'pilot' | 'all', RingSignatures>>>;
}

export interface RingSignatures {
  readonly threshold?: number;
  /** One of each: `operations`, `it`, `finance`. */
  readonly functions?: readonly ('operations' | 'it' | 'finance')[];
}

export interface RulePolicy {
  readonly level?: Level;
  /** At nodes that have nothing to do with a case; the rule's own when absent, and never above `level`. */
  readonly elsewhere?: Level;
  readonly options?: JsonObject;
}
