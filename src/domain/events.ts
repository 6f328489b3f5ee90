import type { Address, BusinessKey } from './envelope.ts';
import type { Json, JsonObject } from './json.ts';
import type { ChangeKind, ChangeOutcome, ChangeTerms } from './change/change.ts';
import type { LadderEnd, LadderSubject, NextRung, PauseReason, Rung, RungAction, RungSpec, Watched } from './escalation/ladder.ts';

/** A message's durable form, see `engine/envelope`: JSON text, versioned, Buffers and decimals tagged. */
export type EncodedMessage = string;

/** A token as it is issued: one wire of one completed step (PROTOCOL §2.2). */
export interface IssuedToken {
  readonly tokenId: string;
  /** Output port of the completed node, from 0. */
  readonly port: number;
  /** Index of the wire at that port, from 0. */
  readonly wire: number;
  /** Node id the wire led to when the token was issued. */
  readonly target: string;
  /** The token begins a branch of a fork. */
  readonly fork?: ForkPlace;
}

/** A place in a fork: which (`forkId` is the run that forked), the branch's name, and how many branches there are. */
export interface ForkPlace { readonly forkId: string; readonly branch: string; readonly of: number }

/** How a step is undone: along output 2 of its `compensate` node, or by hands as a task. */
export type UndoKind = 'flow' | 'task';

/** A unique claim of a case: kept for ever, or given back by its end. */
export interface ReservationClaim {
  readonly scope: string;
  /** Keyed hash of scope and key; the key itself is business content. */
  readonly keyHash: string;
}

/** A request of another system that is told to a case: what it is known by when it comes again. */
export interface ToldRequest {
  /** Of its idempotency key. */
  readonly claim: ReservationClaim;
  /** `family/name@version`. */
  readonly service: string; readonly operation: string; readonly caller: string; readonly requestHash: string;
  /** Hash of the signature, where it was signed. */
  readonly signature?: string;
  /** What its caller is told once a case has it; without a hash of the body, which case that is. */
  readonly status: number; readonly bodyHash?: string;
}

/** Where a document came from that was put aside, and what it was known by there: with that it is taken again as if it had just come. */
export interface DocumentOrigin extends JsonObject {
  readonly kind: 'file' | 'queue';
  /** Name of the system, and its folder or queue. */
  readonly system: string;
  readonly place: string;
  /** `family/name@1.2.0`. */
  readonly service: string;
  /** Of the file; of the message, its id. Blank: none. */
  readonly name: string;
  /** Of the take of a file. */
  readonly claim: string;
  /** Of the body of a message, as it said. */
  readonly encoding: string;
  /** Which message of an interchange it is about; blank: all of it. */
  readonly part: string;
  /** Its sender was told that it is refused. */
  readonly answered: boolean;
}

/** How a quarantined message came to a case: who mapped it, and from what. */
export interface ScanAdmission {
  readonly quarantineId: string;
  /** SHA-256 of the message as it came. */
  readonly originalSha256: string;
  /** Pseudonym of the person. Who edited the message has touched the case. */
  readonly by: string;
  readonly edited: boolean;
  /** Makes it happen once. */
  readonly claim: ReservationClaim;
  /** Of a document with several cases: which further one this is; absent: the first, by which the document is admitted. */
  readonly part?: number;
}

/** What a device is. A `gateway` passes on what its scanners say. */
export type DeviceKind = 'scanner' | 'gateway' | 'rfid-reader' | 'plc' | 'other';

/** How a device's clock stands to the server's. */
export type DeviceClock = 'ok' | 'ahead' | 'behind';

/** What the register says of a device, as it is from an event on. */
export interface DeviceShape {
  readonly kind: DeviceKind;
  /** `area/station`, or `station`, as its topic has it; absent: none of its own. */
  readonly station?: string;
  /** SHA-256 of its client certificate, hexadecimal. */
  readonly certificate?: string;
  /** Minutes of working time without a sign of life after which it is missed; 0: never; absent: as the site says. */
  readonly silentAfter?: number;
}

/** What a case can begin with besides a scan: a PLC's tags, a Sparkplug metric, an event of another system, a request to a service, a file, a message of a queue. */
export type IntakeKind = 'plc' | 'sparkplug' | 'event' | 'service' | 'file' | 'queue';

/** What a call to another system came to. */
export type CallOutcome = 'success' | 'transient' | 'permanent' | 'unknown';

export type ExceptionClass =
  | 'forked-token' | 'stalled-token' | 'orphan' | 'poison' | 'hop-limit' | 'guard-breached' | 'not-wired'
  | 'node-error' | 'outcome-unknown' | 'dead-letter' | 'call-rejected' | 'validation' | 'business' | 'closed-case';

/** What became of one of many replays. */
export type ReplayItemStatus = 'replayed' | 'refused' | 'succeeded' | 'failed-again';

export type TaskKind = 'approval' | 'work' | 'evidence';

/** A way in which people are told. */
export type NoticeChannel = 'mail' | 'webhook' | 'teams' | 'slack';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** 1 is the most urgent, 5 the least. */
export type Priority = 1 | 2 | 3 | 4 | 5;

