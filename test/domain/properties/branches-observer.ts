import assert from 'node:assert/strict';

import { addressKey } from '../../../src/domain/index.ts';
import type { CaseEvent } from '../../../src/domain/index.ts';

/** What must always hold of forks, joins and undos, told from the events alone. */
export class BranchesObserver {
  readonly #arrived = new Set<string>();
  readonly #gathered = new Set<string>();
  readonly #registered: string[] = [];
  #order: readonly string[] | undefined;
  #atWork: string | undefined;
  readonly #over = new Set<string>();
  /** Runs of undos that have begun. */
  readonly undoRuns = new Set<string>();
  /** Runs that were ended without a result. */
  readonly voided = new Set<string>();

  see(event: CaseEvent): void {
    this.#forks(event);
    switch (event.type) {
      case 'StepVoided':
        assert.ok(!this.voided.has(event.data.runId), `run ${event.data.runId} voided twice`);
        this.voided.add(event.data.runId);
        break;
      case 'CompensationRegistered':
        assert.equal(this.#order, undefined, 'registered while the case is being undone');
        assert.ok(!this.#registered.includes(event.data.compensationId), 'registered twice');
        this.#registered.push(event.data.compensationId);
        break;
      case 'CompensationStarted':
        assert.equal(this.#order, undefined, 'undone twice');
        assert.deepEqual(event.data.order, [...this.#registered].reverse(), 'not last first');
        this.#order = event.data.order;
        break;
      case 'CompensationIssued': this.#begins(event.data); break;
      case 'Compensated':
        assert.equal(event.data.compensationId, this.#atWork, 'ended, but it was not at work');
        this.#over.add(event.data.compensationId);
        this.#atWork = undefined;
        break;
      case 'CaseClosed':
        if (this.#order !== undefined) assert.deepEqual([...this.#over], this.#order, 'closed before every undo was over');
        break;
      default: break;
    }
  }

  #begins({ compensationId, runId }: { readonly compensationId: string; readonly runId: string }): void {
    assert.equal(this.#atWork, undefined, 'two undos at once');
    assert.equal(compensationId, this.#order?.[this.#over.size], 'out of turn');
    assert.ok(!this.undoRuns.has(runId), 'begun twice');
    this.undoRuns.add(runId);
    this.#atWork = compensationId;
  }

  /** A message is consumed by a gather once; a gathering ends once. */
  #forks(event: CaseEvent): void {
    if (event.type === 'BranchArrived') {
      assert.ok(!this.#arrived.has(event.data.runId + event.data.forkId) || event.data.holder === event.data.runId, `run ${event.data.runId} arrived twice`);
      this.#arrived.add(event.data.runId + event.data.forkId);
    }
    if (event.type !== 'Gathered' || event.address === undefined) return;
    const gathering = `${addressKey(event.address)}|${event.data.forkId}`;
    assert.ok(!this.#gathered.has(gathering), 'gathered twice');
    this.#gathered.add(gathering);
  }
}
