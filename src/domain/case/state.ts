import type { Address } from '../envelope.ts';
import type { AttachmentSubject, CallOutcome, EncodedMessage, ExceptionClass, ForkPlace, Priority, ReservationClaim, ResolutionCode, ResolutionOutcome, Severity, TaskKind, UndoKind } from '../events.ts';
import type { Arm, Ladder } from '../escalation/ladder.ts';
import type { Json, JsonObject } from '../json.ts';

/** What tokens and runs inherit from what they came of. */
export interface Lineage {
  /** The forks that it is in, outermost first; absent outside of forks. */
  readonly forks?: readonly ForkPlace[];
  /** The compensation whose undo it belongs to. */
  readonly compensation?: string;
}

/** Position of a case on one wire. */
export interface Token extends Lineage {
  readonly tokenId: string;
  readonly state: 'live' | 'consumed' | 'void';
  /** Run that issued it. */
  readonly issuedBy: string;
  readonly from: Address;
  readonly port: number;
  readonly wire: number;
  readonly target: string;
  /** Last attempt at delivery, 1 for the first. */
  readonly attempt: number;
  readonly epoch: number;
  readonly uncleanEpochs: number;
  readonly hops: number;
  /** Set when consumed: who took it and with which attempt. */
  readonly consumedBy?: Address;
  readonly consumedAttempt?: number;
  /** A late arrival was recorded already. */
  readonly late?: true;
  /** An error of a plain node that came after its end was recorded already. */
  readonly failed?: true;
  /** How its attempts go, once one has failed or could not leave. */
  readonly retry?: TokenRetry;
  /** Its own message, where it is another than its run sent to this port; a view. */
  readonly message?: EncodedMessage;
}

/** A token under a retry policy that did not get through so far. */
export interface TokenRetry {
  /** Attempts that failed in this round: since it was issued, or replayed. */
  readonly failures: number;
  /** When the first attempt of the round left; absent before it. */
  readonly roundStartedAt?: string;
  /** How often in a row it could not leave because the circuit was open. */
  readonly holds: number;
  /** Waits for its next attempt until then. */
  readonly dueAt?: string;
  /** Given up: waits for a person. */
  readonly deadLetterId?: string;
}

/** One work of a governed step on one token (`runId` = the token it consumed). PROTOCOL §2.1. */
export interface Run extends Lineage {
  readonly runId: string;
  readonly address: Address;
  readonly nodeType: string;
  readonly state: 'pending' | 'effect-intended' | 'effect-known' | 'completed' | 'void';
  readonly enteredAt: string;
  readonly hops: number;
  readonly uncleanEpochs: number;
  readonly epoch: number;
  /** Messages per output port, once completed; a view, absent when erased. */
  readonly messages?: { readonly [port: string]: EncodedMessage };
  /** The message as it came in, when it differed from the token's; a view. */
  readonly message?: EncodedMessage;
}

export interface Task {
  readonly taskId: string;
  readonly runId: string;
  readonly address: Address;
  readonly kind: TaskKind;
  /** From 1; levels of one run may stand side by side or follow each other. */
  readonly level: number;
  readonly status: 'open' | 'approved' | 'rejected' | 'rework' | 'withdrawn' | 'expired' | 'voided';
  /** Which asking of the run, from 1: levels of earlier ones do not count any more. */
  readonly sequence: number;
  /** Levels of its row in all. */
  readonly levels: number;
  readonly matrixRow?: string;
  readonly role: string;
  readonly quorum: number;
  readonly quorumOf: 'count' | 'all';
  /** In the base currency. */
  readonly amount?: string;
  readonly currency?: string;
  readonly requesters: readonly string[];
  readonly requesterUnknown: boolean;
  readonly holdSeconds: number;
  readonly bulk: boolean;
  readonly maxRounds?: number;
  /** Decides beside its own role, since a rung of a ladder raised the level. */
  readonly alsoRole?: string;
  /** The one person who decides. */
  readonly assignee?: string;
  readonly remindAt?: string;
  /** `calendar@version` of the deadline. */
  readonly calendar?: string;
  readonly reminded?: true;
  /** Absent without a deadline, and while it pauses. */
  readonly dueAt?: string;
  readonly onExpiry: 'reject' | 'expire';
  readonly covers: readonly string[];
  readonly factsHash: string;
  readonly unknownOperatorRole: string;
  /** All who have approved. */
  readonly approvers: readonly string[];
  /** Approvers whose approval no longer counts: since, they touched the case, or an operator became unknown. */
  readonly discounted?: readonly string[];
  /** All decisions in their order; a recalled one is not among them. */
  readonly decisions: readonly TaskDecision[];
  /** The last word, which may be recalled until its time. */
  readonly held?: { readonly until: string; readonly outcome: 'approved' | 'rejected' | 'rework'; readonly decider: string };
  /** A question to the requester. */
  readonly info?: { readonly infoId: string; readonly by: string; readonly askedAt: string; readonly to?: string; readonly pausedDueAt?: string; readonly pausedRemindAt?: string };
  /** Pseudonym of who withdrew it. */
  readonly withdrawnBy?: string;
  readonly openedBy: readonly string[];
  readonly claimedBy?: string;
  /** `evidence`: photos at least. */
  readonly photos?: number;
}

