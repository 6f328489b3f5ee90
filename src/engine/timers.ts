import { isLasting, LedgerError } from '../ledger/port.ts';
import type { Ledger, TimerRow } from '../ledger/port.ts';
import { systemClock } from './support/clock.ts';
import type { Clock, ClockHandle } from './support/clock.ts';
import { once } from './support/reporting.ts';
import type { EngineTuning } from './settings.ts';

const page = 200;
const longestSleep = 30_000;
/** How soon to look again when more is due than could be fired, ms. */
const crowdedMs = 50;

/** They end or reject something: put off after a standstill (PROTOCOL §7). */
const destructive: ReadonlySet<TimerRow['kind']> = new Set(['task-expiry', 'step-expiry', 'signal-expiry', 'escalation-expiry']);
/** One after the other: those about tasks start no step of their own. */
const kinds = ['task-expiry', 'task-release', 'task-reminder', 'reversal', 'step-expiry', 'retry', 'token-retry', 'step', 'signal-expiry', 'escalation', 'escalation-expiry'] as const;
const ofTasks: ReadonlySet<TimerRow['kind']> = new Set(['task-expiry', 'task-release', 'task-reminder', 'reversal', 'signal-expiry']);

/**
 * Durable timers: the ledger holds them, this only wakes. Deadlines are judged by the time of the command
 * (PROTOCOL §7); after a standstill or a jump of the clock destructive expiries wait for a grace period.
 */
export class Timers {
  readonly #ledger: Ledger;
  readonly #fire: (timer: TimerRow) => Promise<void>;
  readonly #onGap: (from: string, to: string) => void;
  readonly #room: () => number;
  readonly #tuning: EngineTuning;
  readonly #clock: Clock;
  #handle: ClockHandle | undefined;
  #watch: NodeJS.Timeout | undefined;
  #nextAt = Number.POSITIVE_INFINITY;
  #firing = false;
  #stopped = true;
  #graceUntil = 0;
  #lastWall = 0;
  #lastMono = 0;

  constructor(options: {
    readonly ledger: Ledger; readonly tuning: EngineTuning; readonly fire: (timer: TimerRow) => Promise<void>; readonly onGap: (from: string, to: string) => void;
    /** How many steps may be started now. */
    readonly room: () => number;
    readonly clock?: Clock;
  }) {
    this.#clock = options.clock ?? systemClock;
    this.#ledger = options.ledger;
    this.#tuning = options.tuning;
    this.#fire = options.fire;
    this.#onGap = options.onGap;
    this.#room = options.room;
  }

  /** `lastSeen`: when the ledger took its last event before this start, to tell a long outage. */
  start(lastSeen: string | undefined): void {
    this.#stopped = false;
    this.#lastWall = this.#clock.now();
    this.#lastMono = performance.now();
    if (lastSeen !== undefined && this.#lastWall - Date.parse(lastSeen) > this.#tuning.standstillMs) this.#gap(Date.parse(lastSeen), this.#lastWall);
    if (this.#clock.mayJump) this.#watch = setInterval(() => this.#look(), 1_000).unref();
    this.#sleepUntil(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#handle);
    clearInterval(this.#watch);
  }

  /** A timer was set for this time. */
  wakeAt(iso: string): void {
    const at = Date.parse(iso) + 1;
    if (at < this.#nextAt) this.#sleepUntil(at);
  }

  get firing(): boolean {
    return this.#firing;
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
    const wall = this.#clock.now();
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
    this.#clock.clearTimeout(this.#handle);
    if (at === Number.POSITIVE_INFINITY) return;
    this.#handle = this.#clock.setTimeout(() => { void this.#wake(); }, Math.min(this.#longestSleep(), Math.max(0, at - this.#clock.now())));
  }

  /** A clock that may jump is looked at again and again. */
  #longestSleep(): number {
    return this.#clock.mayJump ? longestSleep : Number.MAX_SAFE_INTEGER;
  }

  async #wake(): Promise<void> {
    if (this.#firing || this.#stopped) return;
    this.#firing = true;
    this.#nextAt = Number.POSITIVE_INFINITY;
    let next = this.#clock.mayJump ? this.#clock.now() + longestSleep : Number.POSITIVE_INFINITY;
    try {
      // A deadline has passed in the millisecond after it: what is due right now would be fired too early, and then not again.
      const now = this.#clock.now() - 1;
      const until = new Date(now).toISOString();
      // The kinds are read apart, so that neither what is put off nor what finds no room stands in the way of the other.
      const putOff = now < this.#graceUntil;
      const crowded: boolean[] = [];
      for (const kind of kinds) {
        const limit = ofTasks.has(kind) ? page : Math.min(page, this.#room());
        if (!putOff || !destructive.has(kind)) crowded.push(await this.#fireDue(kind, until, limit));
      }
      const following = await this.#ledger.nextTimerDue(until);
      if (following !== undefined) next = Math.min(next, Date.parse(following) + 1);
      if (crowded.includes(true)) next = Math.min(next, this.#clock.now() + crowdedMs);
      if (putOff) next = Math.min(next, this.#graceUntil + 1);
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'closed') this.stop();
      else once('timers', `Timers could not be read: ${String(error)}`);
      next = this.#clock.now() + 1_000;
    } finally {
      this.#firing = false;
    }
    this.#sleepUntil(Math.min(next, this.#nextAt));
  }

  /** Fires what is due of a kind; true when more may be due. */
  async #fireDue(kind: TimerRow['kind'], until: string, limit: number): Promise<boolean> {
    const due = limit > 0 ? await this.#ledger.timersDue(until, limit, kind) : [];
    for (const timer of due) {
      if (this.#stopped) return false;
      try {
        await this.#fire(timer);
      } catch (error) {
        if (error instanceof LedgerError && !isLasting(error)) throw error;
        // One case that cannot be read must not keep the timers of all others from firing.
        once('timer', `The timer ${timer.timer_id} of case ${timer.case_id} could not be fired: ${String(error)}`);
      }
    }
    return due.length >= limit;
  }
}