/** What a resolution of an exception does. */
export type ResolutionOutcome = 'retry' | 'continue' | 'cancel' | 'acknowledged';

/** A way out of an exception that its class declares. */
export interface ResolutionCode {
  readonly code: string;
  /** What people read; the code itself when empty. */
  readonly label: string;
  /** A note that says why has to come with it. */
  readonly reason: boolean;
  /** Outcomes it may be used with; all when empty. */
  readonly outcomes: readonly ResolutionOutcome[];
}

/** What a photo or another attachment belongs to. */
export interface AttachmentSubject { readonly kind: 'exception' | 'task' | 'case'; readonly id: string }

/** How flows came to the gate. `start`, `reload` and `project`: they were read from the storage. */
export type DeployWay = 'deploy' | 'flow' | 'start' | 'reload' | 'project';

/** Data of every event type: what stands in the leaf. */
export interface EventData {
  // ── engine and site ────────────────────────────────────────────────────────────────────────────
  EpochStarted: { epoch: number; previousClean: boolean; incarnation: number };
  EpochEnded: { epoch: number; clean: boolean };
  /** `deployId`: of the deploy that the gate admitted, when there is a gate. */
  DeployStarted: { deployType: string; governedSteps: number; deployId?: string };
  DeployNotStarted: { reason: string };
  /** `what`: `clock`, or the kind of intake that missed something. `source`: which one, as its node names it; `reason`: a stable code. `after`, `before`, `count`: where the source numbers what it says, the last number before, the first after, and how many are missing. */
  GapRecorded: { what: string; fromTime?: string; toTime?: string; source?: string; reason?: string; after?: number; before?: number; count?: number };
  /** Stream `intake:<what>:<address>`: its last event says how far an intake has come with a source that keeps what it has not been acknowledged. `base`: the event of the stream with the whole position that this one and those between change. */
  IntakePositionKept: { what: string; source: string; sequence: number; base?: number };
  /** Stream `numbers:<hash>`: a number out of a sequence for what we send; `purpose` is a hash of what it was taken for. */
  ControlNumberTaken: { number: number; purpose: string };
  /** Stream `numbers-in:<hash>`: a partner's document came under a control number. `claim`: by which take of which file. */
  DocumentReceived: { sha256: string; claim: string };
  Quarantined: { quarantineId: string; reason: string; bytes: number; sha256: string; deviceId?: string };
  QuarantineResolved: { quarantineId: string; resolution: 'admitted' | 'discarded'; caseId?: string; originalSha256?: string };
  /** A shift tells the next one something; `HandoverSettled`: somebody has seen to it. */
  HandoverNoted: { noteId: string };
  HandoverSettled: { noteId: string };
  SignedIn: { authMethod: string };
  SignInRefused: { reason: string };
  AccountChanged: { what: string; subject: string };
  /** Of a server's certificate: `address` (`host:port`) is where it counts, `thumbprint` its SHA-1 (OPC UA Part 4, 7.4), `accepted` what did not fit about it and was seen. */
  TrustChanged: { change: 'trusted' | 'withdrawn'; protocol: 'opc-ua'; address: string; thumbprint: string; accepted: string[] };
  LedgerRecovered: { incarnation: number; knownSize: number; foundSize: number };

  // ── deploy gate (docs/gate.md) ─────────────────────────────────────────────────────────────────
  /** Stream `deploys:<scope>`: its last event is what runs. `flowsHash`: SHA-256 of the flows as JSON. `admitted`: errors that the baseline, a waiver or break-glass lets pass. */
  DeployAdmitted: { deployId: string; way: DeployWay; flowsHash: string; nodes: number; findings: number; admitted: number; unauthenticated: boolean };
  /** `setAside`: file in the home folder that holds what was refused, when it was found on the disk. */
  DeployRefused: { way: DeployWay; flowsHash: string; nodes: number; rules: readonly string[]; findings: number; unauthenticated: boolean; setAside?: string };
  /** Something was changed past the gate: flows on the disk, the copy of what was admitted, the baseline. */
  DriftDetected: { what: 'flows' | 'credentials' | 'admitted-copy' | 'baseline'; found: string; expected: string; outcome: 'admitted' | 'refused' | 'ignored' };
  BaselineTaken: { baselineHash: string; findings: number; takenAt: string };
  /** `policyVersion` as long as there is a central policy: from the first one on a site never only warns. */
  GateStateChanged: { state: 'active' | 'ungated' | 'missing' | 'refusing'; code: string; policyVersion?: string };
  CatalogueChanged: { state: 'none' | 'fresh' | 'stale' | 'refused'; code: string; policyVersion?: string; templates: number };
  /** Whose signatures count for a role of the catalogue is another than before: the keys that do now, those that came and those that no longer do. */
  KeyEvent: { role: string; keyIds: readonly string[]; threshold: number; added: readonly string[]; withdrawn: readonly string[] };
  WaiverUsed: { waiverId: string; rule: string; deployId: string; fingerprints: readonly string[] };
  /** A person asks to deploy past rules; holds nothing until a second person agrees. `by`, `second`: pseudonyms. */
  BreakGlassAsked: { breakGlassId: string; rules: readonly string[]; hours: number; by: string };
  BreakGlassUsed: { breakGlassId: string; rules: readonly string[]; until: string; by: string; second: string };
  /** It holds no more: its time has come, or somebody has ended it (`by`: pseudonym) or taken back what was asked for. From here on no clock makes it hold again. */
  BreakGlassEnded: { breakGlassId: string; how: 'time' | 'person' | 'not-agreed'; by?: string };
  TemplateInstalled: { template: string; version: string; contentHash: string; instance: string; previous?: string };
  TemplateRemoved: { template: string; version: string; instance: string };
  ParameterChanged: { template: string; version: string; instance: string; name: string; old: string | null; new: string | null };