/** One person's word on a task. */
export interface TaskDecision {
  readonly person: string;
  readonly onBehalfOf?: string;
  readonly decision: 'approve' | 'reject' | 'rework';
  /** Role of the task then: the duty that was done, also when the task goes to another role afterwards. */
  readonly role: string;
  readonly at: string;
}

/** An amount that this case adds to the sum under a key. */
export interface AccumulatedAmount extends ReservationClaim { readonly claimId: string; readonly runId: string; readonly amount: string; readonly currency: string; readonly at: string; readonly total: string }

/** A decision that was reversed by a case of its own. */
export interface Reversal { readonly taskId: string; readonly reversalCaseId: string; readonly by: string; readonly at: string; readonly stepId: string }

/** A timer of a step, until the step completes. */
export interface StepTimer { readonly timerId: string; readonly runId: string; readonly purpose: string; readonly dueAt: string; readonly destructive: boolean }

/** Branches of one fork at one gather: the run of the first to come holds it. */
export interface Gathering {
  readonly forkId: string;
  readonly address: Address;
  readonly holder: string;
  readonly of: number;
  /** How many branches it waits for. */
  readonly need: number;
  /** In the order of arrival; runs by branch. */
  readonly arrived: readonly { readonly branch: string; readonly runId: string }[];
  /** `ended`: the branches that are missing cannot come any more. */
  readonly status: 'open' | 'ended' | 'complete' | 'partial';
  /** What was still under way was cancelled: whatever of the fork ends later is absorbed. */
  readonly cancelled?: true;
  /** Views: messages by branch while it is open, absent when erased. */
  readonly messages?: { readonly [branch: string]: EncodedMessage };
}

/** The undo of a step. `compensationId` is the run that registered it. */
export interface Compensation {
  readonly compensationId: string;
  readonly address: Address;
  readonly how: UndoKind;
  /** From 1; they run last first. */
  readonly order: number;
  readonly role?: string;
  readonly photos?: number;
  /** `dropped`: the case closed without it being needed. */
  readonly status: 'registered' | 'running' | 'done' | 'skipped' | 'dropped';
  /** The run that undoes. */
  readonly undoRunId?: string;
  readonly by?: string;
  readonly reason?: string;
  /** Views, absent when erased. */
  readonly name?: string;
  readonly question?: string;
  readonly message?: EncodedMessage;
}

/** A run that waits for an event, or has it: until the step completes. */
export interface EventWait {
  readonly runId: string; readonly name: string; readonly keyHash: string; readonly since: string; readonly dueAt?: string;
  /** The event that came. */
  readonly signalId?: string;
  /** View: what it said; absent when erased. */
  readonly event?: { readonly key: string; readonly data: Json };
}

export interface Effect {
  readonly effectId: string;
  readonly runId: string;
  readonly generation: number;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly system: string;
  readonly service: string;
  readonly operation: string;
  readonly recovery: 'same-key' | 'query' | 'safe' | 'none';
  readonly state: 'intended' | 'calling' | 'waiting' | 'dead' | 'unknown' | 'known';
  readonly intendedAt: string;
  readonly calls: number;
  /** Calls since the last replay: what the retry policy counts. */
  readonly callsInRound: number;
  readonly roundStartedAt: string;
  readonly openCallId?: string;
  readonly dueAt?: string;
  /** It waits because nothing could leave, not because a call failed. */
  readonly putOff?: true;
  readonly lastOutcome?: CallOutcome;
  readonly deadLetterId?: string;
  /** It is recorded that the effect did not happen: the next call is a new generation. */
  readonly notHappened?: true;
  /** Views, absent when erased. */
  readonly request?: JsonObject;
  readonly response?: JsonObject;
}

