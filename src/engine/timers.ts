import type { Ledger, TimerRow } from '../ledger/port.ts';
import { once } from './support/reporting.ts';
import type { EngineTuning } from './settings.ts';

const page = 200;
const longestSleep = 30_000;

/**
 * Durable timers: the ledger holds them, this only wakes. Deadlines are judged by the time of the command
 * (PROTOCOL §7); after a standstill or a jump of the clock destructive expiries wait for a grace period.
 */
export class Timers {
  readonly #ledger: Ledger;
  readonly #fire: (timer: TimerRow) => Promise<void>;
  readonly #onGap: (from: string, to: string) => void;
  readonly #tuning: EngineTuning;
  #handle: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #nextAt = Number.POSITIVE_INFINITY;
  #firing = false;
  #stopped = true;
  #graceUntil = 0;
  #lastWall = 0;
  #lastMono = 0;

  constructor(options: { readonly ledger: Ledger; readonly tuning: EngineTuning; readonly fire: (timer: TimerRow) => Promise<void>; readonly onGap: (from: string, to: string) => void }) {
    this.#ledger = options.ledger;
    this.#tuning = options.tuning;
    this.#fire = options.fire;
    this.#onGap = options.onGap;
  }

  /** `lastSeen`: when the ledger took its last event before this start, to tell a long outage. */
  start(lastSeen: string | undefined): void {
    this.#stopped = false;
    this.#lastWall = Date.now();
    this.#lastMono = performance.now();
    if (lastSeen !== undefined && this.#lastWall - Date.parse(lastSeen) > this.#tuning.standstillMs) this.#gap(Date.parse(lastSeen), this.#lastWall);
    this.#watch = setInterval(() => this.#look(), 1_000);
    this.#watch.unref();
    this.#sleepUntil(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#handle);
    clearInterval(this.#watch);
  }

  /** A timer was set for this time. */
  wakeAt(iso: string): void {
    const at = Date.parse(iso) + 1;
    if (at < this.#nextAt) this.#sleepUntil(at);
  }

  /** Until when destructive expiries are put off, in ms since the epoch. */
  get graceUntil(): number {
    return this.#graceUntil;
  }

  #gap(from: number, to: number): void {
    this.#graceUntil = to + this.#tuning.graceMs;
    this.#onGap(new Date(from).toISOString(), new Date(to).toISOString());
  }

  #look(): void {
    const wall = Date.now();
    const mono = performance.now();
    const drift = wall - this.#lastWall - (mono - this.#lastMono);
    const stoodStill = mono - this.#lastMono;
    if (Math.abs(drift) > this.#tuning.standstillMs || stoodStill > this.#tuning.standstillMs) {
      this.#gap(this.#lastWall, wall);
      this.#sleepUntil(0);
    }
    this.#lastWall = wall;
    this.#lastMono = mono;
  }

  #sleepUntil(at: number): void {
    if (this.#stopped) return;
    this.#nextAt = at;
    clearTimeout(this.#handle);
    this.#handle = setTimeout(() => { void this.#wake(); }, Math.min(longestSleep, Math.max(0, at - Date.now())));
    this.#handle.unref();
  }

  async #wake(): Promise<void> {
    if (this.#firing || this.#stopped) return;
    this.#firing = true;
    this.#nextAt = Number.POSITIVE_INFINITY;
    let next = Date.now() + longestSleep;
    try {
      // A deadline has passed in the millisecond after it: what is due right now would be fired too early, and then not again.
      const now = Date.now() - 1;
      const due = await this.#ledger.timersDue(new Date(now).toISOString(), page);
      let putOff = false;
      let fired = 0;
      for (const timer of due) {
        if (this.#stopped) return;
        if (timer.kind === 'task-expiry' && now < this.#graceUntil) {
          putOff = true;
          continue;
        }
        await this.#fire(timer);
        fired++;
      }
      const following = await this.#ledger.nextTimerDue(new Date(now).toISOString());
      if (following !== undefined) next = Math.min(next, Date.parse(following) + 1);
      if (fired > 0 && due.length === page) next = Date.now();
      if (putOff) next = Math.min(next, this.#graceUntil);
    } catch (error) {
      once('timers', `Timers could not be read: ${String(error)}`);
      next = Date.now() + 1_000;
    } finally {
      this.#firing = false;
    }
    this.#sleepUntil(Math.min(next, this.#nextAt));
  }
}
