import { accepted, nothing, refused } from '../decision.ts';
import type { Decision } from '../decision.ts';
import type { CaseState, Run } from '../case/state.ts';
import { own } from '../own.ts';
import { peopleOf } from '../guard.ts';
import { effectPending } from '../effect/effect-pending.ts';
import { inherited, isCancelledBranch } from '../fork/lineage.ts';
import { waitOf } from '../wait/decide-wait.ts';
import { timersOf } from '../timer/decide-timer.ts';
import type { AnyEvent } from '../envelope.ts';
import type { CompleteStep, PoisonRun, ReachMilestone, RecordAudit, RecordDecision, RecordValidation, ResumeStep } from '../case/commands.ts';

/** True while the run is the responsibility of a step. */
export function isOpenRun(run: Run | undefined): run is Run {
  return run !== undefined && run.state !== 'completed' && run.state !== 'void';
}

function openRun(state: CaseState, runId: string): Run | undefined {
  const run = own(state.runs, runId);
  return state.status === 'open' && isOpenRun(run) ? run : undefined;
}

/** What ends with a run that completes: its open tasks are withdrawn, its timers cancelled. */
function endsWith(state: CaseState, runId: string): readonly AnyEvent[] {
  const withdrawn = Object.values(state.tasks).filter((t) => t.runId === runId && t.status === 'open').map((t): AnyEvent => ({
    type: 'TaskVoided', address: t.address, data: { taskId: t.taskId, reason: 'step-completed' },
  }));
  return [...withdrawn, ...timersOf(state, runId), ...waitOf(state, runId)];
}

/** Ends a run that issues nothing. */
export function endsWithoutTokens(state: CaseState, run: Run): readonly AnyEvent[] {
  return [...endsWith(state, run.runId), { type: 'StepCompleted', address: run.address, data: { runId: run.runId, tokens: [], hops: run.hops + 1 }, content: { messages: {} } }];
}

/**
 * Ends a run and issues one token per wire, in one commit, before anything is sent (PROTOCOL §2.2).
 * Refused while a call of the run is under way or its outcome is unknown; a task still open is withdrawn.
 */
export function decideCompleteStep(state: CaseState, command: CompleteStep): Decision {
  const run = own(state.runs, command.runId);
  if (run === undefined) return refused(command.type, 'run-unknown');
  if (run.state === 'completed') return nothing('completed');
  if (openRun(state, command.runId) === undefined) return refused(command.type, state.status === 'closed' ? 'case-closed' : 'run-not-open');
  if (Object.values(state.effects).some((e) => e.runId === run.runId && effectPending(e))) return refused(command.type, 'effect-open');
  // What comes of a branch that was cancelled while its call was under way is absorbed.
  const absorbed = isCancelledBranch(state, inherited(run, command.joins));
  return accepted(...endsWith(state, run.runId), {
    type: 'StepCompleted', address: run.address,
    data: { runId: run.runId, tokens: absorbed ? [] : command.tokens, hops: run.hops + 1, ...(command.joins === undefined ? {} : { joins: command.joins }) },
    content: { messages: absorbed ? {} : command.messages },
  });
}

/** A run is gone on with in a new epoch. */
export function decideResumeStep(state: CaseState, command: ResumeStep): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return nothing('not-open');
  return accepted({ type: 'StepResumed', address: run.address, data: { runId: run.runId, uncleanEpochs: command.uncleanEpochs } });
}

export function decidePoisonRun(state: CaseState, command: PoisonRun): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return nothing('not-open');
  const raised = Object.values(state.exceptions).some((e) => e.status === 'open' && e.class === 'poison' && e.runId === run.runId);
  if (raised) return nothing('raised');
  return accepted({
    type: 'ExceptionRaised', address: run.address,
    data: { exceptionId: command.exceptionId, class: 'poison', severity: 'critical', queue: 'engineer', code: 'poison-step', runId: run.runId },
    content: { message: `Node-RED ended uncleanly ${command.limit} times while this step was at work; it is not started again by itself.` },
  });
}

export function decideReachMilestone(state: CaseState, command: ReachMilestone): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return refused(command.type, 'run-not-open');
  const by = peopleOf(state, command.runId);
  return accepted({
    type: 'MilestoneReached', address: run.address,
    data: { milestone: command.milestone, covers: command.covers, factsHash: command.factsHash, ...(by.length === 0 ? {} : { by }) },
  });
}

export function decideRecordValidation(state: CaseState, command: RecordValidation): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return refused(command.type, 'run-not-open');
  return accepted({
    type: 'Validated', address: run.address,
    data: { contract: command.contract, valid: command.errors.length === 0, errors: command.errors.length },
    ...(command.errors.length === 0 ? {} : { content: { errors: command.errors } }),
  });
}

export function decideRecordAudit(state: CaseState, command: RecordAudit): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return refused(command.type, 'run-not-open');
  return accepted({
    type: 'AuditRecorded', address: run.address,
    data: { what: command.what, attachments: command.attachments },
    content: { why: command.why, ...(command.evidence === undefined ? {} : { evidence: command.evidence }) },
  });
}

/** A decision table answered, for a run that is open. */
export function decideRecordDecision(state: CaseState, command: RecordDecision): Decision {
  const run = openRun(state, command.runId);
  if (run === undefined) return refused(command.type, 'run-not-open');
  return accepted({
    type: 'DecisionMade', address: run.address,
    data: { runId: run.runId, table: command.table, tableHash: command.tableHash, hitPolicy: command.hitPolicy, rules: command.rules },
    content: { inputs: command.inputs, answer: command.answer },
  });
}
