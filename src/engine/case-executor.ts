import { absentCase, decide, evolve } from '../domain/index.ts';
import type { Actor, AnyEvent, CaseCommand, CaseEvent, CaseState, RefusalCode } from '../domain/index.ts';
import type { AppendResult, Condition, Ledger, NewEvent } from '../ledger/port.ts';
import { classified } from './exception-classes.ts';
import type { ClassOverrides } from './exception-classes.ts';
import type { EngineTuning } from './settings.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { CaseCache } from './support/case-cache.ts';
import { Mailboxes } from './support/mailboxes.ts';
import type { Counters } from './support/counters.ts';
import { uuidv7 } from './support/ids.ts';

/** Commands of one transaction: all become durable together, or none does. */
export interface Transaction {
  readonly actor: Actor;
  /** Called with the state as it is; called again after a conflict. */
  readonly commands: (state: CaseState) => readonly CaseCommand[] | Promise<readonly CaseCommand[]>;
  readonly conditions?: (state: CaseState) => readonly Condition[];
  readonly commandKey?: string;
  readonly occurredAt?: string;
  readonly clockSource?: 'server' | 'device';
  readonly causationId?: string;
  readonly parentCaseId?: string;
  readonly site?: string;
}

export type Execution =
  | { readonly kind: 'accepted'; readonly state: CaseState; readonly events: readonly AnyEvent[]; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly state: CaseState; readonly events: readonly AnyEvent[] }
  | { readonly kind: 'reserved'; readonly scope: string; readonly holder: string }
  | { readonly kind: 'duplicate-command' };

interface Decided { readonly events: readonly AnyEvent[]; readonly refused: RefusalCode | undefined; readonly notes: readonly string[]; readonly command: string }

/** How often a command is decided anew because what it was decided on has changed. */
const maxTries = 100;
/** How often commands may follow from what followed. */
const maxFollowing = 5;

/** Only a case with a policy of escalation has something that follows. */
function mayFollow(before: CaseState, events: readonly AnyEvent[]): boolean {
  return Object.keys(before.arms).length > 0 || events.some((event) => event.type === 'EscalationArmed');
}

/** Load → decide → append, one mailbox per case, states cached with a bound. */
export class CaseExecutor {
  readonly #ledger: Ledger;
  readonly #cache: CaseCache;
  readonly #mailboxes = new Mailboxes();
  /** Cases that want a reservation which moved under them: one after the other. */
  readonly #contended = new Mailboxes();
  readonly #counters: Counters;
  readonly #tuning: EngineTuning;
  readonly #clock: Clock;
  readonly #defaults: { readonly site: string; readonly legalEntity: string };
  readonly #legalEntityOf: (site: string) => string;
  readonly #classes: ClassOverrides;
  readonly #refusals = new Map<string, { minute: number; count: number }>();
  readonly #committed: (state: CaseState, events: readonly AnyEvent[], position: number) => void;
  readonly #follow: (state: CaseState, events: readonly AnyEvent[], at: string) => readonly CaseCommand[];
  epoch = 0;
  /** When the ledger recorded last, as far as this process knows. */
  ledgerTime = '';

  constructor(options: {
    readonly ledger: Ledger; readonly tuning: EngineTuning; readonly counters: Counters;
    readonly defaults: { readonly site: string; readonly legalEntity: string };
    /** How classes of exceptions are raised here. */
    readonly classes?: ClassOverrides;
    /** Legal entity of a site, for new cases; the default one's when absent. */
    readonly legalEntityOf?: (site: string) => string;
    readonly clock?: Clock;
    /** Commands that follow from what was decided, in the same commit; called again until there are none. */
    readonly follow?: (state: CaseState, events: readonly AnyEvent[], at: string) => readonly CaseCommand[];
    /** Called after every commit with the new state, its events and the position of the last one, in commit order per case. */
    readonly onCommitted: (state: CaseState, events: readonly AnyEvent[], position: number) => void;
  }) {
    this.#ledger = options.ledger;
    this.#tuning = options.tuning;
    this.#counters = options.counters;
    this.#clock = options.clock ?? systemClock;
    this.#defaults = options.defaults;
    this.#classes = options.classes ?? {};
    this.#legalEntityOf = options.legalEntityOf ?? (() => options.defaults.legalEntity);
    this.#cache = new CaseCache(options.tuning.cachedCases);
    this.#committed = options.onCommitted;
    this.#follow = options.follow ?? (() => []);
  }

  get mailboxes(): number {
    return this.#mailboxes.size + this.#contended.size;
  }
  get cached(): number {
    return this.#cache.size;
  }

  /** Now, ISO 8601, never before what the ledger recorded: a clock that is set back makes no deadline good again (PROTOCOL §7). */
  now(): string {
    const wall = this.#clock.iso();
    return wall > this.ledgerTime ? wall : this.ledgerTime;
  }

