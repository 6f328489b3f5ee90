import { addressKey, eligible, isApproved, levelsOf, mayWithdraw, own, quorumOutlook, touchedBy, whyNot } from '../../domain/index.ts';
import type { CaseState, Json, JsonObject, RecordedEvent, Task } from '../../domain/index.ts';
import type { Directory } from '../directory/directory.ts';
import type { ActingPerson } from './acting.ts';
import type { LevelView, TaskDetail } from './task-port.ts';

export interface DetailInput {
  readonly state: CaseState; readonly task: Task; readonly acting: ActingPerson; readonly at: string; readonly directory: Directory; readonly events: readonly RecordedEvent[];
  readonly delegators: TaskDetail['delegators'];
  /** A case open node takes reversals of the step. */
  readonly reversible: boolean;
}

interface PlannedLevel { readonly role: string; readonly quorum: number; readonly quorumOf: 'count' | 'all' }

/** Levels of the row that have not been asked yet, as they were when the first was. */
function plannedIn(why: JsonObject | undefined): readonly PlannedLevel[] {
  const levels = why?.['levels'];
  if (!Array.isArray(levels)) return [];
  return (levels as readonly Json[]).map((each) => {
    const { role, quorum, quorumOf } = each as { role?: string; quorum?: number; quorumOf?: 'count' | 'all' };
    return { role: role ?? '', quorum: quorum ?? 1, quorumOf: quorumOf ?? 'count' };
  });
}

async function levelView(input: DetailInput, task: Task): Promise<LevelView> {
  const { state, directory } = input;
  const members = (await directory.members(task.role, state.site)).map(({ pseudonym }) => pseudonym);
  const outlook = quorumOutlook(state, task, members, directory.conflicts());
  return {
    level: task.level, role: task.role, status: task.held === undefined ? task.status : 'held', taskId: task.taskId, quorum: task.quorum, quorumOf: task.quorumOf, decisions: task.decisions,
    eligible: eligible(state, task, members, directory.conflicts()).length, left: task.status === 'open' ? outlook.left.length : 0,
    dueAt: task.dueAt ?? null, assignee: task.assignee ?? null,
  };
}

/** All levels of the asking that the task belongs to, and those that are still to come. */
async function levelViews(input: DetailInput, why: JsonObject | undefined): Promise<readonly LevelView[]> {
  const { state, task } = input;
  const asked = levelsOf(state, task.runId, task.sequence);
  const shown = asked.includes(task) || task.status !== 'voided' ? asked : [...asked, task];
  const views = await Promise.all((shown.length === 0 ? [task] : shown).map((each) => levelView(input, each)));
  const coming = plannedIn(why).flatMap((level, index): readonly LevelView[] => (views.some((view) => view.level === index + 1) ? [] : [{
    level: index + 1, ...level, status: 'waiting', taskId: null, decisions: [], eligible: null, left: null, dueAt: null, assignee: null,
  }]));
  return [...views, ...coming].sort((a, b) => a.level - b.level);
}

function conversationIn(events: readonly RecordedEvent[], taskId: string): TaskDetail['conversation'] {
  return events.flatMap((event): TaskDetail['conversation'] => {
    switch (event.type) {
      case 'InfoRequested': return event.data.taskId === taskId ? [{ kind: 'question', person: event.data.by, at: event.recordedAt, text: event.content?.question ?? null }] : [];
      case 'InfoAnswered': return event.data.taskId === taskId ? [{ kind: 'answer', person: event.data.by, at: event.recordedAt, text: event.content?.answer ?? null }] : [];
      case 'TaskCommented': return event.data.taskId === taskId ? [{ kind: 'comment', person: event.data.by, at: event.recordedAt, text: event.personal?.comment ?? null }] : [];
      case 'Reassigned': return event.data.taskId === taskId ? [{ kind: 'reassigned', person: event.data.by, at: event.recordedAt, text: event.content?.reason ?? null }] : [];
      default: return [];
    }
  });
}

/** What the person may do with it now. The engine decides again when they do. */
function rights({ state, task, acting, at, reversible }: DetailInput): Pick<TaskDetail, 'mayDecide' | 'mayNot' | 'mayRework' | 'mayRecall' | 'mayReassign' | 'mayReassignToRole' | 'mayAsk' | 'mayAnswer' | 'mayWithdraw' | 'mayReverse'> {
  const open = state.status === 'open' && task.status === 'open';
  const mayNot = whyNot(state, task, acting) ?? (task.decisions.some(({ person }) => person === acting.person) ? 'decided-already' as const : undefined);
  const decides = open && task.held === undefined && mayNot === undefined;
  const touched = touchedBy(state, task).includes(acting.person);
  const manages = acting.roles.includes(task.unknownOperatorRole);
  const asked = task.info !== undefined && task.info.by !== acting.person && (task.info.to === acting.person || (task.info.to === undefined && touched) || manages);
  const reworked = own(state.reworks, addressKey(task.address)) ?? 0;
  const reversed = Object.values(state.reversals).some((each) => own(state.tasks, each.taskId)?.runId === task.runId);
  return {
    mayDecide: decides, mayNot: open ? mayNot ?? null : null, mayRework: decides && task.kind === 'approval' && (task.maxRounds === undefined || reworked < task.maxRounds),
    mayRecall: open && task.held?.decider === acting.person && at <= task.held.until,
    mayReassign: open && task.held === undefined && (mayNot === undefined || (manages && !touched)), mayReassignToRole: open && task.held === undefined && manages && !touched,
    mayAsk: decides && task.info === undefined, mayAnswer: open && asked, mayWithdraw: open && mayWithdraw(state, task, acting),
    mayReverse: reversible && !reversed && task.status === 'approved' && isApproved(state, task.runId) && own(state.runs, task.runId)?.state === 'completed'
      && (acting.roles.includes(task.role) || manages || touched),
  };
}

export async function detailOf(input: DetailInput): Promise<TaskDetail> {
  const { state, task, acting, events } = input;
  const created = events.find((event) => event.type === 'TaskCreated' && event.data.taskId === task.taskId) as Extract<RecordedEvent, { type: 'TaskCreated' }> | undefined;
  const why = created?.content?.why;
  const asked = events.findLast((event) => event.type === 'InfoRequested' && event.data.infoId === task.info?.infoId) as Extract<RecordedEvent, { type: 'InfoRequested' }> | undefined;
  const { levels: _levels, ...shown } = why ?? {};
  return {
    why: why === undefined ? null : shown, level: task.level, sequence: task.sequence, round: (own(state.reworks, addressKey(task.address)) ?? 0) + 1, policyVersion: created?.policyVersion ?? null, holdSeconds: task.holdSeconds,
    levels: await levelViews(input, why), requesters: task.requesters, heldUntil: task.held?.until ?? null, bulk: task.bulk,
    question: task.info === undefined ? null : { by: task.info.by, to: task.info.to ?? null, askedAt: task.info.askedAt, text: asked?.content?.question ?? null },
    conversation: conversationIn(events, task.taskId),
    takesPart: touchedBy(state, task).includes(acting.person) || task.assignee === acting.person || task.info?.to === acting.person || task.decisions.some(({ person }) => person === acting.person),
    ...rights(input), delegators: input.delegators,
    reversedBy: Object.values(state.reversals).find((each) => own(state.tasks, each.taskId)?.runId === task.runId)?.reversalCaseId ?? null,
  };
}
