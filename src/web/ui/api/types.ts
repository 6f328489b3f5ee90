/** The API's answers as the pages use them; `openapi.json` is the whole description. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export interface JsonObject { [key: string]: Json }

export interface Page<T> { readonly items: T[]; readonly next?: string }

export type EngineState = 'opening' | 'ready' | 'suspended' | 'refusing' | 'closed';

export interface Me {
  readonly userId: string; readonly name: string; readonly displayName: string; readonly roles: string[]; readonly sites: string[];
  readonly permissions: string[]; readonly authMethod: string; readonly csrfToken: string | null; readonly site: string;
  /** IANA zones: of the house, and of each site. */
  readonly timeZone?: string; readonly zones?: Readonly<Record<string, string>>; readonly version?: string;
  /** Whether the device is shared, and how the person signs in and decides there. */
  readonly shared?: boolean; readonly hasPin?: boolean; readonly passwordChangeable?: boolean; readonly currentPasswordNeeded?: boolean;
  readonly engine: { readonly state: EngineState; readonly reason: string | null };
}

export interface BusinessKey { readonly type: string; readonly value: string }

export interface Case {
  readonly caseId: string; readonly status: 'open' | 'closed'; readonly outcome: string | null; readonly process: string; readonly template: string;
  readonly site: string; readonly title: string; readonly openedAt: string; readonly closedAt: string | null; readonly version: number; readonly test: boolean;
  readonly rootCaseId: string; readonly parentCaseId: string | null; readonly keys: BusinessKey[];
}

export interface CaseEvent {
  readonly eventId: string; readonly position?: number; readonly version: number; readonly type: string; readonly typeVersion: number;
  readonly occurredAt: string; readonly recordedAt: string;
  readonly actor: { readonly kind: 'person' | 'system' | 'device' | 'model'; readonly id: string; readonly role?: string; readonly name?: string };
  readonly address?: string; readonly reasonCode?: string; readonly data: JsonObject; readonly content?: JsonObject; readonly personal?: JsonObject; readonly erased: boolean;
}

export type Activity = 'exception' | 'approval' | 'call-waiting' | 'running' | 'closed';

export interface CaseDetail extends Case {
  readonly activity: Activity | null; readonly document: JsonObject | null; readonly events: CaseEvent[];
  readonly steps: { readonly runId: string; readonly address: string; readonly nodeType: string; readonly status: string; readonly enteredAt: string }[] | null;
  readonly ladders: readonly Ladder[] | null; readonly pausedFor: string | null;
  readonly branches: readonly CaseBranches[] | null; readonly compensations: readonly CaseCompensation[] | null; readonly compensating: { readonly outcome: string } | null;
}
export interface Ladder {
  readonly ladderId: string; readonly subject: { readonly kind: 'case' | 'task' | 'exception'; readonly id: string }; readonly until?: string; readonly address: string;
  /** The one that comes next, from 1. */
  readonly rung: number; readonly rungs: number; readonly action: string; readonly role?: string;
  /** Null while its time stands still. */
  readonly escalatesAt: string | null; readonly paused?: 'requester' | 'person';
}
export interface CaseBranches {
  readonly address: string; readonly forkId: string; readonly of: number; readonly need: number; readonly arrived: readonly string[]; readonly missing: readonly string[];
  readonly status: 'waiting' | 'complete' | 'partial';
}
export interface CaseCompensation {
  readonly compensationId: string; readonly name: string; readonly address: string; readonly how: 'flow' | 'task'; readonly order: number;
  readonly status: 'registered' | 'running' | 'done' | 'skipped' | 'dropped'; readonly byName?: string; readonly reason?: string;
}

export type TaskStatus = 'open' | 'approved' | 'rejected' | 'rework' | 'withdrawn' | 'expired' | 'voided';

export interface Task {
  readonly taskId: string; readonly caseId: string; readonly runId: string; readonly address: string; readonly site: string; readonly process: string;
  readonly role: string; readonly status: TaskStatus; readonly quorum: number; readonly approvals: number; readonly createdAt: string;
  readonly dueAt: string | null; readonly decidedAt: string | null; readonly title: string; readonly question: string; readonly shown: JsonObject;
  readonly claimedBy: { readonly id: string; readonly name?: string; readonly me: boolean } | null;
  readonly factsHash: string; readonly mayDecide: boolean;
  /** `photos`: how many an evidence task asks for. */
  readonly kind: 'approval' | 'work' | 'evidence'; readonly photos: number | null; readonly level: number; readonly bulk: boolean;
  readonly heldUntil: string | null; readonly asksInfo: boolean; readonly escalatesAt?: string | null;
  /** For whom it is in the list; nobody, where it is of the reader's own. */
  readonly delegators?: readonly { readonly userId: string; readonly name: string }[];
}

export interface DecisionAnswer { readonly taskStatus: TaskStatus; readonly approvals: number; readonly quorum: number; readonly heldUntil?: string | null }

