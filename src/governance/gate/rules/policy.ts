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
  /** Days that a catalogue may be older than its expiry before the site says it is stale; work goes on. */
  readonly staleAfterDays?: number;
}

export interface RulePolicy {
  readonly level?: Level;
  /** At nodes that have nothing to do with a case; the rule's own when absent, and never above `level`. */
  readonly elsewhere?: Level;
  readonly options?: JsonObject;
}
