import type { InFlightBound } from './scan-source.ts';

/** Counts what is held unacknowledged, and says when to stop and when to go on reading. */
export class InFlight {
  messages = 0;
  bytes = 0;
  #full = false;
  readonly #bound: InFlightBound;
  readonly #onChange: (full: boolean) => void;

  /** `onChange(true)` when the bound is reached, `onChange(false)` when half of it is free again. */
  constructor(bound: InFlightBound, onChange: (full: boolean) => void) {
    this.#bound = bound;
    this.#onChange = onChange;
  }

  get full(): boolean {
    return this.#full;
  }

  take(bytes: number): void {
    this.messages += 1;
    this.bytes += bytes;
    if (!this.#full && (this.messages >= this.#bound.messages || this.bytes >= this.#bound.bytes)) {
      this.#full = true;
      this.#onChange(true);
    }
  }

  release(bytes: number): void {
    this.messages -= 1;
    this.bytes -= bytes;
    if (this.#full && this.messages <= this.#bound.messages / 2 && this.bytes <= this.#bound.bytes / 2) {
      this.#full = false;
      this.#onChange(false);
    }
  }
}
