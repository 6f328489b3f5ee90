import type { CaseProof } from './prove.ts';
import type { Envelope, AnyEvent, RecordedEvent } from '../domain/envelope.ts';
import type { DeviceClock, DeviceKind, EventType } from '../domain/events.ts';

/**
 * The port every ledger engine fulfils (SQLite now, PostgreSQL later). Nothing outside `sqlite/` knows SQLite.
 * One contract suite (`test/ledger/contract.ts`) runs on every engine.
 */

/** A new event: complete envelope but for `recordedAt`, which the ledger assigns (never decreasing). */
export type NewEvent = Omit<Envelope, 'recordedAt' | 'ledgerId'> & AnyEvent;

/** What has to hold for a commit besides the stream's version. */
export type Condition =
  /** The reservation must be free; this commit's events claim it. */
  | { readonly kind: 'free'; readonly scope: string; readonly keyHash: string }
  /** A quantity reservation must stand at this version (0 = not there yet). */
  | { readonly kind: 'version'; readonly scope: string; readonly keyHash: string; readonly version: number };

/** Events of one stream that become durable together, or not at all. */
export interface Commit {
  readonly streamId: string;
  /** Version of the stream's last event, 0 for a new stream. */
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
  readonly conditions?: readonly Condition[];
  /** Makes the commit happen once: a second commit with this key answers `duplicate-command`. */
  readonly commandKey?: string;
}

export type AppendResult =
  | { readonly ok: true; readonly lastPosition: number; readonly recordedAt: string }
  | { readonly ok: false; readonly reason: 'version-conflict'; readonly actualVersion: number }
  | { readonly ok: false; readonly reason: 'reserved'; readonly scope: string; readonly keyHash: string; readonly holder: string }
  | { readonly ok: false; readonly reason: 'reservation-moved'; readonly scope: string; readonly keyHash: string; readonly version: number }
  | { readonly ok: false; readonly reason: 'duplicate-command'; readonly streamId: string; readonly version: number };

export type LedgerErrorCode =
  /** Disk full, database locked or an I/O error; the ledger tries again by itself. Nothing was acknowledged. */
  | 'unavailable'
  /** The bounded queue is full; try again later. */
  | 'queue-full'
  /** Another process holds this ledger. */
  | 'held'
  /** The file is no ledger, or damaged. */
  | 'corrupt'
  /** Behind a checkpoint that was issued: a restored backup (PROTOCOL §6). */
  | 'behind-checkpoint'
  | 'path' | 'key' | 'closed' | 'leaf-too-large' | 'bad-event'
  /** The cursor of a page request is none that this ledger gave. */
  | 'bad-cursor';

