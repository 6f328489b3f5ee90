import type { Address, JsonObject, Task } from '../../domain/index.ts';
import { addressKey, governanceProcess } from '../../domain/index.ts';
import type { NodeRedNode, OpenCaseInput, OpenCaseResult, StepHandle, StepPattern, StepRegistration } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { once } from '../support/reporting.ts';

/** What governance asks people to do, as a task in their inbox. */
export interface GovernanceTask {
  /** The same one makes the same task, however often it is asked for and after whatever crash. */
  readonly key: string;
  readonly site: string;
  readonly role: string;
  readonly title: string;
  readonly question: string;
  /** Facts that the person sees. */
  readonly shown: JsonObject;
  /** Pseudonyms of those who may not do it: what they did is what is judged. Without any it is work, not a judgement. */
  readonly notBy?: readonly string[];
  /** It ends by itself then; never when absent. */
  readonly dueAt?: string;
}

/** Steps of the engine's own, which no flow has to have. */
const instance = 'waybill';
const ask: Address = { instance, stepId: 'governance-ask' };
const review: Address = { instance, stepId: 'governance-review' };
const template = 'waybill/governance@1.0.0';

interface Engine {
  registerStep(registration: StepRegistration): StepHandle;
  receive(handle: StepHandle, msg: unknown): Promise<void>;
  openCase(input: OpenCaseInput): Promise<OpenCaseResult>;
}
interface OwnNode extends NodeRedNode { readonly _flow: { send(events: readonly { readonly msg: object }[]): void } }

/**
 * Tasks that governance gives to people: each is a small case of its own, so that inbox, deadlines, notifications and the ledger
 * treat it as they treat every task. The steps are there from the first task on, and after a start when one is still open.
 */
export class GovernanceTasks {
  readonly #engine: Engine;
  #steps: { readonly ask: StepHandle; readonly review: StepHandle } | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Before flows start: work that rests at these addresses finds its steps again. */
  restore(addresses: Iterable<string>): void {
    const own = new Set([addressKey(ask), addressKey(review)]);
    for (const address of addresses) if (own.has(address)) this.#registered();
  }

  /** Rejects with a LedgerError while nothing is taken in. */
  async open(task: GovernanceTask): Promise<'opened' | 'known'> {
    return (await this.#open(task)).kind === 'opened' ? 'opened' : 'known';
  }
  /** As {@link open}; the case that the task is in. */
  async caseOf(task: GovernanceTask): Promise<string> {
    return (await this.#open(task)).caseId;
  }
  #open(task: GovernanceTask): Promise<OpenCaseResult> {
    return this.#engine.openCase({
      step: this.#registered().ask, process: governanceProcess, template, site: task.site, title: task.title, keys: [], transportId: `governance:${task.key}`, device: 'waybill',
      document: { task: { role: task.role, question: task.question, shown: task.shown, notBy: task.notBy ?? [], ...(task.dueAt === undefined ? {} : { dueAt: task.dueAt }) } }, message: { payload: {} },
    });
  }

  #registered(): { readonly ask: StepHandle; readonly review: StepHandle } {
    return this.#steps ??= { ask: this.#register(ask, [[review.stepId]], undefined), review: this.#register(review, [], reviewPattern) };
  }

  #register(address: Address, wires: readonly (readonly string[])[], pattern: StepPattern | undefined): StepHandle {
    const node: OwnNode = {
      id: `waybill-${address.stepId}`, type: 'waybill-governance', name: address.stepId, wires: wires.map((each) => each.map((id) => `waybill-${id}`)),
      send: () => undefined, status: () => undefined, error: (message) => once(`governance-${message}`, message), warn: (message) => once(`governance-${message}`, message),
      // As Node-RED does: what is sent arrives later, never within the sending.
      _flow: { send: (events) => { for (const { msg } of events) setImmediate(() => { this.#arrive(msg); }); } },
    };
    return this.#engine.registerStep({ node, address, requires: [], pattern, outputs: wires.length });
  }

  #arrive(msg: object): void {
    if (this.#steps === undefined) return;
    this.#engine.receive(this.#steps.review, msg).catch((error: unknown) => once('governance-task', `A task of governance waits for the next start: ${String(error)}`));
  }
}

interface Wanted { readonly role: string; readonly question: string; readonly shown: JsonObject; readonly notBy?: readonly string[]; readonly dueAt?: string }

const outcomes: Readonly<Partial<Record<Task['status'], string>>> = { approved: 'done', rejected: 'rejected', expired: 'expired', withdrawn: 'cancelled' };

/** Asks one person of the role, and closes the case by what they say. */
const reviewPattern: StepPattern = {
  async run(step: StepContext) {
    const task = Object.values(step.state.tasks).filter((each) => each.runId === step.runId).at(-1);
    if (task?.status === 'open') return;
    const outcome = task === undefined ? undefined : outcomes[task.status];
    if (outcome !== undefined) {
      await step.commit([{ type: 'CloseCase', outcome, runId: step.runId, cancelOpen: false, compensate: false, releaseClaims: false, at: step.now() }]);
      return;
    }
    const wanted = step.document['task'] as unknown as Wanted;
    const requesters = wanted.notBy ?? [];
    const taskId = step.newId();
    await step.commit((state) => [{
      type: 'CreateTask', taskId, runId: step.runId, kind: requesters.length === 0 ? 'work' : 'approval', role: wanted.role, quorum: 1, at: step.now(), ...(wanted.dueAt === undefined ? {} : { dueAt: wanted.dueAt }), onExpiry: 'expire',
      requesters, covers: [], factsHash: step.hashFacts(state, []), unknownOperatorRole: wanted.role, maxRounds: 0, policyVersion: template, title: state.title ?? state.caseId, question: wanted.question, shown: wanted.shown,
    }]);
  },
};
