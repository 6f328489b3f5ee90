import { undoRunIdOf } from '../../domain/index.ts';
import type { Compensation, Json, Task } from '../../domain/index.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { checkDeadline, dueOf } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { asText, ConfigError, positive } from './typed.ts';

/** Config of a `compensate` node. */
export interface CompensateConfig extends Deadline {
  /** `register`: passes the message on and remembers how the step before is undone. `done`: the end of an undo path. */
  readonly mode: 'register' | 'done';
  readonly undoName: string; readonly undoNameType: string;
  readonly how: 'flow' | 'task';
  readonly role: string; readonly question: string; readonly questionType: string; readonly photos: number | string;
}

const port = { onwards: 0, undo: 1 } as const;

/** Registers undos; on cancel the engine runs them here, last first, each as a run of its own. */
export function compensatePattern(config: CompensateConfig): StepPattern {
  if (config.mode !== 'done' && config.how === 'task' && !config.role) throw new ConfigError('This undo has no role; say who undoes the step, and deploy.');
  if (config.mode !== 'done' && config.how === 'task') checkDeadline(config);
  return {
    async run(step) {
      const undone = step.state.compensations[step.state.runs[step.runId]?.compensation ?? ''];
      if (config.mode === 'done') return undone === undefined ? notUndone(step) : step.complete([]);
      if (undone !== undefined && step.runId === undoRunIdOf(undone.compensationId)) return undo(step, undone, config);
      // Within an undo nothing is registered: there is no undoing of an undo.
      if (undone !== undefined) return step.complete([{ port: port.onwards }]);
      await register(step, config);
    },
  };
}

async function register(step: StepContext, config: CompensateConfig): Promise<void> {
  const name = asText(await step.evaluate(config.undoName ?? '', config.undoNameType ?? 'str')) || step.address.stepId;
  const byHand = config.how === 'task';
  const question = byHand ? asText(await step.evaluate(config.question ?? '', config.questionType ?? 'str')) || name : undefined;
  const photos = Math.round(positive(config.photos, 0));
  await step.complete([{ port: port.onwards }], [{
    type: 'RegisterCompensation', runId: step.runId, how: byHand ? 'task' : 'flow', name, message: step.encodedMessage(),
    ...(byHand ? { role: config.role, ...(photos > 0 ? { photos } : {}) } : {}), ...(question === undefined ? {} : { question }),
  }]);
}

/** A message of the normal way has nothing to end here. */
function notUndone(step: StepContext): Promise<void> {
  return step.raise({
    class: 'node-error', severity: 'high', queue: 'engineer', code: 'no-undo',
    message: 'This message is on no undo path, and this node only ends such a path. Wire the case on to its close, deploy, and cancel or replay this one.',
  });
}

async function undo(step: StepContext, compensation: Compensation, config: CompensateConfig): Promise<void> {
  if (compensation.how === 'flow') return step.complete([{ port: port.undo }]);
  const tasks = Object.values(step.state.tasks).filter((task) => task.runId === step.runId);
  const last = tasks.at(-1);
  if (last?.status === 'open') return;
  if (last?.status === 'approved') return step.complete([]);
  if (last !== undefined && last.status !== 'voided' && step.resolvedException(stuckCode(last)) === undefined) return stuck(step, last);
  await createTask(step, compensation, config, (last?.level ?? 0) + 1);
}

/** One for each attempt, so that every one of them is asked about once. */
function stuckCode(task: Task): string {
  return `undo-${task.status === 'expired' ? 'overdue' : 'refused'}:${task.level}`;
}

/** The undo by hands was not done: a person asks again, or lets it be. */
function stuck(step: StepContext, task: Task): Promise<void> {
  return step.raise({
    class: 'business', severity: 'high', queue: 'clerk', code: stuckCode(task),
    message: task.status === 'expired'
      ? 'Nobody undid this step in time. Retry to ask again, or continue without undoing it, and say why.'
      : 'It was said that this step cannot be undone. Retry to ask again, or continue without undoing it, and say why.',
  });
}

async function createTask(step: StepContext, compensation: Compensation, config: CompensateConfig, level: number): Promise<void> {
  const taskId = step.newId();
  const role = compensation.role ?? config.role;
  const due = dueOf(step, config);
  await step.commit((state) => {
    const shown: { readonly [path: string]: Json } = {};
    return [{
      type: 'CreateTask', taskId, runId: step.runId, role, quorum: 1, at: step.now(), ...(due === undefined ? {} : { dueAt: due.dueAt }), onExpiry: 'expire', covers: [],
      factsHash: step.hashFacts(state, []), unknownOperatorRole: role, policyVersion: 'undo@1', title: state.title ?? state.caseId,
      question: compensation.question ?? compensation.name ?? compensation.address.stepId, shown, level,
      kind: compensation.photos === undefined ? 'work' : 'evidence', ...(compensation.photos === undefined ? {} : { photos: compensation.photos }),
    }];
  });
}