  // ── people ─────────────────────────────────────────────────────────────────────────────────────
  /** `from`, `to`: pseudonyms. Holds from `fromTime` up to, and without, `toTime`. */
  DelegationGranted: { delegationId: string; from: string; to: string; roles: readonly string[]; sites: readonly string[]; fromTime: string; toTime: string;
    /** How who granted it was known, when not by a sign-in: `mail-link`. */
    authMethod?: string };
  DelegationEnded: { delegationId: string; by: string };

  // ── devices ────────────────────────────────────────────────────────────────────────────────────
  /** A device belongs to the site from now on; stream `device:<site>/<deviceId>`. `by`: pseudonym. */
  DeviceRegistered: { deviceId: string; by: string; kind: DeviceKind; station?: string; certificate?: string; silentAfter?: number };
  /** The device as it is from here on: moved, renamed, another certificate. */
  DeviceChanged: { deviceId: string; kind: DeviceKind; station?: string; certificate?: string; silentAfter?: number };
  DeviceBlocked: { deviceId: string };
  DeviceUnblocked: { deviceId: string };
  DeviceRetired: { deviceId: string };
  /** `verifier`: `$7$…`, by which the key is known; without one the device has no key any more. */
  DeviceKeyChanged: { deviceId: string; verifier?: string };
  /** The device's clock differs from the server's by more than the bound, or no longer. */
  DeviceClockNoted: { deviceId: string; clock: DeviceClock; skewSeconds: number };
  /** A device sent one message over and over; of its repeats none becomes a case until it ends. `sha256`: of the message. */
  DeviceFloodBegan: { floodId: string; deviceId: string; sha256: string; topic?: string };
  DeviceFloodEnded: { floodId: string; deviceId: string; messages: number };
  /** From when on silent devices of the site are missed; stream `device-watch:<site>`. `calendar`: name of a calendar node, '' for around the clock. */
  DeviceWatchSet: { minutes: number; per: 'device' | 'station'; calendar: string; role: string };
  /** Nothing was heard since then for longer than expected; stream `device-silence:<site>/<subject>:<subjectId>`. */
  DeviceSilent: { alarmId: string; subject: 'device' | 'station'; subjectId: string; since: string; minutes: number };
  DeviceHeard: { alarmId: string; subject: 'device' | 'station'; subjectId: string; how: 'heard' | 'not-expected' };

  // ── changes and waivers ────────────────────────────────────────────────────────────────────────
  /** Somebody asks for another content of a template, or for an exemption from a rule; a stream of its own. `by`: pseudonym. */
  ChangeRequested: {
    changeId: string; kind: ChangeKind; family: string; by: string; quorum: number; requestHash: string;
    /** `family/name@version`, its content hash and that of what is proposed. */
    template?: string; baseHash?: string; proposedHash?: string;
    rule?: string; fingerprints?: readonly string[]; ofTemplate?: string; until?: string;
  };
  /** `owner`: by somebody who may decide it. */
  ChangeCommented: { changeId: string; commentId: string; by: string; owner: boolean };
  /** One owner's word; `outcome` on the one that ends it. `mode` catalogue: a signed waiver or version was there; file: an answer that the owners had signed was brought. */
  ChangeDecided: {
    changeId: string; by: string; mode: 'person' | 'catalogue' | 'file'; terms: ChangeTerms; requestHash: string; channel: string; authMethod: string; outcome?: ChangeOutcome;
    /** Of a file: ids of the keys whose signatures fit, and when it was signed. */
    signedBy?: readonly string[]; answeredAt?: string;
  };
  ChangeWithdrawn: { changeId: string; by: string };
  /** A signed waiver of the catalogue holds here from now on, or until another time than before. */
  WaiverGranted: {
    waiverId: string; rule: string; sites: readonly string[]; grantedAt: string; expiresAt: string; changeId?: string; fingerprints?: readonly string[]; ofTemplate?: string;
  };
  WaiverExpired: { waiverId: string; rule: string; expiresAt: string };
  /** The catalogue does not have it any more. */
  WaiverRevoked: { waiverId: string; rule: string };

