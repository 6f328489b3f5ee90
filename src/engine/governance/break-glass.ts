import type { OpenBreakGlass } from '../../governance/gate/judge.ts';
import type { GateStore } from '../../governance/gate/store.ts';
import type { RecordedEvent } from '../../domain/index.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity, WaybillSettings } from '../api.ts';
import { inScope } from '../people/refusals.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { uuidv7 } from '../support/ids.ts';
import type { BreakGlassPort, BreakGlassView } from './port.ts';

/** How long a request waits for the second person, ms. */
const ASKED_MS = 60 * 60_000;
const HOUR_MS = 60 * 60_000;

export interface BreakGlassDeps {
  readonly settings: WaybillSettings;
  readonly ledger: Ledger;
  readonly siteLog: SiteLog;
  readonly accounts: AccountStore | undefined;
  readonly clock: Clock;
  readonly store: GateStore;
  pseudonym(id: string): string;
  /** Something holds, or has ended. */
  changed(): Promise<void>;
}

type Kept = Omit<BreakGlassView, 'state'>;
type Result = Outcome<{ readonly breakGlass: BreakGlassView }>;

/** Two people of the site let deploys pass named rules for some hours. What holds is what the ledger says. */
export class BreakGlass implements BreakGlassPort {
  readonly #deps: BreakGlassDeps;
  readonly #kept = new Map<string, Kept>();
  constructor(deps: BreakGlassDeps) {
    this.#deps = deps;
  }

  /** Reads what was asked and agreed before this start. */
  async restore(): Promise<void> {
    for (const id of await this.#deps.store.breakGlassIds()) {
      const kept = keptOf(id, await this.#deps.ledger.readStream(streamOf(id)));
      if (kept !== undefined) this.#kept.set(id, kept);
    }
  }

  list(): readonly BreakGlassView[] {
    return [...this.#kept.values()].map((kept) => this.#view(kept)).filter(({ state }) => state !== 'over');
  }
  /** Those that two people have agreed on, over or not. */
  used(): readonly BreakGlassView[] {
    return [...this.#kept.values()].filter(({ second }) => second !== undefined).map((kept) => this.#view(kept));
  }
  open(): readonly OpenBreakGlass[] {
    return this.list().flatMap(({ id, rules, until, state }) => (state === 'open' && until !== undefined ? [{ id, rules, until }] : []));
  }

  async ask(input: { readonly rules: readonly string[]; readonly reason: string; readonly hours: number; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Result> {
    const { rules, reason, hours, by, commandKey } = input;
    const problem = this.#mayNot(by);
    if (problem !== undefined) return problem;
    const id = uuidv7();
    const person = this.#deps.pseudonym(by.userId);
    // First the id: what the ledger does not know holds nothing.
    await this.#deps.store.keepBreakGlassIds([...this.#kept.values()].filter((kept) => this.#view(kept).state !== 'over').map((kept) => kept.id).concat(id));
    const result = await this.#deps.siteLog.append(streamOf(id), { type: 'BreakGlassAsked', data: { breakGlassId: id, rules, hours, by: person }, content: { reason }, personal: { name: by.name } }, { actor: { kind: 'person', id: person }, ...(commandKey === undefined ? {} : { commandKey }) });
    if (!result.ok && result.reason === 'duplicate-command') return this.#known(result.streamId.replace(/^break-glass:/, ''));
    if (!result.ok) throw new Error(`The request could not be recorded: ${result.reason}`);
    const kept: Kept = { id, rules, hours, reason, by: person, second: undefined, askedAt: this.#deps.clock.iso(), until: undefined };
    this.#kept.set(id, kept);
    return { ok: true, breakGlass: this.#view(kept) };
  }

  async agree({ id, by }: { readonly id: string; readonly by: PersonIdentity }): Promise<Result> {
    const problem = this.#mayNot(by);
    if (problem !== undefined) return problem;
    const kept = this.#kept.get(id);
    const view = kept === undefined ? undefined : this.#view(kept);
    if (kept === undefined || view === undefined) return { ok: false, code: 'break-glass-unknown', status: 'not-found', message: 'There is no such request; ask for one, and have a second person agree within the hour.' };
    const second = this.#deps.pseudonym(by.userId);
    if (second === kept.by) return { ok: false, code: 'break-glass-same-person', status: 'forbidden', message: 'You asked for it yourself; a second person of the site has to agree.' };
    if (view.state === 'open') return { ok: true, breakGlass: view };
    if (view.state === 'over') return { ok: false, code: 'break-glass-over', status: 'conflict', message: 'This is over; ask anew.' };
    const until = new Date(this.#deps.clock.now() + kept.hours * HOUR_MS).toISOString();
    const result = await this.#deps.siteLog.append(streamOf(id), {
      type: 'BreakGlassUsed', data: { breakGlassId: id, rules: kept.rules, until, by: kept.by, second }, content: { reason: kept.reason }, personal: { name: by.name },
    }, { actor: { kind: 'person', id: second }, expectedVersion: 1 });
    // Two agreed at the same instant: the first one counts.
    const agreed = result.ok ? { ...kept, second, until } : keptOf(id, await this.#deps.ledger.readStream(streamOf(id)));
    if (agreed === undefined) throw new Error(`The agreement could not be recorded: ${result.ok ? '' : result.reason}`);
    this.#kept.set(id, agreed);
    await this.#deps.changed();
    return { ok: true, breakGlass: this.#view(agreed) };
  }

  #known(id: string): Result {
    const kept = this.#kept.get(id);
    return kept === undefined ? { ok: false, code: 'break-glass-over', status: 'conflict', message: 'This is over; ask anew.' } : { ok: true, breakGlass: this.#view(kept) };
  }

  #mayNot(by: PersonIdentity): (Result & { ok: false }) | undefined {
    if (by.authMethod === 'token') return { ok: false, code: 'break-glass-token', status: 'forbidden', message: 'A program cannot do this with an API token; sign in as a person.' };
    const { site } = this.#deps.settings;
    return inScope(by, site) ? undefined : { ok: false, code: 'break-glass-site', status: 'forbidden', message: `Only people of the site ${site} may do this.` };
  }

  #view(kept: Kept): BreakGlassView {
    const now = this.#deps.clock.now();
    if (kept.until !== undefined) return { ...kept, state: now < Date.parse(kept.until) ? 'open' : 'over' };
    return { ...kept, state: now < Date.parse(kept.askedAt) + ASKED_MS ? 'asked' : 'over' };
  }
}

function streamOf(id: string): string {
  return `break-glass:${id}`;
}

function keptOf(id: string, events: readonly RecordedEvent[]): Kept | undefined {
  const [asked, used] = events;
  if (asked?.type !== 'BreakGlassAsked') return undefined;
  const { rules, hours, by } = asked.data;
  const agreed = used?.type === 'BreakGlassUsed' ? used.data : undefined;
  return { id, rules, hours, by, reason: asked.content?.reason ?? '', askedAt: asked.occurredAt, second: agreed?.second, until: agreed?.until };
}
