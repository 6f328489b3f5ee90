import type { QuotaUse, ServiceLimits } from '../../domain/service/index.ts';
import { askedToWaitUntil } from '../../connectors/resilience/asked-to-wait.ts';
import { Pace } from '../../connectors/resilience/pace.ts';
import type { QuotaBook } from './quota-book.ts';

/** Places that are kept for who waits; beyond these, who waits asks again at its time. */
const mostReserved = 100_000;

interface Entry { readonly pace: Pace; readonly reserved: Map<string, number> }

/** How a service stands at a system of the site, for people. */
export interface LimitView { readonly waiting: number; readonly pausedUntil: string | undefined; readonly use: QuotaUse | undefined }

/** Pace and quota of each service at each system of this site, for all flows together. Who waits is only a number here; its timer is in the ledger. */
export class Limits {
  readonly #entries = new Map<string, Entry>();
  readonly #book: QuotaBook;

  constructor(book: QuotaBook) {
    this.#book = book;
  }

  /** When the call of `id` may go, ms since 1970; not after `now`: at once, and it counts. */
  admit(key: string, limits: ServiceLimits, id: string, now: number): number {
    const { pace, reserved } = this.#entry(key, limits);
    let at = reserved.get(id);
    // A pause that began after the place was given out moves it.
    if (at === undefined || at < pace.pausedUntil) at = pace.reserve(now);
    if (at > now) {
      if (reserved.has(id) || reserved.size < mostReserved) reserved.set(id, at);
      return at;
    }
    reserved.delete(id);
    return limits.quota === undefined ? now : Math.max(now, this.#book.take(key, limits.quota, now));
  }

  /** Who waited and will not come. */
  forget(key: string, id: string): void {
    this.#entries.get(key)?.reserved.delete(id);
  }

  /** An answer may say that nothing is wanted for a while: that holds for all callers. */
  heard(key: string, limits: ServiceLimits, status: number, headers: { readonly [name: string]: string }, now: number): void {
    const until = askedToWaitUntil(status, headers, now);
    if (until !== undefined) this.#entry(key, limits).pace.pause(until);
  }

  view(key: string, now: number): LimitView {
    const entry = this.#entries.get(key);
    const until = entry?.pace.pausedUntil ?? 0;
    return { waiting: entry?.reserved.size ?? 0, pausedUntil: until > now ? new Date(until).toISOString() : undefined, use: this.#book.used(key) };
  }

  #entry(key: string, limits: ServiceLimits): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, entry = { pace: new Pace(limits), reserved: new Map() });
    entry.pace.settings = limits;
    return entry;
  }
}