  /** State of a case, `absent` when there is none. */
  async load(caseId: string): Promise<CaseState> {
    const cached = this.#cache.get(caseId);
    if (cached !== undefined) return cached;
    const events = await this.#ledger.readStream(caseId);
    let state = absentCase;
    for (const event of events) state = evolve(state, event as CaseEvent);
    // A commit may have come while the stream was read: what it left in the cache is newer.
    const newer = this.#cache.get(caseId);
    if (newer !== undefined && newer.version >= state.version) return newer;
    if (state.status !== 'absent') this.#cache.put(state);
    return state;
  }

  /** State after what is being committed now: never behind a row that a reader has seen already. */
  settled(caseId: string): Promise<CaseState> {
    return this.#mailboxes.run(caseId, () => this.load(caseId));
  }

  /** Resolves after the commit. Rejects with LedgerError when the ledger cannot take it. */
  execute(caseId: string, transaction: Transaction): Promise<Execution> {
    return this.#mailboxes.run(caseId, () => this.#execute(caseId, transaction, 0));
  }

  /**
   * For a case id made just now: nothing to load, nobody else knows it. Its state is not kept, see {@link keep}: of a burst of new
   * cases most wait in the ledger, and states that outlive a collection of young objects only to be dropped cost more than to read them.
   */
  executeNew(caseId: string, transaction: Transaction): Promise<Execution> {
    return this.#mailboxes.run(caseId, () => this.#attempt(caseId, absentCase, transaction, 0, false));
  }

  /** Keeps the state of a case that goes on at once. */
  keep(state: CaseState): void {
    const kept = this.#cache.get(state.caseId);
    if (kept === undefined || kept.version < state.version) this.#cache.put(state);
  }

