import { decidesForUnknown, levelsOf, quorumOutlook } from '../../../domain/index.ts';
import type { CaseCommand, CaseState, Task } from '../../../domain/index.ts';
import type { Condition } from '../../../ledger/port.ts';
import type { StepPattern } from '../../api.ts';
import type { StepContext } from '../../step-context.ts';
import { asText } from '../typed.ts';
import { eligibleFor, requestersOf, roleAsked, tasksFor } from './ask.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { approvalOf } from './outcome.ts';
import type { ApprovalOutcome } from './outcome.ts';
import { policyOf } from './policy.ts';
import type { ApprovalConfig } from './policy.ts';

export type { ApprovalConfig } from './policy.ts';

const output = { approved: 0, rejected: 1, rework: 2, expired: 3 } as const;

/** The case has moved on while it was judged: it is judged again. */
class Moved extends Error {
  override readonly name = 'Moved';
}
/** How often; facts that change without an end are found by the step that comes next. */
const mostTries = 10;

function tasksOf(state: CaseState, runId: string): readonly Task[] {
  return Object.values(state.tasks).filter((task) => task.runId === runId && task.kind === 'approval');
}

/** Levels of approval, one after the other or side by side; a rule may decide; expiry fails closed. */
export function approvalPattern(config: ApprovalConfig): StepPattern {
  const policy = policyOf(config);
  const { milestone, matrix } = policy;

  async function leave(step: StepContext, outcome: ApprovalOutcome, port: number, row: string | undefined, also: readonly CaseCommand[]): Promise<void> {
    await step.complete([{ port, message: { ...step.message(), approval: await approvalOf(step, outcome, row) } }], also);
  }
  const giveBack = (step: StepContext): readonly CaseCommand[] => (step.state.amounts[step.runId] === undefined ? [] : [{ type: 'ReleaseAmount', claimId: step.runId }]);
  const reached = (step: StepContext, factsHash: string, covers = policy.covers): CaseCommand => ({ type: 'ReachMilestone', runId: step.runId, milestone, covers, factsHash });

  /** Facts that were corrected after the approval and before the step could go on are not approved (PROTOCOL §8). */
  const factsMoved = (step: StepContext): Promise<void> => step.raise({
    class: 'guard-breached', severity: 'high', queue: 'engineer', code: `facts-changed:${milestone}`,
    message: 'The facts were corrected after they had been approved. Put back what was approved and retry, or cancel the case.',
  });

  const problem = (step: StepContext, code: string, message: string): Promise<void> => step.raise({ class: 'business', severity: 'high', queue: 'engineer', code, message });

  /** The message on, as a rule or a row has approved it. */
  function approvedBy(step: StepContext, rule: string, more: { readonly row?: string } = {}): object {
    return { ...step.message(), approval: { outcome: 'approved', decisions: [{ level: 1, role: 'policy', decision: 'approve', at: step.now(), rule }], round: 1, ...more } };
  }

  /** A rule of the simple form decides. */
  async function byExpression(step: StepContext): Promise<boolean> {
    if (matrix !== undefined || !config.autoApprove || await step.evaluate(config.autoApprove, 'jsonata') !== true) return false;
    const factsHash = step.hashFacts(step.state, policy.covers);
    const ruleId = config.ruleId || 'auto';
    await step.complete([{ port: output.approved, message: approvedBy(step, ruleId) }], [{ type: 'DecideAutomatically', runId: step.runId, ruleId, factsHash, policyVersion: policy.version }, reached(step, factsHash)]);
    return true;
  }

  /** The row approves by itself: judged again in the commit, with the sums as they are then. */
  async function byRow(step: StepContext, rowId: string): Promise<void> {
    let conditions: readonly Condition[] = [];
    await step.complete([{ port: output.approved, message: approvedBy(step, rowId, { row: rowId }) }], async (state) => {
      const now = await judge(step, policy, state);
      if (now.kind !== 'auto' || now.rowId !== rowId) throw new Moved();
      ({ conditions } = now.sums);
      const factsHash = step.hashFacts(state, policy.covers);
      return [...now.sums.commands, { type: 'DecideAutomatically', runId: step.runId, ruleId: rowId, factsHash, policyVersion: policy.version }, reached(step, factsHash)];
    }, { conditions: () => conditions });
  }

  /** Asks levels of a row; what would be asked of nobody is said instead. */
  async function ask(step: StepContext, judged: Judgement & { kind: 'levels' }, sequence: number, levels: readonly number[]): Promise<void> {
    const asOf = step.state.documentHash;
    const requesters = await requestersOf(step, policy, step.state);
    const eligible: number[] = [];
    for (const number of levels) {
      const level = judged.levels[number - 1];
      if (level === undefined) continue;
      const role = roleAsked(policy, step.state, level, requesters);
      const many = await eligibleFor(step, policy, step.state, role, requesters);
      const needed = level.quorumOf === 'all' ? 1 : level.quorum;
      if ((policy.directory !== '' || level.quorumOf === 'all') && many < needed) return problem(step, 'approval-nobody-eligible', nobody(step, role, many, needed));
      eligible.push(many);
    }
    const question = asText(await step.evaluate(config.question ?? '', config.questionType ?? 'str')) || 'May this go on?';
    let conditions: readonly Condition[] = [];
    await step.commit(async (state) => {
      const now = levels[0] === 1 ? await judge(step, policy, state) : judged;
      if (now.kind !== 'levels' || now.rowId !== judged.rowId || state.documentHash !== asOf) throw new Moved();
      ({ conditions } = now.sums);
      const stale = tasksOf(state, step.runId).filter((task) => task.sequence < sequence && task.status === 'open').map((task): CaseCommand => ({ type: 'VoidTask', taskId: task.taskId, reason: 'facts-changed' }));
      return [...stale, ...(levels[0] === 1 ? now.sums.commands : []), ...tasksFor(step, policy, state, now, { sequence, levels, question, requesters, eligible })];
    }, { conditions: () => (levels[0] === 1 ? conditions : []) });
  }

  const nobody = (step: StepContext, role: string, many: number, needed: number): string =>
    `The approval needs ${needed} of the role ${role} at ${step.state.site}, and ${many === 0 ? 'nobody' : `only ${many}`} may decide it who has no part in the case. Give the role to somebody else in the directory, or change the node and deploy; then retry.`;

  async function askAll(step: StepContext, sequence: number): Promise<void> {
    if (sequence === 1 && await byExpression(step)) return;
    const judged = await judge(step, policy, step.state);
    if (judged.kind === 'problem') return problem(step, judged.code, judged.message);
    if (judged.kind === 'auto') return byRow(step, judged.rowId);
    await ask(step, judged, sequence, judged.parallel ? judged.levels.map((_level, index) => index + 1) : [1]);
  }

  /** Nobody waits for ever: who is left may have agreed already, or can never be enough. */
  async function watchQuorum(step: StepContext, open: readonly Task[]): Promise<void> {
    let released = false;
    for (const task of open) {
      if ((task.quorumOf !== 'all' && policy.directory === '') || task.held !== undefined) continue;
      const directory = step.directory(policy.directory);
      const members = (await directory.members(decidesForUnknown(step.state, task) ? task.unknownOperatorRole : task.role, step.state.site)).map(({ pseudonym }) => pseudonym);
      const outlook = quorumOutlook(step.state, task, members, directory.conflicts());
      if (task.quorumOf === 'all' && outlook.left.length === 0 && outlook.agreed > 0) {
        await step.commit((state) => [{ type: 'ReleaseDecision', taskId: task.taskId, at: step.now(), currentFactsHash: step.hashFacts(state, task.covers), members, conflicts: directory.conflicts() }]);
        // Judged again only when something has changed: an overdue one waits for its deadline's timer.
        released ||= step.state.tasks[task.taskId]?.status !== 'open';
      } else if (!outlook.reachable) {
        return problem(step, 'approval-quorum-unreachable', `Level ${task.level} needs ${outlook.needed} approvals of the role ${task.role} at ${step.state.site}; ${outlook.agreed} are given and ${outlook.left.length} more people may give one. Give the role to somebody else in the directory, or reassign the task; then retry.`);
      }
    }
    if (released) await once(step);
  }

  /** Everybody who was to be asked has agreed. */
  async function approved(step: StepContext, levels: readonly Task[]): Promise<void> {
    const moved = levels.some((task) => step.hashFacts(step.state, task.covers) !== task.factsHash);
    const [first] = levels;
    if (moved || first === undefined) return factsMoved(step);
    return leave(step, 'approved', output.approved, first.matrixRow, [reached(step, first.factsHash, first.covers)]);
  }

  /** The level that follows, of the row as it is now; a row that is another one by now is asked from its first level on. */
  async function askNext(step: StepContext, levels: readonly Task[], sequence: number): Promise<void> {
    const [first] = levels;
    const judged = await judge(step, policy, step.state);
    if (judged.kind === 'problem') return problem(step, judged.code, judged.message);
    if (judged.kind !== 'levels' || judged.rowId !== first?.matrixRow || judged.levels.length !== first?.levels) return askAll(step, sequence + 1);
    const missing = judged.levels.map((_level, index) => index + 1).filter((number) => !levels.some((task) => task.level === number));
    await ask(step, judged, sequence, judged.parallel ? missing : missing.slice(0, 1));
  }

  async function once(step: StepContext): Promise<void> {
    const all = tasksOf(step.state, step.runId);
    if (all.length === 0) return askAll(step, 1);
    const sequence = Math.max(...all.map((task) => task.sequence));
    const levels = levelsOf(step.state, step.runId, sequence);
    const end = all.find((task) => ['rejected', 'rework', 'withdrawn', 'expired'].includes(task.status));
    if (end !== undefined) return ended(step, end);
    if (levels.length >= (levels[0]?.levels ?? 1) && levels.every((task) => task.status === 'approved')) return approved(step, levels);
    const moved = levels.length === 0 || all.some((task) => task.sequence === sequence && task.status === 'voided') || levels.some((task) => step.hashFacts(step.state, task.covers) !== task.factsHash);
    // All levels are asked anew about the facts as they are now.
    if (moved) return askAll(step, sequence + 1);
    const open = levels.filter((task) => task.status === 'open');
    if (open.length > 0) return watchQuorum(step, open);
    return askNext(step, levels, sequence);
  }

  async function ended(step: StepContext, task: Task): Promise<void> {
    switch (task.status) {
      case 'rework': return leave(step, 'rework', output.rework, task.matrixRow, giveBack(step));
      case 'withdrawn': return leave(step, 'withdrawn', output.rejected, task.matrixRow, giveBack(step));
      case 'expired': return leave(step, 'expired', task.onExpiry === 'reject' ? output.rejected : output.expired, task.matrixRow, giveBack(step));
      default: return leave(step, 'rejected', output.rejected, task.matrixRow, giveBack(step));
    }
  }

  return {
    roles: matrix === undefined ? [policy.simple.role] : [...new Set(matrix.rows.flatMap((row) => row.levels.map((level) => level.role)))],
    async run(step) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(step);
        } catch (error) {
          if (!(error instanceof Moved) || tries >= mostTries) throw error;
          // Nothing to commit: the state as it is now.
          await step.commit([]);
        }
      }
    },
  };
}