  // ── case ───────────────────────────────────────────────────────────────────────────────────────
  CaseOpened: {
    process: string; template: string; eligible: boolean; test: boolean; possibleDuplicate: boolean;
    promisedAt?: string; calendar?: string; configHash: string; documentHash: string;
    reservations: readonly ReservationClaim[];
    /** Pseudonyms of the operators who touched the case. */
    operators: readonly string[]; operatorUnknown: boolean;
  };
  ScanRecorded: {
    deviceId?: string; operator?: string; operatorUnknown: boolean;
    repeat: 'first' | 'business'; possibleDuplicate: boolean;
    /** What reported it when it was no scanner. */
    kind?: IntakeKind;
    /** By how much the device's clock was ahead of the server's; negative: behind. Only when it was off, or the time lies in the future. */
    skewSeconds?: number;
    transport?: ReservationClaim;
    /** The scan came out of quarantine. */
    admission?: ScanAdmission;
  };
  FactsRecorded: { paths: readonly string[]; beforeHash: string; afterHash: string };
  /** `by`: pseudonym of who corrected them; a person who changed the facts has touched the case. */
  FactsCorrected: { paths: readonly string[]; beforeHash: string; afterHash: string; by?: string };
  /** `by`: pseudonyms of who approved, when people did. */
  MilestoneReached: { milestone: string; covers: readonly string[]; factsHash: string; by?: readonly string[] };
  /** A decision table answered: which rules fitted, `tableHash` covers the whole table with its parameters. */
  DecisionMade: { runId: string; table: string; tableHash: string; hitPolicy: 'unique' | 'first' | 'collect'; rules: readonly string[] };
  AuditRecorded: { what: string; attachments: readonly { name: string; sha256: string; bytes: number }[] };
  /** What the caller of an offered service is told: HTTP status and the hash of the body. `refusal`: it says no, and why. */
  ServiceAnswered: { runId: string; status: number; refusal: boolean; bodyHash: string };
  /** `released`: unique claims that the case gives back, because what they stand for did not come about: it may be opened anew. */
  CaseClosed: { outcome: string; cancelledTokens: readonly string[]; cancelledRuns: readonly string[]; released?: readonly ReservationClaim[] };

  // ── step and token ─────────────────────────────────────────────────────────────────────────────
  StepEntered: { runId: string; nodeType: string; attempt: number };
  StepResumed: { runId: string; uncleanEpochs: number };
  /** `joins`: the fork that ends here; what goes on belongs to it no longer. */
  StepCompleted: { runId: string; tokens: readonly IssuedToken[]; hops: number; joins?: string };
  StepVoided: { runId: string; reason: string };
  TokenResent: { tokenId: string; attempt: number; uncleanEpochs: number };
  TokenVoided: { tokenId: string; reason: string };
  TokenLate: { tokenId: string; attempt: number; reason: 'void' | 'closed' };
  /** A plain node failed with a message whose token is not on its way any more: recorded only (PROTOCOL §2.4). */
  NodeFailed: { tokenId: string };
  /** `differentFrom`: the milestone that the same people reached. */
  GuardBreached: { milestone: string; reason: 'missing' | 'facts-changed' | 'same-person'; differentFrom?: string };

  // ── retry of tokens ────────────────────────────────────────────────────────────────────────────
  /** One attempt at delivering a token that is under a retry policy: from its leaving until it was entered or failed. */
  AttemptEnded: {
    tokenId: string; attempt: number; outcome: 'success' | 'transient' | 'permanent'; durationMs: number;
    system?: string; errorClass?: string; httpStatus?: number;
  };
  /** `holds` above 0: nothing left, because the circuit of the system was open; such a wait counts as no attempt. */
  TokenRetryScheduled: {
    tokenId: string; attempt: number; dueAt: string; errorClass: string;
    /** Attempts that failed in this round, and when the first of them left. */
    failures: number; roundStartedAt: string; holds: number; system?: string;
  };
  /** The token needs no further attempt: an earlier one arrived after all. */
  TokenRetryEnded: { tokenId: string; deadLetterId?: string };
  TokenDeadLettered: { deadLetterId: string; tokenId: string; runId: string; attempts: number; reason: string; errorClass: string; system: string };
  /** `by`: pseudonym of who edited the message, and so touched the case. */
  TokenReplayed: { deadLetterId: string; tokenId: string; edited: boolean; batchId?: string; by?: string };
  /** Given up, and output *gave up* is wired: the old token is void, its successors go there. */
  TokenRerouted: { tokenId: string; tokens: readonly IssuedToken[]; attempts: number; reason: string; errorClass: string };

  // ── many dead letters replayed (stream `replay-batch:<id>`) ──────────────────────────────────────
  /** `by`: pseudonym of who asked for it; `sites`: whose dead letters are among them. */
  ReplayBatchStarted: { batchId: string; by: string; total: number; ratePerSecond: number; whenOpen: 'wait' | 'refuse'; edited: boolean; sites: readonly string[] };
  ReplayItemsAdded: { batchId: string; deadLetterIds: readonly string[] };
  /** What became of one: `replayed` is under way until it is told anew. `next`: the dead letter that it became again. */
  ReplayItemTold: { batchId: string; deadLetterId: string; status: ReplayItemStatus; code?: string; next?: string };
  ReplayBatchEnded: { batchId: string; reason: 'all-told' | 'stopped'; succeeded: number; failedAgain: number; refused: number; by?: string };

