import type { CaseCommand } from '../domain/index.ts';
import type { Ledger } from '../ledger/port.ts';
import type { CaseExecutor } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import { systemActor } from './site-log.ts';
import type { StepRegistry } from './step-registry.ts';
import type { StepRunner } from './step-runner.ts';
import { uuidv7 } from './support/ids.ts';

const page = 100;

/**
 * After every start of flows (PROTOCOL §2.6): what rests at an address that no node has any more becomes an
 * `orphan` exception; what was an orphan and has its node again goes on by itself.
 */
export class Reconciliation {
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #registry: StepRegistry;
  readonly #delivery: Delivery;
  readonly #runner: StepRunner;

  constructor(options: { readonly ledger: Ledger; readonly executor: CaseExecutor; readonly registry: StepRegistry; readonly delivery: Delivery; readonly runner: StepRunner }) {
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#registry = options.registry;
    this.#delivery = options.delivery;
    this.#runner = options.runner;
  }

  /** Returns how many orphans were raised and how many were taken back. */
  async reconcile(): Promise<{ readonly raised: number; readonly adopted: number }> {
    let raised = 0;
    for (const { address, steps, tokens } of await this.#ledger.addressCounts()) {
      if (this.#registry.byAddress(address) !== undefined) continue;
      if (steps > 0) raised += await this.#orphanSteps(address);
      if (tokens > 0) raised += await this.#orphanTokens(address);
    }
    return { raised, adopted: await this.#adopt() };
  }

  async #orphanSteps(address: string): Promise<number> {
    let after = '';
    let raised = 0;
    for (;;) {
      const rows = await this.#ledger.stepsAt(address, after, page);
      for (const row of rows) {
        raised += await this.#raise(row.case_id, address, { runId: row.run_id });
        after = row.run_id;
      }
      if (rows.length < page) return raised;
    }
  }

  async #orphanTokens(address: string): Promise<number> {
    let after = '';
    let raised = 0;
    for (;;) {
      const rows = await this.#ledger.tokensFrom(address, after, page);
      for (const row of rows) {
        raised += await this.#raise(row.case_id, address, { tokenId: row.token_id });
        after = row.token_id;
      }
      if (rows.length < page) return raised;
    }
  }

  async #raise(caseId: string, address: string, about: { readonly runId?: string; readonly tokenId?: string }): Promise<number> {
    const result = await this.#executor.execute(caseId, {
      actor: systemActor,
      // The next deploy may be under way by now: its nodes are not gone, they are being replaced.
      commands: () => (!this.#registry.flowsRunning || this.#registry.byAddress(address) !== undefined ? [] : [{
        type: 'RaiseException', exceptionId: uuidv7(), class: 'orphan', severity: 'high', queue: 'engineer', code: `orphan:${address}`,
        message: `The case rests at "${address}", and no node of the running flows has this step id. Bring the node back, or cancel the case.`, ...about,
      }]),
    });
    return result.kind === 'accepted' && result.events.length > 0 ? 1 : 0;
  }

  /** Orphans whose address has a node again are resolved by the system: retry. */
  async #adopt(): Promise<number> {
    let cursor: string | undefined;
    let adopted = 0;
    do {
      const list = await this.#ledger.listExceptions({ status: 'open', queue: 'engineer' }, { limit: page, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of list.items) {
        if (row.class !== 'orphan' || !row.code.startsWith('orphan:') || this.#registry.byAddress(row.code.slice('orphan:'.length)) === undefined) continue;
        const command: CaseCommand = {
          type: 'ResolveException', exceptionId: row.exception_id, code: 'node-is-back', outcome: 'retry', successorTokenId: uuidv7(), at: new Date().toISOString(),
        };
        const result = await this.#executor.execute(row.case_id, { actor: systemActor, commands: () => [command] });
        if (result.kind !== 'accepted') continue;
        adopted++;
        if (row.token_id !== null) this.#delivery.offer(result.state, [command.successorTokenId]);
        if (row.run_id !== null) this.#runner.start(row.case_id, row.run_id);
      }
      cursor = list.next;
    } while (cursor !== undefined);
    return adopted;
  }
}