/** A person as the ledger knows them: a pseudonym, with the name while somebody knows it. */
export interface TaskPerson { readonly id: string; readonly name?: string; readonly me?: boolean }
export interface LevelView {
  readonly level: number; readonly role: string; readonly status: string; readonly taskId: string | null; readonly quorum: number; readonly quorumOf: 'count' | 'all';
  readonly decisions: readonly { readonly by: TaskPerson; readonly onBehalfOf?: TaskPerson; readonly decision: string; readonly at: string }[];
  readonly eligible: number | null; readonly left: number | null; readonly dueAt: string | null; readonly assignee: TaskPerson | null;
}
/** Why a person is asked: the row of the matrix, the amount that chose it. */
export interface TaskWhy {
  readonly row: string; readonly because?: readonly string[]; readonly amount?: string; readonly currency?: string; readonly total?: string;
  readonly original?: { readonly amount: string; readonly currency: string }; readonly rate?: string;
}
export interface TaskDetail {
  readonly why: TaskWhy | null; readonly round: number; readonly policyVersion: string | null; readonly holdSeconds: number; readonly levels: readonly LevelView[];
  readonly question: { readonly by: TaskPerson; readonly to: TaskPerson | null; readonly askedAt: string; readonly text: string | null } | null;
  readonly conversation: readonly { readonly kind: 'question' | 'answer' | 'comment' | 'reassigned'; readonly by: TaskPerson; readonly at: string; readonly text: string | null }[];
  readonly mayNot: string | null; readonly mayRework: boolean; readonly mayRecall: boolean; readonly mayReassign: boolean; readonly mayReassignToRole: boolean;
  readonly mayAsk: boolean; readonly mayAnswer: boolean; readonly mayWithdraw: boolean; readonly mayReverse: boolean;
  readonly delegators: readonly { readonly userId: string; readonly name: string }[]; readonly reversedBy: string | null;
}
/** A task as its own page gets it. */
export interface WholeTask extends Task { readonly detail: TaskDetail }
/** Somebody of the directory, for a picker. */
export interface DirectoryPerson { readonly userId: string; readonly name: string; readonly roles: readonly string[]; readonly sites: readonly string[] }

export interface ExceptionItem {
  readonly exceptionId: string; readonly caseId: string; readonly class: string; readonly severity: string; readonly queue: string;
  readonly status: 'open' | 'resolved'; readonly effectId: string | null; readonly address: string | null; readonly system: string | null; readonly code: string;
  readonly message: string; readonly site: string; readonly raisedAt: string; readonly resolvedAt: string | null; readonly resolution: string | null;
  readonly assignee: { readonly id: string; readonly name?: string; readonly me: boolean } | null;
  readonly outcome: string | null; readonly category: string | null; readonly priority: number; readonly basePriority: number;
  readonly amount: string | null; readonly currency: string | null; readonly dueAt: string | null; readonly escalatesAt?: string | null; readonly mergedInto: string | null;
  readonly resolutions: readonly ResolutionCode[] | null;
}
/** A code by which an exception may be resolved; outcomes empty: any. */
export interface ResolutionCode { readonly code: string; readonly label: string; readonly reason: boolean; readonly outcomes: readonly string[] }
export interface Photo {
  readonly attachmentId: string; readonly sha256: string; readonly bytes: number; readonly mime: string; readonly caption: string | null; readonly at: string;
  readonly by: { readonly id: string; readonly name?: string }; readonly erased: boolean;
}
export interface ExceptionDetail extends ExceptionItem {
  readonly detail: JsonObject | null;
  readonly notes: readonly { readonly noteId: string; readonly at: string; readonly by: string | null; readonly note: string | null }[];
  readonly photos: readonly Photo[]; readonly merged: readonly ExceptionItem[]; readonly linked: readonly ExceptionItem[];
}

export interface DeadLetter {
  readonly deadLetterId: string; readonly kind: 'effect' | 'token'; readonly caseId: string; readonly effectId: string | null; readonly tokenId: string | null; readonly address: string; readonly system: string; readonly operation: string;
  readonly site: string; readonly reason: string; readonly calls: number; readonly deadAt: string; readonly status: 'open' | 'replayed' | 'cancelled';
}
export interface DeadLetterDetail extends DeadLetter {
  readonly request: JsonObject | null;
  readonly tries: { readonly callId: string; readonly outcome: string; readonly at: string; readonly durationMs: number; readonly httpStatus: number | null; readonly errorClass: string | null; readonly error: string | null; readonly response: JsonObject | null }[];
}

export interface Quarantined {
  readonly quarantineId: string; readonly reason: string; readonly message: string; readonly receivedAt: string; readonly site: string;
  readonly deviceId: string | null; readonly topic: string | null; readonly bytes: number; readonly sha256: string;
  /** First bytes as received, base64. */
  readonly head: string; readonly status: 'held' | 'admitted' | 'discarded';
  readonly caseId: string | null; readonly kind: 'message' | 'file' | 'queue';
  /** Its bytes are not for this reader. */
  readonly covered?: boolean;
}

