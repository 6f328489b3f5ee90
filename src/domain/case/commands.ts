import type { Address, BusinessKey } from '../envelope.ts';
import type {
  AttachmentSubject, CallOutcome, EncodedMessage, ExceptionClass, IntakeKind, IssuedToken, NoticeChannel, Priority, ReservationClaim, ResolutionCode, ResolutionOutcome, ScanAdmission, Severity,
} from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Guard } from '../guard.ts';
import type { CompensationCommand } from '../compensation/commands.ts';
import type { ForkCommand } from '../fork/commands.ts';
import type { RetryCommand } from '../retry/commands.ts';
import type { EscalationCommand } from '../escalation/commands.ts';
import type { AnswerService } from '../answer/commands.ts';
import type { WaitCommand } from '../wait/commands.ts';
export type { FailAttempt, GivingUp, HoldToken, ReplayToken, RetryCommand } from '../retry/commands.ts';
import type { TaskCommand } from '../task/commands.ts';

/** Ids, hashes and times come in as arguments (STYLE 2); times are ISO 8601 UTC. */
export type CaseCommand =
  | OpenCase | RecordScan | EnterStep | ResumeStep | CompleteStep | ResendToken | PoisonToken | RecordNodeFailure | PoisonRun | RecordFacts | ReachMilestone
  | RecordAudit | AnswerService | RecordDecision | RecordValidation | ReserveQuantity | ReleaseQuantity | TaskCommand
  | IntendEffect | StartCall | EndCall | ScheduleRetry | DeadLetter | ReplayEffect | ResolveOutcome
  | RaiseException | ResolveException | CloseCase | ScheduleTimer | CancelTimer | RecordNotice
  | AssignException | ReleaseException | ReclassifyException | MergeException | UnmergeException | LinkException | ReopenException | NoteException
  | AttachPhoto | ErasePhoto | RetryCommand
  | ForkCommand | CompensationCommand | WaitCommand | EscalationCommand;

export interface OpenCase {
  readonly type: 'OpenCase';
  readonly caseId: string; readonly process: string; readonly template: string; readonly title: string;
  readonly eligible: boolean; readonly test: boolean; readonly possibleDuplicate: boolean; readonly configHash: string;
  readonly keys: readonly BusinessKey[]; readonly document: JsonObject; readonly documentHash: string;
  readonly reservations: readonly ReservationClaim[];
  readonly scan: ScanFacts | undefined;
  readonly operators: readonly string[]; readonly operatorUnknown: boolean;
  /** Intake step: run id and its outbound tokens. */
  readonly address: Address; readonly runId: string; readonly nodeType: string;
  readonly tokens: readonly IssuedToken[]; readonly messages: { readonly [port: string]: EncodedMessage };
}

export interface ScanFacts {
  readonly deviceId?: string; readonly operator?: string; readonly operatorName?: string; readonly operatorUnknown: boolean; readonly possibleDuplicate: boolean;
  readonly transport?: ReservationClaim;
  /** The scan comes out of quarantine. */
  readonly admission?: ScanAdmission; readonly admissionReason?: string; readonly admittedByName?: string;
  /** Absent: a scanner. */
  readonly kind?: IntakeKind;
  /** By how much the device's clock is ahead, when that is to be said. */
  readonly skewSeconds?: number;
  readonly code: string; readonly topic?: string; readonly raw?: string; readonly fields?: JsonObject;
}

/** A repeated scan of a business key on the case that holds it; allowed on a closed case (it is evidence only). */
export interface RecordScan { readonly type: 'RecordScan'; readonly scan: ScanFacts }

export interface EnterStep {
  readonly type: 'EnterStep';
  readonly tokenId: string; readonly attempt: number; readonly address: Address; readonly nodeType: string;
  /** Keys of addresses that the step had in older versions of its template; absent when it had none. */
  readonly formerly?: readonly string[];
  /** The message, when it differs from what the token carried. */
  readonly message?: EncodedMessage;
  /** Milestones required, each with the hash of the facts it covers as they are now. */
  readonly guards: readonly Guard[];
  readonly exceptionId: string; readonly hopLimit: number;
  /** Hash of the node's config. */
  readonly paramsHash?: string;
  /** The token's wire leads to another governed node than this one. */
  readonly wireMismatch: boolean;
  /** The token is under a retry policy: how long this attempt took, and which system it went to. */
  readonly tried?: { readonly durationMs: number; readonly system?: string };
}
export interface ResumeStep { readonly type: 'ResumeStep'; readonly runId: string; readonly uncleanEpochs: number }
export interface CompleteStep {
  readonly type: 'CompleteStep';
  readonly runId: string; readonly tokens: readonly IssuedToken[]; readonly messages: { readonly [port: string]: EncodedMessage };
  /** The fork that ends here. */
  readonly joins?: string;
}
export interface ResendToken { readonly type: 'ResendToken'; readonly tokenId: string; readonly uncleanEpochs: number }
export interface PoisonToken { readonly type: 'PoisonToken'; readonly tokenId: string; readonly exceptionId: string; readonly limit: number }
/** A plain node failed with the message of this token, which is not live any more. */
export interface RecordNodeFailure { readonly type: 'RecordNodeFailure'; readonly tokenId: string; readonly message: string }
export interface PoisonRun { readonly type: 'PoisonRun'; readonly runId: string; readonly exceptionId: string; readonly limit: number }