  // ── events that were sent, sent again (stream `event-replays`) ────────────────────────────────────
  /**
   * A person sends what was stored from a time up to another again, under the same ids: so many were found up to the
   * position `last`. `by`: pseudonym; `sites`: only of these, `*` is all; `type`, `node` (`instance/stepId`): only these.
   */
  EventReplayStarted: {
    replayId: string; by: string; fromTime: string; toTime: string; total: number; first: number; last: number; ratePerSecond: number; sites: readonly string[]; type?: string; node?: string;
  };
  /** How far it has come: all up to the position are done. `failed`: since the last word; the counts are of all. */
  EventReplayProgressed: { replayId: string; position: number; sent: number; notSent: number; failed: readonly { caseId: string; effectId: string; code: string }[]; failures: number };
  EventReplayEnded: { replayId: string; reason: 'done' | 'stopped'; sent: number; notSent: number; failures: number; by?: string };

  // ── circuit of a system (stream `circuit:<system>`) ─────────────────────────────────────────────
  /** `until`: when it is tried again; absent: until a person closes it. `by`: pseudonym of who opened it by hand. */
  CircuitOpened: { system: string; until?: string; failures: number; reason: 'failures' | 'probe-failed' | 'manual'; by?: string };
  /** One attempt is let through. */
  CircuitHalfOpened: { system: string };
  CircuitClosed: { system: string; reason: 'answered' | 'manual'; by?: string };

  // ── services that this site has stopped (stream `services`) ─────────────────────────────────────
  /** A person of the site: no version of `service` (`family/name`) is called until then, or until it is released. `by`: pseudonym. */
  ServiceStopped: { service: string; until?: string; by: string };
  ServiceReleased: { service: string; by: string };

  // ── fork and join ──────────────────────────────────────────────────────────────────────────────
  /**
   * A branch has come to a gather. `holder` is the run that waits there for the others; all others end.
   * `ready`: nothing more is waited for. `repeat`: the branch had come before, the later message counts. `late`: the gathering was over.
   */
  BranchArrived: { forkId: string; branch: string; of: number; need: number; runId: string; holder: string; ready: boolean; repeat?: true; late?: true };
  /** The branches that a gathering still waited for have ended without coming to it. */
  BranchesEnded: { forkId: string; holder: string; branches: readonly string[] };
  /** `missing`: how many branches did not come. `cancelledTokens`, `cancelledRuns`: what of them was voided by name; `left`: runs whose call is under way, left to end. */
  Gathered: {
    forkId: string; runId: string; outcome: 'complete' | 'partial'; branches: readonly string[]; missing: number; cancelled: boolean;
    cancelledTokens: readonly string[]; cancelledRuns: readonly string[]; left: readonly string[];
  };

  // ── compensation ───────────────────────────────────────────────────────────────────────────────
  /** `role`, `photos`: of an undo by hands. */
  CompensationRegistered: { compensationId: string; how: UndoKind; role?: string; photos?: number };
  /** The case is cancelled: the registered undos run in this order, one after the other, then it closes with the outcome. */
  CompensationStarted: { outcome: string; order: readonly string[]; cancelledTokens: readonly string[]; cancelledRuns: readonly string[]; releaseClaims: boolean };
  /** The undo is at work as a run of the node that registered it. */
  CompensationIssued: { compensationId: string; runId: string };
  /** `by`: who did it by hand, or who let it be skipped. `reason`: resolution code of a skip. */
  Compensated: { compensationId: string; outcome: 'done' | 'skipped'; by?: string; reason?: string };

  // ── validation, reservation ────────────────────────────────────────────────────────────────────
  Validated: { contract: string; valid: boolean; errors: number };
  QuantityReserved: {
    claimId: string; scope: string; keyHash: string; quantity: string;
    /** Totals after this reservation, decimal strings. */
    total: string; limit: string; overBy: string;
    /** Version of the reservation after this event. */
    reservationVersion: number;
  };
  QuantityReleased: { claimId: string; scope: string; keyHash: string; quantity: string; total: string; reservationVersion: number };

  // ── timers of steps ────────────────────────────────────────────────────────────────────────────
  /** Wakes the step at its time. `destructive`: it ends or rejects something, so that it waits for the grace period after a standstill (PROTOCOL §7). */
  TimerScheduled: { timerId: string; runId: string; purpose: string; dueAt: string; destructive: boolean; calendar?: string };
  TimerCancelled: { timerId: string };

