import type { CaseExecutor } from './case-executor.ts';
import type { Delivery, Flight } from './delivery.ts';
import type { CaseCommand } from '../domain/index.ts';
import { endOf } from './token-retries.ts';
import type { FailedHow, TokenRetries } from './token-retries.ts';
import { systemActor } from './site-log.ts';
import type { Counters } from './support/counters.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { once } from './support/reporting.ts';
import { uuidv7 } from './support/ids.ts';

const mostRecorded = 1_000;

/** Sees what plain nodes do with tokens: last node seen, errors, stalls (PROTOCOL §2.4, §2.5). */
export class Watch {
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #counters: Counters;
  readonly #nodeName: (id: string) => string;
  #timer: NodeJS.Timeout | undefined;
  readonly #running: () => boolean;
  readonly #clock: Clock;
  readonly #retries: TokenRetries;
  #looking = false;
  /** When messages last could not get anywhere: flows were stopped, or the ledger took nothing. */
  #stoodStillAt = 0;
  /** Consumed tokens whose error is recorded, by id; bounded, the ledger knows it for sure. */
  readonly #recorded = new Set<string>();

  constructor(options: {
    readonly executor: CaseExecutor; readonly delivery: Delivery; readonly counters: Counters; readonly nodeName: (id: string) => string;
    /** True while flows run and the ledger takes commits. */
    readonly running: () => boolean;
    readonly retries: TokenRetries; readonly clock?: Clock;
  }) {
    this.#clock = options.clock ?? systemClock;
    this.#retries = options.retries;
    this.#running = options.running;
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#counters = options.counters;
    this.#nodeName = options.nodeName;
  }

  /** Looks again and again; where time only goes on when it is told to, when a message that is sent may stall. */
  start(everyMs: number): void {
    if (!this.#clock.mayJump) {
      this.#delivery.onSent = (stallMs) => { this.#clock.setTimeout(() => { void this.look(); }, stallMs + 1); };
      return;
    }
    this.#timer = setInterval(() => { void this.look(); }, everyMs);
    this.#timer.unref();
  }
  get looking(): boolean {
    return this.#looking;
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** A node is about to receive a message. */
  seen(msg: unknown, nodeId: string): void {
    const flight = this.#flightOf(msg);
    if (flight !== undefined) flight.lastNode = nodeId;
  }

  /** A plain node ended with an error: charged to the token at once, or recorded only when the token is consumed already (PROTOCOL §2.4). */
  failed(msg: unknown, nodeId: string, error: unknown): void {
    const message = `The node "${this.#nodeName(nodeId)}" failed: ${error instanceof Error ? error.message : String(error)}`;
    const flight = this.#flightOf(msg);
    if (flight !== undefined) {
      void this.#raise(flight, attemptOf(msg) ?? flight.attempt, 'node-error', 'plain-node-error', { kind: 'error', error, message, msg: (msg ?? {}) as Record<string, unknown>, nodeId });
      return;
    }
    const { caseId, token } = (msg as { waybill?: { caseId?: unknown; token?: unknown } } | null | undefined)?.waybill ?? {};
    if (typeof caseId !== 'string' || typeof token !== 'string' || this.#recorded.has(token)) return;
    if (this.#recorded.size >= mostRecorded) this.#recorded.clear();
    this.#recorded.add(token);
    void this.#record(caseId, token, message);
  }

  /** Raises an exception for every token that no governed node took in its stall time. */
  async look(): Promise<void> {
    // While the ledger takes nothing, looks must not pile up.
    if (this.#looking) return;
    this.#looking = true;
    try {
      const now = this.#clock.now();
      if (!this.#running()) {
        this.#stoodStillAt = now;
        return;
      }
      for (const flight of [...this.#delivery.flights()]) {
        if (now - Math.max(flight.sentAt, this.#stoodStillAt) <= flight.stallMs) continue;
        const seconds = Math.round((now - flight.sentAt) / 1_000);
        await this.#raise(flight, flight.attempt, 'stalled-token', 'stalled-token', {
          kind: 'stall', nodeId: flight.lastNode,
          message: `No governed node took the message for ${seconds} s; it was last seen at "${this.#nodeName(flight.lastNode)}".`,
        });
      }
    } finally {
      this.#looking = false;
    }
  }

  #flightOf(msg: unknown): ReturnType<Delivery['flight']> {
    if (typeof msg !== 'object' || msg === null) return undefined;
    const { _msgid: id, waybill } = msg as { _msgid?: unknown; waybill?: { token?: unknown } };
    const byId = typeof id === 'string' ? this.#delivery.flight(id) : undefined;
    if (byId !== undefined) return byId;
    return typeof waybill?.token === 'string' ? this.#delivery.flight(waybill.token) : undefined;
  }

  /** A failed attempt of a token that is under a retry policy; an exception for all others. */
  async #raise(flight: Flight, attempt: number, exceptionClass: 'stalled-token' | 'node-error', code: string, how: FailedHow): Promise<void> {
    const { caseId, tokenId } = flight;
    const { message } = how;
    let retried: readonly CaseCommand[] | undefined;
    try {
      const result = await this.#executor.execute(caseId, {
        actor: systemActor,
        commands: async (state) => {
          retried = await this.#retries.failed(state, tokenId, attempt, flight.sentAt, how);
          if (retried !== undefined) return retried;
          if (state.tokens[tokenId]?.state === 'live') return [{ type: 'RaiseException', exceptionId: uuidv7(), class: exceptionClass, severity: 'high', queue: 'engineer', code, message, tokenId }];
          return exceptionClass === 'node-error' ? [{ type: 'RecordNodeFailure', tokenId, message }] : [];
        },
      });
      if (retried !== undefined && result.kind === 'accepted') {
        this.#delivery.attemptFailed(result, tokenId, endOf(retried));
        return;
      }
      this.#counters.add(`exceptions_${code.replaceAll('-', '_')}`);
      this.#delivery.landed(tokenId);
    } catch (error) {
      once('watch', `An exception could not be recorded yet: ${String(error)}`);
    }
  }

  async #record(caseId: string, tokenId: string, message: string): Promise<void> {
    try {
      await this.#executor.execute(caseId, { actor: systemActor, commands: () => [{ type: 'RecordNodeFailure', tokenId, message }] });
      this.#counters.add('node_failures_recorded');
    } catch (error) {
      this.#recorded.delete(tokenId);
      once('watch', `An error of a node could not be recorded: ${String(error)}`);
    }
  }
}

/** Attempt of the delivery that a message belongs to, as its waybill says. */
function attemptOf(msg: unknown): number | undefined {
  const { waybill } = (typeof msg === 'object' && msg !== null ? msg : {}) as { waybill?: { attempt?: unknown } };
  return typeof waybill?.attempt === 'number' ? waybill.attempt : undefined;
}
