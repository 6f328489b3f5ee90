import type { Json } from '../../../domain/json.ts';
import type { PlcOutcome } from '../../../intake/opcua/index.ts';

/** The last value of a tag. */
export interface PlcValue {
  readonly tag: string;
  /** The beginning of it, as JSON; '' where there is none. */
  readonly value: string;
  readonly good: boolean;
  /** Epoch milliseconds by the controller. */
  readonly at: number;
}

/** One of the last events, and what became of it. */
export interface PlcSample extends PlcOutcome {
  /** Epoch milliseconds by our clock. */
  readonly seenAt: number;
}

const KEPT = 20;
const SHOWN = 200;

/** Keeps the last value of each tag and the last events in memory, for whoever has the form open. */
export class PlcSamples {
  readonly #clock: () => number;
  readonly #values = new Map<string, { readonly value: Json | undefined; readonly good: boolean; readonly at: number }>();
  readonly #kept: PlcSample[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  value(tag: string, value: Json | undefined, good: boolean, at: number): void {
    this.#values.set(tag, { value, good, at });
  }

  became(outcome: PlcOutcome): void {
    if (this.#kept.length === KEPT) this.#kept.shift();
    this.#kept.push({ ...outcome, seenAt: this.#clock() });
  }

  values(): readonly PlcValue[] {
    return [...this.#values].map(([tag, { value, good, at }]) => ({ tag, value: valueText(value), good, at }));
  }

  /** Newest first. */
  list(): readonly PlcSample[] {
    return [...this.#kept].reverse();
  }
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return '';
  return (typeof value === 'number' ? shortened(value) : JSON.stringify(value)).slice(0, SHOWN); // NaN is no JSON, and is what it is
}

function shortened(value: number): string {
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(7)));
}