  // ── escalation ─────────────────────────────────────────────────────────────────────────────────
  EscalationArmed: { armId: string; watch: Watched; steps: readonly string[]; until?: string; rungs: readonly RungSpec[]; calendarId?: string };
  LadderStarted: { ladderId: string; armId: string; subject: LadderSubject; until?: string; startedAt: string; rungs: readonly Rung[]; calendarId?: string; calendar?: string; next: NextRung };
  /** One for each task and exception that the rung is about. `coalesced`: a later reminder was due as well, so nobody is told of this one. */
  Escalated: {
    ladderId: string; rung: number; action: RungAction; taskId?: string; exceptionId?: string; role?: string; severity?: Severity; dueAt: string; coalesced?: true; next?: NextRung;
  };
  LadderPaused: { ladderId: string; reason: PauseReason; at: string; left: readonly number[] };
  LadderResumed: { ladderId: string; dues: readonly string[]; next: NextRung };
  LadderEnded: { ladderId: string; reason: LadderEnd };
  CasePaused: { by: string; reason: string; at: string };
  CaseResumed: { by: string; reason: string };

  // ── events from outside that cases wait for ────────────────────────────────────────────────────
  /** `keyHash`: keyed hash of site, name and key. */
  EventAwaited: { runId: string; name: string; keyHash: string; since: string; dueAt?: string };
  /** `request`: of another system, recorded with its coming; then no `SignalReceived` came before. */
  EventCorrelated: { runId: string; signalId: string; broadcast: boolean; claim: ReservationClaim; request?: ToldRequest };
  EventWaitEnded: { runId: string };
  /** An event that was reported, on a stream of its own. `broadcast`: for every case that waits for it until it expires, else for one. */
  SignalReceived: { signalId: string; name: string; keyHash: string; expiresAt: string; broadcast: boolean; transport?: ReservationClaim; request?: ToldRequest };
  /** Nobody gets it any more. `claim`: that of its taking, so that it is either taken or expired. */
  SignalExpired: { signalId: string; claim?: ReservationClaim };

  // ── task ───────────────────────────────────────────────────────────────────────────────────────
  TaskCreated: {
    taskId: string; runId: string; level: number; matrixRow?: string; role: string; quorum: number;
    createdAt: string; dueAt?: string; onExpiry: 'reject' | 'expire';
    covers: readonly string[]; factsHash: string; unknownOperatorRole: string; eligibleCount?: number;
    /** What the person is to do; an approval when absent. `work`: say that it is done; `evidence`: attach photos. */
    kind?: TaskKind;
    /** `evidence`: photos at least. */
    photos?: number;
    /** Which asking of the run this is, 1 when absent: after facts have changed all levels are asked anew. */
    sequence?: number;
    /** Levels of the row in all, 1 when absent. */
    levels?: number;
    /** `all`: everybody who holds the role when it is decided; `quorum` is 1 then. */
    quorumOf?: 'count' | 'all';
    /** Amount in the base currency that limits are compared with. */
    amount?: string; currency?: string;
    /** Pseudonyms of those who asked for it; `requesterUnknown`: one is no account, so the other role decides (PROTOCOL §4). */
    requesters?: readonly string[]; requesterUnknown?: boolean;
    /** How long the last word is held for a recall. */
    holdSeconds?: number;
    /** May be decided together with others. */
    bulk?: boolean;
    /** `calendar@version` that the deadline was computed by. */
    calendar?: string;
    /** Pseudonym of the one person who decides. */
    assignee?: string;
    remindAt?: string;
    /** How often the case may be returned for rework here; no end when absent. */
    maxRounds?: number;
  };
  TaskOpened: { taskId: string; person: string };
  TaskClaimed: { taskId: string; claimant: string };
  TaskReleased: { taskId: string };
  Decided: {
    taskId?: string; runId: string; decision: 'approve' | 'reject' | 'rework'; mode: 'auto' | 'person';
    channel: string; authMethod: string; factsHash: string; ruleId: string; decider: string;
    /** Present on the decision that ends the task. */
    outcome?: 'approved' | 'rejected' | 'rework';
    level?: number;
    /** Pseudonym of the person for whom a delegate decided. */
    onBehalfOf?: string;
    /** The outcome stands from then on; until then the decider may recall it. */
    heldUntil?: string;
  };
  /** The task is open again as before, with its deadline. */
  DecisionRecalled: { taskId: string; by: string; outcome: 'approved' | 'rejected' | 'rework'; dueAt?: string };
  /** The time for a recall is over: the outcome stands. */
  DecisionReleased: { taskId: string; outcome: 'approved' | 'rejected' | 'rework' };
  Reassigned: { taskId: string; by: string; toRole?: string; toPerson?: string };
  /** The ball is with the requester: the deadline pauses. */
  InfoRequested: { taskId: string; infoId: string; by: string; to?: string };
  InfoAnswered: { taskId: string; infoId: string; by: string; dueAt?: string; remindAt?: string };
  TaskCommented: { taskId: string; by: string };
  TaskReminded: { taskId: string };
  ReworkRequested: { taskId: string; runId: string; fromStep: string; toStep?: string; round: number };
  TaskWithdrawn: { taskId: string; by: string };
  /** Evidence on the case that is reversed; the reversal is a case of its own. */
  ReversalRequested: { taskId: string; reversalCaseId: string; by: string; at: string; stepId: string };
  /** `total`: what all cases under the key come to with this one. */
  AmountAccumulated: {
    claimId: string; runId: string; scope: string; keyHash: string; amount: string; currency: string; at: string; total: string; reservationVersion: number;
  };
  AmountReleased: { claimId: string; scope: string; keyHash: string };
  TaskExpired: { taskId: string; dueAt: string; outcome: 'rejected' | 'expired' };
  TaskVoided: { taskId: string; reason: string };
  /**
   * People were told of a task, an exception, or (without an id) of the case, or could not be, for good (`ok` false). At least once: after a crash
   * between sending and recording it is sent again.
   */
  TaskNotified: {
    taskId?: string; exceptionId?: string; channel: NoticeChannel; purpose: string; ok: boolean;
    /** Position in the ledger of the event that was told. */
    cause: number;
    /** Pseudonyms; absent when a channel was told and no person by name. */
    recipients?: readonly string[]; reason?: string;
  };

