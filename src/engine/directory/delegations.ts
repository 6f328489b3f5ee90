import type { Delegation, DelegationParty } from '../../domain/delegation/index.ts';
import { endDelegation, grantDelegation, isActive } from '../../domain/delegation/index.ts';
import type { Decision, RefusalCode } from '../../domain/decision.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { DelegationRow, Ledger, Page, PageRequest } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import { RefusalLog } from '../refusal-log.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';
import { uuidv7 } from '../support/ids.ts';
import type { DelegationLookup, Directory } from './directory.ts';

/** What a person asks for. Persons are account ids; what is left out is all, or now. */
export interface GrantInput {
  /** Who is to be away; who asks, when absent. */
  readonly from?: string;
  readonly to: string;
  readonly roles?: readonly string[];
  readonly sites?: readonly string[];
  readonly fromTime?: string;
  readonly toTime: string;
  readonly reason?: string;
  readonly by: PersonIdentity;
  /** Whoever asks looks after the account of the delegator. */
  readonly manages: boolean;
  readonly commandKey?: string;
}

export interface EndInput { readonly delegationId: string; readonly by: PersonIdentity; readonly manages: boolean }

/** Delegations that are looked at for circles. */
const mostLiving = 10_000;

const forbidden: ReadonlySet<RefusalCode> = new Set(['delegation-of-other']);
const conflicts: ReadonlySet<RefusalCode> = new Set(['delegation-circular', 'delegation-too-many', 'delegation-over']);

function refusal(code: RefusalCode): Outcome & { ok: false } {
  const status = code === 'delegation-unknown' ? 'not-found' : forbidden.has(code) ? 'forbidden' : conflicts.has(code) ? 'conflict' : 'invalid';
  return { ok: false, code, message: refusalText[code], status };
}

function idOf(streamId: string): string {
  return streamId.slice('delegation:'.length);
}