export interface RecordFacts {
  readonly type: 'RecordFacts';
  readonly runId?: string; readonly address?: Address; readonly patch: JsonObject; readonly paths: readonly string[];
  readonly beforeHash: string; readonly afterHash: string; readonly correction: boolean;
  /** Pseudonym of the person who corrects. */
  readonly by?: string;
}
export interface ReachMilestone { readonly type: 'ReachMilestone'; readonly runId: string; readonly milestone: string; readonly covers: readonly string[]; readonly factsHash: string }
export interface RecordAudit { readonly type: 'RecordAudit'; readonly runId: string; readonly what: string; readonly why: string; readonly evidence?: JsonObject; readonly attachments: readonly { name: string; sha256: string; bytes: number }[] }
export interface RecordDecision { readonly type: 'RecordDecision'; readonly runId: string; readonly table: string; readonly tableHash: string; readonly hitPolicy: 'unique' | 'first' | 'collect'; readonly rules: readonly string[]; readonly inputs: JsonObject; readonly answer: Json }
export interface RecordValidation { readonly type: 'RecordValidation'; readonly runId: string; readonly contract: string; readonly errors: readonly Json[] }

export interface ReserveQuantity {
  readonly type: 'ReserveQuantity';
  readonly runId: string; readonly claimId: string; readonly scope: string; readonly keyHash: string;
  /** Decimal strings, computed by the reservation decider. */
  readonly quantity: string; readonly total: string; readonly limit: string; readonly overBy: string; readonly reservationVersion: number;
}
export interface ReleaseQuantity { readonly type: 'ReleaseQuantity'; readonly claimId: string; readonly total: string; readonly reservationVersion: number }

/** Sets a timer of a run, or moves the one with this id; the step is called when it is due. */
export interface ScheduleTimer {
  readonly type: 'ScheduleTimer';
  readonly timerId: string; readonly runId: string; readonly purpose: string; readonly dueAt: string;
  /** It ends or rejects something: waits for the grace period after a standstill (PROTOCOL §7). */
  readonly destructive: boolean;
  /** `calendar@version` by which it was computed. */
  readonly calendar?: string;
}
export interface CancelTimer { readonly type: 'CancelTimer'; readonly timerId: string }

/** Records that people were told; allowed on a closed case, which the news may be of. */
export interface RecordNotice {
  readonly type: 'RecordNotice';
  readonly taskId?: string; readonly exceptionId?: string; readonly channel: NoticeChannel; readonly purpose: string; readonly cause: number;
  readonly ok: boolean; readonly recipients?: readonly string[]; readonly reason?: string;
}
export interface IntendEffect {
  readonly type: 'IntendEffect';
  readonly effectId: string; readonly runId: string; readonly generation: number; readonly idempotencyKey: string; readonly requestHash: string;
  readonly system: string; readonly service: string; readonly operation: string; readonly recovery: 'same-key' | 'query' | 'safe' | 'none';
  readonly request: JsonObject; readonly callId: string; readonly at: string;
  /** Guards of the step as they stand now, as for {@link EnterStep}: facts may have been corrected since it was entered. */
  readonly guards: readonly Guard[]; readonly exceptionId: string;
}
export interface StartCall { readonly type: 'StartCall'; readonly effectId: string; readonly callId: string }
export interface EndCall {
  readonly type: 'EndCall';
  readonly effectId: string; readonly callId: string; readonly outcome: CallOutcome; readonly errorClass?: string; readonly httpStatus?: number;
  readonly durationMs: number; readonly response?: JsonObject; readonly error?: string;
  /** What was on the wire, masked; in order. */
  readonly exchanges?: readonly JsonObject[];
}
/** `reason`: no call was made, for example because the circuit is open. */
export interface ScheduleRetry { readonly type: 'ScheduleRetry'; readonly effectId: string; readonly callId: string; readonly dueAt: string; readonly reason?: string }
export interface DeadLetter { readonly type: 'DeadLetter'; readonly effectId: string; readonly deadLetterId: string; readonly reason: string }
/** Guards of the step as they stand now, as for {@link EnterStep}; an edited replay is checked again by each (PROTOCOL §3). */
export interface ReplayEffect { readonly type: 'ReplayEffect'; readonly deadLetterId: string; readonly person: string;
  readonly guards: readonly Guard[]; readonly request?: JsonObject; readonly requestHash: string; readonly batchId?: string; readonly at: string;
  /** The circuit of the system is open and the caller does not want to wait for it. */
  readonly circuitOpen?: boolean }