  // ── effect ─────────────────────────────────────────────────────────────────────────────────────
  EffectIntended: {
    effectId: string; runId: string; generation: number; idempotencyKey: string; requestHash: string;
    system: string; service: string; operation: string;
    /** How an unknown outcome may be resolved without a person. */
    recovery: 'same-key' | 'query' | 'safe' | 'none';
  };
  CallStarted: { callId: string; effectId: string; callNumber: number };
  CallEnded: {
    callId: string; effectId: string; outcome: CallOutcome; errorClass?: string; httpStatus?: number; durationMs: number;
  };
  /** `reason`: why no call was made before, for example `circuit-open`; such a wait counts as no call. */
  RetryScheduled: { callId: string; effectId: string; callNumber: number; dueAt: string; reason?: string };
  DeadLettered: { deadLetterId: string; effectId: string; reason: string };
  Replayed: { deadLetterId: string; effectId: string; edited: boolean; requestHash: string; batchId?: string };
  OutcomeResolved: { effectId: string; method: 'key' | 'query' | 'person'; outcome: 'happened' | 'not-happened' };

  // ── exception ──────────────────────────────────────────────────────────────────────────────────
  ExceptionRaised: {
    exceptionId: string; class: ExceptionClass; severity: Severity; queue: string;
    runId?: string; tokenId?: string; effectId?: string; system?: string; code: string;
    /** By severity when absent. */
    priority?: Priority;
    /** Class that the node declares, within `business`. */
    category?: string;
    /** Decimal string with its ISO 4217 currency. */
    amount?: string; currency?: string;
    dueAt?: string; calendar?: string;
    /** Codes by which it may be resolved; any when absent. */
    resolutions?: readonly ResolutionCode[];
  };
  ExceptionAssigned: { exceptionId: string; assignee: string };
  ExceptionReleased: { exceptionId: string };
  /** The exception as it is from here on. */
  Reclassified: { exceptionId: string; category?: string; severity: Severity; queue: string; priority: Priority; dueAt?: string; raisedAt: string };
  /** Resolved together with its main one, which may be in another case. */
  Merged: { exceptionId: string; into: string; intoCase: string };
  /** Worked on its own again. */
  Unmerged: { exceptionId: string; reason: 'person' | 'outcome-not-possible' | 'case-cancelled' };
  Linked: { exceptionId: string; other: string };
  /** `runId`: the step that it holds again, which is still at work; without one it is a follow-up. */
  Reopened: { exceptionId: string; runId?: string };
  ExceptionNoted: { exceptionId: string; noteId: string };
  ExceptionResolved: {
    exceptionId: string; code: string; outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged';
    /** Successor tokens issued by the resolution, if any. */
    tokens: readonly (IssuedToken & { replaces: string })[];
    /** The exception together with which it was resolved. */
    along?: string;
  };
  /** A photo that stands beside the ledger under its SHA-256. `by`: pseudonym. */
  PhotoAttached: { attachmentId: string; subject: AttachmentSubject; sha256: string; bytes: number; mime: string; by: string };
  /** Its file was deleted for good; the hash stays. */
  PhotoErased: { attachmentId: string; sha256: string };

  CommandRefused: { command: string; code: string };
}

export type EventType = keyof EventData;

