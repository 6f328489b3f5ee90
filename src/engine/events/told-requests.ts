import type { Json, ReservationClaim, ToldRequest } from '../../domain/index.ts';
import type { RecordedEvent } from '../../domain/envelope.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Condition, Ledger, WaitRow } from '../../ledger/port.ts';
import type { CaseExecutor } from '../case-executor.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import type { Counters } from '../support/counters.ts';
import type { Pseudonyms } from '../support/hashing.ts';
import { uuidv7 } from '../support/ids.ts';
import { eventKeyHash } from './signals.ts';
import type { Signals } from './signals.ts';

/** Waits that are looked at to find out whether one case waits, or several. */
const most = 20;
/** How often cases are looked for anew because the one that waited has stopped. */
const maxTries = 5;

/** A request of another system that is about a case that waits. */
export interface TellCase {
  readonly site: string;
  /** What the case waits for, and the key that it waits with. */
  readonly name: string; readonly key: string;
  readonly data: Json;
  readonly request: ToldRequest;
  /** Absent: its caller is told which case has it. */
  readonly answer?: Json;
  /** How long it is kept for a case that does not wait yet, ms; absent: a case has to wait now. */
  readonly keepMs?: number;
}

/** A request that was told, as the ledger has it. */
export interface ToldState {
  readonly request: ToldRequest;
  /** Id of the event that it is for cases. */
  readonly signalId: string;
  /** `kept`: no case has waited for it yet. `expired`: none has in time. */
  readonly status: 'told' | 'kept' | 'expired';
  readonly caseId?: string;
  /** Absent when there is none of its own, and when it was erased. */
  readonly answer?: Json;
  readonly expiresAt?: string;
}

/** Nothing was recorded: no case waits, or more than one. */
export interface NobodyTold { readonly kind: 'none' | 'several' }
export type Telling =
  | { readonly kind: 'recorded' | 'repeated'; readonly state: ToldState }
  | NobodyTold
  /** The key stands for what opened this case. */
  | { readonly kind: 'opened'; readonly caseId: string };

interface Parts { readonly ledger: Ledger; readonly executor: CaseExecutor; readonly siteLog: SiteLog; readonly signals: Signals; readonly pseudonyms: Pseudonyms; readonly counters: Counters; readonly clock: Clock; readonly graceUntil: () => number }

const free = (claims: readonly ReservationClaim[]): readonly Condition[] => claims.map((claim) => ({ kind: 'free', ...claim }));

/**
 * Brings requests of other systems to the cases that they are about. Where a case waits, the key of the request, its coming and its
 * answer are one commit on that case; where none does, key and answer are one commit on a stream of the event that is kept.
 */
