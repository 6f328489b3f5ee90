import type { ReportOutcome } from '../../intake/sparkplug/index.ts';

/** One of the last events of a sparkplug in node, and what became of it. */
export interface ReportSample extends Omit<ReportOutcome, 'report'> {
  /** Epoch milliseconds. */
  readonly at: number;
  /** `group/edge node/device`. */
  readonly source: string;
  readonly metric: string;
  /** The beginning of it, as JSON. */
  readonly value: string;
}

const KEPT = 20;
const SHOWN = 200;

/** Keeps the last few events in memory, for whoever has the form open. */
export class ReportSamples {
  readonly #clock: () => number;
  readonly #kept: ReportSample[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  became({ report, ...outcome }: ReportOutcome): void {
    const { group, edgeNode, device, metric, value } = report;
    if (this.#kept.length === KEPT) this.#kept.shift();
    this.#kept.push({ ...outcome, at: this.#clock(), source: device === undefined ? `${group}/${edgeNode}` : `${group}/${edgeNode}/${device}`, metric, value: JSON.stringify(value).slice(0, SHOWN) });
  }

  /** Newest first. */
  list(): readonly ReportSample[] {
    return [...this.#kept].reverse();
  }
}
