/** A timer of a clock; only for `clearTimeout` of the same clock. */
export type ClockHandle = object;

/** The time by which business goes: deadlines, waits, what the ledger records. What measures this machine does not use it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Now, ISO 8601 UTC with milliseconds. */
  iso(): string;
  /** Calls back once after `ms`; keeps no process alive. */
  setTimeout(callback: () => void, ms: number): ClockHandle;
  clearTimeout(handle: ClockHandle | undefined): void;
  /** It may be set, or stand still with its machine: whoever sleeps by it looks again now and then. */
  readonly mayJump: boolean;
}

let isoMs = Number.NaN;
let isoText = '';

/** Events of one commit, and of many at once, have one millisecond: its text is made once. */
function isoNow(): string {
  const now = Date.now();
  if (now !== isoMs) {
    isoMs = now;
    isoText = new Date(now).toISOString();
  }
  return isoText;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  iso: isoNow,
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (handle) => { clearTimeout(handle as NodeJS.Timeout | undefined); },
  mayJump: true,
};

interface VirtualTimer { readonly at: number; readonly order: number; readonly callback: () => void }

/** A clock that stands until it is advanced; it fires its timers in the order of their times, each at its own instant. */
export class VirtualClock implements Clock {
  readonly mayJump = false;
  readonly #timers = new Set<VirtualTimer>();
  readonly #settle: () => Promise<void>;
  #now: number;
  #order = 0;

  /** @param settle resolves when what a timer has set off has come to rest; time stands still until then */
  constructor(start: number | string, settle: () => Promise<void> = () => Promise.resolve()) {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
    if (!Number.isFinite(this.#now)) throw new RangeError(`"${start}" is no instant; give one such as 2026-03-02T08:00:00+01:00.`);
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }
  iso(): string {
    return new Date(this.#now).toISOString();
  }

  setTimeout(callback: () => void, ms: number): ClockHandle {
    const timer: VirtualTimer = { at: this.#now + Math.max(0, Number.isFinite(ms) ? ms : 0), order: this.#order++, callback };
    this.#timers.add(timer);
    return timer;
  }
  clearTimeout(handle: ClockHandle | undefined): void {
    if (handle !== undefined) this.#timers.delete(handle as VirtualTimer);
  }

  /** When the next timer is due, ms since 1970; undefined when none is set. */
  get nextAt(): number | undefined {
    return this.#next(Number.POSITIVE_INFINITY)?.at;
  }

  advanceBy(ms: number): Promise<void> {
    return this.advanceTo(this.#now + ms);
  }

  /** Resolves when everything that was due up to `instant` has come to rest. */
  async advanceTo(instant: number | string): Promise<void> {
    const until = typeof instant === 'number' ? instant : Date.parse(instant);
    if (!(until >= this.#now)) throw new RangeError(`A clock goes forwards: it is ${this.iso()}, so it cannot be set to ${String(instant)}.`);
    await this.#settle();
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await this.#settle();
    }
    this.#now = until;
    await this.#settle();
  }

  /** Fires what is due now, and what that sets for now. */
  async run(): Promise<void> {
    await this.advanceTo(this.#now);
  }

  #next(until: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))) next = timer;
    }
    return next;
  }
}
