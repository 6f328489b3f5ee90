import { addressKey } from '../domain/index.ts';
import type { CaseCommand, CaseState, Token } from '../domain/index.ts';
import { isLasting, LedgerError } from '../ledger/port.ts';
import type { Ledger, TokenRow } from '../ledger/port.ts';
import type { AttemptEnd, Pass } from '../connectors/resilience/circuit.ts';
import { carriedBy } from './carried.ts';
import type { CaseExecutor, Execution } from './case-executor.ts';
import type { Circuits } from './circuits.ts';
import { raiseNotWired } from './not-wired.ts';
import { raiseOrphan } from './orphan.ts';
import type { EngineTuning } from './settings.ts';
import { policyOf, targetOf } from './token-policy.ts';
import type { TokenRetries } from './token-retries.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import type { Counters } from './support/counters.ts';
import { decodeMessage } from './support/message-codec.ts';
import { systemActor } from './site-log.ts';
import { uuidv7 } from './support/ids.ts';
import { once } from './support/reporting.ts';

/** How soon what waits in the ledger is fetched again after an error, ms. */
const feedAgainMs = 1_000;
/** Cases of waiting tokens that are read together: one after the other, each would wait a turn of a busy event loop. */
const readTogether = 32;

/** A token on its way through plain nodes. */
export interface Flight {
  readonly caseId: string; readonly tokenId: string; readonly attempt: number; readonly from: string;
  /** By the engine's clock, ms since 1970: a token stalls in business time. */
  readonly sentAt: number; readonly stallMs: number;
  /** By this machine's clock: what was sent before a deploy is told from what was sent after it. */
  readonly deliveredAt: number;
  /** Leave from the circuit of the system that it goes to. */
  readonly leave?: Leave;
  /** Node id that received the message last. */
  lastNode: string;
}

interface Leave { readonly system: string; readonly pass: Pass }

/** The part of Node-RED's flow object that delivers to one wire, with all its hooks. */
interface FlowSender { send(events: readonly { msg: object; source: object; destination: { id: string; node: undefined }; cloneMessage: boolean }[]): void }

/**
 * Sends tokens (PROTOCOL §2.2, §2.6). At most `window` are on their way or at work; the rest waits in the
 * ledger and is fetched in pages: after a start, after a burst, after a deploy.
 */
export class Delivery {
  readonly #flights = new Map<string, Flight>();
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #registry: StepRegistry;
  readonly #tuning: EngineTuning;
  readonly #counters: Counters;
  readonly #clock: Clock;
  readonly #circuits: Circuits;
  readonly #retries: TokenRetries;
  /** Everything live above this token id may still have to be sent; undefined: nothing waits. */
  #waitingAbove: string | undefined;
  #feeding = false;
  #closed = false;
  /** Steps at work, told by the runner. */
  activeRuns: () => number = () => 0;
  /** Told how long a message that is being sent may be on its way. */
  onSent: (stallMs: number) => void = () => undefined;
  /** The epoch before this one ended uncleanly. */
  previousUnclean = false;

  constructor(options: { readonly ledger: Ledger; readonly executor: CaseExecutor; readonly registry: StepRegistry; readonly tuning: EngineTuning; readonly counters: Counters; readonly circuits: Circuits; readonly retries: TokenRetries; readonly clock?: Clock }) {
    this.#clock = options.clock ?? systemClock;
    this.#circuits = options.circuits;
    this.#retries = options.retries;
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#registry = options.registry;
    this.#tuning = options.tuning;
    this.#counters = options.counters;
  }

