import type { Actor, CaseState, Json, ReservationClaim } from '../../domain/index.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Condition, Ledger, SignalRow, WaitRow } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity, ReportedEvent, ReportEvent } from '../api.ts';
import type { CaseExecutor } from '../case-executor.ts';
import { inScope } from '../people/refusals.ts';
import type { SiteLog } from '../site-log.ts';
import { systemActor } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import type { Counters } from '../support/counters.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { uuidv7 } from '../support/ids.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';
import { eventProblem } from './event-problem.ts';

const page = 100;
/** How soon the two sides are matched again when that failed, ms. */
const againMs = 1_000;
/** An id of the sender is reported once. */
const transportScope = 'event-id';
/** An event is taken by one case; one that is for every case, once by each. */
const takenScope = 'event-taken';
const keyScope = 'event-key';

/** Keyed hash under which the two sides meet. */
export function eventKeyHash(pseudonyms: Pseudonyms, site: string, name: string, key: string): string {
  return pseudonyms.reservation(keyScope, `${site}\0${name}\0${key}`);
}

/**
 * Brings events and the cases that wait for them together.
 *
 * Each side is durable before it looks for the other (`SignalReceived` on its own stream, `EventAwaited` on the case), so one of them
 * always sees the other, whatever ends in between; {@link recover} finds what a crash left apart. Taking is one commit on the case
 * that claims the event; its expiry claims the same, so it is either taken or expired, never both.
 */
export class Signals {
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #siteLog: SiteLog;
  readonly #pseudonyms: Pseudonyms;
  readonly #counters: Counters;
  readonly #clock: Clock;
  readonly #graceUntil: () => number;
  /** One event after the other, so that two matches of the same do not ask twice. */
  readonly #mailboxes = new Mailboxes();
  #again = false;
  #stopped = false;
  #matching = 0;

  constructor(options: {
    readonly ledger: Ledger; readonly executor: CaseExecutor; readonly siteLog: SiteLog; readonly pseudonyms: Pseudonyms; readonly counters: Counters; readonly clock: Clock;
    /** Until when deadlines are put off, ms since 1970. */
    readonly graceUntil: () => number;
  }) {
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#siteLog = options.siteLog;
    this.#pseudonyms = options.pseudonyms;
    this.#counters = options.counters;
    this.#clock = options.clock;
    this.#graceUntil = options.graceUntil;
  }

  /** How many events and waits are being matched. */
  get matching(): number {
    return this.#matching;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Durable when it resolves. A second report with the same id is the first one's, and is answered as it stands now. */
  async report(input: ReportEvent): Promise<Outcome<ReportedEvent>> {
    const wrong = eventProblem(input);
    if (wrong !== undefined) return { ok: false, ...wrong, status: 'invalid' };
    if ('userId' in input.by && !inScope(input.by, input.site)) {
      return { ok: false, code: 'site-not-yours', message: `The site ${input.site} is not among yours, so you report nothing there.`, status: 'forbidden' };
    }
    const signalId = uuidv7();
    const transport: ReservationClaim | undefined = input.id === undefined ? undefined
      : { scope: transportScope, keyHash: this.#pseudonyms.reservation(transportScope, `${input.site}\0${input.name}\0${input.id}`) };
    const result = await this.#siteLog.append(`signal:${signalId}`, {
      type: 'SignalReceived',
      data: {
        signalId, name: input.name, keyHash: eventKeyHash(this.#pseudonyms, input.site, input.name, input.key), broadcast: input.broadcast,
        expiresAt: new Date(this.#clock.now() + input.keepMs).toISOString(), ...(transport === undefined ? {} : { transport }),
      },
      content: { key: input.key, data: input.data },
    }, { site: input.site, actor: this.#actor(input.by), conditions: transport === undefined ? [] : [{ kind: 'free', ...transport }] });
    if (result.ok) {
      this.#counters.add('events_reported');
      return this.#answer(signalId, false);
    }
    if (result.reason !== 'reserved') throw new Error(`an event could not be recorded: ${result.reason}`);
    this.#counters.add('events_repeated');
    return this.#answer(result.holder.slice('signal:'.length), true);
  }

  async #answer(signalId: string, repeated: boolean): Promise<Outcome<ReportedEvent>> {
    await this.#match(signalId);
    const row = await this.#ledger.getSignal(signalId);
    const status = row === undefined || row.status === 'expired' ? 'expired' : row.status === 'taken' || row.taken > 0 ? 'taken' : 'kept';
    return { ok: true, signalId, status, repeated, taken: row?.taken ?? 0, caseId: row?.case_id ?? null, expiresAt: row?.expires_at ?? '' };
  }

  #actor(by: PersonIdentity | { readonly device: string }): Actor {
    return 'userId' in by ? { kind: 'person', id: this.#pseudonyms.person(by.userId) } : { kind: 'device', id: by.device };
  }

  /** What comes of an event that is on its stream: given to who waits for it. */
  async settle(signalId: string): Promise<SignalRow | undefined> {
    await this.#match(signalId);
    return this.#ledger.getSignal(signalId);
  }

  /** Claim of an event that one case takes. */
  takingOf(signalId: string): ReservationClaim {
    return { scope: takenScope, keyHash: this.#pseudonyms.reservation(takenScope, signalId) };
  }

  /** A case has begun to wait: what came before it and was kept. */
  async offer(state: CaseState, runId: string): Promise<void> {
    const wait = state.waits[runId];
    if (wait === undefined || wait.signalId !== undefined) return;
    const row: WaitRow = { run_id: runId, case_id: state.caseId, site: state.site, name: wait.name, key_hash: wait.keyHash, since: wait.since, due_at: wait.dueAt ?? null };
    await this.#guarded(async () => {
      for (const signal of await this.#ledger.signalsKept(row.site, row.name, row.key_hash, page)) {
        if (this.#fits(signal, row) && await this.#take(signal, row) === 'taken') return;
      }
    });
  }

  /** After every start of flows: what a crash or a standstill of the ledger left apart. */
  recover(): Promise<void> {
    return this.#guarded(async () => {
      let after = '';
      for (;;) {
        const rows = await this.#ledger.signalsAwaited(after, page);
        for (const row of rows) {
          await this.#match(row.signal_id);
          after = row.signal_id;
        }
        if (rows.length < page || this.#stopped) return;
      }
    });
  }

  /** Its time is over: whoever waited for it in time still gets it, then nobody. */
  async expire(signalId: string): Promise<void> {
    await this.#match(signalId);
    const row = await this.#ledger.getSignal(signalId);
    if (row === undefined || row.status !== 'kept') return;
    const claim = row.broadcast === 1 ? undefined : this.#claim(row, '');
    const result = await this.#siteLog.append(`signal:${signalId}`, { type: 'SignalExpired', data: { signalId, ...(claim === undefined ? {} : { claim }) } }, {
      site: row.site, expectedVersion: 1, conditions: claim === undefined ? [] : [{ kind: 'free', ...claim }],
    });
    if (result.ok && row.taken === 0) this.#counters.add('events_expired');
  }

