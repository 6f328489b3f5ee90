import type { Decision } from '../domain/decision.ts';
import type { AnyEvent } from '../domain/envelope.ts';
import type { PersonIdentity } from './api.ts';
import type { SiteLog } from './site-log.ts';
import type { Clock } from './support/clock.ts';

/** Refusals of one person that are recorded in a minute. */
const recordedRefusals = 20;

/** Records what was refused beside a case, so that a refused self-approval leaves a trace (PROTOCOL §5), within a limit for each person. */
export class RefusalLog {
  readonly #siteLog: SiteLog;
  readonly #clock: Clock;
  readonly #counts = new Map<string, { readonly minute: number; count: number }>();

  constructor(siteLog: SiteLog, clock: Clock) {
    this.#siteLog = siteLog;
    this.#clock = clock;
  }

  async record(decision: Extract<Decision, { kind: 'refused' }>, by: PersonIdentity, actor: { readonly kind: 'person'; readonly id: string }): Promise<void> {
    for (const event of this.#tooMany(actor.id) ? [] : decision.events) {
      await this.#siteLog.record('refusal', { ...event, personal: { name: by.name } } as AnyEvent, { actor });
    }
  }

  #tooMany(actor: string): boolean {
    const minute = Math.floor(this.#clock.now() / 60_000);
    const known = this.#counts.get(actor);
    if (known?.minute === minute) return ++known.count > recordedRefusals;
    if (this.#counts.size > 1_000) this.#counts.clear();
    this.#counts.set(actor, { minute, count: 1 });
    return false;
  }
}
