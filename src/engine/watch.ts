import type { CaseExecutor } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import { systemActor } from './site-log.ts';
import type { Counters } from './support/counters.ts';
import { once } from './support/reporting.ts';
import { uuidv7 } from './support/ids.ts';

/** Sees what plain nodes do with tokens: last node seen, errors, stalls (PROTOCOL §2.4, §2.5). */
export class Watch {
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #counters: Counters;
  readonly #nodeName: (id: string) => string;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(options: { readonly executor: CaseExecutor; readonly delivery: Delivery; readonly counters: Counters; readonly nodeName: (id: string) => string }) {
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#counters = options.counters;
    this.#nodeName = options.nodeName;
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => { void this.look(); }, everyMs);
    this.#timer.unref();
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** A node is about to receive a message. */
  seen(msg: unknown, nodeId: string): void {
    const flight = this.#flightOf(msg);
    if (flight !== undefined) flight.lastNode = nodeId;
  }

  /** A plain node ended with an error: charged to the token at once. */
  failed(msg: unknown, nodeId: string, error: unknown): void {
    const flight = this.#flightOf(msg);
    if (flight === undefined) return;
    const text = error instanceof Error ? error.message : String(error);
    void this.#raise(flight.caseId, flight.tokenId, 'node-error', 'plain-node-error', `The node "${this.#nodeName(nodeId)}" failed: ${text}`);
  }

  /** Raises an exception for every token that no governed node took in its stall time. */
  async look(): Promise<void> {
    // While the ledger takes nothing, looks must not pile up.
    if (this.#looking) return;
    this.#looking = true;
    try {
      const now = Date.now();
      for (const flight of [...this.#delivery.flights()]) {
        if (now - flight.sentAt <= flight.stallMs) continue;
        const seconds = Math.round((now - flight.sentAt) / 1_000);
        await this.#raise(flight.caseId, flight.tokenId, 'stalled-token', 'stalled-token',
          `No governed node took the message for ${seconds} s; it was last seen at "${this.#nodeName(flight.lastNode)}".`);
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

  async #raise(caseId: string, tokenId: string, exceptionClass: 'stalled-token' | 'node-error', code: string, message: string): Promise<void> {
    try {
      await this.#executor.execute(caseId, {
        actor: systemActor,
        commands: () => [{ type: 'RaiseException', exceptionId: uuidv7(), class: exceptionClass, severity: 'high', queue: 'engineer', code, message, tokenId }],
      });
      this.#counters.add(`exceptions_${code.replaceAll('-', '_')}`);
      this.#delivery.landed(tokenId);
    } catch (error) {
      once('watch', `An exception could not be recorded yet: ${String(error)}`);
    }
  }
}