  get inFlight(): number {
    return this.#flights.size;
  }
  /** A page is being fetched. */
  get feeding(): boolean {
    return this.#feeding;
  }
  get waiting(): boolean {
    return this.#waitingAbove !== undefined;
  }
  /** By token id, or by the `_msgid` of any of its deliveries. */
  flight(id: string): Flight | undefined {
    return this.#flights.get(id) ?? this.#flights.get(deliveryOf(id).tokenId);
  }
  /** Token and attempt that a `_msgid` stands for while the token is on its way (PROTOCOL §2.5). */
  delivered(messageId: string): { readonly caseId: string; readonly tokenId: string; readonly attempt: number } | undefined {
    const { tokenId, attempt } = deliveryOf(messageId);
    const flight = this.#flights.get(tokenId);
    return flight === undefined ? undefined : { caseId: flight.caseId, tokenId, attempt };
  }
  flights(): Iterable<Flight> {
    return this.#flights.values();
  }
  hasRoom(): boolean {
    return this.#registry.flowsRunning && !this.#closed && this.#flights.size + this.activeRuns() < this.#tuning.window;
  }

  /** Tokens just issued: sent now when there is room, else left in the ledger until there is. */
  offer(state: CaseState, tokenIds: readonly string[]): void {
    for (const tokenId of tokenIds) {
      const token = state.tokens[tokenId];
      // A page that is being fed may have come first.
      if (token === undefined || token.state !== 'live' || this.#flights.has(tokenId) || held(state, tokenId)) continue;
      if (this.hasRoom() && !this.#mustQueue()) this.#send(state, token);
      else this.#leave(tokenId);
    }
  }

  /** While older tokens wait in the ledger, new ones leave them the upper half of the window: they are fed when the lower half is free (PROTOCOL §2.6). */
  #mustQueue(): boolean {
    return this.#waitingAbove !== undefined && this.#flights.size + this.activeRuns() >= this.#tuning.window / 2;
  }

  /** All live tokens are looked at again: after a start of flows. */
  offerAll(): void {
    this.#waitingAbove = '';
    this.feed();
  }

  /** The token was entered, voided or refused: it is no longer on its way. */
  landed(tokenId: string, how: AttemptEnd = 'lost'): void {
    const leave = this.#flights.get(tokenId)?.leave;
    if (!this.#flights.delete(tokenId)) return;
    if (leave !== undefined) this.#circuits.end(leave.system, leave.pass, how);
    this.feed();
  }

  /** An attempt was recorded as failed; what came instead of it (output *gave up*) is sent. */
  attemptFailed(result: Execution & { kind: 'accepted' }, tokenId: string, how: AttemptEnd): void {
    // An attempt that was overtaken says nothing about the one under way.
    if (!result.events.some((event) => event.type === 'AttemptEnded')) return;
    this.#counters.add('attempts_failed');
    this.landed(tokenId, how);
    for (const event of result.events) if (event.type === 'TokenRerouted') this.offer(result.state, event.data.tokens.map((token) => token.tokenId));
  }

  /** The time of a token's next attempt has come. */
  async retry(caseId: string, tokenId: string): Promise<void> {
    if (!this.#registry.flowsRunning || this.#closed || this.#flights.has(tokenId)) return;
    await this.#resend(caseId, tokenId, 0, { due: true });
  }

  /** The circuit gives leave to a token that waited for it. */
  async #woken(leave: Leave, caseId: string, tokenId: string): Promise<void> {
    let sent = false;
    try {
      if (this.#registry.flowsRunning && !this.#closed && !this.#flights.has(tokenId)) sent = await this.#sendWith(leave, caseId, tokenId);
    } catch (error) {
      once('woken', `A message that waited for ${leave.system} could not be sent: ${String(error)}`);
    } finally {
      if (!sent) this.#circuits.end(leave.system, leave.pass, 'lost');
    }
  }
  async #sendWith(leave: Leave, caseId: string, tokenId: string): Promise<boolean> {
    const state = await this.#executor.load(caseId);
    const token = state.tokens[tokenId];
    if (token?.state !== 'live') return false;
    if (token.retry?.dueAt !== undefined) return this.#resend(caseId, tokenId, 0, { due: true, leave });
    // It waited for room only, and this attempt has not left yet.
    return !held(state, tokenId) && !this.#flights.has(tokenId) && this.#send(state, token, leave);
  }

  /** Tokens sent before a deploy may have died with their nodes: they are sent again as the next attempt. */
  async resendFlights(sentBefore: number): Promise<void> {
    const lost = [...this.#flights.values()].filter((f) => f.deliveredAt < sentBefore);
    for (const flight of lost) {
      // Until it is sent again the flight stands, so that nobody else sends the token under the same attempt.
      if (this.#flights.get(flight.tokenId) === flight && !await this.#resend(flight.caseId, flight.tokenId, 0)) this.landed(flight.tokenId);
    }
  }

  close(): void {
    this.#closed = true;
  }

  #isCrowded(): boolean {
    return this.#flights.size + this.activeRuns() > this.#tuning.window / 2;
  }

  /** Fetches what waits in the ledger as room allows. */
  feed(): void {
    if (this.#feeding || this.#waitingAbove === undefined || !this.#registry.flowsRunning || this.#closed || this.#isCrowded()) return;
    this.#feeding = true;
    const again = (): void => {
      this.#feeding = false;
      this.feed();
    };
    this.#feedPage().then(() => setImmediate(again), (error: unknown) => {
      once('feed', `Messages that wait in the ledger could not be fetched: ${String(error)}`);
      setTimeout(again, feedAgainMs).unref();
    });
  }

  async #feedPage(): Promise<void> {
    const from = this.#waitingAbove ?? '';
    const limit = Math.max(8, Math.floor(this.#tuning.window / 2));
    this.#waitingAbove = undefined;
    let reached = from;
    try {
      const rows = await this.#ledger.tokensBefore(this.#executor.epoch + 1, from, limit);
      for (const [index, row] of rows.entries()) {
        if (!this.hasRoom()) {
          this.#leaveAbove(reached);
          return;
        }
        if (index % readTogether === 0) await this.#readAhead(rows.slice(index, index + readTogether));
        if (!this.#flights.has(row.token_id)) await this.#feedToken(row);
        reached = row.token_id;
      }
      if (rows.length === limit) this.#leaveAbove(reached);
    } catch (error) {
      this.#leaveAbove(reached);
      throw error;
    }
  }

  /** What cannot be read is said when its token's turn comes. */
  async #readAhead(rows: readonly TokenRow[]): Promise<void> {
    await Promise.allSettled(rows.filter(({ token_id: tokenId }) => !this.#flights.has(tokenId)).map(({ case_id: caseId }) => this.#executor.load(caseId)));
  }

  async #feedToken(row: TokenRow): Promise<void> {
    try {
      if (row.epoch < this.#executor.epoch) {
        // Only an epoch that delivered the token counts against it.
        await this.#resend(row.case_id, row.token_id, this.previousUnclean && row.epoch === this.#executor.epoch - 1 ? 1 : 0, { ofOlderEpoch: true });
        return;
      }
      const state = await this.#executor.load(row.case_id);
      const token = state.tokens[row.token_id];
      if (token?.state === 'live' && !this.#flights.has(token.tokenId) && !held(state, token.tokenId)) this.#send(state, token);
    } catch (error) {
      if (error instanceof LedgerError && !isLasting(error)) throw error;
      // One case that cannot be read must not keep all others from going on.
      once('feed-one', `The message ${row.token_id} of case ${row.case_id} could not be sent: ${String(error)}`);
      this.#counters.add('tokens_not_sent');
    }
  }

  #leave(tokenId: string): void {
    this.#counters.add('tokens_left_waiting');
    this.#leaveAbove(tokenId.slice(0, -1));
  }
  #leaveAbove(bound: string): void {
    if (this.#waitingAbove === undefined || bound < this.#waitingAbove) this.#waitingAbove = bound;
  }

  /** One attempt more, durable before it is sent; a token in flight in too many unclean epochs becomes an exception. True when it was sent. */
  async #resend(caseId: string, tokenId: string, unclean: number, options: { readonly due?: true; readonly leave?: Leave; readonly ofOlderEpoch?: true } = {}): Promise<boolean> {
    const result = await this.#executor.execute(caseId, {
      actor: systemActor,
      commands: (state) => {
        const token = state.tokens[tokenId];
        // What was due may have been sent meanwhile, by its timer or by its circuit.
        if (token === undefined || held(state, tokenId, options.due) || (options.due === true && token.retry?.dueAt === undefined)) return [];
        // Since its row was read, a replay may have sent it.
        if (options.ofOlderEpoch === true && token.epoch >= this.#executor.epoch) return [];
        // Nothing leaves while its system is known not to answer, and no attempt is counted.
        const holding = options.leave === undefined && !this.#flights.has(tokenId) ? this.#retries.held(state, tokenId) : undefined;
        if (holding !== undefined) return holding;
        const uncleanEpochs = token.uncleanEpochs + unclean;
        return uncleanEpochs >= this.#tuning.poisonEpochs
          ? [{ type: 'PoisonToken', tokenId, exceptionId: uuidv7(), limit: uncleanEpochs }]
          : [{ type: 'ResendToken', tokenId, uncleanEpochs }];
      },
    });
    if (result.kind !== 'accepted') return false;
    this.#holding(result);
    if (!result.events.some((e) => e.type === 'TokenResent')) return false;
    const token = result.state.tokens[tokenId];
    if (token?.state !== 'live') return false;
    this.#counters.add('tokens_resent');
    return this.#send(result.state, token, options.leave);
  }

  /** False when it cannot be sent; what is wrong is then an exception. */
  #send(state: CaseState, token: Token, given?: Leave): boolean {
    if (!this.#registry.flowsRunning || this.#closed) {
      // A deploy began meanwhile: its nodes would lose the message. The next start of flows looks at it again.
      this.#leaveAbove(token.tokenId.slice(0, -1));
      return false;
    }
    const source = this.#registry.byAddress(addressKey(token.from));
    const encoded = carriedBy(state, token.tokenId);
    // An erased message belongs to a closed case.
    if (encoded === undefined) return false;
    if (source === undefined || !isFrom(state, token, source)) {
      void this.#raise(token, state.caseId, raiseOrphan(addressKey(token.from), { tokenId: token.tokenId }, undefined, this.#registry.unknownAt(addressKey(token.from))));
      return false;
    }
    const target = targetOf(source, token);
    if (target === undefined) {
      void this.#raise(token, state.caseId, raiseNotWired(token.from, token.port, source.node.name, { tokenId: token.tokenId }));
      return false;
    }
    const leave = given ?? this.#flights.get(token.tokenId)?.leave ?? this.#leaveOf(state, token);
    if (leave === 'waits') return false;
    try {
      this.#deliver(state, token, source, encoded, target, leave);
      return true;
    } catch (error) {
      this.landed(token.tokenId);
      void this.#raise(token, state.caseId, {
        type: 'RaiseException', exceptionId: uuidv7(), class: 'node-error', severity: 'high', queue: 'engineer', code: 'not-sendable', tokenId: token.tokenId, address: token.from,
        message: `The message of the case could not be sent: ${error instanceof Error ? error.message : String(error)}`,
      });
      return false;
    }
  }

  /** Leave from the circuit of the token's system; undefined when it needs none. What gets none waits: in the circuit's queue for room, in the ledger while it is open. */
  #leaveOf(state: CaseState, token: Token): Leave | 'waits' | undefined {
    const system = policyOf(this.#registry, token)?.system ?? '';
    if (system === '') return undefined;
    const { caseId } = state;
    const admission = this.#circuits.enter(system, token.tokenId, (pass) => { if (pass !== undefined) void this.#woken({ system, pass }, caseId, token.tokenId); });
    if (admission.kind === 'pass') return { system, pass: admission.pass };
    if (admission.kind === 'open') void this.#hold(caseId, token.tokenId);
    return 'waits';
  }

  async #hold(caseId: string, tokenId: string): Promise<void> {
    try {
      const result = await this.#executor.execute(caseId, { actor: systemActor, commands: (state) => (held(state, tokenId) ? [] : this.#retries.held(state, tokenId) ?? []) });
      if (result.kind === 'accepted') this.#holding(result);
    } catch (error) {
      // It stays live and unsent; the circuit wakes it when it closes, the next start finds it.
      once('hold', `It could not be recorded that a message waits for its system: ${String(error)}`);
    }
  }

  /** What was just held is woken when its circuit lets it through; what was given up meanwhile is sent where it goes. */
  #holding(result: Execution & { kind: 'accepted' }): void {
    const { caseId } = result.state;
    for (const event of result.events) {
      if (event.type === 'TokenRetryScheduled' && event.data.holds > 0 && event.data.system !== undefined) {
        const { system, tokenId } = event.data;
        this.#circuits.wait(system, tokenId, (pass) => { if (pass !== undefined) void this.#woken({ system, pass }, caseId, tokenId); });
      }
      if (event.type === 'TokenRerouted') this.offer(result.state, event.data.tokens.map((token) => token.tokenId));
    }
  }

  #deliver(state: CaseState, token: Token, source: RegisteredStep, encoded: string, target: string, leave: Leave | undefined): void {
    const msg = decodeMessage(encoded);
    msg['_msgid'] = messageId(token);
    msg['waybill'] = {
      caseId: state.caseId, token: token.tokenId, process: state.process, template: state.template, site: state.site,
      key: state.keys?.[0]?.value ?? state.caseId, attempt: token.attempt,
    };
    const stallMs = policyOf(this.#registry, token)?.answerMs ?? source.registration.stallMs ?? this.#tuning.stallMs;
    this.#flights.set(token.tokenId, {
      caseId: state.caseId, tokenId: token.tokenId, attempt: token.attempt, from: source.key, sentAt: this.#clock.now(), deliveredAt: Date.now(), lastNode: source.node.id,
      stallMs, ...(leave === undefined ? {} : { leave }),
    });
    this.onSent(stallMs);
    const flow = (source.node as unknown as { _flow: FlowSender })._flow;
    flow.send([{
      msg, source: { id: source.node.id, node: source.node, port: token.port }, destination: { id: target, node: undefined }, cloneMessage: false,
    }]);
  }

  /** A token that cannot be sent waits for a person; while the exception cannot be recorded, it is tried again. */
  async #raise(token: Token, caseId: string, exception: CaseCommand): Promise<void> {
    try {
      await this.#executor.execute(caseId, { actor: systemActor, commands: () => [exception] });
    } catch (error) {
      once('not-sent', `A message could not be sent and the exception could not be recorded: ${String(error)}`);
      this.#leaveAbove(token.tokenId.slice(0, -1));
      setTimeout(() => this.feed(), 1_000).unref();
    }
  }
}