export interface Kpis {
  readonly casesOpen: number | null; readonly casesClosed: number | null; readonly tasksOpen: number | null; readonly exceptionsOpen: number | null;
  readonly deadLettersOpen: number | null; readonly quarantineHeld: number | null; readonly tokensLive: number | null; readonly stepsOpen: number | null;
  readonly timers: number | null; readonly events: number | null; readonly scope: 'ledger' | 'sites'; readonly countedUpTo: number | null;
}

/** Counts stop at `countedUpTo`. */
export interface TaskSummary {
  readonly open: number; readonly overdue: number; readonly dueWithinHour: number; readonly countedUpTo: number;
  readonly roles: { readonly role: string; readonly n: number }[]; readonly sites: { readonly site: string; readonly n: number }[];
}

/** An account as administrators see it. */
export interface Person {
  readonly userId: string; readonly name: string; readonly displayName: string; readonly roles: string[]; readonly sites: string[];
  readonly badge: string | null; readonly email: string | null; readonly disabled: boolean; readonly createdAt: string; readonly hasPassword: boolean; readonly hasPin: boolean;
}
export interface RoleRow { readonly role: string; readonly permissions: string[] }
/** An API token, without its secret. */
export interface TokenRow {
  readonly tokenId: string; readonly name: string; readonly scopes: string[]; readonly sites: string[]; readonly createdAt: string;
  readonly expiresAt: string | null; readonly revokedAt: string | null; readonly state: 'active' | 'expired' | 'revoked';
}
/** A signed-in browser. */
export interface SessionRow {
  readonly sessionId: string; readonly current: boolean; readonly userId: string; readonly userName: string; readonly createdAt: string; readonly lastSeenAt: string;
  readonly expiresAt: string; readonly authMethod: string; readonly remoteAddress: string | null; readonly client: string | null; readonly shared: boolean;
}

/** A note from one shift to the next. */
export interface HandoverNote {
  readonly noteId: string; readonly site: string; readonly text: string; readonly notedAt: string; readonly status: 'open' | 'settled'; readonly settledAt: string | null;
  readonly author: { readonly id: string; readonly name?: string }; readonly settledBy: { readonly id: string; readonly name?: string } | null;
}

interface ExceptionCounts {
  readonly open: number; readonly overdue: number; readonly unassigned: number; readonly critical: number;
  readonly ages: { readonly hour: number; readonly day: number; readonly week: number; readonly older: number };
}
/** Open exceptions counted, by queue and age. */
export interface ExceptionSummary extends ExceptionCounts { readonly queues: readonly (ExceptionCounts & { readonly queue: string })[] }

interface DelegationParty { readonly userId: string | null; readonly name: string | null; readonly me: boolean }
/** Somebody acts in another person's name, from one time to another. */
export interface Delegation {
  readonly delegationId: string; readonly from: DelegationParty; readonly to: DelegationParty; readonly roles: readonly string[]; readonly sites: readonly string[];
  readonly fromTime: string; readonly toTime: string; readonly grantedAt: string; readonly endedAt: string | null; readonly state: 'coming' | 'active' | 'over' | 'ended'; readonly mayEnd: boolean;
}

/** What many replays would come to, or the batch that was started. */
export interface ReplaysAnswer {
  readonly batchId: string | null; readonly total: number; readonly unknown: readonly string[];
  readonly items: readonly { readonly deadLetterId: string; readonly caseId: string; readonly would: 'replay' | 'wait' | 'be-refused'; readonly code?: string; readonly message?: string }[];
}
export interface ReplayBatch {
  readonly batchId: string; readonly status: 'running' | 'done' | 'stopped'; readonly startedAt: string; readonly endedAt: string | null; readonly total: number; readonly fixed: boolean;
  readonly counts: { readonly [status in 'waiting' | 'replayed' | 'refused' | 'succeeded' | 'failed-again']: number };
}
/** What sending events again would find, or the replay that was started. */
export interface EventReplayAnswer { readonly replayId: string | null; readonly total: number; readonly found: readonly { readonly type: string; readonly node: string; readonly events: number }[] }
/** Events that are, or were, sent again from a date. */
export interface EventReplay {
  readonly replayId: string; readonly status: 'running' | 'done' | 'stopped'; readonly startedAt: string; readonly endedAt?: string; readonly fromTime: string; readonly toTime: string; readonly type?: string; readonly node?: string;
  readonly reason: string; readonly total: number; readonly sent: number; readonly notSent: number; readonly failures: number; readonly problem?: string;
  readonly failed: readonly { readonly caseId: string; readonly effectId: string; readonly code: string }[];
}
/** Another system, and whether anything is sent to it. */
export interface Circuit {
  readonly name: string; readonly state: 'closed' | 'open' | 'half-open'; readonly since: string | null; readonly until: string | null; readonly manual: boolean;
  readonly failures: number; readonly running: number; readonly waiting: number; readonly limit: number; readonly conflicts: readonly string[];
}

/** What became of each of several decisions. */
export interface TasksDecided { readonly items: readonly { readonly taskId: string; readonly ok: boolean; readonly code?: string; readonly message?: string }[] }
