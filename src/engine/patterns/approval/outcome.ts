import { addressKey } from '../../../domain/index.ts';
import type { CaseState, JsonObject, RecordedEvent } from '../../../domain/index.ts';
import type { StepContext } from '../../step-context.ts';

export type ApprovalOutcome = 'approved' | 'rejected' | 'rework' | 'withdrawn' | 'expired';

/** How often the case was returned at this step while it had another id. */
export function reworksBefore(step: StepContext, state: CaseState): number {
  return step.otherAddresses().reduce((sum, address) => sum + (state.reworks[address] ?? 0), 0);
}

function decisionIn(event: RecordedEvent, roleOf: ReadonlyMap<string, { readonly level: number; readonly role: string }>): JsonObject | undefined {
  if (event.type !== 'Decided') return undefined;
  const asked = event.data.taskId === undefined ? undefined : roleOf.get(event.data.taskId);
  return {
    level: asked?.level ?? 1, role: asked?.role ?? 'policy', decision: event.data.decision, at: event.recordedAt,
    ...(event.data.mode === 'auto' ? { rule: event.data.ruleId } : {}), ...(event.personal?.comment === undefined ? {} : { comment: event.personal.comment }),
  };
}

/** `msg.approval` of what leaves the step: what came out, who decided by role, and in which round. Names stay in the ledger. */
export async function approvalOf(step: StepContext, outcome: ApprovalOutcome, row: string | undefined): Promise<JsonObject> {
  const events = await step.history();
  const own = new Map<string, { level: number; role: string }>();
  const recalled = new Set<RecordedEvent>();
  const last = new Map<string, RecordedEvent>();
  for (const event of events) {
    if (event.type === 'TaskCreated' && event.data.runId === step.runId) own.set(event.data.taskId, { level: event.data.level, role: event.data.role });
    if (event.type === 'Reassigned' && event.data.toRole !== undefined) {
      const known = own.get(event.data.taskId);
      if (known !== undefined) known.role = event.data.toRole;
    }
    if (event.type === 'Decided' && event.data.taskId !== undefined) last.set(event.data.taskId, event);
    if (event.type === 'DecisionRecalled') {
      const taken = last.get(event.data.taskId);
      if (taken !== undefined) recalled.add(taken);
    }
  }
  const decisions = events.flatMap((event) => {
    if (event.type !== 'Decided' || event.data.runId !== step.runId || recalled.has(event)) return [];
    return decisionIn(event, own) ?? [];
  });
  const reworks = (step.state.reworks[addressKey(step.address)] ?? 0) + reworksBefore(step, step.state);
  return { outcome, decisions, round: outcome === 'rework' ? Math.max(1, reworks) : reworks + 1, ...(row === undefined ? {} : { row }) };
}
