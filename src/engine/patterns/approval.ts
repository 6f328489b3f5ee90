import { valueAt } from '../../domain/index.ts';
import type { CaseCommand, CaseState, Json, Task } from '../../domain/index.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { hashJson } from '../support/hashing.ts';
import { asText, ConfigError, list, positive } from './typed.ts';

/** Config of an `approval` node. `matrix` is room for rows and levels. */
export interface ApprovalConfig {
  readonly question: string; readonly questionType: string; readonly role: string; readonly quorum: number | string; readonly covers: string;
  readonly autoApprove: string; readonly ruleId: string; readonly deadline: number | string; readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  readonly onExpiry: 'reject' | 'expire'; readonly unknownOperatorRole: string; readonly milestone: string; readonly matrix?: readonly Json[];
}

const unitMs = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
const output = { approved: 0, rejected: 1, rework: 2, expired: 3 } as const;

/** The newest task of this run. */
function latestTask(state: CaseState, runId: string): Task | undefined {
  return Object.values(state.tasks).filter((t) => t.runId === runId).at(-1);
}

/** One level of approval: a rule of the policy decides, or people with the role do; expiry fails closed. */
export function approvalPattern(config: ApprovalConfig): StepPattern {
  if (!config.role) throw new ConfigError('This approval has no role; say who decides, and deploy.');
  // Rows that were left out silently could be the ones that ask the board.
  if ((config.matrix ?? []).length > 0) throw new ConfigError('This version of Waybill knows no approval matrix; empty it, or update Waybill.');
  const covers = list(config.covers);
  const milestone = config.milestone || 'approved';
  const policyVersion = hashJson({ role: config.role, quorum: positive(config.quorum, 1), covers, autoApprove: config.autoApprove ?? '', ruleId: config.ruleId ?? '', deadline: String(config.deadline ?? ''), deadlineUnit: config.deadlineUnit ?? '', onExpiry: config.onExpiry ?? '' }).slice(0, 12);

  const approve = (step: StepContext, over: { readonly covers: readonly string[]; readonly factsHash: string }, before: readonly CaseCommand[]): Promise<void> =>
    step.complete([{ port: output.approved }], [...before, { type: 'ReachMilestone', runId: step.runId, milestone, covers: over.covers, factsHash: over.factsHash }]);

  /** Facts that were corrected after the approval and before the step could go on are not approved (PROTOCOL §8). */
  const factsMoved = (step: StepContext): Promise<void> => step.raise({
    class: 'guard-breached', severity: 'high', queue: 'engineer', code: `facts-changed:${milestone}`,
    message: 'The facts were corrected after they had been approved. Put back what was approved and retry, or cancel the case.',
  });

  async function createTask(step: StepContext): Promise<void> {
    const deadlineMs = Number(config.deadline) > 0 ? Number(config.deadline) * unitMs[config.deadlineUnit ?? 'hours'] : undefined;
    const question = asText(await step.evaluate(config.question ?? '', config.questionType ?? 'str')) || 'May this go on?';
    const taskId = step.newId();
    await step.commit((state) => {
      const shown: { [path: string]: Json } = {};
      for (const path of covers) shown[path] = valueAt(state.document ?? {}, path) ?? null;
      const unknownOperatorRole = config.unknownOperatorRole || 'site-manager';
      return [{
        type: 'CreateTask', taskId, runId: step.runId, role: state.operatorUnknown ? unknownOperatorRole : config.role, quorum: Math.round(positive(config.quorum, 1)),
        at: step.now(), ...(deadlineMs === undefined ? {} : { dueAt: new Date(Date.parse(step.now()) + deadlineMs).toISOString() }),
        onExpiry: config.onExpiry === 'expire' ? 'expire' : 'reject', covers, factsHash: step.hashFacts(state, covers), unknownOperatorRole,
        policyVersion, title: state.title ?? state.caseId, question, shown,
      }];
    });
  }

  return {
    async run(step) {
      const task = latestTask(step.state, step.runId);
      if (task === undefined) {
        const auto = config.autoApprove ? await step.evaluate(config.autoApprove, 'jsonata') : false;
        if (auto !== true) return createTask(step);
        const factsHash = step.hashFacts(step.state, covers);
        return approve(step, { covers, factsHash }, [{ type: 'DecideAutomatically', runId: step.runId, ruleId: config.ruleId || 'auto', factsHash, policyVersion }]);
      }
      switch (task.status) {
        case 'open': return;
        case 'approved': return step.hashFacts(step.state, task.covers) === task.factsHash ? approve(step, task, []) : factsMoved(step);
        case 'rejected': return step.complete([{ port: output.rejected }]);
        case 'expired': return step.complete([{ port: task.onExpiry === 'reject' ? output.rejected : output.expired }]);
        // The facts changed: a new task about the facts as they are now.
        case 'voided': return createTask(step);
      }
    },
  };
}
