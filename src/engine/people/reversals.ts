import { addressKey, own, valueAt } from '../../domain/index.ts';
import type { Address, CaseState, Json, JsonObject } from '../../domain/index.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { CaseExecutor } from '../case-executor.ts';
import type { Opening } from '../opening.ts';
import type { RegisteredStep, StepRegistry } from '../step-registry.ts';
import { once } from '../support/reporting.ts';
import { uuidv7 } from '../support/ids.ts';
import { inScope, missing, notRecorded, refusal } from './refusals.ts';
import type { ActingPeople } from './acting.ts';
import type { TaskPort } from './task-port.ts';

/**
 * Undoes what an approval led to by a case of its own. It is asked for on the original, in one commit with what will open the
 * case; an outage in between loses nothing, for the request is looked after until its case is there.
 */
export class Reversals {
  readonly #ledger: Ledger;
  readonly #executor: CaseExecutor;
  readonly #registry: StepRegistry;
  readonly #opening: Opening;
  readonly #acting: ActingPeople;

  constructor(options: { readonly ledger: Ledger; readonly executor: CaseExecutor; readonly registry: StepRegistry; readonly opening: Opening; readonly acting: ActingPeople }) {
    this.#ledger = options.ledger;
    this.#executor = options.executor;
    this.#registry = options.registry;
    this.#opening = options.opening;
    this.#acting = options.acting;
  }

  /** The node that takes reversals of a step; one of the same instance rather than another. */
  #nodeFor(address: Address): RegisteredStep | undefined {
    const ids = this.#registry.idsAt(address);
    const all = [...this.#registry.all()].filter((step) => step.registration.reversal?.of.some((id) => ids.includes(id)) === true);
    return all.find((step) => step.address.instance === address.instance) ?? all[0];
  }

  readonly request: TaskPort['requestReversal'] = async (input) => {
    const row = await this.#ledger.getTask(input.taskId);
    if (row === undefined || !inScope(input.by, row.site)) return missing('task');
    const state = await this.#executor.settled(row.case_id);
    const task = own(state.tasks, input.taskId);
    if (task === undefined) return missing('task');
    if (this.#nodeFor(task.address) === undefined) {
      return { ok: false, code: 'no-reversal-node', status: 'conflict', message: `No flow takes reversals of this approval. Add a case open node that names the step ${task.address.stepId} under “Reversals of”, with the approval and the work of a reversal behind it, and deploy.` };
    }
    const { person, roles } = await this.#acting.of({ by: input.by, state, task, at: this.#executor.now() });
    const reversalCaseId = uuidv7();
    try {
      const result = await this.#executor.execute(row.case_id, {
        actor: { kind: 'person', id: person },
        commands: () => [{ type: 'RequestReversal', taskId: input.taskId, person, roles, reversalCaseId, reason: input.reason, at: this.#executor.now() }],
        ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }),
      });
      if (result.kind === 'refused') return refusal(result.code);
    } catch (error) {
      return notRecorded(error);
    }
    const after = await this.#executor.load(row.case_id);
    const requested = own(after.reversals, input.taskId)?.reversalCaseId ?? reversalCaseId;
    // What the ledger cannot take now is opened when it can: the request is durable.
    await this.open(row.case_id, input.taskId).catch((error: unknown) => once('reversal', `The case of a reversal is opened later: ${String(error)}`));
    return { ok: true, reversalCaseId: requested };
  };

  /** Opens the case that was asked for, once; does nothing while no node takes it. */
  async open(originalCaseId: string, taskId: string): Promise<void> {
    const state = await this.#executor.settled(originalCaseId);
    const reversal = own(state.reversals, taskId);
    const task = own(state.tasks, taskId);
    if (reversal === undefined || task === undefined || await this.#ledger.getCase(reversal.reversalCaseId) !== undefined) return;
    const step = this.#nodeFor(task.address);
    const intake = step?.registration.reversal;
    if (step === undefined || intake === undefined || !this.#registry.flowsRunning) {
      once('reversal-node', `A reversal waits: no flow takes reversals of the step ${addressKey(task.address)} (any more).`);
      return;
    }
    const requested = (await this.#ledger.readStream(originalCaseId)).find((event) => event.type === 'ReversalRequested' && event.data.taskId === taskId);
    const reason = requested?.type === 'ReversalRequested' ? requested.content?.reason ?? '' : '';
    const document = documentOf(state, taskId, reason);
    await this.#opening.openCase({
      step, process: intake.process, template: intake.template, site: state.site, title: `Reversal: ${state.title ?? originalCaseId}`, keys: state.keys?.map(({ type, value }) => ({ type, value })) ?? [],
      document, message: { payload: document }, parentCaseId: originalCaseId, device: `node:${step.address.stepId}`, caseId: reversal.reversalCaseId, operatorPseudonym: reversal.by,
    });
  }
}

/** First facts of a reversal: what it reverses, and the facts that were approved. */
function documentOf(state: CaseState, taskId: string, reason: string): JsonObject {
  const task = own(state.tasks, taskId);
  const facts: { [path: string]: Json } = {};
  for (const path of task?.covers ?? []) facts[path] = valueAt(state.document ?? {}, path) ?? null;
  return { reverses: { caseId: state.caseId, taskId, stepId: task?.address.stepId ?? '', title: state.title ?? '', reason, facts, ...(task?.amount === undefined ? {} : { amount: task.amount, currency: task.currency ?? '' }) } };
}