export interface ResolveOutcome { readonly type: 'ResolveOutcome'; readonly effectId: string; readonly method: 'key' | 'query' | 'person'; readonly outcome: 'happened' | 'not-happened'; readonly response?: JsonObject }

export interface RaiseException {
  readonly type: 'RaiseException';
  readonly exceptionId: string; readonly class: ExceptionClass; readonly severity: Severity; readonly queue: string; readonly code: string;
  readonly message: string; readonly detail?: JsonObject; readonly payload?: EncodedMessage;
  readonly runId?: string; readonly tokenId?: string; readonly effectId?: string; readonly system?: string; readonly address?: Address;
  readonly priority?: Priority; readonly category?: string; readonly amount?: string; readonly currency?: string; readonly dueAt?: string; readonly calendar?: string;
  readonly resolutions?: readonly ResolutionCode[];
}
export interface ResolveException {
  readonly type: 'ResolveException';
  readonly exceptionId: string; readonly code: string; readonly outcome: ResolutionOutcome; readonly note?: string; readonly name?: string;
  /** Pseudonym of the person. */
  readonly by?: string;
  /** For an exception about a token: id of the successor that replaces it. */
  readonly successorTokenId: string; readonly at: string;
  /** Resolved along with another exception or with the case: the codes that its class declares are not asked for. */
  readonly along?: string;
}
/** Whose work an exception is. Somebody else's is only taken over when that is said. */
export interface AssignException { readonly type: 'AssignException'; readonly exceptionId: string; readonly assignee: string; readonly takeOver: boolean }
export interface ReleaseException { readonly type: 'ReleaseException'; readonly exceptionId: string }
/** What is absent stays as it is; an empty category takes it away. */
export interface ReclassifyException {
  readonly type: 'ReclassifyException';
  readonly exceptionId: string; readonly category?: string; readonly severity?: Severity; readonly queue?: string; readonly priority?: Priority; readonly reason?: string;
}
export interface MergeException {
  readonly type: 'MergeException';
  readonly exceptionId: string;
  /** The main exception as it stands: it may be in another case. */
  readonly into: { readonly exceptionId: string; readonly caseId: string; readonly open: boolean; readonly merged: boolean };
  /** Exceptions of other cases are merged into this one. */
  readonly isMain: boolean;
}
export interface UnmergeException { readonly type: 'UnmergeException'; readonly exceptionId: string; readonly reason: 'person' | 'outcome-not-possible' | 'case-cancelled' }
export interface LinkException { readonly type: 'LinkException'; readonly exceptionId: string; readonly other: string }
export interface ReopenException { readonly type: 'ReopenException'; readonly exceptionId: string; readonly reason: string }
export interface NoteException { readonly type: 'NoteException'; readonly exceptionId: string; readonly noteId: string; readonly note: string; readonly name: string }
/** The photo's file stands beside the ledger already. */
export interface AttachPhoto {
  readonly type: 'AttachPhoto';
  readonly attachmentId: string; readonly subject: AttachmentSubject; readonly sha256: string; readonly bytes: number; readonly mime: string;
  readonly caption?: string; readonly by: string;
}
export interface ErasePhoto { readonly type: 'ErasePhoto'; readonly attachmentId: string; readonly reason: string }
export interface CloseCase {
  readonly type: 'CloseCase';
  readonly outcome: string; readonly runId?: string; readonly cancelOpen: boolean; readonly note?: string; readonly at: string;
  /** Gives the unique claims of the case back. */
  readonly releaseClaims?: boolean;
  /** Runs what was registered as undo first: {@link CompensateCase}. */
  readonly compensate?: boolean;
}

export type * from '../task/commands.ts';
export type * from '../fork/commands.ts';
export type * from '../compensation/commands.ts';
