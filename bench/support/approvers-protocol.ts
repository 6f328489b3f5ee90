import type { LatencySummary } from '../../src/cli/simulate/wire/latencies.ts';

/** What bench/support/approvers.ts is to do. */
export interface ApproversOrder {
  readonly kind: 'waybill' | 'bare';
  readonly url: string;
  readonly mqttUrl: string;
  /** One for each approver; none for `bare`. */
  readonly tokens: readonly string[];
  readonly approvers: number;
  /** Rounds in which all approvers decide at the same moment, and the time from one to the next. */
  readonly rounds: number;
  readonly roundMs: number;
  /** Scans that become tasks. */
  readonly tasksPerSecond: number;
}

export interface ApproversSummary {
  readonly decisions: number;
  readonly decisionMs: LatencySummary;
  /** Over all phones: from the PUBLISH until the list has the task. */
  readonly visibleMs: LatencySummary;
  readonly seen: number;
  readonly lists: number;
  readonly listMs: LatencySummary;
}
