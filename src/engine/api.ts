import type { Actor, Address, BusinessKey } from '../domain/envelope.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { AttachmentSubject, DocumentOrigin, IntakeKind, Priority, Severity } from '../domain/events.ts';
import type { DelegationRow, Ledger, LedgerHealth, Page, PageRequest, ReplayBatchRow } from '../ledger/port.ts';
import type { AccountStore } from '../ledger/accounts-port.ts';
import type { SystemState } from '../connectors/resilience/system-watch.ts';
import type { Sample } from './sampler.ts';
import type { SiteFacts } from './sites.ts';
import type { CasePath } from './path/case-path.ts';
import type { Recorded } from './recorded.ts';
import type { NotificationSettings } from './notify/settings.ts';
import type { NotificationPort } from './notify/notifications.ts';
import type { CalendarConfig } from './calendar/calendar-config.ts';
import type { PlacedCalendar } from './calendar/calendars.ts';
import type { HolidayPlaces } from './calendar/holidays.ts';
import type { CalendarPreview } from './calendar/preview.ts';
import type { WorkCalendar } from './work-calendar.ts';
import type { GovernancePort } from './governance/port.ts';
import type { DevicePort, DeviceRules } from './devices/device-port.ts';
import type { DeviceGate } from './devices/gate.ts';
import type { EndInput, GrantInput } from './directory/delegations.ts';
import type { DirectoryConfig } from './directory/directories.ts';
import type { Directory } from './directory/directory.ts';
import type { StepContext } from './step-context.ts';
import type { CircuitSource, CircuitView } from './circuits.ts';
import type { AnsweredRequest } from './offered/requests/request-book.ts';
import type { ServiceRequestList } from './offered/requests/request-view.ts';
import type { UsageReport } from './services/health/usage-report.ts';
import type { ServiceHealthDetail, ServiceHealthList } from './services/health/health-view.ts';
import type { ControlNumbers } from './services/numbers.ts';
import type { ServiceSource } from './services/source.ts';
import type { TellCase, Telling, ToldState } from './events/told-requests.ts';
import type { RequestState } from './offered/answers.ts';
import type { ChangeServiceStop, ServiceStop } from './services/stops.ts';
import type { RetryingHere } from './retrying.ts';
import type { ReplayPreview } from './replays.ts';
import type { TokenPolicy } from './token-policy.ts';
import type { TaskPort } from './people/task-port.ts';
import type { Clock } from './support/clock.ts';
import type { PositionOf } from './positions.ts';

/**
 * What nodes, web and CLI see of the engine. The one instance of a process stands at
 * `globalThis[Symbol.for('waybill')]`, put there by the runtime plugin before any flow starts.
 */
export interface Waybill extends TaskPort {
  /** `refusing`: the engine could not open; intake does not acknowledge, nodes show red, /readyz is 503. */
  readonly state: EngineState;
  /** One sentence that says what is wrong and what to do; undefined when ready, unless the flows stand still. */
  readonly reason: string | undefined;
  readonly settings: WaybillSettings;
  /** The time by which business goes. */
  readonly clock: Clock;
  /** Read side; undefined while refusing. */
  readonly ledger: Ledger | undefined;
  readonly accounts: AccountStore | undefined;
  /** What systems offer, as this site may call it. */
  readonly services: ServiceSource;
  onState(listener: (state: EngineState, reason: string | undefined) => void): () => void;

  /** Called after every commit, on the event loop: be short. Returns the unsubscribe function. */
  onRecorded(listener: (recorded: Recorded) => void): () => void;
  /** True from the start of an orderly shut-down on. */
  readonly draining: boolean;