/** Business content of event types that have it (retention class *business*). Absent keys have none. */
export interface EventContent extends Record<EventType, JsonObject | undefined> {
  CaseOpened: { businessKeys: readonly BusinessKeyJson[]; document: JsonObject; title: string };
  /** `reason`: why a message was admitted from quarantine; `raw` is then what it was mapped to. */
  ScanRecorded: { code: string; topic?: string; raw?: string; scan?: JsonObject; reason?: string };
  FactsRecorded: { patch: JsonObject };
  FactsCorrected: { patch: JsonObject };
  /** Absent when the message came exactly as the token carried it. */
  StepEntered: { message: EncodedMessage };
  /** One message per output port that sent something: key is the port number. */
  StepCompleted: { messages: { readonly [port: string]: EncodedMessage } };
  NodeFailed: { message: string };
  AttemptEnded: { error: string };
  /** `message`: the answer that failed, as it arrived. */
  TokenDeadLettered: { error: string; message?: EncodedMessage };
  TokenReplayed: { message: EncodedMessage };
  TokenRerouted: { message: EncodedMessage };
  /** What takes the place of each request's body or message's payload, and how they were chosen. */
  ReplayBatchStarted: { edit?: Json; filter?: JsonObject };
  EventReplayStarted: { reason: string };
  /** Why a person did it. */
  CircuitOpened: { note: string };
  CircuitClosed: { note: string };
  ServiceStopped: { note: string };
  ServiceReleased: { note: string };
  /** The message that came in. */
  BranchArrived: { message: EncodedMessage };
  /** What is undone, in words; the message as it was then; what a person is asked to do. */
  CompensationRegistered: { name: string; message: EncodedMessage; question?: string };
  CompensationStarted: { note?: string };
  Compensated: { note?: string };
  CasePaused: { note: string };
  CaseResumed: { note: string };
  EventAwaited: { key: string };
  /** `answer`: what the caller of a `request` is told. */
  EventCorrelated: { key: string; data: Json; answer?: Json };
  SignalReceived: { key: string; data: Json; answer?: Json };
  Validated: { errors: readonly Json[] };
  DecisionMade: { inputs: JsonObject; answer: Json };
  AuditRecorded: { why: string; evidence?: JsonObject };
  ServiceAnswered: { body: Json };
  /** `why`: the row of the matrix, the conditions that held, amount and sum. */
  TaskCreated: { title: string; question: string; shown: JsonObject; why?: JsonObject };
  Reassigned: { reason: string };
  InfoRequested: { question: string };
  InfoAnswered: { answer: string };
  TaskWithdrawn: { reason: string };
  ReversalRequested: { reason: string };
  EffectIntended: { request: JsonObject };
  /** `exchanges`: what was on the wire of this attempt, masked, without secrets. */
  CallEnded: { response?: JsonObject; error?: string; exchanges?: readonly JsonObject[] };
  Replayed: { request?: JsonObject };
  OutcomeResolved: { response?: JsonObject };
  ExceptionRaised: { message: string; detail?: JsonObject; payload?: EncodedMessage };
  ExceptionResolved: { note?: string; message?: EncodedMessage };
  Reclassified: { reason?: string };
  Reopened: { reason: string };
  ExceptionNoted: { note: string };
  PhotoAttached: { caption?: string };
  PhotoErased: { reason: string };
  /** What the intake has to know to go on: the source's own numbers, what its triggers remember. With `base`, `position` is a merge patch (RFC 7396) of what the event before it made. */
  IntakePositionKept: { position: JsonObject };
  ControlNumberTaken: { sequence: string };
  DocumentReceived: { sender: string; receiver: string; controlNumber: string; file: string };
  /** `origin`: of a document, which is then kept whole. */
  Quarantined: { topic?: string; head: string; message: string; origin?: DocumentOrigin };
  QuarantineResolved: { reason?: string; message?: string };
  HandoverNoted: { text: string };
  DeviceRegistered: { name: string };
  DeviceChanged: { name: string };
  DeviceBlocked: { reason: string };
  DeviceRetired: { reason: string };
  ChangeRequested: { title: string; reason: string; nodes?: readonly Json[]; difference?: Json };
  ChangeWithdrawn: { reason: string };
  WaiverGranted: { reason: string };
  CommandRefused: { message: string; detail?: JsonObject };
  DeployAdmitted: { findings: readonly Json[] };
  DeployRefused: { findings: readonly Json[] };
  BreakGlassAsked: { reason: string };
  BreakGlassUsed: { reason: string };
  CaseClosed: { note?: string };
}

type BusinessKeyJson = BusinessKey & JsonObject;

/** Personal content of event types that have it (retention class *personal*). */
export interface EventPersonal extends Record<EventType, JsonObject | undefined> {
  CaseOpened: { operator?: string };
  ScanRecorded: { operator?: string; mappedBy?: string };
  QuarantineResolved: { name?: string };
  Decided: { name: string; comment?: string };
  TaskCommented: { name: string; comment: string };
  Reassigned: { name?: string };
  CasePaused: { name: string };
  CaseResumed: { name: string };
  CommandRefused: { name?: string };
  HandoverNoted: { name: string };
  HandoverSettled: { name: string };
  ChangeRequested: { name: string };
  ChangeCommented: { name: string; comment: string };
  ChangeDecided: { name: string; comment?: string };
  SignedIn: { name: string; address?: string };
  SignInRefused: { name: string; address?: string };
  TrustChanged: { name: string };
  DelegationGranted: { fromName: string; toName: string; reason?: string };
  ExceptionResolved: { name?: string };
  ExceptionNoted: { name: string };
  AuditRecorded: { name?: string };
  DeployAdmitted: { name?: string };
  DeployRefused: { name?: string };
  BreakGlassAsked: { name: string };
  BreakGlassUsed: { name: string };
}

/** Version of each event type that is written today. A type not named here is at version 1. */
export const eventTypeVersions: { readonly [T in EventType]?: number } = {};

/** Version that new events of a type get. */
export function eventTypeVersion(type: EventType): number {
  return eventTypeVersions[type] ?? 1;
}

/** Addresses are stored in the envelope; this helper only re-exports the type for projections. */
export type { Address };