export interface CaseException {
  readonly exceptionId: string;
  readonly class: ExceptionClass;
  readonly code: string;
  readonly status: 'open' | 'resolved';
  readonly runId?: string;
  readonly tokenId?: string;
  readonly effectId?: string;
  readonly outcome?: ResolutionOutcome;
  readonly severity: Severity;
  readonly queue: string;
  readonly priority: Priority;
  readonly category?: string;
  readonly system?: string;
  readonly raisedAt: string;
  readonly dueAt?: string;
  readonly assignee?: string;
  /** Codes by which it may be resolved; any when absent. */
  readonly resolutions?: readonly ResolutionCode[];
  /** The main exception with which it is resolved. */
  readonly mergedInto?: { readonly exceptionId: string; readonly caseId: string };
  readonly links?: readonly string[];
}

/** A photo of the case, of one of its exceptions or tasks. */
export interface Attachment { readonly attachmentId: string; readonly subject: AttachmentSubject; readonly sha256: string; readonly bytes: number; readonly mime: string; readonly erased?: true }

/** A milestone reached: what it covers, and the hash of these facts at that moment (PROTOCOL §2.9, §8). */
export interface Milestone { readonly milestone: string; readonly covers: readonly string[]; readonly factsHash: string; readonly by?: readonly string[] }

/** A quantity this case holds under a reservation. */
export interface Hold extends ReservationClaim { readonly claimId: string; readonly quantity: string; readonly overBy: string; readonly total: string; readonly limit: string }

/**
 * Control state of a case, evolved from what stands in leaves alone; `document`, `title`, messages,
 * requests and responses are views on erasable content and may be absent after an erasure.
 */
export interface CaseState {
  readonly status: 'absent' | 'open' | 'closed';
  readonly version: number;
  readonly caseId: string;
  readonly process: string;
  readonly template: string;
  readonly site: string;
  /** Absent in cases that were opened without one. */
  readonly legalEntity?: string;
  readonly rootCaseId: string;
  readonly parentCaseId?: string;
  readonly configHash: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly outcome?: string;
  readonly operators: readonly string[];
  readonly operatorUnknown: boolean;
  readonly documentHash: string;
  readonly tokens: { readonly [tokenId: string]: Token };
  readonly runs: { readonly [runId: string]: Run };
  readonly tasks: { readonly [taskId: string]: Task };
  readonly timers: { readonly [timerId: string]: StepTimer };
  readonly waits: { readonly [runId: string]: EventWait };
  /** Escalation policies of the case, by the run that armed them, and the ladders that run. */
  readonly arms: { readonly [armId: string]: Arm };
  readonly ladders: { readonly [ladderId: string]: Ladder };
  /** A person stopped the clocks of its ladders. */
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: string };
  readonly effects: { readonly [effectId: string]: Effect };
  /** By {@link gatheringKey}. */
  readonly gatherings: { readonly [key: string]: Gathering };
  readonly compensations: { readonly [compensationId: string]: Compensation };
  /** While the case is being undone: with which outcome it will close, and whether it gives its unique claims back. */
  readonly compensating?: { readonly outcome: string; readonly order: readonly string[]; readonly releaseClaims: boolean };
  readonly exceptions: { readonly [exceptionId: string]: CaseException };
  readonly attachments: { readonly [attachmentId: string]: Attachment };
  readonly milestones: { readonly [milestone: string]: Milestone };
  /** What the case claimed as unique when it was opened. */
  readonly claims: readonly ReservationClaim[];
  readonly holds: { readonly [claimId: string]: Hold };
  /** What the case adds to sums over several cases. */
  readonly amounts: { readonly [claimId: string]: AccumulatedAmount };
  /** How often the case was returned for rework, by address. */
  readonly reworks: { readonly [address: string]: number };
  readonly reversals: { readonly [taskId: string]: Reversal };
  /** What the caller of an offered service is told; `body` is a view, absent when erased. */
  readonly answer?: { readonly runId: string; readonly status: number; readonly refusal: boolean; readonly at: string; readonly body?: Json };
  /** Runs for which a decision was made without a task, with its outcome. */
  readonly autoDecided: { readonly [runId: string]: 'approved' | 'rejected' };
  /** Views. */
  readonly title?: string;
  readonly document?: JsonObject;
  readonly keys?: readonly { readonly type: string; readonly value: string }[];
  readonly origin?: JsonObject;
}

export const absentCase: CaseState = {
  status: 'absent', version: 0, caseId: '', process: '', template: '', site: '', rootCaseId: '', configHash: '', openedAt: '',
  operators: [], operatorUnknown: false, documentHash: '', tokens: {}, runs: {}, tasks: {}, timers: {}, waits: {}, arms: {}, ladders: {}, effects: {}, exceptions: {}, attachments: {},
  milestones: {}, claims: [], holds: {}, amounts: {}, reworks: {}, reversals: {}, autoDecided: {},
  gatherings: {}, compensations: {},
};