/** A step that took over the address of another one sends on what that one left, and only when both are of one type. An intake step is recorded without its type. */
function isFrom(state: CaseState, token: Token, source: RegisteredStep): boolean {
  if (source.key === addressKey(token.from)) return true;
  const type = state.runs[token.issuedBy]?.nodeType;
  return type === undefined || type === 'intake' || type === source.node.type;
}

/** `_msgid` of a delivery. Each attempt has its own, so that an earlier one that comes late is told from the last. */
function messageId(token: Token): string {
  return token.attempt === 1 ? token.tokenId : `${token.tokenId}#${token.attempt}`;
}
function deliveryOf(id: string): { readonly tokenId: string; readonly attempt: number } {
  const at = id.indexOf('#');
  return at === -1 ? { tokenId: id, attempt: 1 } : { tokenId: id.slice(0, at), attempt: Number(id.slice(at + 1)) };
}

/** A token under an open exception or in a dead letter waits for a person, one whose attempt failed for its time (unless that is `due`). */
export function held(state: CaseState, tokenId: string, due?: true): boolean {
  const retry = state.tokens[tokenId]?.retry;
  if (retry !== undefined && (retry.deadLetterId !== undefined || (due !== true && retry.dueAt !== undefined))) return true;
  return Object.values(state.exceptions).some((e) => e.status === 'open' && e.tokenId === tokenId);
}