export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;
  constructor(code: LedgerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** True when the same commit would fail again, whatever the state of the storage. */
export function isLasting(error: LedgerError): boolean {
  return error.code === 'leaf-too-large' || error.code === 'bad-event';
}

/** State of the ledger as operators see it. */
export interface LedgerHealth {
  readonly state: 'ready' | 'suspended' | 'closed';
  /** One sentence that says what to do, when suspended. */
  readonly reason?: string;
  readonly queuedCommits: number;
  readonly queuedBytes: number;
  readonly lastPosition: number;
  /** Size of the last signed checkpoint's tree. */
  readonly checkpointSize: number;
  readonly checkpointAt?: string;
  /** Commit latency of the last groups in ms. */
  readonly commitMs: { readonly p50: number; readonly p99: number };
}

// ── projections: rows as readers get them (column names are the same in every engine) ─────────────

export interface CaseRow {
  case_id: string; status: 'open' | 'closed'; outcome: string | null; process: string; template: string; site: string;
  title: string; opened_at: string; closed_at: string | null; version: number; test: number;
  root_case_id: string; parent_case_id: string | null;
}
export interface CaseKeyRow { type: string; value: string; case_id: string }
/** Live tokens only. */
export interface TokenRow {
  token_id: string; case_id: string; address: string; port: number; wire: number; target: string; attempt: number;
  /** Epoch that delivered it last. */
  epoch: number;
  /** In how many epochs that ended uncleanly it was delivered. */
  unclean_epochs: number;
  issued_at: string; owner: string | null; lease_until: string | null;
}
/** Steps entered and not completed. */
export interface StepRow {
  run_id: string; case_id: string; address: string; node_type: string;
  /** `task`, `timer`, `event` or `branches` while something else has to happen first; null: can run now. `held`: waits for an exception's resolution. */
  waiting_on: 'task' | 'timer' | 'event' | 'held' | 'branches' | null;
  epoch: number; unclean_epochs: number; entered_at: string; owner: string | null; lease_until: string | null;
}
export interface TaskRow {
  task_id: string; case_id: string; run_id: string; address: string; site: string; process: string; role: string;
  kind: 'approval' | 'work' | 'evidence'; level: number;
  status: 'open' | 'approved' | 'rejected' | 'rework' | 'withdrawn' | 'expired' | 'voided'; quorum: number; approvals: number;
  created_at: string; due_at: string | null; decided_at: string | null; claimed_by: string | null;
  /** Until when the last word may be recalled. */
  held_until: string | null;
  /** The one person who decides, by pseudonym. */
  assignee: string | null;
  matrix_row: string | null; bulk: number;
  /** Decides as well, since escalation raised the level. */
  also_role: string | null;
  /** When the next rung is due of its ladder or of its case's, and which it is, from 1. */
  escalates_at: string | null; rung: number | null;
  /** 1 while a question is with the requester. */
  asks_info: number;
  title: string; question: string; shown: string; facts_hash: string;
  /** Photos that an evidence task asks for. */
  photos: number | null;
}
export interface TimerRow {
  timer_id: string; due_at: string; kind: 'task-expiry' | 'task-release' | 'task-reminder' | 'reversal' | 'retry' | 'token-retry' | 'step' | 'step-expiry' | 'signal-expiry' | 'escalation' | 'escalation-expiry'; case_id: string; ref: string; owner: string | null; lease_until: string | null;
}
export interface ExceptionRow {
  exception_id: string; case_id: string; class: string; severity: string; queue: string; status: 'open' | 'resolved';
  run_id: string | null; token_id: string | null; effect_id: string | null; address: string | null; system: string | null;
  code: string; message: string; site: string; raised_at: string; resolved_at: string | null; resolution: string | null; outcome: string | null; assignee: string | null;
  /** 1 to 5, before ageing; `urgent_at` is what lists are sorted by, see domain/exception/urgency.ts. */
  priority: number; category: string | null; amount: string | null; currency: string | null; due_at: string | null; urgent_at: string;
  /** JSON array of declared resolution codes; null: any code. */
  resolutions: string | null;
  /** Main exception with which it is resolved. */
  merged_into: string | null;
  /** When the next rung of its ladder is due, and which it is, from 1. */
  escalates_at: string | null; rung: number | null;
}
/** A photo that a case has; `erased` 1: the hash is all that is left. */
export interface AttachmentRow {
  attachment_id: string; case_id: string; site: string; subject_kind: 'exception' | 'task' | 'case'; subject_id: string; sha256: string;
  bytes: number; mime: string; caption: string | null; attached_at: string; attached_by: string; erased: number;
}
/** `effect`: a call that gave up, of the run. `token`: a message that did not get through to the next governed node, sent by the run; its `operation` is the class of its last error. */
export interface DeadLetterRow {
  dead_letter_id: string; kind: 'effect' | 'token'; case_id: string; run_id: string; effect_id: string | null; token_id: string | null; address: string; system: string; operation: string;
  site: string; reason: string; calls: number; dead_at: string; status: 'open' | 'replayed' | 'cancelled';
}
/** Circuit of a system, as its stream `circuit:<system>` says. `manual`: a person opened it; without `until` it stays open until a person closes it. */
export interface CircuitRow { system: string; state: 'closed' | 'open' | 'half-open'; since: string; until: string | null; failures: number; manual: number }
/** Many dead letters that are replayed. */
export interface ReplayBatchRow {
  batch_id: string; started_by: string; started_at: string; ended_at: string | null; status: 'running' | 'done' | 'stopped'; total: number; rate: number;
  when_open: 'wait' | 'refuse'; edited: number;
  /** JSON list of the sites whose dead letters are among them. */
  sites: string;
}
export interface ReplayItemRow { batch_id: string; dead_letter_id: string; status: 'waiting' | 'replayed' | 'refused' | 'succeeded' | 'failed-again'; code: string | null; next_id: string | null; told_at: string | null }
/** A token that waits for its next attempt, or lies as a dead letter. */
export interface RetryingRow { address: string; token_id: string; due_at: string | null }
/** `roles` and `sites` are JSON arrays; persons are pseudonyms. */
export interface DelegationRow {
  delegation_id: string; from_person: string; to_person: string; roles: string; sites: string; from_time: string; to_time: string;
  granted_at: string; ended_at: string | null;
}
export interface DelegationFilter {
  /** Of this person, either way. */
  readonly person?: string;
  /** Only those that have not ended and run after this time. */
  readonly livingAt?: string;
}
/** A device of a site; `registered_by` is a pseudonym, `version` counts the events of its stream. */
export interface DeviceRow {
  site: string; device_id: string; kind: DeviceKind; name: string; station: string | null; certificate: string | null; silent_after: number | null; state: 'active' | 'blocked' | 'retired';
  verifier: string | null; clock: DeviceClock; skew_seconds: number; registered_at: string; registered_by: string; version: number;
}
export interface DeviceWatchRow { site: string; minutes: number; per: 'device' | 'station'; calendar: string; role: string; version: number }
/** A silence that was raised; `alarm_id` is null when it is over. */
export interface DeviceSilenceRow { site: string; subject: 'device' | 'station'; subject_id: string; alarm_id: string | null; since: string; minutes: number; raised_at: string; version: number }
export interface ReservationRow {
  scope: string; key_hash: string; holder: string; version: number;
  /** Decimal string; null for a unique claim. */
  total: string | null;
}
/** A run that waits for an event. */
export interface WaitRow { run_id: string; case_id: string; site: string; name: string; key_hash: string; since: string; due_at: string | null }
/** An event that was reported. `kept` until one case has taken it or it expires; one that is for every case stays until it expires. */
export interface SignalRow {
  signal_id: string; name: string; key_hash: string; key: string; site: string; received_at: string; expires_at: string;
  broadcast: number; status: 'kept' | 'taken' | 'expired';
  /** How many cases have taken it. */
  taken: number;
  /** Case that has taken it; null for one that is for every case. */
  case_id: string | null;
}
/** A request for another content of a template, or for an exemption from a rule. `version`: that has it; `expires_at`: of the waiver that answered it. */
export interface ChangeRow {
  change_id: string; kind: 'change' | 'waiver'; status: 'requested' | 'in-review' | 'accepted' | 'waived' | 'declined' | 'withdrawn'; site: string; family: string; template: string | null;
  rule: string | null; title: string; requested_by: string; requested_at: string; until: string | null; quorum: number; decided_at: string | null; version: string | null; expires_at: string | null;
}
export interface ChangeFilter {
  /** `open`: requested or in review. */
  readonly status?: ChangeRow['status'] | 'open'; readonly sites?: readonly string[]; readonly family?: string; readonly kind?: ChangeRow['kind'];
}
/** A waiver of the catalogue as it was taken over. `sites` and `fingerprints` are JSON arrays; `site` is the one whose ledger has it. */
export interface WaiverRow {
  waiver_id: string; status: 'active' | 'expired' | 'revoked'; rule: string; site: string; sites: string; template: string | null; fingerprints: string; reason: string;
  granted_at: string; expires_at: string; change_id: string | null; ended_at: string | null;
}
export interface WaiverFilter { readonly status?: WaiverRow['status']; readonly sites?: readonly string[] }
/** What a shift tells the next one. `author`, `settled_by`: pseudonyms. */
export interface HandoverRow {
  note_id: string; site: string; text: string; author: string; noted_at: string; status: 'open' | 'settled'; settled_at: string | null; settled_by: string | null;
}
export interface QuarantineRow {
  quarantine_id: string; reason: string; message: string; received_at: string; site: string; device_id: string | null; topic: string | null;
  bytes: number; sha256: string; head: string; status: 'held' | 'admitted' | 'discarded';
  /** Case that it was admitted to. */
  case_id: string | null;
  resolved_at: string | null;
}

/** A page of a list; `next` is an opaque cursor, absent on the last page. A list that is searched looks at a bounded number of rows: its page may hold fewer, even none, and still have a next one. */
export interface Page<T> { readonly items: readonly T[]; readonly next?: string }
export interface PageRequest { readonly limit: number; readonly cursor?: string }

/** `q`: how a business key or the title begins, whatever its case (of ASCII letters). */
export interface CaseFilter { readonly status?: 'open' | 'closed'; readonly sites?: readonly string[]; readonly key?: string; readonly process?: string; readonly q?: string }
export interface TaskFilter {
  readonly status?: TaskRow['status']; readonly sites?: readonly string[]; readonly roles?: readonly string[]; readonly caseId?: string;
  /** Beyond `roles`, where they are given: tasks of roles at sites (`*`: all), and those that were given to a person (pseudonym). `sites` narrows them as well. */
  readonly also?: { readonly grants: readonly { readonly roles: readonly string[]; readonly sites: readonly string[] }[]; readonly assignee?: string };
  /** Of all these, only those of one role. */
  readonly role?: string;
  /** Of open tasks: `urgency` is soonest deadline first, those without one last, then oldest first. Default of open tasks: oldest first; of others newest first. */
  readonly sort?: 'urgency' | 'newest';
  /** Words that all stand in title, question or business keys, whatever their case. */
  readonly words?: readonly string[];
}
export interface HandoverFilter { readonly status?: HandoverRow['status']; readonly sites?: readonly string[] }
export interface SignalFilter { readonly status?: SignalRow['status']; readonly sites?: readonly string[]; readonly name?: string }
export interface QuarantineFilter { readonly status?: QuarantineRow['status']; readonly sites?: readonly string[] }
/** Open tasks of a role at a site that are raised to the same other role, and given to the same person. */
export interface TaskCount { readonly role: string; readonly also_role: string | null; readonly assignee: string | null; readonly site: string; readonly open: number; readonly overdue: number; readonly dueWithinHour: number }
export interface ExceptionFilter {
  readonly status?: 'open' | 'resolved'; readonly sites?: readonly string[]; readonly queue?: string; readonly caseId?: string;
  /** The class that the node declares, or the engine's own. */
  readonly class?: string; readonly severity?: string;
  /** Pseudonym; '' is nobody. */
  readonly assignee?: string;
  /** Raised before this time, ISO 8601. */
  readonly raisedBefore?: string;
  /** Only those merged into this one. */
  readonly mergedInto?: string;
  /** '' is none. */
  readonly system?: string;
  readonly code?: string; readonly address?: string;
  /** Without those that are merged into others. */
  readonly mainOnly?: boolean;
  /** Of open ones: `urgency` is priority with ageing and deadline; `oldest` (the default) by age. */
  readonly sort?: 'urgency' | 'oldest';
  /** Words that all stand in message, code, class, queue, system, address or business keys, whatever their case. */
  readonly words?: readonly string[];
}
/** Open exceptions of a queue at a site. `aged`: since the times that were asked for, as many as are older. */
export interface ExceptionCount { readonly queue: string; readonly site: string; readonly open: number; readonly overdue: number; readonly unassigned: number; readonly critical: number; readonly hour: number; readonly day: number; readonly week: number; readonly older: number }
export interface DeadLetterFilter { readonly status?: DeadLetterRow['status']; readonly kind?: DeadLetterRow['kind']; readonly system?: string; readonly operation?: string; readonly reason?: string; readonly address?: string; readonly sites?: readonly string[]; readonly caseId?: string }

/** Counts for health, status and console. */
export interface LedgerCounts {
  readonly casesOpen: number; readonly casesClosed: number; readonly tokensLive: number; readonly stepsOpen: number; readonly tasksOpen: number;
  readonly exceptionsOpen: number; readonly deadLettersOpen: number; readonly timers: number; readonly quarantineHeld: number; readonly events: number;
}

export interface Ledger {
  readonly ledgerId: string;
  /** Verifier key of the checkpoints (C2SP signed-note vkey). */
  readonly verifierKey: string;
  /** Origin line of the checkpoints. */
  readonly origin: string;

  /** Resolves after the commit is on disk. Rejects with LedgerError when it could not be taken. */
  append(commit: Commit): Promise<AppendResult>;
  /** Events of a stream in order, from `fromVersion` (inclusive, default 1). */
  readStream(streamId: string, fromVersion?: number): Promise<readonly RecordedEvent[]>;
  /** The last event of a stream, however long it is; undefined when there is none. */
  lastOfStream(streamId: string): Promise<RecordedEvent | undefined>;
  /** Events in ledger order from a position (inclusive), at most `limit`. */
  readAll(fromPosition: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** Events of one type from a position to another (both inclusive) in ledger order, at most `limit`. Looks at every event in between. */
  readType(type: EventType, fromPosition: number, toPosition: number, limit: number): Promise<readonly RecordedEvent[]>;

  getCase(caseId: string): Promise<CaseRow | undefined>;
  getTask(taskId: string): Promise<TaskRow | undefined>;
  getException(exceptionId: string): Promise<ExceptionRow | undefined>;
  getDeadLetter(deadLetterId: string): Promise<DeadLetterRow | undefined>;
  getQuarantine(quarantineId: string): Promise<QuarantineRow | undefined>;
  /** Stream and version that the commit with this command key made; undefined when there was none. */
  findCommand(commandKey: string): Promise<{ readonly streamId: string; readonly version: number } | undefined>;
  getReservation(scope: string, keyHash: string): Promise<ReservationRow | undefined>;
  /** Amounts that cases add to the sum under a key, from a time on. */
  accumulatedSince(scope: string, keyHash: string, since: string): Promise<readonly { readonly claim_id: string; readonly amount: string }[]>;
  /** Live token with the message its completed step gave it. */
  getToken(tokenId: string): Promise<TokenRow | undefined>;
  caseKeys(caseId: string): Promise<readonly CaseKeyRow[]>;
  listCases(filter: CaseFilter, page: PageRequest): Promise<Page<CaseRow>>;
  listTasks(filter: TaskFilter, page: PageRequest): Promise<Page<TaskRow>>;
  listExceptions(filter: ExceptionFilter, page: PageRequest): Promise<Page<ExceptionRow>>;
  /** Open exceptions counted by queue and site; `now` is ISO 8601. */
  countExceptions(now: string): Promise<readonly ExceptionCount[]>;
  /** Exceptions that have to do with this one. */
  linkedExceptions(exceptionId: string): Promise<readonly string[]>;
  /** Open exceptions whose main one is resolved: they are to be resolved as it was. */
  mergedToResolve(limit: number): Promise<readonly ExceptionRow[]>;
  /** Where a photo is attached, erased or not. */
  attachmentsWith(sha256: string): Promise<readonly AttachmentRow[]>;
  /** Photos of a case in the order in which they were attached. */
  attachmentsOf(caseId: string): Promise<readonly AttachmentRow[]>;
  listDeadLetters(filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetterRow>>;
  circuits(): Promise<readonly CircuitRow[]>;
  getReplayBatch(batchId: string): Promise<ReplayBatchRow | undefined>;
  /** Newest first. */
  listReplayBatches(filter: { readonly status?: ReplayBatchRow['status'] }, page: PageRequest): Promise<Page<ReplayBatchRow>>;
  listReplayItems(filter: { readonly batchId: string; readonly status?: ReplayItemRow['status'] }, page: PageRequest): Promise<Page<ReplayItemRow>>;
  /** How many items of a batch stand at each status. */
  countReplayItems(batchId: string): Promise<readonly { readonly status: ReplayItemRow['status']; readonly items: number }[]>;
  /** Tokens that wait for their next attempt, and dead letters of tokens. */
  retryingTokens(): Promise<readonly RetryingRow[]>;
  /** Messages that a case has taken and whose own stream does not say so yet. */
  admissionsToFinish(): Promise<readonly QuarantineRow[]>;
  /** Open tasks counted by roles, assignee and site, the most urgent `limit` of them; `now` is ISO 8601. */
  countTasks(now: string, limit: number): Promise<readonly TaskCount[]>;
  /** Newest first. */
  listHandover(filter: HandoverFilter, page: PageRequest): Promise<Page<HandoverRow>>;
  getHandover(noteId: string): Promise<HandoverRow | undefined>;
  getChange(changeId: string): Promise<ChangeRow | undefined>;
  /** Newest first. */
  listChanges(filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRow>>;
  getWaiver(waiverId: string): Promise<WaiverRow | undefined>;
  /** Soonest end first. */
  listWaivers(filter: WaiverFilter, page: PageRequest): Promise<Page<WaiverRow>>;
  getSignal(signalId: string): Promise<SignalRow | undefined>;
  listSignals(filter: SignalFilter, page: PageRequest): Promise<Page<SignalRow>>;
  /** Kept events of this key, oldest first. */
  signalsKept(site: string, name: string, keyHash: string, limit: number): Promise<readonly SignalRow[]>;
  /** Runs that wait for this key, longest first, after the one given. */
  waitsFor(site: string, name: string, keyHash: string, after: { readonly since: string; readonly runId: string } | undefined, limit: number): Promise<readonly WaitRow[]>;
  /** Kept events that somebody waits for, in id order after `afterId`. */
  signalsAwaited(afterId: string, limit: number): Promise<readonly SignalRow[]>;
  listQuarantine(filter: QuarantineFilter, page: PageRequest): Promise<Page<QuarantineRow>>;
  getDelegation(delegationId: string): Promise<DelegationRow | undefined>;
  /** The last granted first. */
  listDelegations(filter: DelegationFilter, page: PageRequest): Promise<Page<DelegationRow>>;
  /** Those that have not ended and run after a time; to one person when it is given. At most `limit`, by id. */
  livingDelegations(at: string, limit: number, to?: string): Promise<readonly DelegationRow[]>;
  /** Every device of every site after the given one, by site and id. */
  devicesAfter(site: string, deviceId: string, limit: number): Promise<readonly DeviceRow[]>;
  deviceWatches(): Promise<readonly DeviceWatchRow[]>;
  deviceSilences(): Promise<readonly DeviceSilenceRow[]>;
  /** Live tokens last delivered in an epoch before `beforeEpoch`, in id order after `afterId`. */
  tokensBefore(beforeEpoch: number, afterId: string, limit: number): Promise<readonly TokenRow[]>;
  /** Steps that could run (waiting_on null) entered or resumed before `beforeEpoch`, in id order after `afterId`. */
  stepsBefore(beforeEpoch: number, afterId: string, limit: number): Promise<readonly StepRow[]>;
  /** Addresses at which open steps or live tokens rest, with counts. */
  addressCounts(): Promise<readonly { readonly address: string; readonly steps: number; readonly tokens: number }[]>;
  /** Open steps at an address in id order after `afterId`. */
  stepsAt(address: string, afterId: string, limit: number): Promise<readonly StepRow[]>;
  /** Live tokens issued by an address, in id order after `afterId`. */
  tokensFrom(address: string, afterId: string, limit: number): Promise<readonly TokenRow[]>;
  /** Timers due at or before `until`, soonest first; of one kind when it is given, and then without those of steps that an exception holds. */
  timersDue(until: string, limit: number, kind?: TimerRow['kind']): Promise<readonly TimerRow[]>;
  /** When the next timer after `after` is due. */
  nextTimerDue(after: string): Promise<string | undefined>;
  /** When the next timer of what stands at an address (`instance/stepId`) is due. */
  nextTimerAt(address: string): Promise<string | undefined>;
  counts(): Promise<LedgerCounts>;

  /** Number of the last epoch and whether it ended cleanly; `epoch` 0 when none has been. */
  lastEpoch(): Promise<{ readonly epoch: number; readonly clean: boolean; readonly incarnation: number }>;

  /** The newest signed checkpoints, newest first. */
  checkpoints(limit: number): Promise<readonly { readonly size: number; readonly at: string }[]>;
  /** Since when nobody but the ledger itself vouches for it; undefined when there is no event. */
  unwitnessedSince(): Promise<string | undefined>;
  /**
   * Proves that the events of a case are in the log, as `waybill ledger prove` does; undefined when there are none.
   * @param withPersonal also show personal content
   */
  prove(caseId: string, withPersonal: boolean): Promise<CaseProof | undefined>;
  /** The newest signed checkpoint (C2SP tlog-checkpoint) or undefined before the first. */
  checkpoint(): Promise<string | undefined>;
  /** A tile of the tree (C2SP tlog-tiles); `level` 'entries' for the leaf bundle. Undefined when the tree has none. */
  tile(level: number | 'entries', index: number, width: number): Promise<Uint8Array | undefined>;
  /** Integrates what is committed and signs a checkpoint now. */
  seal(): Promise<string>;
  health(): LedgerHealth;
  /** Called on every change of `health().state`. Returns the unsubscribe function. */
  onHealth(listener: (health: LedgerHealth) => void): () => void;
  /** Commits what is queued, seals, closes. */
  close(): Promise<void>;
}
