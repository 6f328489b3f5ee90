import type { Money } from '../approval/money.ts';
import type { TaskKind } from '../events.ts';
import type { JsonObject } from '../json.ts';

/** Commands about tasks. Who is who, what the facts are and what time it is come in as arguments (STYLE 2). */
export type TaskCommand =
  | CreateTask | OpenTask | ClaimTask | ReleaseTask | DecideTask | DecideAutomatically | ExpireTask | VoidTask | RecallDecision | ReleaseDecision
  | ReassignTask | RequestInfo | AnswerInfo | CommentTask | RemindTask | WithdrawTask | RequestReversal | AccumulateAmount | ReleaseAmount;

export interface CreateTask {
  readonly type: 'CreateTask';
  readonly taskId: string; readonly runId: string; readonly role: string; readonly quorum: number; readonly at: string; readonly dueAt?: string;
  readonly onExpiry: 'reject' | 'expire'; readonly covers: readonly string[]; readonly factsHash: string; readonly unknownOperatorRole: string;
  readonly policyVersion: string; readonly title: string; readonly question: string; readonly shown: JsonObject;
  /** An approval when absent. */
  readonly kind?: TaskKind; readonly photos?: number;
  /** 1 when absent; a run has at most one standing task a level. */
  readonly level?: number;
  /** The members of `TaskCreated` with the same names. */
  readonly sequence?: number; readonly levels?: number; readonly matrixRow?: string; readonly quorumOf?: 'count' | 'all'; readonly eligibleCount?: number;
  readonly amount?: string; readonly currency?: string; readonly requesters?: readonly string[]; readonly requesterUnknown?: boolean; readonly holdSeconds?: number;
  readonly bulk?: boolean; readonly calendar?: string; readonly assignee?: string; readonly remindAt?: string; readonly maxRounds?: number;
  /** Which row, and what held. */
  readonly why?: JsonObject;
}
export interface OpenTask { readonly type: 'OpenTask'; readonly taskId: string; readonly person: string }
/** A person with what the directory knows at the time of the command. */
export interface Acting {
  /** Pseudonym and roles. */
  readonly person: string; readonly roles: readonly string[];
  /** Delegator for whom the person acts, with the roles that the delegation covers at that time and site; none when there is no such delegation. */
  readonly onBehalfOf?: { readonly person: string; readonly roles: readonly string[] };
  /** Pairs of duties that nobody does in one case. */
  readonly conflicts?: readonly (readonly [string, string])[];
}
export interface ClaimTask extends Acting { readonly type: 'ClaimTask'; readonly taskId: string }
export interface ReleaseTask { readonly type: 'ReleaseTask'; readonly taskId: string; readonly person: string }
export interface DecideTask extends Acting {
  readonly type: 'DecideTask';
  readonly taskId: string; readonly decision: 'approve' | 'reject' | 'rework';
  /** Account name of the person. */
  readonly name: string;
  readonly comment?: string; readonly channel: string; readonly authMethod: string;
  /** Hash that the person saw, and hash of the covered facts as they are now. */
  readonly factsHash: string; readonly currentFactsHash: string; readonly at: string;
  /** After a standstill or a jump of the clock: deadlines before this have not passed yet (PROTOCOL §7). */
  readonly graceUntil?: string;
  /** Largest amount that the person, or the delegator, may approve in this role; none when absent. */
  readonly limit?: Money;
  /** Who holds the task's role at its site now, by pseudonym; absent when nobody can say. */
  readonly members?: readonly string[];
  /** Together with other tasks. */
  readonly bulk?: boolean;
  /** Until when the last word is held, when the task says so. */
  readonly heldUntil?: string;
}
/** The decider takes a held decision back. */
export interface RecallDecision { readonly type: 'RecallDecision'; readonly taskId: string; readonly person: string; readonly at: string }
/**
 * The time of a held decision is over; or, with `members`, everybody who is still to be asked has agreed because others left.
 */
export interface ReleaseDecision extends Pick<Acting, 'conflicts'> { readonly type: 'ReleaseDecision'; readonly taskId: string; readonly at: string; readonly currentFactsHash: string; readonly members?: readonly string[] }
export interface ReassignTask extends Acting {
  readonly type: 'ReassignTask';
  readonly taskId: string; readonly reason: string; readonly at: string; readonly name?: string;
  /** One of the two; `held`: whether anybody holds the role at the site. */
  readonly toRole?: { readonly role: string; readonly held: boolean };
  /** `holdsRole`: whether the person holds the task's role at its site. */
  readonly toPerson?: { readonly person: string; readonly holdsRole: boolean };
  /** By a rule, for example a ladder, and not by the person. */
  readonly byRule?: boolean;
  /** Until when deadlines are put off, after a standstill. */
  readonly graceUntil?: string;
}
/** `to`: pseudonym of the person who is asked; else whoever took part in the case. */
export interface RequestInfo extends Acting { readonly type: 'RequestInfo'; readonly taskId: string; readonly infoId: string; readonly question: string; readonly at: string; readonly to?: string; readonly graceUntil?: string }
/** `dueAt`, `remindAt`: when the time that was left runs out, counted from now. */
export interface AnswerInfo { readonly type: 'AnswerInfo'; readonly taskId: string; readonly person: string; readonly roles: readonly string[]; readonly answer: string; readonly at: string; readonly dueAt?: string; readonly remindAt?: string }
export interface CommentTask { readonly type: 'CommentTask'; readonly taskId: string; readonly person: string; readonly name: string; readonly comment: string }
export interface RemindTask { readonly type: 'RemindTask'; readonly taskId: string; readonly at: string }
export interface WithdrawTask { readonly type: 'WithdrawTask'; readonly taskId: string; readonly person: string; readonly roles: readonly string[]; readonly reason: string }
/** Asks to undo what an approval led to, by a case of its own. */
export interface RequestReversal { readonly type: 'RequestReversal'; readonly taskId: string; readonly person: string; readonly roles: readonly string[]; readonly reversalCaseId: string; readonly reason: string; readonly at: string }
/** Adds the amount of this case to the sum under a key; the sum's version is a condition of the commit. */
export interface AccumulateAmount {
  readonly type: 'AccumulateAmount';
  readonly runId: string; readonly claimId: string; readonly scope: string; readonly keyHash: string; readonly amount: string; readonly currency: string;
  readonly at: string; readonly total: string; readonly reservationVersion: number;
}
export interface ReleaseAmount { readonly type: 'ReleaseAmount'; readonly claimId: string }
export interface DecideAutomatically {
  readonly type: 'DecideAutomatically';
  readonly runId: string; readonly ruleId: string; readonly factsHash: string; readonly policyVersion: string;
}
/** Deadlines are judged by `at`, the time of the command (PROTOCOL §7). */
export interface ExpireTask { readonly type: 'ExpireTask'; readonly taskId: string; readonly at: string }
export interface VoidTask { readonly type: 'VoidTask'; readonly taskId: string; readonly reason: string }

