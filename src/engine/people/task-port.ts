import type { JsonObject } from '../../domain/json.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { TaskReach } from './task-reach.ts';

/** A command of a person about a task. `commandKey`: Idempotency-Key, already scoped to the person. */
interface TaskCommandInput { readonly taskId: string; readonly by: PersonIdentity; readonly commandKey?: string }

export interface DecideTask extends TaskCommandInput {
  readonly decision: 'approve' | 'reject' | 'rework';
  readonly comment?: string;
  /** Hash of the facts that the person saw (from the task). */
  readonly factsHash: string;
  /** Account id of the delegator; when absent, and the person does not hold the role, the only one there is. */
  readonly onBehalfOf?: string;
  /** Together with other tasks: only where the policy allows it. */
  readonly bulk?: boolean;
}
export interface ReassignTask extends TaskCommandInput {
  /** One of the two: a role, or the account id of a person. */
  readonly toRole?: string; readonly toPerson?: string;
  readonly reason: string;
}
/** `to`: account id; else whoever took part in the case may answer. */
export interface RequestInfo extends TaskCommandInput { readonly question: string; readonly to?: string }
export interface AnswerInfo extends TaskCommandInput { readonly answer: string }
export interface CommentTask extends TaskCommandInput { readonly comment: string }
export interface WithdrawTask extends TaskCommandInput { readonly reason: string }
export interface RequestReversal extends TaskCommandInput { readonly reason: string }

/** One level of an approval as a person sees it. */
export interface LevelView {
  readonly level: number; readonly role: string;
  /** `waiting`: asked when the levels before it have approved. */
  readonly status: string;
  readonly taskId: string | null; readonly quorum: number; readonly quorumOf: 'count' | 'all';
  readonly decisions: readonly { readonly person: string; readonly onBehalfOf?: string; readonly decision: string; readonly at: string }[];
  /** How many hold the role and may decide it, and how many of them have not yet; null when nobody can say. */
  readonly eligible: number | null; readonly left: number | null;
  readonly dueAt: string | null; readonly assignee: string | null;
}

/** All about a task that one person needs to decide it. Persons are pseudonyms. */
export interface TaskDetail {
  /** Row of the matrix and what held; null for a policy without a matrix. */
  readonly why: JsonObject | null;
  readonly level: number; readonly sequence: number; readonly round: number; readonly policyVersion: string | null;
  readonly levels: readonly LevelView[];
  readonly requesters: readonly string[];
  readonly heldUntil: string | null; readonly bulk: boolean;
  /** The question that is open. */
  readonly question: { readonly by: string; readonly to: string | null; readonly askedAt: string; readonly text: string | null } | null;
  /** Questions, answers and comments in their order. */
  readonly conversation: readonly { readonly kind: 'question' | 'answer' | 'comment' | 'reassigned'; readonly person: string; readonly at: string; readonly text: string | null }[];
  /** The caller had a part in the case, or it was given or put to them: they see it without the role. */
  readonly takesPart: boolean;
  /** How long a decision may be recalled. */
  readonly holdSeconds: number;
  readonly mayDecide: boolean;
  /** Refusal code, when the caller may not. */
  readonly mayNot: string | null;
  readonly mayRework: boolean; readonly mayRecall: boolean; readonly mayReassign: boolean; readonly mayReassignToRole: boolean;
  readonly mayAsk: boolean; readonly mayAnswer: boolean; readonly mayWithdraw: boolean; readonly mayReverse: boolean;
  /** For whom the caller may decide it, by account id. */
  readonly delegators: readonly { readonly userId: string; readonly name: string }[];
  /** Case that reverses the approval. */
  readonly reversedBy: string | null;
}

/** What people do with tasks. Every answer is durable before it is given, and every refusal is recorded. */
export interface TaskPort {
  decideTask(input: DecideTask): Promise<Outcome<{ readonly taskStatus: string; readonly approvals: number; readonly quorum: number; readonly heldUntil?: string }>>;
  claimTask(input: { readonly taskId: string; readonly by: PersonIdentity; readonly release: boolean }): Promise<Outcome>;
  /** Records that the person looked at the task (once per person). */
  openTask(input: { readonly taskId: string; readonly by: PersonIdentity }): Promise<Outcome>;
  reassignTask(input: ReassignTask): Promise<Outcome>;
  requestInfo(input: RequestInfo): Promise<Outcome>;
  answerInfo(input: AnswerInfo): Promise<Outcome>;
  commentTask(input: CommentTask): Promise<Outcome>;
  withdrawTask(input: WithdrawTask): Promise<Outcome>;
  recallDecision(input: TaskCommandInput): Promise<Outcome>;
  /** Opens a case that undoes what an approval led to. */
  requestReversal(input: RequestReversal): Promise<Outcome<{ readonly reversalCaseId: string }>>;
  /** Undefined when there is no such task in the person's sites. */
  taskDetail(taskId: string, by: PersonIdentity): Promise<TaskDetail | undefined>;
  /** Which tasks are the person's now, in their own name or for somebody. */
  taskReach(by: PersonIdentity): Promise<TaskReach>;
}