  // ── what people do (web, CLI) ──
  resolveException(input: ResolveException): Promise<Outcome>;
  /** Assigns, reclassifies, merges, links, reopens or notes. */
  workException(input: WorkException): Promise<Outcome>;
  /** Takes a photo in, to be attached within a day. */
  storePhoto(input: { readonly bytes: Uint8Array; readonly mime: string; readonly by: PersonIdentity }): Promise<Outcome<StoredPhoto>>;
  attachPhoto(input: AttachPhoto): Promise<Outcome>;
  /** Undefined when the file is missing or was changed. */
  readPhoto(sha256: string): Promise<Uint8Array | undefined>;
  erasePhoto(input: { readonly sha256: string; readonly reason: string; readonly by: PersonIdentity }): Promise<Outcome>;
  replayDeadLetter(input: ReplayDeadLetter): Promise<Outcome>;
  /** Many at once: a dry run says what would happen, a real one is a durable batch. */
  replayMany(input: ReplayManyInput): Promise<Outcome<ReplayManyResult>>;
  stopReplays(input: { readonly batchId: string; readonly by: PersonIdentity }): Promise<Outcome>;
  /** A batch whose sites are all in the person's scope. */
  replayBatch(batchId: string, by: PersonIdentity): Promise<ReplayBatchRow | undefined>;
  /** Sends what event out has sent again from a date; a dry run counts it. */
  replayEvents(input: ReplayEvents): Promise<Outcome<ReplayEventsResult>>;
  stopEventReplay(input: { readonly replayId: string; readonly by: PersonIdentity }): Promise<Outcome>;
  /** Those that concern the person's sites, newest first. */
  eventReplays(by: PersonIdentity): Promise<readonly EventReplay[]>;
  /** Nothing more is to come of it: the case is cancelled. */
  discardDeadLetter(input: DiscardDeadLetter): Promise<Outcome>;
  /** For a call whose outcome is unknown: a person says what is known of it. */
  resolveOutcome(input: { readonly caseId: string; readonly effectId: string; readonly outcome: 'happened' | 'not-happened'; readonly by: PersonIdentity; readonly response?: Json; readonly commandKey?: string }): Promise<Outcome>;
  /** A note for the next shift of a site. */
  noteHandover(input: { readonly site: string; readonly text: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome<{ readonly noteId: string }>>;
  settleHandover(input: { readonly noteId: string; readonly by: PersonIdentity }): Promise<Outcome>;
  pauseCase(input: PauseCaseInput): Promise<Outcome>;
  resumeCase(input: PauseCaseInput): Promise<Outcome>;
  /** An event from outside, for the cases that wait for its key: durable when it resolves. */
  reportEvent(input: ReportEvent): Promise<Outcome<ReportedEvent>>;
  discardQuarantine(input: { readonly quarantineId: string; readonly by: PersonIdentity; readonly reason: string }): Promise<Outcome>;
  /** What a person may do with a message in quarantine; undefined when there is none. */
  quarantineDetail(quarantineId: string): Promise<QuarantineDetail | undefined>;
  previewQuarantine(input: Omit<AdmitQuarantine, 'reason'>): Promise<Outcome<QuarantinePreview>>;
  /** Opens a case, or records a repeat on one, from a message that a person has mapped; once for each message. */
  admitQuarantine(input: AdmitQuarantine): Promise<Outcome<Admitted>>;
  /** The one place that answers who may: of a directory node, else of the only one there is, else the accounts. */
  directory(nodeId?: string): Directory;
  readonly directories: DirectoryPort;
  readonly calendars: CalendarPort;
  readonly delegations: DelegationPort;
  readonly devices: DevicePort;
  /** Full case for the case page: document, steps, tasks, calls, exceptions as they are now. */
  caseView(caseId: string): Promise<CaseView | undefined>;
  /** The way of a case through its flow, as it was and as it may go on; undefined when there is no such case. */
  casePath(caseId: string): Promise<CasePath | undefined>;
  /** Version of Node-RED, when it is known. */
  readonly hostVersion: string | undefined;
  /** Under what name the ledger knows the owner of an account; the same at dock and inbox. */
  pseudonym(userId: string): string;
  /** Records an access event (sign-in, refusal, change of rights) in the ledger. */
  recordAccess(input: AccessRecord): Promise<void>;
  /** A person trusts a server's certificate, or no longer does: durable when it resolves. */
  recordTrust(input: TrustInput): Promise<void>;
  /** The web changed accounts and left notes of it (see AccessNote): they are carried into the ledger now instead of within two seconds. */
  accountsChanged(): void;
  /** IANA time zone by site, as the site nodes say. */
  zones(): Readonly<Record<string, string>>;
  /** The circuits of all systems that nodes name or that ever changed. */
  circuits(): readonly CircuitView[];
  /** A person opens or closes the circuit of a system. */
  changeCircuit(input: ChangeCircuit): Promise<Outcome<{ readonly circuit: CircuitView }>>;
  /** How the services at this site's systems are doing, and who calls them; undefined while refusing. */
  serviceHealth(): ServiceHealthList | undefined;
  /** Which nodes use which service here, for central IT; undefined while refusing. */
  serviceUsage(): UsageReport | undefined;
  /** Who calls what this site offers, and what comes of it; undefined while refusing. */
  serviceRequests(): ServiceRequestList | undefined;
  /** A person stops a service at this site, or lets it go on. */
  changeService(input: ChangeServiceStop & { readonly by: PersonIdentity }): Promise<Outcome>;
  /** One of its rows with what is behind it. */
  serviceHealthOf(id: string): ServiceHealthDetail | undefined;
  /** Figures of the last quarter of an hour and how other systems answer; undefined while refusing. */
  vitals(): Vitals | undefined;
  /** How people are told; undefined while refusing. */
  readonly notifications?: NotificationPort | undefined;
  /** Templates, rules, and the gate through which every deploy passes. */
  readonly governance: GovernancePort;
  /** Figures for /waybill/metrics, status pages and the doctor. */
  metrics(): EngineMetrics;
  /** Inputs of intake nodes and steps; used by `nodes/` only. */
  readonly nodes: NodePort;
  /** Before flows are stopped: no intake, nothing more is sent, steps finish what they are at. */
  drain(): Promise<void>;
  /** Drains and closes: stops intake, lets what is committed be sent, records the epoch's end, seals the ledger. */
  close(): Promise<void>;
}

/** The calendar nodes of the running flows. */
export interface CalendarPort {
  /** Undefined when there is no such calendar, or it cannot be used. */
  get(nodeId: string): WorkCalendar | undefined;
  set(nodeId: string, config: CalendarConfig): PlacedCalendar;
  /** What a configuration that is being edited would mean; names of holidays in a language (ISO 639-1). */
  preview(config: CalendarConfig, language?: string): Promise<CalendarPreview>;
  /** Countries, states and regions whose public holidays are known, in a language. */
  places(language: string, country: string, state: string): Promise<HolidayPlaces>;
}

/** The directory nodes of the running flows. */
export interface DirectoryPort {
  /** `problem` settles with one sentence when the configuration, or its file, cannot be used as it is. */
  set(nodeId: string, config: DirectoryConfig): { readonly problem: Promise<string | undefined>; readonly forget: () => void };
}

/** Who acts for whom while somebody is away. */
export interface DelegationPort {
  grant(input: GrantInput): Promise<Outcome<{ readonly delegationId: string }>>;
  end(input: EndInput): Promise<Outcome>;
  get(delegationId: string): Promise<DelegationRow | undefined>;
  /** Of one person (account id) either way, or of all; the last granted first. Those that are over only when asked for. */
  list(filter: { readonly userId?: string; readonly over: boolean }, page: PageRequest): Promise<Page<DelegationRow>>;
}

export type EngineState = 'opening' | 'ready' | 'suspended' | 'refusing' | 'closed';

export interface WaybillSettings {
  readonly home: string;
  /** Default site of this instance, used by the API's scope and by nodes without a site node. */
  readonly site: string;
  readonly enterprise: string;
  readonly legalEntity: string;
  /** IANA time zone of this instance; the engine puts in the machine's when it is not set. */
  readonly timeZone?: string;
  readonly publicUrl: string | undefined;
  /** Address of the broker of `npm start` or WAYBILL_MQTT_URL; broker nodes with an empty URL use it. */
  readonly mqttUrl: string | undefined;
  readonly erpUrl: string | undefined;
  /** JSON: queue, severity and priority of classes that the engine raises. */
  readonly exceptionClasses?: string;
  /** Folder or http(s) address of the signed catalogue; the site has none when it is absent and its home keeps none. */
  readonly catalogue?: string;
  /** File of the root by which the site begins to trust the catalogue. */
  readonly catalogueRoot?: string;
  /** `test`, `pilot` or `all`, not checked yet; absent: `all`. */
  readonly ring?: string;
  /** `warn`: until there is a central policy, the deploy gate shows errors and refuses nothing. Default `enforce`. */
  readonly gate?: 'enforce' | 'warn';
  /** By what people are told, and of what; nobody is when it is absent. */
  readonly notifications?: NotificationSettings;
}

/** Answer of a command. `refused` carries a stable code and one clear sentence; the refusal is in the ledger. */
export type Outcome<T = object> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly code: string; readonly message: string; readonly status: 'forbidden' | 'not-found' | 'conflict' | 'invalid' | 'unavailable'; readonly members?: JsonObject };

/** A signed-in person as the web layer knows it. */
export interface PersonIdentity {
  /** Account id (uuid). */
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Sites in scope; `*` is all. */
  readonly sites: readonly string[];
  /** How the person signed in: `password`, `token`, `one-time-link`. */
  readonly authMethod: string;
  /** `inbox`, `api`, `cli`. */
  readonly channel: string;
}

/** A person pauses a case, or lets it go on: the clocks of its ladders, not its work. */
export interface PauseCaseInput {
  readonly caseId: string;
  /** Within `[a-z0-9-]{2,40}`, for example `supplier`. */
  readonly reason: string;
  readonly note?: string;
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}

/** A ladder of a case as it stands. */
export interface LadderView {
  readonly ladderId: string; readonly subject: { readonly kind: 'case' | 'task' | 'exception'; readonly id: string }; readonly until?: string; readonly address: string;
  /** The rung that comes next, from 1, of how many, what happens on it, and when; null while the time stands still. */
  readonly rung: number; readonly rungs: number; readonly action: string; readonly role?: string; readonly escalatesAt: string | null;
  readonly paused?: 'requester' | 'person';
}

/** An event as it is reported. */
export interface ReportEvent {
  readonly site: string;
  /** 1 to 64 letters, digits, dots, dashes and underscores. */
  readonly name: string;
  /** What it is about: what the case compares with. */
  readonly key: string;
  readonly data: Json;
  /** Of its sender, who never uses it again: a second report with it is the first. */
  readonly id?: string;
  /** How long it is kept for a case that does not wait yet, ms; 0: only for who waits now. */
  readonly keepMs: number;
  /** For every case that waits, else for the one that waits longest. */
  readonly broadcast: boolean;
  readonly by: PersonIdentity | { readonly device: string };
}
export interface ReportedEvent {
  readonly signalId: string;
  /** `kept`: nobody waited for it (yet). */
  readonly status: 'taken' | 'kept' | 'expired';
  /** It was reported before under this id. */
  readonly repeated: boolean;
  /** How many cases have taken it. */
  readonly taken: number;
  /** Case that has taken it; null when none has, or it is for every case. */
  readonly caseId: string | null;
  readonly expiresAt: string;
}

export interface AdmitQuarantine {
  readonly quarantineId: string;
  /** The message as the person mapped it; absent, of a document: as it came. */
  readonly message?: string;
  /** Topic of the station, when it is another than the message's own. */
  readonly topic?: string;
  readonly reason: string;
  readonly by: PersonIdentity;
}
/** `caseId`: the first of `cases`; null when what came is for cases that are there (`reported`), as an acknowledgement of a partner. */
export interface Admitted { readonly caseId: string | null; readonly cases: number; readonly kind: 'opens' | 'repeats' | 'reported' }
export interface QuarantineDetail {
  /** Null when the bytes are no UTF-8. */
  readonly text: string | null;
  /** False when it was dealt with, or more came than was kept. */
  readonly editable: boolean;
  /** A message that could be admitted, made from the text. */
  readonly suggestion: string | null;
  /** Of a document: where it came from, and why it cannot be taken again as it came; null when it can. */
  readonly origin: DocumentOrigin | null;
  readonly notTaken: string | null;
}
export interface QuarantinePreview {
  readonly admissible: boolean; readonly kind: 'opens' | 'repeats' | 'reported' | 'refused'; readonly cases?: number; readonly title?: string; readonly keys?: readonly BusinessKey[];
  /** Case that holds the business key already. */
  readonly caseId?: string;
  readonly code?: string; readonly problem?: string;
}

/** An intake node, as admissions from quarantine use it. */
export interface IntakeReader {
  readonly site: string;
  /** Whether its topic pattern fits. */
  claims(topic: string): boolean;
  /** @param anyTopic read it although the topic is not one of its own */
  read(message: Uint8Array, topic: string, anyTopic: boolean): { readonly ok: true; readonly openings: readonly OpenCaseInput[] } | { readonly ok: false; readonly code: string; readonly message: string };
}

/** What of the engine a node takes a document again through. */
export interface DocumentPort {
  readonly numbers: Pick<ControlNumbers, 'take' | 'last' | 'receive'>;
  readonly openCase: NodePort['openCase'];
  readonly reportEvent: Waybill['reportEvent'];
  /** Only tried: nothing leaves the site. */
  readonly dry: boolean;
}

/** A node that takes documents in, as it takes again what it put aside. */
export interface DocumentReader {
  readonly site: string;
  readonly kind: DocumentOrigin['kind'];
  /** Name of its system, and its folder or queue. */
  readonly system: string;
  readonly place: string;
  readonly address: Address;
  /** Reads it as if it had just come; safe to call again. Gives what cannot be taken. */
  take(bytes: Buffer, origin: DocumentOrigin, port: DocumentPort): Promise<{ readonly code: string; readonly message: string } | undefined>;
}

export type { AnswerInfo, CommentTask, DecideTask, LevelView, ReassignTask, RequestInfo, RequestReversal, TaskDetail, TaskPort, WithdrawTask } from './people/task-port.ts';

export interface ResolveException {
  readonly exceptionId: string;
  /** retry: the token or step goes on again · continue: correct the facts and go on · cancel: the case closes as cancelled · acknowledged: nothing more to do. */
  readonly outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged';
  /** Resolution code, free within `[a-z0-9-]{2,40}`, for example `relabelled`. */
  readonly code: string;
  readonly note?: string;
  /** For `continue`: JSON merge patch (RFC 7396) on the case document. */
  readonly correction?: JsonObject;
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}

/** A photo as it was stored. */
export interface StoredPhoto { readonly sha256: string; readonly bytes: number; readonly mime: string; readonly width: number; readonly height: number }
export interface AttachPhoto { readonly subject: AttachmentSubject; readonly sha256: string; readonly caption?: string; readonly by: PersonIdentity; readonly commandKey?: string }

/** What a person does to an exception besides resolving it. */
export type ExceptionWork =
  /** `assignee`: account id. */
  | { readonly do: 'assign'; readonly assignee: string; readonly takeOver: boolean }
  | { readonly do: 'release' }
  | { readonly do: 'reclassify'; readonly category?: string; readonly severity?: Severity; readonly queue?: string; readonly priority?: Priority; readonly reason?: string }
  | { readonly do: 'merge'; readonly into: string }
  | { readonly do: 'unmerge' }
  | { readonly do: 'link'; readonly other: string }
  | { readonly do: 'reopen'; readonly reason: string }
  | { readonly do: 'note'; readonly note: string };
export interface WorkException { readonly exceptionId: string; readonly work: ExceptionWork; readonly by: PersonIdentity; readonly commandKey?: string }

export interface ReplayDeadLetter {
  readonly deadLetterId: string;
  /** Edited request body, or `msg.payload` of a message; every guard is checked again. */
  readonly request?: Json;
  /** While the circuit of the system is open: `wait` (default) until it lets the replay through, or `refuse` it. */
  readonly whenOpen?: 'wait' | 'refuse';
  readonly by: PersonIdentity;
  readonly commandKey?: string;
}

export interface ReplayManyInput {
  /** These, or those open ones that fit the filter. */
  readonly ids?: readonly string[];
  readonly filter?: { readonly kind?: 'effect' | 'token'; readonly system?: string; readonly operation?: string; readonly reason?: string; readonly address?: string };
  readonly dryRun: boolean; readonly ratePerSecond: number; readonly whenOpen: 'wait' | 'refuse';
  /** Takes the place of each request's body, or of `msg.payload`. */
  readonly edit?: Json;
  readonly by: PersonIdentity; readonly commandKey?: string;
}
export interface ReplayManyResult {
  /** Absent in a dry run. */
  readonly batchId: string | undefined;
  readonly total: number;
  /** Of a dry run: what would become of each. */
  readonly items: readonly ({ readonly deadLetterId: string; readonly caseId: string } & ReplayPreview)[];
  /** Ids that are none, or not in the person's sites. */
  readonly unknown: readonly string[];
}
/** Times are ISO 8601, `to` is now when absent; `node` is `instance/stepId`. */
export interface ReplayEvents {
  readonly from: string; readonly to?: string; readonly type?: string; readonly node?: string; readonly site?: string;
  readonly reason: string; readonly ratePerSecond: number; readonly dryRun: boolean; readonly by: PersonIdentity; readonly commandKey?: string;
}
export interface ReplayEventsResult {
  /** Absent in a dry run. */
  readonly replayId: string | undefined;
  readonly total: number;
  /** Of a dry run: how many of which type, by which node. */
  readonly found: readonly { readonly type: string; readonly node: string; readonly events: number }[];
}
/** Events that are, or were, sent again. */
export interface EventReplay {
  readonly replayId: string; readonly status: 'running' | 'done' | 'stopped'; readonly startedAt: string; readonly endedAt?: string;
  readonly fromTime: string; readonly toTime: string; readonly type?: string; readonly node?: string; readonly sites: readonly string[]; readonly reason: string; readonly ratePerSecond: number;
  readonly total: number; readonly sent: number; readonly notSent: number; readonly failures: number;
  /** The last that failed for good. */
  readonly failed: readonly { readonly caseId: string; readonly effectId: string; readonly code: string }[];
  /** Why it stands still at the moment. */
  readonly problem?: string;
}
export interface ChangeCircuit {
  readonly system: string; readonly state: 'open' | 'closed'; readonly reason: string; readonly by: PersonIdentity;
  /** ISO 8601; absent: open until it is closed by hand. */
  readonly until?: string;
}
export interface DiscardDeadLetter { readonly deadLetterId: string; readonly reason: string; readonly by: PersonIdentity; readonly commandKey?: string }

export interface AccessRecord {
  /** `refused`: a sign-in, or what the rights do not allow. `command-refused`: a command that came to no case; `reason` is its code. */
  readonly kind: 'signed-in' | 'signed-out' | 'refused' | 'command-refused' | 'account-changed';
  readonly name: string;
  readonly userId?: string;
  readonly authMethod?: string;
  readonly reason?: string;
  readonly remoteAddress?: string;
  /** What was asked for, and the sentence that answered it. */
  readonly command?: string;
  readonly message?: string;
}

/** What a person decided about the certificate of a server. */
export interface TrustInput {
  readonly by: PersonIdentity;
  readonly change: 'trusted' | 'withdrawn';
  readonly protocol: 'opc-ua';
  /** `host:port`. */
  readonly address: string;
  readonly thumbprint: string;
  /** What did not fit about it, as the person saw it. */
  readonly accepted: readonly string[];
}

export interface CaseView {
  readonly caseId: string; readonly status: 'open' | 'closed'; readonly outcome: string | undefined;
  readonly process: string; readonly template: string; readonly site: string; readonly title: string;
  readonly openedAt: string; readonly closedAt: string | undefined;
  readonly keys: readonly BusinessKey[];
  readonly document: JsonObject;
  /** `waiting for approval`, `ERP waiting`, `exception`…: one of the codes below, first that applies. */
  readonly activity: 'exception' | 'approval' | 'call-waiting' | 'running' | 'closed';
  /** Escalation: what happens next unless the case goes on. */
  readonly ladders: readonly LadderView[];
  /** A person stopped the clocks of the ladders, for this reason. */
  readonly paused?: string;
  readonly steps: readonly { readonly runId: string; readonly address: string; readonly nodeType: string; readonly status: string; readonly enteredAt: string }[];
  /** Where branches of a fork are gathered, or were. */
  readonly branches: readonly CaseBranches[];
  /** Undos, in the order in which they were registered. */
  readonly compensations: readonly CaseCompensation[];
  /** The case is being cancelled: the undos run, then it closes with this outcome. */
  readonly compensating?: { readonly outcome: string };
}

export interface CaseBranches {
  /** `instance/stepId` of the gather. */
  readonly address: string; readonly forkId: string; readonly of: number; readonly need: number;
  /** By name, in the order of arrival. */
  readonly arrived: readonly string[];
  readonly missing: readonly string[];
  readonly status: 'waiting' | 'complete' | 'partial';
}

export interface CaseCompensation {
  readonly compensationId: string; readonly name: string; readonly address: string; readonly how: 'flow' | 'task'; readonly order: number;
  readonly status: 'registered' | 'running' | 'done' | 'skipped' | 'dropped';
  /** The run that undoes, once it has begun. */
  readonly runId?: string; readonly question?: string; readonly role?: string;
  /** Pseudonym of who did it by hand, or skipped it; resolution code of the skip. */
  readonly by?: string; readonly reason?: string;
}

/** What the system page shows beyond {@link EngineMetrics}. */
export interface Vitals {
  readonly startedAt: string; readonly epoch: number; readonly history: readonly Sample[]; readonly systems: readonly SystemState[];
}

export interface EngineMetrics {
  readonly counters: { readonly [name: string]: number };
  readonly gauges: { readonly [name: string]: number };
  /** `bounds`: upper bound and how many were within it; `labels` without braces. */
  readonly histograms?: readonly { readonly name: string; readonly labels: string; readonly bounds: readonly (readonly [number, number])[]; readonly count: number; readonly sum: number }[];
  readonly ledger: LedgerHealth | undefined;
}

// ── nodes ───────────────────────────────────────────────────────────────────────────────────────────

/** Opens a case (or records a repeated scan on the case that holds the business key). */
export interface OpenCaseInput {
  /** Address and node of the intake step, whose outbound tokens are issued with the opening. */
  readonly step: StepHandle;
  readonly process: string;
  readonly template: string;
  readonly site: string;
  readonly title: string;
  readonly keys: readonly BusinessKey[];
  /** First facts of the case document. */
  readonly document: JsonObject;
  /** Working copy for the first wire: becomes `msg.payload`, with `topic` when given. */
  readonly message: { readonly payload: Json; readonly topic?: string };
  /** Business uniqueness: a second opening with the same scope and key is a repeat on the first case. */
  readonly unique?: { readonly scope: string; readonly key: string };
  /** Transport id, or device + sequence. Absent: at-least-once, marked possible-duplicate. */
  readonly transportId?: string;
  readonly device?: string;
  readonly operator?: string;
  /** What was reported. `kind`: by what, a scanner when absent; `code`: what a person reads of it first. */
  readonly scan?: { readonly kind?: IntakeKind; readonly code: string; readonly topic?: string; readonly raw?: string; readonly fields?: JsonObject;
    /** By how much the device's clock is ahead of the server's; negative: behind. Only when people should know. */
    readonly skewSeconds?: number };
  readonly occurredAt?: string;
  /** It may have been taken before although it has a transport id. */
  readonly possibleDuplicate?: boolean;
  /** The message comes out of quarantine: who mapped it (pseudonym) and why. */
  readonly admission?: { readonly quarantineId: string; readonly originalSha256: string; readonly by: string; readonly edited: boolean; readonly reason: string; readonly name: string;
    /** Of a document with several cases: which further one this is. */
    readonly part?: number };
  /** An existing case that this one belongs to (reversal, handoff). */
  readonly parentCaseId?: string;
  /** Id that the case was promised; a new one when absent. */
  readonly caseId?: string;
  /** Who is behind it, when the engine knows the person already. */
  readonly operatorPseudonym?: string;
}

export type OpenCaseResult =
  | { readonly kind: 'opened'; readonly caseId: string }
  /** Transport duplicate: already recorded; acknowledge and do nothing. */
  | { readonly kind: 'duplicate'; readonly caseId: string }
  /** Same business key: recorded as a repeated scan on `caseId`. */
  | { readonly kind: 'repeat'; readonly caseId: string; readonly closed: boolean };

/** Something that came again for a case that is there. */
export interface RepeatInput {
  readonly caseId: string; readonly site: string; readonly transportId: string; readonly device: string;
  readonly scan: { readonly kind: IntakeKind; readonly code: string; readonly topic: string };
}

export interface QuarantineInput {
  readonly site: string; readonly reason: string; readonly message: string; readonly bytes: Uint8Array;
  readonly topic?: string; readonly device?: string;
  /** A document, which is kept whole: where it came from. */
  readonly origin?: DocumentOrigin;
  /** The step that put it aside. */
  readonly address?: Address;
  /** What it is known by where it came from: under that it is in quarantine once, however often it comes. */
  readonly known?: {
    readonly as: readonly string[];
    /** It cannot be another one: folded as well with what has been dealt with. */
    readonly sameDelivery: boolean;
  };
}

/** What an intake has missed, as far as it knows. */
export interface GapInput {
  readonly site: string;
  /** `plc`, `sparkplug`, … */
  readonly what: string;
  /** Which one: the name of the server, edge node or topic. */
  readonly source: string;
  /** Stable code, for example `subscription-lost`, `queue-overflow`, `sequence`. */
  readonly reason: string;
  /** RFC 3339; absent: not known. */
  readonly fromTime?: string;
  readonly toTime?: string;
  /** Where the source numbers what it says: the last number before, the first after, and how many are missing, where that can be told. */
  readonly after?: number;
  readonly before?: number;
  readonly count?: number;
}

/** What the engine needs of a Node-RED node. */
export interface NodeRedNode {
  readonly id: string; readonly type: string; readonly z?: string; readonly _alias?: string; readonly name?: string;
  wires?: readonly (readonly string[])[];
  send(message: unknown): void;
  status(status: { fill?: string; shape?: string; text?: string } | string): void;
  error(message: string, msg?: unknown): void;
  warn(message: string): void;
}

export interface StepRegistration {
  readonly node: NodeRedNode;
  readonly address: Address;
  /** Milestones that a case must have reached (and whose facts must be unchanged) to enter. */
  readonly requires: readonly string[];
  readonly pattern: StepPattern | undefined;
  /** Hash of what is configured, without position and name; pinned by the cases that it works on. */
  readonly configHash?: string;
  /** Evaluates a typed input for a message and a case document. */
  readonly evaluate?: (value: string, type: string, msg: Record<string, unknown>, document: JsonObject) => Promise<unknown>;
  /** Overrides of the site node: stall time in ms and hop limit. */
  readonly stallMs?: number;
  /** What leaves output 1 is under this policy until the next governed node has it. */
  readonly tokenPolicy?: TokenPolicy;
  /** What the node says of the traffic to the system that it uses. */
  readonly circuit?: CircuitSource;
  readonly hopLimit?: number;
  /** What the outputs are called by the node's own configuration. */
  readonly portNames?: readonly string[];
  /** Ports that raise an exception when they are not wired and something is to leave there. */
  readonly outputs: number;
  /** Id of the directory node that says who may work its tasks; the accounts when absent. */
  readonly directory?: string;
  /** Id of the calendar node that its deadlines are counted by. */
  readonly calendar?: string;
  /** It opens the cases that reverse approvals of these steps. */
  readonly reversal?: ReversalIntake;
}

/** How a case open node takes a reversal. */
export interface ReversalIntake { readonly of: readonly string[]; readonly process: string; readonly template: string }

export interface StepHandle {
  readonly address: Address;
  readonly node: NodeRedNode;
  /** Detaches; the engine keeps what is durable and goes on with the node that registers next at the address. */
  close(): void;
}

/** Logic of a governed step. `run` is called when the step may act: after entry, after a wait, after a restart. It reads the state and does what is next; it must be safe to call again. */
export interface StepPattern {
  /** Roles that its tasks ask, for a word at the deploy when nobody holds one. */
  readonly roles?: readonly string[];
  run(step: StepContext): Promise<void>;
  /** Sends again what a step of this node has sent, as it is stored and under the same key. Never rejects for what the other side does. */
  resend?(request: JsonObject, idempotencyKey: string): Promise<Resent>;
}

/** What became of something that was sent again. */
export interface Resent { readonly outcome: 'success' | 'transient' | 'permanent' | 'unknown'; readonly errorClass?: string; readonly error?: string; readonly retryAfterMs?: number }

export type { Clock, StepContext };

export interface NodePort {
  /** What a site node says; returns what takes it away again. */
  setSite(nodeId: string, facts: SiteFacts): () => void;
  /** Zone of a site. */
  timeZone(site: string): string;
  registerStep(registration: StepRegistration): StepHandle;
  /** A message arrived at a governed node: consumes the token, runs the pattern. Resolves when the ledger has it. */
  receive(handle: StepHandle, msg: unknown): Promise<void>;
  openCase(input: OpenCaseInput): Promise<OpenCaseResult>;
  /** The request to an offered service that opened a case, and its answer so far, as the ledger has it. */
  serviceRequest(caseId: string): Promise<RequestState | undefined>;
  /** Tells a case that waits of a request of another system, and keeps its answer. `transportId`: of its idempotency key. Durable when it resolves. */
  tellCase(input: Omit<TellCase, 'request'> & { readonly request: Omit<TellCase['request'], 'claim'>; readonly transportId: string }): Promise<Telling>;
  /** What was told, or opened, under the key of a request; undefined when nothing was. */
  toldUnder(site: string, transportId: string): Promise<Telling | undefined>;
  /** A request that was told to a case, or is kept for one, by the id of its event. */
  toldRequest(signalId: string): Promise<ToldState | undefined>;
  /** Evidence on a case that something came again; false when this very thing was recorded before. Durable when it resolves. */
  recordRepeat(input: RepeatInput): Promise<boolean>;
  /** An intake node that can read what people map in quarantine; returns what takes it away again. */
  addReader(reader: IntakeReader): () => void;
  /** An intake of documents that can take again what it put aside; returns what takes it away again. */
  addDocumentReader(reader: DocumentReader): () => void;
  /** Durable when it resolves. `repeated`: it stood there before under what it is known by. */
  quarantine(input: QuarantineInput): Promise<{ readonly quarantineId: string; readonly repeated: boolean }>;
  /** Something that an intake should have seen and has not: durable when it resolves. */
  recordGap(input: GapInput): Promise<void>;
  /** What an intake kept last of how far it has come with its source. */
  lastPosition(of: PositionOf): Promise<JsonObject | undefined>;
  /** Durable when it resolves; one at a time for each intake. */
  keepPosition(of: PositionOf, sequence: number, position: JsonObject): Promise<void>;
  /** Control numbers of what is sent and of what comes, in the ledger. */
  readonly numbers: Pick<ControlNumbers, 'take' | 'last' | 'receive'>;
  /** Who may send at a site, for one intake of it. */
  deviceGate(site: string, rules: DeviceRules): DeviceGate;
  /** True while intake may take in; false: do not acknowledge, stop reading. */
  accepting(): boolean;
  onAccepting(listener: (accepting: boolean) => void): () => void;
  /** Called after a commit that changes what a dock should be told about a case it scanned. */
  onCaseProgress(listener: (progress: CaseProgress) => void): () => void;
  count(name: string, by?: number): void;
  /** Counts a request of another system, by endpoint, caller and outcome. */
  requestAnswered(request: AnsweredRequest): void;
  /** Adds gauges to the metrics, read whenever they are asked for: `name` or `name{label="value"}`. Returns what takes them away. */
  measure(read: () => Readonly<Record<string, number>>): () => void;
  /** Messages of an address (`instance/stepId`) that did not get through so far. */
  retrying(address: string): RetryingHere;
  /** Circuit of a system that a node names; undefined when none does and it never changed. */
  circuit(system: string): CircuitView | undefined;
  /** Why a service (`family/name@1.2.0`) is not called at the moment; undefined when it may be. */
  serviceStop(reference: string): ServiceStop | undefined;
  /** Open steps at an address (`instance/stepId`). */
  resting(address: string): number;
  /** When the next timer of what rests at an address is due. */
  nextDue(address: string): Promise<string | undefined>;
  /** Of these roles, those that nobody holds at the site by the directory node, or by the accounts. */
  unheld(roles: readonly string[], site: string, directory?: string): Promise<readonly string[]>;
  /** The governed nodes of the running flows and where they stand. */
  placed(): readonly PlacedStep[];
}

/** A governed node of the running flows, as a person finds it in the editor. */
export interface PlacedStep {
  /** `instance/stepId`. */
  readonly address: string;
  /** Id at run time; inside a subflow instance the runtime makes one. */
  readonly nodeId: string;
  readonly nodeType: string;
  /** Ids by which the editor knows it: its own or its definition's, then subflow instances and definitions around it, innermost first. */
  readonly editorIds: readonly string[];
  /** Addresses of older versions of its template whose cases it goes on with; absent when there are none. */
  readonly formerly?: readonly string[];
}

export interface CaseProgress {
  readonly caseId: string; readonly title: string;
  readonly kind: 'recorded' | 'repeat' | 'awaiting-approval' | 'approved' | 'rejected' | 'expired' | 'erp-waiting' | 'exception' | 'closed';
  readonly outcome?: string;
  readonly severity?: Severity;
  readonly message?: string;
  /** Topic variables of the first scan, to address the dock. */
  readonly origin: JsonObject | undefined;
}

export type { Actor, Recorded };