  /** Gives an event to who waits for it: the one who waits longest, or all. */
  #match(signalId: string): Promise<void> {
    return this.#mailboxes.run(signalId, async () => {
      const signal = await this.#ledger.getSignal(signalId);
      if (signal?.status !== 'kept') return;
      let after: { since: string; runId: string } | undefined;
      for (;;) {
        const waits = await this.#ledger.waitsFor(signal.site, signal.name, signal.key_hash, after, page);
        for (const wait of waits) {
          after = { since: wait.since, runId: wait.run_id };
          if (!this.#fits(signal, wait)) continue;
          const took = await this.#take(signal, wait);
          if (took === 'gone' || (took === 'taken' && signal.broadcast === 0)) return;
        }
        if (waits.length < page) return;
      }
    });
  }

  /** It waited before the event expired; after a standstill the grace period counts as well. */
  #fits(signal: SignalRow, wait: WaitRow): boolean {
    return wait.since <= signal.expires_at || this.#clock.now() <= this.#graceUntil();
  }

  #claim(signal: SignalRow, caseId: string): ReservationClaim {
    return { scope: takenScope, keyHash: this.#pseudonyms.reservation(takenScope, signal.broadcast === 1 ? `${signal.signal_id}\0${caseId}` : signal.signal_id) };
  }

  /** `gone`: somebody else has it. `not-waiting`: this run has another one, or its time is over. */
  async #take(signal: SignalRow, wait: WaitRow): Promise<'taken' | 'gone' | 'not-waiting'> {
    const claim = this.#claim(signal, wait.case_id);
    const said = await this.#said(signal.signal_id);
    const conditions: readonly Condition[] = [{ kind: 'free', ...claim }];
    const result = await this.#executor.execute(wait.case_id, {
      actor: systemActor, causationId: signal.signal_id, conditions: () => conditions,
      commands: () => [{
        type: 'CorrelateEvent', runId: wait.run_id, signalId: signal.signal_id, name: signal.name, keyHash: signal.key_hash, broadcast: signal.broadcast === 1, claim, ...said,
        at: this.#executor.now(), graceUntil: new Date(this.#graceUntil()).toISOString(),
      }],
    });
    // One that is for every case was taken by this case before: another case is still asked.
    if (result.kind === 'reserved') return signal.broadcast === 1 ? 'not-waiting' : 'gone';
    if (result.kind !== 'accepted' || result.events.length === 0) return 'not-waiting';
    this.#counters.add('events_taken');
    return 'taken';
  }

  /** Key and data; nothing when they were erased. */
  async #said(signalId: string): Promise<{ readonly key?: string; readonly data?: Json }> {
    const [event] = await this.#ledger.readStream(`signal:${signalId}`);
    return event?.type === 'SignalReceived' && event.content !== undefined ? event.content : {};
  }

  /** Nothing is lost when the ledger cannot answer: both sides are durable, and are matched again soon. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    this.#matching += 1;
    try {
      await work();
    } catch (error) {
      if (this.#stopped || (error instanceof LedgerError && error.code === 'closed')) return;
      once('signals', `Events and the cases that wait for them could not be matched and are tried again: ${String(error)}`);
      if (this.#again) return;
      this.#again = true;
      this.#clock.setTimeout(() => {
        this.#again = false;
        void this.recover();
      }, againMs);
    } finally {
      this.#matching -= 1;
    }
  }
}
