import type { CaseCommand } from '../domain/index.ts';
import type { Ledger } from '../ledger/port.ts';
import type { CaseExecutor } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import { raiseOrphan } from './orphan.ts';
import { systemActor } from './site-log.ts';
import type { RegisteredStep, StepRegistry } from './step-registry.ts';
import { isOfType } from './step-runner.ts';
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

  /** Returns how many orphans were raised and how many were taken back. Stops when `current` says that the next deploy has begun. */
  async reconcile(current: () => boolean): Promise<{ readonly raised: number; readonly adopted: number }> {
    let raised = 0;
    for (const { address, steps, tokens } of await this.#ledger.addressCounts()) {
      if (!current()) break;
      const step = this.#registry.byAddress(address);
      // A step that was given another id goes on with what is of its type.
      if (steps > 0 && step?.key !== address) raised += await this.#orphanSteps(address, step);
      if (tokens > 0 && step === undefined) raised += await this.#orphanTokens(address);
    }
    return { raised, adopted: await this.#adopt(current) };
  }

  /** @param successor goes on with what is of its type */
  async #orphanSteps(address: string, successor: RegisteredStep | undefined): Promise<number> {
    let after = '';
    let raised = 0;
    for (;;) {
      const rows = await this.#ledger.stepsAt(address, after, page);
      for (const row of rows) {
        after = row.run_id;
        if (successor?.node.type === row.node_type) continue;
        raised += await this.#raise(row.case_id, address, { runId: row.run_id }, successor === undefined ? undefined : { was: row.node_type, is: successor.node.type });
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

  async #raise(caseId: string, address: string, about: { readonly runId?: string; readonly tokenId?: string }, other?: { readonly was: string; readonly is: string }): Promise<number> {
    const isThere = (): boolean => {
      const step = this.#registry.byAddress(address);
      return step !== undefined && (other === undefined || step.node.type === other.was);
    };
    const result = await this.#executor.execute(caseId, {
      actor: systemActor,
      // The next deploy may be under way by now: its nodes are not gone, they are being replaced.
      commands: () => (!this.#registry.flowsRunning || isThere() ? [] : [raiseOrphan(address, about, other, this.#registry.unknownAt(address))]),
    });
    return result.kind === 'accepted' && result.events.length > 0 ? 1 : 0;
  }

  /** Orphans whose address has a node again are resolved by the system: retry. */
  async #adopt(current: () => boolean): Promise<number> {
    let cursor: string | undefined;
    let adopted = 0;
    do {
      const list = await this.#ledger.listExceptions({ status: 'open', queue: 'engineer' }, { limit: page, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of list.items) {
        if (!current()) return adopted;
        const address = row.class === 'orphan' ? row.code.slice('orphan:'.length) : undefined;
        const step = address === undefined ? undefined : this.#registry.byAddress(address);
        if (step === undefined) continue;
        const command: CaseCommand = {
          type: 'ResolveException', exceptionId: row.exception_id, code: 'node-is-back', outcome: 'retry', successorTokenId: uuidv7(), at: this.#executor.now(),
        };
        const result = await this.#executor.execute(row.case_id, {
          actor: systemActor,
          // A node of another type does not take over what rests at its address.
          commands: (state) => (state.status === 'open' && (row.run_id === null || isOfType(state, row.run_id, step)) ? [command] : []),
        });
        if (result.kind !== 'accepted' || result.events.length === 0) continue;
        adopted++;
        await this.#runner.room(current);
        if (row.token_id !== null) this.#delivery.offer(result.state, [command.successorTokenId]);
        if (row.run_id !== null) this.#runner.start(row.case_id, row.run_id);
      }
      cursor = list.next;
    } while (cursor !== undefined);
    return adopted;
  }
}
