/** How many calls a second on average, and how many at once after a pause; 0 a second: no bound. */
export interface PaceSettings { readonly perSecond: number; readonly burst: number }

/**
 * Token bucket by theoretical arrival times (GCRA, ITU-T I.371): who has to wait is told when, and that instant is kept for
 * it, so that nobody has to ask again. A pause that the other side asks for holds for all.
 */
export class Pace {
  settings: PaceSettings;
  /** When the next call would be due at the even pace, ms since 1970. */
  #due = 0;
  #pausedUntil = 0;

  constructor(settings: PaceSettings) {
    this.settings = settings;
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** Takes a place; the instant at which the call may go, ms since 1970: `now` when it may go at once. */
  reserve(now: number): number {
    const { perSecond } = this.settings;
    if (perSecond <= 0) return Math.max(now, this.#pausedUntil);
    const due = Math.max(this.#due, now);
    this.#due = due + 1_000 / perSecond;
    return Math.max(now, this.#pausedUntil, Math.ceil(due - this.#slack));
  }

  /** The other side wants no call before then. What waits goes evenly afterwards, not all at once. */
  pause(until: number): void {
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#due = Math.max(this.#due, until + this.#slack);
  }

  get #slack(): number {
    const { perSecond, burst } = this.settings;
    return perSecond <= 0 ? 0 : Math.max(0, Math.max(1, burst) - 1) * (1_000 / perSecond);
  }
}
