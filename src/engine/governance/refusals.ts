import type { Decision, RefusalCode } from '../../domain/decision.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import type { AnyEvent } from '../../domain/envelope.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';

export type Refused = Outcome & { readonly ok: false };

/** Refusals of one person that are recorded in a minute. */
const recordedRefusals = 20;
const forbidden: ReadonlySet<RefusalCode> = new Set(['change-own', 'change-not-owner', 'change-of-other']);
const conflicts: ReadonlySet<RefusalCode> = new Set(['change-over', 'change-not-as-shown']);

/** A refusal of the rules of changes as an answer. */
export function refusalOf(code: RefusalCode): Refused {
  const status = code === 'change-unknown' ? 'not-found' : forbidden.has(code) ? 'forbidden' : conflicts.has(code) ? 'conflict' : 'invalid';
  return { ok: false, code, message: refusalText[code], status };
}

/** Records what was refused, so that a refused self-approval leaves a trace (PROTOCOL §5), within a limit for each person. */
export class RefusalLog {
  readonly #siteLog: SiteLog;
  readonly #clock: Clock;
  readonly #counts = new Map<string, { readonly minute: number; count: number }>();

  constructor(siteLog: SiteLog, clock: Clock) {
    this.#siteLog = siteLog;
    this.#clock = clock;
  }

  async record(decision: Extract<Decision, { kind: 'refused' }>, by: PersonIdentity, actor: { readonly kind: 'person'; readonly id: string }): Promise<Refused> {
    for (const event of this.#tooMany(actor.id) ? [] : decision.events) {
      await this.#siteLog.record('refusal', { ...event, personal: { name: by.name } } as AnyEvent, { actor });
    }
    return refusalOf(decision.code);
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
