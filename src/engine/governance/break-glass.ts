import type { OpenBreakGlass } from '../../governance/gate/judge.ts';
import type { GateStore } from '../../governance/gate/store.ts';
import type { AnyEvent, RecordedEvent } from '../../domain/index.ts';
import type { AccountStore } from '../../ledger/accounts-port.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity, WaybillSettings } from '../api.ts';
import { inScope } from '../people/refusals.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { uuidv7 } from '../support/ids.ts';
import { Looks } from '../support/looks.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';
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

type Kept = Omit<BreakGlassView, 'state'> & { readonly ended: boolean };
type Result = Outcome<{ readonly breakGlass: BreakGlassView }>;
type Refusal = Result & { readonly ok: false };

/** How often it is looked whether something has ended. */
const LOOK_MS = 5_000;
/** How long what is over is remembered, for its review. */
const REMEMBERED_MS = 30 * 24 * HOUR_MS;
const over: Refusal = { ok: false, code: 'break-glass-over', status: 'conflict', message: 'This is over; ask anew.' };
const unknown: Refusal = { ok: false, code: 'break-glass-unknown', status: 'not-found', message: 'There is no such request; ask for one, and have a second person agree within the hour.' };

/** Two people of the site let deploys pass named rules for some hours. What holds is what the ledger says. */
export class BreakGlass implements BreakGlassPort {
  readonly #deps: BreakGlassDeps;
  readonly #kept = new Map<string, Kept>();
  readonly #looks = new Looks(LOOK_MS, () => this.#look().catch((error: unknown) => {
    if (!(error instanceof LedgerError)) once('break-glass-ends', `That break-glass has ended could not be recorded, and is again in a moment: ${String(error)}`);
  }));
  /** One after the other: two who ask at once would write over each other's note of what is open. */
  readonly #mailbox = new Mailboxes();
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
  start(): void {
    this.#looks.start();
  }
  stop(): void {
    this.#looks.stop();
  }
  /** Records what has ended by itself, and has what runs judged without it. Never rejects. */
  look(): Promise<void> {
    return this.#looks.now();
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

  ask(input: { readonly rules: readonly string[]; readonly reason: string; readonly hours: number; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Result> {
    return this.#inTurn(async () => {
      const { rules, reason, hours, by, commandKey } = input;
      const done = commandKey === undefined ? undefined : await this.#deps.ledger.findCommand(commandKey);
      if (done !== undefined) return this.#known(idOf(done.streamId));
      const problem = this.#mayNot(by) ?? this.#holdsAlready(rules);
      if (problem !== undefined) return problem;
      const id = uuidv7();
      const person = this.#deps.pseudonym(by.userId);
      // First the id: what the ledger does not know holds nothing.
      await this.#deps.store.keepBreakGlassIds([...[...this.#kept.values()].filter((kept) => this.#isRemembered(kept)).map((kept) => kept.id), id]);
      const result = await this.#deps.siteLog.append(streamOf(id), { type: 'BreakGlassAsked', data: { breakGlassId: id, rules, hours, by: person }, content: { reason }, personal: { name: by.name } }, { actor: { kind: 'person', id: person }, ...(commandKey === undefined ? {} : { commandKey }) });
      if (!result.ok && result.reason === 'duplicate-command') return this.#known(idOf(result.streamId));
      if (!result.ok) throw new Error(`The request could not be recorded: ${result.reason}`);
      const kept: Kept = { id, rules, hours, reason, by: person, second: undefined, askedAt: this.#deps.clock.iso(), until: undefined, ended: false };
      this.#kept.set(id, kept);
      return { ok: true, breakGlass: this.#view(kept) };
    });
  }

  agree({ id, by }: { readonly id: string; readonly by: PersonIdentity }): Promise<Result> {
    return this.#inTurn(async () => {
      const problem = this.#mayNot(by);
      const kept = this.#kept.get(id);
      if (problem !== undefined || kept === undefined) return problem ?? unknown;
      const view = this.#view(kept);
      const second = this.#deps.pseudonym(by.userId);
      if (second === kept.by) return { ok: false, code: 'break-glass-same-person', status: 'forbidden', message: 'You asked for it yourself; a second person of the site has to agree.' };
      if (view.state === 'open') return { ok: true, breakGlass: view };
      if (view.state === 'over') return over;
      const held = this.#holdsAlready(kept.rules);
      if (held !== undefined) return held;
      const until = new Date(this.#deps.clock.now() + kept.hours * HOUR_MS).toISOString();
      return this.#append(id, 1, {
        type: 'BreakGlassUsed', data: { breakGlassId: id, rules: kept.rules, until, by: kept.by, second }, content: { reason: kept.reason }, personal: { name: by.name },
      }, second);
    });
  }

  /** Before its time: one person is enough for what makes the site stricter. Of what nobody has agreed to it takes the request back. */
  end({ id, by }: { readonly id: string; readonly by: PersonIdentity }): Promise<Result> {
    return this.#inTurn(async () => {
      const problem = this.#mayNot(by);
      const kept = this.#kept.get(id);
      if (problem !== undefined || kept === undefined) return problem ?? unknown;
      const view = this.#view(kept);
      if (view.state === 'over') return { ok: true, breakGlass: view };
      const person = this.#deps.pseudonym(by.userId);
      return this.#append(id, kept.second === undefined ? 1 : 2, { type: 'BreakGlassEnded', data: { breakGlassId: id, how: 'person', by: person } }, person);
    });
  }

  async #append(id: string, expectedVersion: number, event: AnyEvent, person: string): Promise<Result> {
    const result = await this.#deps.siteLog.append(streamOf(id), event, { actor: { kind: 'person', id: person }, expectedVersion });
    // At once, as its review is asked for as soon as it is recorded. When somebody else was first, the ledger has it.
    const before = this.#kept.get(id);
    const kept = result.ok && before !== undefined ? after(before, event) : keptOf(id, await this.#deps.ledger.readStream(streamOf(id)));
    if (kept === undefined) throw new Error(`The ledger has no request ${id}`);
    this.#kept.set(id, kept);
    await this.#deps.changed();
    const view = this.#view(kept);
    return view.state === 'over' && event.type === 'BreakGlassUsed' ? over : { ok: true, breakGlass: view };
  }

  async #look(): Promise<void> {
    const now = this.#deps.clock.now();
    for (const kept of this.#kept.values()) {
      if (kept.ended || this.#view(kept).state !== 'over') continue;
      const how = kept.second === undefined ? 'not-agreed' : 'time';
      const result = await this.#deps.siteLog.append(streamOf(kept.id), { type: 'BreakGlassEnded', data: { breakGlassId: kept.id, how } }, { expectedVersion: kept.second === undefined ? 1 : 2 });
      const recorded = result.ok ? undefined : keptOf(kept.id, await this.#deps.ledger.readStream(streamOf(kept.id)));
      this.#kept.set(kept.id, recorded ?? { ...kept, ended: true });
      if (how === 'time') await this.#deps.changed();
    }
    for (const [id, kept] of this.#kept) if (now - Date.parse(kept.askedAt) > REMEMBERED_MS && kept.ended) this.#kept.delete(id);
  }

  #isRemembered(kept: Kept): boolean {
    return this.#view(kept).state !== 'over' || (kept.second !== undefined && this.#deps.clock.now() - Date.parse(kept.askedAt) < REMEMBERED_MS);
  }

  /** A second one for the same rules would only make the first one longer, without its reason. */
  #holdsAlready(rules: readonly string[]): Refusal | undefined {
    const holding = this.open().find((each) => rules.every((rule) => each.rules.includes(rule)));
    return holding === undefined ? undefined : {
      ok: false, code: 'break-glass-holds', status: 'conflict', message: `Deploys pass these rules already, until ${holding.until.slice(0, 16).replace('T', ' ')} UTC; ask anew when that is over.`,
    };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#mailbox.run('break-glass', work);
  }

  #known(id: string): Result {
    const kept = this.#kept.get(id);
    return kept === undefined ? over : { ok: true, breakGlass: this.#view(kept) };
  }

  #mayNot(by: PersonIdentity): Refusal | undefined {
    if (by.authMethod === 'token') return { ok: false, code: 'break-glass-token', status: 'forbidden', message: 'A program cannot do this with an API token; sign in as a person.' };
    const { site } = this.#deps.settings;
    return inScope(by, site) ? undefined : { ok: false, code: 'break-glass-site', status: 'forbidden', message: `Only people of the site ${site} may do this.` };
  }

  #view({ ended, ...kept }: Kept): BreakGlassView {
    const now = this.#deps.clock.now();
    const holds = now < (kept.until === undefined ? Date.parse(kept.askedAt) + ASKED_MS : Date.parse(kept.until));
    return { ...kept, state: ended || !holds ? 'over' : kept.until === undefined ? 'asked' : 'open' };
  }
}

function streamOf(id: string): string {
  return `break-glass:${id}`;
}
function idOf(streamId: string): string {
  return streamId.replace(/^break-glass:/, '');
}

function keptOf(id: string, events: readonly RecordedEvent[]): Kept | undefined {
  const [asked] = events;
  if (asked?.type !== 'BreakGlassAsked') return undefined;
  const { rules, hours, by } = asked.data;
  const fresh: Kept = { id, rules, hours, by, reason: asked.content?.reason ?? '', askedAt: asked.occurredAt, second: undefined, until: undefined, ended: false };
  return events.reduce<Kept>(after, fresh);
}

function after(kept: Kept, event: AnyEvent): Kept {
  if (event.type === 'BreakGlassUsed') return { ...kept, second: event.data.second, until: event.data.until };
  return event.type === 'BreakGlassEnded' ? { ...kept, ended: true } : kept;
}