/** The times as events have them; undefined when one is none. */
function instantsOf({ fromTime, toTime }: GrantInput): { readonly fromTime?: string; readonly toTime: string } | undefined {
  const [from, to] = [fromTime ?? toTime, toTime].map((time) => new Date(time));
  if (from === undefined || to === undefined || Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return undefined;
  return { toTime: to.toISOString(), ...(fromTime === undefined ? {} : { fromTime: from.toISOString() }) };
}

/** A row as the rules know it. */
export function delegationOf(row: DelegationRow): Delegation {
  return {
    delegationId: row.delegation_id, from: row.from_person, to: row.to_person, roles: JSON.parse(row.roles) as string[], sites: JSON.parse(row.sites) as string[],
    fromTime: row.from_time, toTime: row.to_time, ended: row.ended_at !== null,
  };
}

/** Who acts for whom. Every grant, end and refusal is in the ledger; one command at a time, so that two cannot make a circle together. */
export class Delegations implements DelegationLookup {
  readonly #ledger: Ledger;
  readonly #siteLog: SiteLog;
  readonly #clock: Clock;
  readonly #pseudonym: (userId: string) => string;
  readonly #directory: () => Directory;
  readonly #longestDays: () => number;
  readonly #mailbox = new Mailboxes();
  readonly #refusals: RefusalLog;

  constructor(options: {
    readonly ledger: Ledger; readonly siteLog: SiteLog; readonly clock: Clock; readonly pseudonym: (userId: string) => string;
    readonly directory: () => Directory; readonly longestDays: () => number;
  }) {
    this.#ledger = options.ledger;
    this.#siteLog = options.siteLog;
    this.#clock = options.clock;
    this.#refusals = new RefusalLog(options.siteLog, options.clock);
    this.#pseudonym = options.pseudonym;
    this.#directory = options.directory;
    this.#longestDays = options.longestDays;
  }

  grant(input: GrantInput): Promise<Outcome<{ readonly delegationId: string }>> {
    return this.#one<{ readonly delegationId: string }>(async () => {
      const done = input.commandKey === undefined ? undefined : await this.#ledger.findCommand(input.commandKey);
      if (done !== undefined) return { ok: true, delegationId: idOf(done.streamId) };
      const times = instantsOf(input);
      if (times === undefined) return { ok: false, code: 'time-invalid', status: 'invalid', message: 'The delegation has a time that is none; write it as 2026-12-24T08:00:00.000Z.' };
      const delegationId = uuidv7(this.#clock.now());
      const by = this.#pseudonym(input.by.userId);
      const [from, to] = await Promise.all([this.#party(input.from ?? input.by.userId), this.#party(input.to)]);
      const at = this.#clock.iso();
      const others = (await this.#ledger.livingDelegations(at, mostLiving)).map(delegationOf);
      const decision = grantDelegation(others, {
        delegationId, from, to, by, manages: input.manages, roles: input.roles ?? [], sites: input.sites ?? [], at, ...times,
        longestMs: this.#longestDays() * 86_400_000, ...(input.by.authMethod === 'mail-link' ? { authMethod: 'mail-link' } : {}),
        ...(from === undefined || to === undefined ? {} : { personal: { fromName: from.name, toName: to.name, ...(input.reason === undefined ? {} : { reason: input.reason }) } }),
      });
      const recorded = await this.#record(decision, `delegation:${delegationId}`, 0, input.by, input.commandKey);
      return recorded.ok ? { ok: true, delegationId: idOf(recorded.streamId) } : recorded;
    });
  }

  end({ delegationId, by, manages }: EndInput): Promise<Outcome> {
    return this.#one<object>(async () => {
      const row = await this.#ledger.getDelegation(delegationId);
      const decision = endDelegation(row === undefined ? undefined : delegationOf(row), { by: this.#pseudonym(by.userId), manages, at: this.#clock.iso() });
      const recorded = await this.#record(decision, `delegation:${delegationId}`, 1, by);
      return recorded.ok ? { ok: true } : recorded;
    });
  }

  get(delegationId: string): Promise<DelegationRow | undefined> {
    return this.#ledger.getDelegation(delegationId);
  }
  /** Of one person (account id) either way, or all; those that are over only when asked for. */
  list(filter: { readonly userId?: string; readonly over: boolean }, page: PageRequest): Promise<Page<DelegationRow>> {
    return this.#ledger.listDelegations({
      ...(filter.userId === undefined ? {} : { person: this.#pseudonym(filter.userId) }), ...(filter.over ? {} : { livingAt: this.#clock.iso() }),
    }, page);
  }
  async activeTo(pseudonym: string, at: string): Promise<readonly Delegation[]> {
    return (await this.#ledger.livingDelegations(at, mostLiving, pseudonym)).map(delegationOf).filter((each) => isActive(each, at));
  }

  async #party(userId: string): Promise<(DelegationParty & { readonly name: string }) | undefined> {
    const member = await this.#directory().person(userId);
    return member === undefined ? undefined : { person: member.pseudonym, name: member.name, roles: member.roles, sites: member.sites, disabled: false };
  }

  async #record(decision: Decision, streamId: string, expectedVersion: number, by: PersonIdentity, commandKey?: string): Promise<{ readonly ok: true; readonly streamId: string } | (Outcome & { ok: false })> {
    const actor = { kind: 'person' as const, id: this.#pseudonym(by.userId) };
    if (decision.kind === 'refused') {
      await this.#refusals.record(decision, by, actor);
      return refusal(decision.code);
    }
    const [event] = decision.events;
    if (event === undefined) throw new Error('a delegation was accepted without an event');
    return { ok: true, streamId: await this.#siteLog.record('delegation', event, { streamId, expectedVersion, actor, ...(commandKey === undefined ? {} : { commandKey }) }) };
  }

  #one<T extends object>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    return this.#mailbox.run('delegations', async () => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        once('delegations', `A delegation could not be recorded: ${error.message}`);
        return { ok: false, code: 'ledger-unavailable', message: `It could not be confirmed that this was recorded; look at the list, then try again. ${error.message}`, status: 'unavailable' };
      }
    });
  }
}