  async #execute(caseId: string, transaction: Transaction, tries: number): Promise<Execution> {
    return this.#attempt(caseId, await this.load(caseId), transaction, tries);
  }

  async #attempt(caseId: string, before: CaseState, transaction: Transaction, tries: number, keep = true): Promise<Execution> {
    const commands = await transaction.commands(before);
    const decided = this.#decide(before, commands, caseId, transaction);
    // A repeat of a command that was carried out finds its task decided; it is answered as what it is, not as a refusal.
    if (decided.refused !== undefined && transaction.commandKey !== undefined && await this.#ledger.findCommand(transaction.commandKey) !== undefined) {
      return { kind: 'duplicate-command' };
    }
    const recorded = (decided.refused === undefined ? decided.events : this.#limitRefusals(decided.events, transaction.actor, before)).map((event) => classified(event, this.#classes));
    if (recorded.length === 0) {
      // An answer that records nothing is checked against the ledger, not the cache (PROTOCOL §5).
      if (before.version > 0 && tries < maxTries && (await this.#ledger.readStream(caseId, before.version + 1)).length > 0) {
        this.#cache.drop(caseId);
        return this.#execute(caseId, transaction, tries + 1);
      }
      return this.#answer(decided, before, []);
    }
    const conditions = decided.refused === undefined ? transaction.conditions?.(before) : undefined;
    let result: AppendResult;
    try {
      result = await this.#ledger.append({
        streamId: caseId, expectedVersion: before.version,
        events: this.#envelop(recorded, caseId, before, transaction, decided.command),
        ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
        ...(transaction.commandKey === undefined || decided.refused !== undefined ? {} : { commandKey: transaction.commandKey }),
      });
    } catch (error) {
      // Not acknowledged does not mean not durable: what the cache holds may be behind the ledger now.
      this.#cache.drop(caseId);
      throw error;
    }
    if (result.ok) {
      if (result.recordedAt > this.ledgerTime) this.ledgerTime = result.recordedAt;
      let state = before;
      for (const event of recorded) state = this.#evolve(state, event, caseId, transaction, result.recordedAt);
      // A closed case is asked for rarely; the open ones need the room.
      if (state.status !== 'open') this.#cache.drop(caseId);
      else if (keep) this.#cache.put(state);
      this.#committed(state, recorded, result.lastPosition);
      return this.#answer(decided, state, recorded);
    }
    return this.#conflict(caseId, result, transaction, tries);
  }

  async #conflict(caseId: string, result: Exclude<AppendResult, { ok: true }>, transaction: Transaction, tries: number): Promise<Execution> {
    switch (result.reason) {
      case 'duplicate-command': return { kind: 'duplicate-command' };
      case 'reserved': return { kind: 'reserved', scope: result.scope, holder: result.holder };
      case 'version-conflict':
      case 'reservation-moved':
        if (tries >= maxTries) throw new Error(`case ${caseId} changed ${tries} times while a command was decided`);
        this.#counters.add('conflicts');
        if (result.reason === 'version-conflict') this.#cache.drop(caseId);
        else if (tries === 0) return this.#contended.run(`${result.scope}\0${result.keyHash}`, () => this.#execute(caseId, transaction, 1));
        // Whoever has had a turn does not queue again, so that nobody waits in a circle.
        return this.#execute(caseId, transaction, tries + 1);
    }
  }

  #decide(before: CaseState, commands: readonly CaseCommand[], caseId: string, transaction: Transaction): Decided {
    let state = before;
    const events: AnyEvent[] = [];
    const notes: string[] = [];
    const last: AnyEvent[] = [];
    const now = this.#clock.iso();
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i] as CaseCommand;
      const decision = decide(state, command);
      if (decision.kind === 'refused') return { events: decision.events, refused: decision.code, notes, command: command.type };
      if (decision.note !== undefined) notes.push(decision.note);
      for (const event of decision.events) {
        events.push(event);
        if (i < commands.length - 1) state = this.#evolve(state, event, caseId, transaction, now);
        else last.push(event);
      }
    }
    if (mayFollow(before, events)) this.#decideFollowing(last.reduce((next, event) => this.#evolve(next, event, caseId, transaction, now), state), events, caseId, transaction);
    return { events, refused: undefined, notes, command: commands[0]?.type ?? '' };
  }

  /** What follows is never refused for the whole: one that does not fit any more is left out. */
  #decideFollowing(before: CaseState, events: AnyEvent[], caseId: string, transaction: Transaction): void {
    let state = before;
    let seen = 0;
    for (let round = 0; round < maxFollowing && events.length > seen; round += 1) {
      const fresh = events.slice(seen);
      seen = events.length;
      for (const command of this.#follow(state, fresh, this.now())) {
        const decision = decide(state, command);
        if (decision.kind === 'refused') continue;
        for (const event of decision.events) {
          events.push(event);
          state = this.#evolve(state, event, caseId, transaction, this.now());
        }
      }
    }
  }

  #evolve(state: CaseState, event: AnyEvent, caseId: string, transaction: Transaction, recordedAt: string): CaseState {
    return evolve(state, {
      ...event, epoch: this.epoch, recordedAt, streamId: caseId, site: state.site === '' ? transaction.site ?? this.#defaults.site : state.site,
      legalEntity: this.#legalEntity(state, transaction),
      ...(transaction.parentCaseId === undefined ? {} : { parentCaseId: transaction.parentCaseId }),
    });
  }

  /** A case keeps the legal entity that it was opened with. */
  #legalEntity(state: CaseState, transaction: Transaction): string {
    if (state.status !== 'absent') return state.legalEntity ?? this.#defaults.legalEntity;
    return this.#legalEntityOf(transaction.site ?? this.#defaults.site);
  }

  #answer(decided: Decided, state: CaseState, events: readonly AnyEvent[]): Execution {
    return decided.refused === undefined
      ? { kind: 'accepted', state, events, notes: decided.notes }
      : { kind: 'refused', code: decided.refused, state, events };
  }

  /** Refusals are events, rate-limited per actor (PROTOCOL §5); a refusal about no case is counted by the caller. */
  #limitRefusals(events: readonly AnyEvent[], actor: Actor, state: CaseState): readonly AnyEvent[] {
    this.#counters.add('commands_refused');
    if (state.status === 'absent') return [];
    const minute = Math.floor(Date.now() / 60_000);
    const seen = this.#refusals.get(actor.id);
    const count = seen?.minute === minute ? seen.count + 1 : 1;
    if (this.#refusals.size > 10_000) this.#refusals.clear();
    this.#refusals.set(actor.id, { minute, count });
    if (count <= this.#tuning.refusalsPerMinute) return events;
    this.#counters.add('refusals_not_recorded');
    return events.filter((e) => e.type !== 'CommandRefused');
  }

  /** Events of one commit, at one time. */
  #envelop(events: readonly AnyEvent[], caseId: string, state: CaseState, transaction: Transaction, command: string): NewEvent[] {
    const occurredAt = transaction.occurredAt ?? this.#clock.iso();
    const clockSource = transaction.clockSource ?? 'server';
    const site = state.site === '' ? transaction.site ?? this.#defaults.site : state.site;
    const legalEntity = this.#legalEntity(state, transaction);
    const rootCaseId = state.rootCaseId === '' ? caseId : state.rootCaseId;
    const parentCaseId = transaction.parentCaseId ?? state.parentCaseId;
    const { actor, causationId } = transaction;
    return events.map((event, i) => {
      const opened = event.type === 'CaseOpened' ? event.data : undefined;
      // One shape for all: what is undefined is left out of the leaf.
      return {
        type: event.type, data: event.data, content: event.content, personal: event.personal, address: event.address, tokenId: event.tokenId, attempt: event.attempt,
        policyVersion: event.policyVersion, paramsHash: event.paramsHash, reasonCode: event.reasonCode,
        eventId: uuidv7(), streamId: caseId, version: state.version + 1 + i, caseId, site, legalEntity,
        family: opened?.process ?? state.process, template: opened?.template ?? state.template,
        rootCaseId, parentCaseId, epoch: this.epoch, occurredAt, clockSource, actor, command, correlationId: caseId, causationId,
      } satisfies Record<keyof NewEvent, unknown> as NewEvent;
    });
  }
}