export class ToldRequests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Durable when it resolves. Rejects with LedgerError when it cannot be. */
  async tell(input: TellCase): Promise<Telling> {
    const { claim } = input.request;
    const keyHash = eventKeyHash(this.#parts.pseudonyms, input.site, input.name, input.key);
    for (let tries = 0; tries < maxTries; tries += 1) {
      const waits = await this.#waits(input, keyHash);
      // Looked for after the waits: whoever ended one of them under this key has recorded that before.
      const known = await this.under(claim);
      if (known !== undefined) return known;
      const [wait] = waits;
      if (new Set(waits.map(({ case_id: caseId }) => caseId)).size > 1) return { kind: 'several' };
      if (wait === undefined) return input.keepMs === undefined ? { kind: 'none' } : this.#keep(input, keyHash, input.keepMs);
      const told = await this.#give(input, keyHash, wait);
      if (told !== undefined) return told;
    }
    throw new LedgerError('unavailable', 'Cases stop waiting while a request is told to them.');
  }

  /** What stands under the key of a request; undefined when nothing does. */
  async under(claim: ReservationClaim): Promise<Telling | undefined> {
    const known = await this.#parts.ledger.getReservation(claim.scope, claim.keyHash);
    return known === undefined ? undefined : this.#known(known.holder, claim);
  }

  /** The request of an event that is kept, or was; undefined when it is of no request. */
  async state(signalId: string): Promise<ToldState | undefined> {
    const [event] = await this.#parts.ledger.readStream(`signal:${signalId}`);
    return event === undefined ? undefined : this.#stateOf(event);
  }

  async #waits({ site, name }: TellCase, keyHash: string): Promise<readonly WaitRow[]> {
    const now = this.#parts.executor.now();
    const grace = new Date(this.#parts.graceUntil()).toISOString();
    const waits = await this.#parts.ledger.waitsFor(site, name, keyHash, undefined, most);
    return waits.filter(({ due_at: dueAt }) => dueAt === null || now <= dueAt || now <= grace);
  }

  /** Undefined when the case has stopped waiting. */
  async #give({ name, key, data, request, answer }: TellCase, keyHash: string, wait: WaitRow): Promise<Telling | undefined> {
    const { executor, signals, counters } = this.#parts;
    const signalId = uuidv7();
    const claim = signals.takingOf(signalId);
    const result = await executor.execute(wait.case_id, {
      actor: { kind: 'device', id: `service:${request.caller}` }, causationId: signalId, conditions: () => free([request.claim, claim]),
      commands: () => [{
        type: 'CorrelateEvent', runId: wait.run_id, signalId, name, keyHash, broadcast: false, claim, key, data, request, ...(answer === undefined ? {} : { answer }),
        at: executor.now(), graceUntil: new Date(this.#parts.graceUntil()).toISOString(),
      }],
    });
    if (result.kind === 'reserved') return this.#known(result.holder, request.claim);
    if (result.kind !== 'accepted' || result.events.length === 0) return undefined;
    counters.add('events_reported');
    counters.add('events_taken');
    return { kind: 'recorded', state: { request, signalId, status: 'told', caseId: wait.case_id, ...(answer === undefined ? {} : { answer }) } };
  }

  async #keep({ site, name, key, data, request, answer }: TellCase, keyHash: string, keepMs: number): Promise<Telling> {
    const { siteLog, clock, counters } = this.#parts;
    const signalId = uuidv7();
    const result = await siteLog.append(`signal:${signalId}`, {
      type: 'SignalReceived', data: { signalId, name, keyHash, broadcast: false, expiresAt: new Date(clock.now() + keepMs).toISOString(), request },
      content: { key, data, ...(answer === undefined ? {} : { answer }) },
    }, { site, actor: { kind: 'device', id: `service:${request.caller}` }, conditions: free([request.claim]) });
    if (!result.ok && result.reason === 'reserved') return this.#known(result.holder, request.claim);
    if (!result.ok) throw new Error(`a request could not be recorded: ${result.reason}`);
    counters.add('events_reported');
    // A case may have begun to wait meanwhile.
    await this.#parts.signals.settle(signalId);
    return { kind: 'recorded', state: (await this.state(signalId))! };
  }

  async #known(holder: string, { keyHash }: ReservationClaim): Promise<Telling> {
    for (const event of await this.#parts.ledger.readStream(holder)) {
      const state = (event.type === 'EventCorrelated' || event.type === 'SignalReceived') && event.data.request?.claim.keyHash === keyHash ? await this.#stateOf(event) : undefined;
      if (state !== undefined) return { kind: 'repeated', state };
    }
    return { kind: 'opened', caseId: holder };
  }

  async #stateOf(event: RecordedEvent): Promise<ToldState | undefined> {
    if ((event.type !== 'EventCorrelated' && event.type !== 'SignalReceived') || event.data.request === undefined) return undefined;
    const { signalId, request } = event.data;
    const said = { request, signalId, ...(event.content?.answer === undefined ? {} : { answer: event.content.answer }) };
    if (event.type === 'EventCorrelated') return { ...said, status: 'told', caseId: event.streamId };
    const row = await this.#parts.ledger.getSignal(signalId);
    if (typeof row?.case_id === 'string') return { ...said, status: 'told', caseId: row.case_id };
    return { ...said, status: row?.status === 'kept' ? 'kept' : 'expired', expiresAt: event.data.expiresAt };
  }
}
