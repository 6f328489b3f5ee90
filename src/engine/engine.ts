import path from 'node:path';
import { addressKey, governanceProcess, isOpenRun, restsInRetry } from '../domain/index.ts';
import type { AnyEvent, CaseState, JsonObject } from '../domain/index.ts';
import { LedgerError } from '../ledger/port.ts';
import type { Ledger, TimerRow } from '../ledger/port.ts';
import type { AccessNote, AccountStore } from '../ledger/accounts-port.ts';
import type { NoticeStore } from '../ledger/notices-port.ts';
import { AccessNotes } from './access-notes.ts';
import type {
  AccessRecord, ChangeCircuit, CaseProgress, CaseView, DocumentReader, EngineMetrics, EngineState, IntakeReader, NodePort, PlacedStep, OpenCaseInput, OpenCaseResult,
  GapInput, Outcome, PersonIdentity, QuarantineInput, RepeatInput, ReportedEvent, ReportEvent, StepHandle, StepRegistration, TrustInput, Vitals, Waybill, WaybillSettings,
} from './api.ts';
import { Arrivals } from './arrivals.ts';
import { Attachments } from './attachments.ts';
import { CaseExecutor } from './case-executor.ts';
import type { RetryingHere } from './retrying.ts';
import type { CircuitView } from './circuits.ts';
import { Circuits } from './circuits.ts';
import { Delivery } from './delivery.ts';
import { Calendars } from './calendar/calendars.ts';
import { Devices } from './devices/devices.ts';
import type { DeviceGate } from './devices/gate.ts';
import type { DeviceRules } from './devices/device-port.ts';
import { Delegations } from './directory/delegations.ts';
import { Directories } from './directory/directories.ts';
import type { Directory } from './directory/directory.ts';
import { Changes } from './governance/changes.ts';
import { Handover } from './handover.ts';
import { ReplayBatches } from './replay-batches.ts';
import { EventReplays } from './event-replays.ts';
import { Replays } from './replays.ts';
import { Retrying } from './retrying.ts';
import { TokenRetries } from './token-retries.ts';
import { Opening } from './opening.ts';
import { Operators } from './operators.ts';
import { branchesOf, compensationsOf } from './path/case-branches.ts';
import { casePath } from './path/case-path.ts';
import type { CasePath } from './path/case-path.ts';
import type { FlowReader } from './path/flow-graph.ts';
import { Notifications } from './notify/notifications.ts';
import type { Pace } from './notify/outbox.ts';
import { readClassOverrides } from './exception-classes.ts';
import { ExceptionDesk } from './exception-desk.ts';
import { People } from './people.ts';
import { Reversals } from './people/reversals.ts';
import { TaskWork } from './people/task-work.ts';
import { progressOf } from './progress.ts';
import { placeOf } from './node-red/placed.ts';
import { Positions, type PositionOf } from './positions.ts';
import { Quarantine } from './quarantine/quarantine.ts';
import { QuarantinedDocuments } from './quarantine/documents.ts';
import { Quarantining } from './quarantine/putting-aside.ts';
import type { Recorded } from './recorded.ts';
import { Reconciliation } from './reconciliation.ts';
import type { EngineTuning } from './settings.ts';
import { Signals } from './events/signals.ts';
import { ToldRequests } from './events/told-requests.ts';
import { Ladders, laddersOf } from './escalation/ladders.ts';
import { RequestBook } from './offered/requests/request-book.ts';
import type { AnsweredRequest } from './offered/requests/request-book.ts';
import { requestMetrics } from './offered/requests/request-metrics.ts';
import { serviceRequests } from './offered/requests/request-view.ts';
import type { ServiceRequestList } from './offered/requests/request-view.ts';
import { usageReport } from './services/health/usage-report.ts';
import type { UsageReport } from './services/health/usage-report.ts';
import { HealthBook } from './services/health/health-book.ts';
import { healthMetrics } from './services/health/health-metrics.ts';
import { serviceHealth, serviceHealthOf } from './services/health/health-view.ts';
import type { HealthSources, ServiceHealthDetail, ServiceHealthList } from './services/health/health-view.ts';
import { requestState } from './offered/answers.ts';
import type { RequestState } from './offered/answers.ts';
import { Limits } from './services/limits.ts';
import { ControlNumbers } from './services/numbers.ts';
import { QuotaBook } from './services/quota-book.ts';
import { noServices } from './services/source.ts';
import { ServiceStops } from './services/stops.ts';
import type { ChangeServiceStop, ServiceStop } from './services/stops.ts';
import type { ServiceSource } from './services/source.ts';
import { SiteLog, systemActor } from './site-log.ts';
import { BreakGlassReview } from './governance/break-glass-review.ts';
import { GovernanceTasks } from './governance/governance-tasks.ts';
import { Governance } from './governance/governance.ts';
import { noCatalogue } from './governance/no-catalogue.ts';
import { setSignedContent } from './mapping/canonical.ts';
import { ruleSet } from './governance/rules.ts';
import { callersIn } from './governance/service-views.ts';
import type { Callers } from './governance/service-views.ts';
import type { FlowNode } from '../governance/gate/rules/flows.ts';
import { contentHash } from '../governance/template/normal-form.ts';
import type { SiteCatalogue } from '../governance/catalogue/site-catalogue.ts';
import { systemWatch } from '../connectors/resilience/system-watch.ts';
import { Sampler } from './sampler.ts';
import { Sites, systemTimeZone } from './sites.ts';
import type { SiteFacts } from './sites.ts';
import { StepRegistry } from './step-registry.ts';
import type { RegisteredStep } from './step-registry.ts';
import { StepRunner } from './step-runner.ts';
import { Timers } from './timers.ts';
import { Watch } from './watch.ts';
import { systemClock } from './support/clock.ts';
import type { Clock } from './support/clock.ts';
import { Counters } from './support/counters.ts';
import { DelayMeter } from './support/delay-meter.ts';
import { Pseudonyms } from './support/hashing.ts';
import { once } from './support/reporting.ts';

/** How long changes of accounts are gathered before quorums are looked at again, ms. */
const peopleSettleMs = 200;
/** How soon the cases are matched with the flows again when that failed, ms. */
const matchAgainMs = 1_000;
/** Flows that stand still for longer are stopped, not deployed: Node-RED waits 15 s for a node to close. */
const longestDeployMs = 20_000;
/** How long it holds who calls what, ms. */
const noNodes: readonly FlowNode[] = [];

export interface EngineOptions {
  readonly settings: WaybillSettings;
  readonly tuning: EngineTuning;
  readonly ledger: Ledger;
  readonly accounts: AccountStore | undefined;
  readonly pseudonymKey: Uint8Array;
  /** What is still to be told; without it nobody is told anything. */
  readonly notices?: NoticeStore | undefined;
  /** Signs the links of mails. */
  readonly mailLinkKey?: Uint8Array;
  readonly noticePace?: Partial<Pace>;
  /** Name of a node for messages to people. */
  readonly nodeName?: (id: string) => string;
  /** The time by which business goes; the ledger is opened with its `now`. Default: this machine's. */
  readonly clock?: Clock;
  /** Of the site; none when absent. */
  readonly catalogue?: SiteCatalogue;
}

/** The engine of one process: joins ledger, delivery, steps, timers and people. Made by {@link Engine.open}. */
export class Engine implements Waybill, NodePort {
  readonly settings: WaybillSettings;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly accounts: AccountStore | undefined;
  readonly nodes: NodePort = this;
  readonly counters = new Counters();
  readonly registry = new StepRegistry();
  readonly watch: Watch;
  readonly calendars: Calendars;
  readonly directories: Directories;
  readonly delegations: Delegations;
  readonly devices: Devices;
  /** Reads the nodes of the running flows; knows the governed ones only until Node-RED is connected. */
  readFlow: FlowReader = () => undefined;
  hostVersion: string | undefined;
  /** What systems offer, as the site may call it. */
  services: ServiceSource = noServices;
  readonly limits: Limits;
  readonly #quotas: QuotaBook;
  readonly #health: HealthBook;
  readonly #requests: RequestBook;
  readonly #stops: ServiceStops;
  readonly #sites: Sites;
  readonly #startedAt = new Date().toISOString();
  readonly #sampler = new Sampler(() => {
    const { commitMs, queuedCommits, lastPosition } = this.ledger.health();
    return { commitP50: commitMs.p50, commitP99: commitMs.p99, queued: queuedCommits, events: lastPosition, scans: this.counters.all()['scans_received'] ?? 0 };
  });
  readonly #tuning: EngineTuning;
  readonly #executor: CaseExecutor;
  readonly #circuits: Circuits;
  readonly #retrying = new Retrying();
  readonly #delivery: Delivery;
  readonly #runner: StepRunner;
  readonly #timers: Timers;
  readonly #arrivals: Arrivals;
  readonly #opening: Opening;
  readonly #people: People;
  readonly #replays: Replays;
  readonly #replayBatches: ReplayBatches;
  readonly #eventReplays: EventReplays;
  readonly #exceptions: ExceptionDesk;
  readonly #attachments: Attachments;
  readonly #tasks: TaskWork;
  readonly #reversals: Reversals;
  readonly #quarantine: Quarantine;
  readonly #quarantining: Quarantining;
  readonly #handover: Handover;
  readonly #changes: Changes;
  readonly #governanceTasks = new GovernanceTasks(this);
  readonly #breakGlassReview: BreakGlassReview;
  readonly #signals: Signals;
  readonly #told: ToldRequests;
  readonly #ladders: Ladders;
  readonly #pseudonyms: Pseudonyms;
  readonly #siteLog: SiteLog;
  readonly #positions: Positions;
  /** Control numbers of what is sent and of what comes. */
  readonly numbers: ControlNumbers;
  readonly #reconciliation: Reconciliation;
  readonly #delay = new DelayMeter();
  readonly #resting = new Map<string, number>();
  readonly #stateListeners = new Set<(state: EngineState, reason: string | undefined) => void>();
  readonly #acceptListeners = new Set<(accepting: boolean) => void>();
  readonly #progressListeners = new Set<(progress: CaseProgress) => void>();
  readonly #recordedListeners = new Set<(recorded: Recorded) => void>();
  readonly #accessNotes: AccessNotes | undefined;
  readonly notifications: Notifications | undefined;
  readonly governance: Governance;
  #state: EngineState = 'opening';
  #reason: string | undefined;
  #flowsStoppedAt = Date.now();
  /** Why the flows were not started, by Node-RED's own code, for example `missing-types`. */
  #flowsProblem: string | undefined;
  /** Why governed steps may not run. */
  #gateProblem: string | undefined;
  #flowStarts = 0;
  #flowStops = 0;
  /** One start of flows is worked off after the other. */
  #matching: Promise<void> = Promise.resolve();
  #matches = 0;
  readonly #work = new Set<() => number>();
  readonly #measures = new Set<() => Readonly<Record<string, number>>>();
  /** The steps of earlier epochs have been gone on with. */
  #resumed = false;
  #closing: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #lookAgain: NodeJS.Timeout | undefined;
  #quorumLooks = 0;
  /** Set before the state is told: who listens asks for it. */
  #shuttingDown = false;

  private constructor(options: EngineOptions) {
    const clock = this.clock = options.clock ?? systemClock;
    const timeZone = options.settings.timeZone ?? systemTimeZone();
    this.settings = { ...options.settings, timeZone };
    this.#sites = new Sites({ siteId: options.settings.site, legalEntity: options.settings.legalEntity, timeZone });
    this.ledger = options.ledger;
    this.accounts = options.accounts;
    this.#tuning = options.tuning;
    const { ledger, tuning } = options;
    const counters = this.counters;
    const registry = this.registry;
    const defaults = { site: options.settings.site, legalEntity: options.settings.legalEntity };
    this.#pseudonyms = new Pseudonyms(options.pseudonymKey);
    this.#siteLog = new SiteLog(ledger, defaults, (recorded) => this.#tellRecorded(recorded), clock);
    this.#positions = new Positions(ledger, this.#siteLog);
    this.numbers = new ControlNumbers(ledger, this.#siteLog, (scope, text) => this.#pseudonyms.reservation(scope, text), () => clock.now());
    this.calendars = new Calendars({ timeZone: () => timeZone, now: () => clock.iso() });
    this.delegations = new Delegations({
      ledger, siteLog: this.#siteLog, clock, pseudonym: (userId) => this.#pseudonyms.person(userId), directory: () => this.directory(), longestDays: () => this.directories.longestDays(),
    });
    this.directories = new Directories({ accounts: options.accounts, pseudonyms: this.#pseudonyms, home: options.settings.home, delegations: this.delegations, changed: () => this.#peopleChanged() });
    this.#executor = new CaseExecutor({ classes: readClassOverrides(options.settings.exceptionClasses), ledger, clock, tuning, counters, defaults, legalEntityOf: (site) => this.#sites.legalEntity(site), onCommitted: (state, events, position) => this.#onCommitted(state, events, position), follow: (state, events, at) => this.#ladders.follow(state, events, at) });
    const executor = this.#executor;
    this.#quotas = new QuotaBook(path.join(this.settings.home, 'quotas.json'));
    this.limits = new Limits(this.#quotas);
    this.#requests = new RequestBook({ file: path.join(this.settings.home, 'service-requests.json'), ledgerId: ledger.ledgerId, clock });
    this.#health = new HealthBook({ file: path.join(this.settings.home, 'service-health.json'), ledger, clock, costOf: (reference) => this.services.service(reference)?.definition.cost });
    this.#circuits = new Circuits({ ledger, clock, siteLog: this.#siteLog, registry });
    const circuits = this.#circuits;
    this.#stops = new ServiceStops({ ledger, clock, siteLog: this.#siteLog, services: () => this.services });
    const retries = new TokenRetries({ registry, circuits, clock });
    this.#delivery = new Delivery({ ledger, clock, executor, registry, tuning, counters, circuits, retries });
    const delivery = this.#delivery;
    const operators = new Operators(options.accounts, this.#pseudonyms);
    this.#runner = new StepRunner({ ledger, clock, executor, delivery, registry, pseudonyms: this.#pseudonyms, counters, circuits, services: () => this.services, limits: this.limits, numbers: this.numbers, stops: this.#stops, again: (caseId, runId) => this.#runner.start(caseId, runId), wakeAt: (iso) => this.#timers.wakeAt(iso), graceUntil: () => this.#timers.graceUntil, timeZone: (site) => this.timeZone(site), calendar: (nodeId) => this.calendars.get(nodeId), telling: () => this.notifications?.telling, directory: (nodeId) => this.directory(nodeId), operators }, tuning);
    const runner = this.#runner;
    delivery.activeRuns = () => runner.active;
    this.#timers = new Timers({ ledger, clock, tuning, fire: (timer) => this.#fire(timer), onGap: (from, to) => this.#onGap(from, to), room: () => tuning.window - runner.active });
    this.#opening = new Opening({ executor, delivery, registry, pseudonyms: this.#pseudonyms, operators });
    this.#handover = new Handover({ ledger, siteLog: this.#siteLog, pseudonyms: this.#pseudonyms });
    this.#changes = new Changes({
      ledger, siteLog: this.#siteLog, clock, site: options.settings.site, pseudonym: (userId) => this.#pseudonyms.person(userId), catalogue: () => this.governance.catalogue,
      openTask: (task) => this.#governanceTasks.open(task), running: () => this.governance.gate.running()?.nodes ?? [], isAccount: async (userId) => await options.accounts?.getUser(userId) !== undefined,
    });
    this.#quarantine = new Quarantine({
      ledger, siteLog: this.#siteLog, opening: this.#opening, pseudonyms: this.#pseudonyms, accepting: () => this.accepting(),
      documents: new QuarantinedDocuments({ ledger, opening: this.#opening, numbers: this.numbers, pseudonyms: this.#pseudonyms, reportEvent: (event) => this.reportEvent(event) }),
    });
    this.#quarantining = new Quarantining({ ledger, siteLog: this.#siteLog, count: (name) => counters.add(name) });
    this.#arrivals = new Arrivals({ clock, retries, executor, delivery, registry, runner, counters, tuning, quarantine: (input) => this.quarantine(input), site: options.settings.site });
    this.#people = new People({ ledger, executor, delivery, runner, pseudonyms: this.#pseudonyms });
    this.#replays = new Replays({ ledger, executor, delivery, runner, registry, circuits, people: this.#people, pseudonyms: this.#pseudonyms, readFlow: () => this.readFlow });
    this.#eventReplays = new EventReplays({ ledger, siteLog: this.#siteLog, registry, circuits, pseudonyms: this.#pseudonyms, clock });
    this.#replayBatches = new ReplayBatches({ ledger, siteLog: this.#siteLog, executor, replays: this.#replays, circuits, pseudonyms: this.#pseudonyms, clock });
    this.#attachments = new Attachments({ ledger, people: this.#people, pseudonyms: this.#pseudonyms, home: options.settings.home });
    this.#exceptions = new ExceptionDesk({ ledger, people: this.#people, pseudonyms: this.#pseudonyms, clock });
    this.#ladders = new Ladders({ executor, runner, registry, counters, calendar: (nodeId) => this.calendars.get(nodeId), graceUntil: () => this.#timers.graceUntil });
    this.#signals = new Signals({ ledger, clock, executor, counters, siteLog: this.#siteLog, pseudonyms: this.#pseudonyms, graceUntil: () => this.#timers.graceUntil });
    this.#told = new ToldRequests({ ledger, clock, executor, counters, siteLog: this.#siteLog, pseudonyms: this.#pseudonyms, signals: this.#signals, graceUntil: () => this.#timers.graceUntil });
    this.#tasks = new TaskWork({
      ledger, executor, runner, registry, pseudonyms: this.#pseudonyms, graceUntil: () => this.#timers.graceUntil, directory: (nodeId) => this.directory(nodeId), calendar: (nodeId) => this.calendars.get(nodeId),
    });
    this.#reversals = new Reversals({ ledger, executor, registry, opening: this.#opening, acting: this.#tasks.acting });
    this.#accessNotes = options.accounts === undefined ? undefined : new AccessNotes(
      options.accounts, (note) => this.#recordNote(note), (error) => once('access-notes', `Changes of accounts wait to be recorded: ${String(error)}`),
    );
    this.notifications = options.notices === undefined || options.mailLinkKey === undefined ? undefined : new Notifications({
      settings: this.settings, ledger, directory: () => this.directory(), store: options.notices, executor, linkKey: options.mailLinkKey, delegations: this.delegations, clock, pseudonym: (userId) => this.pseudonym(userId),
      timeZone: (site) => this.timeZone(site), count: (name, by) => counters.add(name, by), ...(options.noticePace === undefined ? {} : { pace: options.noticePace }),
    });
    if (this.notifications?.heard !== undefined) this.#recordedListeners.add(this.notifications.heard);
    this.governance = new Governance({
      settings: this.settings, ledger, siteLog: this.#siteLog, accounts: options.accounts, clock, catalogue: options.catalogue ?? noCatalogue, rules: ruleSet, contentHash, changes: this.#changes, pseudonym: (id) => this.#pseudonyms.person(id),
    });
    this.services = this.governance.catalogue;
    setSignedContent(() => this.governance.catalogue);
    this.governance.templatesChanged = () => {
      this.#circuits.refresh();
      this.#stops.look();
      this.#templatesChanged().catch((error: unknown) => once('moves', `Cases could not be matched with the migration maps of the catalogue: ${String(error)}`));
    };
    this.devices = new Devices({
      ledger, siteLog: this.#siteLog, clock, home: this.settings.home, calendars: this.calendars, accepting: () => this.accepting(), pseudonym: (id) => this.#pseudonyms.person(id), count: (name, by) => counters.add(name, by),
      openTask: (task) => this.#governanceTasks.caseOf(task), closeTask: (caseId, note) => this.#closeOwn(caseId, note),
    });
    this.#breakGlassReview = new BreakGlassReview({ site: this.settings.site, used: () => this.governance.breakGlass.used(), openTask: (task) => this.#governanceTasks.open(task) });
    this.#reconciliation = new Reconciliation({ ledger, executor, registry, delivery, runner });
    this.watch = new Watch({
      clock, retries, executor, delivery, counters, nodeName: options.nodeName ?? ((id) => id), running: () => this.#state === 'ready' && registry.flowsRunning,
    });
  }

  /** Opens the engine on an open ledger: a new epoch, recorded, before anything else. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    const last = await engine.ledger.lastEpoch();
    const epoch = last.epoch + 1;
    engine.#executor.epoch = epoch;
    engine.#siteLog.epoch = epoch;
    const unclean = last.epoch > 0 && !last.clean;
    engine.#delivery.previousUnclean = unclean;
    engine.#runner.previousUnclean = unclean;
    const lastSeen = await engine.#lastSeen();
    engine.#executor.ledgerTime = lastSeen ?? '';
    engine.#health.start();
    engine.#requests.start();
    await engine.#circuits.restore();
    await engine.#stops.restore();
    await engine.devices.open();
    engine.#retrying.restore(await engine.ledger.retryingTokens());
    engine.ledger.onHealth((health) => engine.#onHealth(health.state, health.reason));
    await engine.#startEpoch({ epoch, previousClean: !unclean, incarnation: last.incarnation });
    await engine.governance.start();
    const resting = await engine.ledger.addressCounts();
    for (const { address, steps } of resting) engine.#resting.set(address, steps);
    engine.#governanceTasks.restore(resting.map(({ address }) => address));
    engine.#timers.start(lastSeen);
    engine.#accessNotes?.start();
    engine.#attachments.start();
    engine.#changes.start();
    engine.#breakGlassReview.start();
    engine.devices.start();
    engine.governance.watch();
    engine.notifications?.start();
    engine.watch.start(Math.min(1_000, Math.max(50, options.tuning.stallMs / 4)));
    engine.#delay.start();
    engine.#sampler.start();
    if (engine.state === 'opening') engine.#finishAdmissions();
    if (engine.state === 'opening') engine.#setState('ready', undefined);
    return engine;
  }

  #finishAdmissions(): void {
    this.#quarantine.finish().catch((error: unknown) => once('admissions', `Admissions from quarantine could not be finished: ${String(error)}`));
  }

  /** Commits keep their order, so on a full disk the epoch still comes first; what is open then says that it is suspended, and goes on by itself. */
  async #startEpoch(data: { readonly epoch: number; readonly previousClean: boolean; readonly incarnation: number }): Promise<void> {
    const recorded = this.#siteLog.record('epoch', { type: 'EpochStarted', data }, { streamId: `epoch:${data.epoch}` });
    recorded.catch((error: unknown) => once('epoch', `The start of the epoch could not be recorded: ${String(error)}`));
    const suspended = new Promise<void>((resolve) => { this.onState((state) => { if (state === 'suspended') resolve(); }); });
    await Promise.race([recorded, suspended]);
  }

  /** When the ledger took its last event before this start. */
  async #lastSeen(): Promise<string | undefined> {
    const position = this.ledger.health().lastPosition;
    const [event] = position > 0 ? await this.ledger.readAll(position, 1) : [];
    return event?.recordedAt;
  }

  // ── state ──────────────────────────────────────────────────────────────────────────────────────
  get state(): EngineState {
    return this.#state;
  }
  get reason(): string | undefined {
    if (this.#state !== 'ready' || this.registry.flowsRunning) return this.#reason;
    if (this.#gateProblem !== undefined) return this.#gateProblem;
    if (this.#flowsProblem !== undefined) return `The flows were not started (${this.#flowsProblem}): scans wait at their devices and cases stand still. Mend the flows and deploy.`;
    return Date.now() - this.#flowsStoppedAt < longestDeployMs ? undefined : 'The flows are stopped: scans wait at their devices and cases stand still. Start the flows.';
  }
  get epoch(): number {
    return this.#executor.epoch;
  }
  onState(listener: (state: EngineState, reason: string | undefined) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }
  accepting(): boolean {
    return this.#state === 'ready' && this.registry.flowsRunning;
  }
  onAccepting(listener: (accepting: boolean) => void): () => void {
    this.#acceptListeners.add(listener);
    return () => this.#acceptListeners.delete(listener);
  }
  onCaseProgress(listener: (progress: CaseProgress) => void): () => void {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  }
  onRecorded(listener: (recorded: Recorded) => void): () => void {
    this.#recordedListeners.add(listener);
    return () => this.#recordedListeners.delete(listener);
  }
  get draining(): boolean {
    return this.#shuttingDown;
  }
  /** What has begun and is not done, whoever does it: 0 when everything waits for people, for a time, or for a message in a plain node. */
  get working(): number {
    const busy = [
      this.#timers.firing, this.watch.looking, this.#delivery.feeding, this.#runner.resuming, this.#exceptions.sweeping, this.notifications?.working === true,
      this.#lookAgain !== undefined, this.#quorumLooks > 0,
    ].filter(Boolean).length;
    let others = 0;
    for (const count of this.#work) others += count();
    return this.#runner.active + this.#executor.mailboxes + this.ledger.health().queuedCommits + this.#matches + this.#signals.matching + busy + others;
  }
  /** Steps at work, and messages on their way between governed nodes: as in the metrics, without the cost of those. */
  get underWay(): { readonly steps: number; readonly messages: number } {
    return { steps: this.#runner.active, messages: this.#delivery.inFlight };
  }
  /** Something else that works by itself after a commit: how much of it is under way. Returns what takes it away again. */
  addWork(count: () => number): () => void {
    this.#work.add(count);
    return () => this.#work.delete(count);
  }
  count(name: string, by = 1): void {
    this.counters.add(name, by);
  }
  requestAnswered(request: AnsweredRequest): void {
    this.#requests.count(request);
  }
  measure(read: () => Readonly<Record<string, number>>): () => void {
    this.#measures.add(read);
    return () => this.#measures.delete(read);
  }
  retrying(address: string): RetryingHere {
    return this.#retrying.at(this.registry.addressesOf(address));
  }
  circuits(): readonly CircuitView[] {
    return this.#circuits.all();
  }
  changeCircuit(input: ChangeCircuit): Promise<Outcome<{ readonly circuit: CircuitView }>> {
    return this.#circuits.change(input, { kind: 'person', id: this.#pseudonyms.person(input.by.userId) });
  }
  serviceHealth(): ServiceHealthList {
    return serviceHealth(this.#healthSources());
  }
  serviceRequests(): ServiceRequestList {
    return serviceRequests({ book: this.#requests, services: this.services, now: this.clock.now() });
  }
  serviceUsage(): UsageReport {
    return usageReport(this.settings.site, this.#healthSources());
  }
  serviceHealthOf(id: string): ServiceHealthDetail | undefined {
    return serviceHealthOf(id, this.#healthSources());
  }
  #healthSources(): HealthSources {
    return {
      book: this.#health, stops: this.#stops, services: this.services, limits: this.limits, circuit: (system) => this.#circuits.one(system), now: this.clock.now(),
      callers: this.#callers(),
    };
  }
  /** Worked out anew when other flows run. */
  #callers(): Callers {
    const nodes = this.governance.gate.running()?.nodes ?? noNodes;
    if (this.#calledBy?.nodes !== nodes) this.#calledBy = { nodes, callers: callersIn(nodes) };
    return this.#calledBy.callers;
  }
  #calledBy: { readonly nodes: readonly FlowNode[]; readonly callers: Callers } | undefined;
  serviceStop(reference: string): ServiceStop | undefined {
    return this.#stops.of(reference);
  }
  changeService({ by, ...change }: ChangeServiceStop & { readonly by: PersonIdentity }): Promise<Outcome> {
    return this.#stops.change(change, { kind: 'person', id: this.#pseudonyms.person(by.userId) });
  }
  circuit(system: string): CircuitView | undefined {
    return this.#circuits.one(system);
  }
  /** Open steps at an address. */
  resting(address: string): number {
    return this.registry.addressesOf(address).reduce((sum, each) => sum + (this.#resting.get(each) ?? 0), 0);
  }
  unheld(roles: readonly string[], site: string, directory?: string): Promise<readonly string[]> {
    return this.directory(directory).unheld(roles, site);
  }
  async nextDue(address: string): Promise<string | undefined> {
    const dues = await Promise.all(this.registry.addressesOf(address).map((each) => this.ledger.nextTimerAt(each)));
    return dues.filter((due) => due !== undefined).sort()[0];
  }
  placed(): readonly PlacedStep[] {
    return [...this.registry.all()].map((step) => placeOf(step, this.registry.addressesOf(step.key).slice(1)));
  }

  #setState(state: EngineState, reason: string | undefined): void {
    if (this.#state === 'closed' || (this.#state === state && this.#reason === reason)) return;
    const accepted = this.accepting();
    this.#state = state;
    this.#reason = reason;
    for (const listener of this.#stateListeners) contained(() => listener(state, reason));
    if (accepted !== this.accepting()) this.#tellAccepting();
  }
  #tellAccepting(): void {
    if (this.accepting()) this.#quarantine.started();
    for (const listener of this.#acceptListeners) contained(() => listener(this.accepting()));
  }

  #onHealth(state: 'ready' | 'suspended' | 'closed', reason: string | undefined): void {
    if (this.#draining !== undefined) return;
    if (state === 'suspended') {
      this.#setState('suspended', reason ?? 'The ledger takes no commits at the moment.');
      once('suspended', `Intake stands still: ${reason ?? 'the ledger takes no commits'}`);
    } else if (state === 'ready' && this.#state !== 'opening') {
      this.#setState('ready', undefined);
      this.#delivery.feed();
      this.#runner.resumeMore();
    }
  }

  #tellRecorded(recorded: Recorded): void {
    if (recorded.caseId === undefined && recorded.events.some(({ type }) => type === 'BreakGlassUsed')) setImmediate(() => { void this.#breakGlassReview.look(); });
    for (const listener of this.#recordedListeners) contained(() => listener(recorded));
  }

  #onCommitted(state: CaseState, events: readonly AnyEvent[], position: number): void {
    if (this.#recordedListeners.size > 0) {
      this.#tellRecorded({ position, site: state.site, caseId: state.caseId, events, roleOf: (taskId) => state.tasks[taskId]?.role, isAssigned: (taskId) => state.tasks[taskId]?.assignee !== undefined });
    }
    this.#replayBatches.seen(state);
    for (const event of events) {
      this.#countResting(event);
      this.#health.see(state, event, position);
      // The address of a close is the closing step's own; what it cancels rested elsewhere.
      if (event.type === 'CaseClosed') for (const runId of event.data.cancelledRuns) this.#rest(addressKey(state.runs[runId]?.address ?? { instance: '', stepId: '' }), -1);
      this.#retrying.see(state, event);
      if (event.type === 'RetryScheduled' || event.type === 'TokenRetryScheduled' || event.type === 'TimerScheduled' || (event.type === 'TaskCreated' && event.data.dueAt !== undefined)) this.#timers.wakeAt(event.data.dueAt ?? '');
      for (const at of timesIn(event)) this.#timers.wakeAt(at);
      this.#wake(state, event);
      if (event.type === 'LadderStarted' || event.type === 'LadderResumed' || event.type === 'Escalated') this.#timers.wakeAt(event.data.next?.dueAt ?? '');
      if (event.type === 'EventAwaited') void this.#signals.offer(state, event.data.runId);
      if (event.type === 'EventCorrelated') this.#runner.start(state.caseId, event.data.runId);
      if (state.process === governanceProcess) {
        if (event.type === 'CaseOpened') this.counters.add('governance_cases_opened');
        if (event.type === 'CaseClosed') this.counters.add('governance_cases_closed');
      } else if (event.type === 'CaseOpened') this.counters.add('cases_opened');
      else if (event.type === 'CaseClosed') this.counters.add('cases_closed');
      if (event.type === 'ExceptionRaised') this.counters.add('exceptions_raised');
      if (event.type === 'DeadLettered' || event.type === 'TokenDeadLettered') this.counters.add('dead_letters');
      if (this.#progressListeners.size === 0) continue;
      const progress = progressOf(state, event);
      if (progress !== undefined) for (const listener of this.#progressListeners) contained(() => listener(progress));
    }
  }
  /** Runs that have something to do because of what another step did. */
  #wake(state: CaseState, event: AnyEvent): void {
    if (event.type === 'BranchArrived' && event.data.late !== true && event.data.holder !== event.data.runId) this.#runner.start(state.caseId, event.data.holder);
    else if (event.type === 'BranchesEnded') this.#runner.start(state.caseId, event.data.holder);
    else if (event.type === 'CompensationIssued') this.#runner.start(state.caseId, event.data.runId);
    else if (event.type === 'TokenVoided') this.#delivery.landed(event.data.tokenId);
  }
  #countResting(event: AnyEvent): void {
    if (event.address === undefined) return;
    const by = event.type === 'StepEntered' || event.type === 'CompensationIssued' ? 1 : event.type === 'StepCompleted' || event.type === 'StepVoided' || event.type === 'CaseClosed' ? -1 : 0;
    if (by !== 0) this.#rest(addressKey(event.address), by);
  }
  #rest(address: string, by: number): void {
    // An intake step completes without having been entered.
    this.#resting.set(address, Math.max(0, (this.#resting.get(address) ?? 0) + by));
  }

  // ── sites, figures ─────────────────────────────────────────────────────────────────────────────
  setSite(nodeId: string, facts: SiteFacts): () => void {
    return this.#sites.set(nodeId, facts);
  }
  timeZone(site: string): string {
    return this.#sites.timeZone(site);
  }
  zones(): Readonly<Record<string, string>> {
    return this.#sites.zones();
  }
  vitals(): Vitals {
    return { startedAt: this.#startedAt, epoch: this.epoch, history: this.#sampler.all(), systems: systemWatch.all() };
  }

  // ── flows ──────────────────────────────────────────────────────────────────────────────────────
  flowsStopping(): void {
    this.#flowsStoppedAt = Date.now();
    this.#flowStops += 1;
    this.registry.flowsStopping();
    this.#tellAccepting();
  }

  /** After every start of flows: recovery the first time, reconciliation every time (PROTOCOL §2.6). */
  async flowsStarted(deployType: string): Promise<void> {
    this.#flowsProblem = undefined;
    void this.governance.flowsStarted().catch((error: unknown) => once('gate-state', `The state of the deploy gate could not be recorded: ${String(error)}`));
    const blocked = this.governance.blocks();
    if (blocked !== undefined) return this.#flowsBlocked(blocked);
    this.#gateProblem = undefined;
    const stops = this.#flowStops;
    if (this.calendars.pending) {
      await this.calendars.ready();
      if (stops !== this.#flowStops) return;
    }
    this.#followMoves();
    this.registry.flowsStarted();
    this.#tellAccepting();
    const start = ++this.#flowStarts;
    try {
      await this.#siteLog.record('deploy', { type: 'DeployStarted', data: { deployType, governedSteps: this.registry.size, ...(this.governance.gate.deployId === undefined ? {} : { deployId: this.governance.gate.deployId }) } });
    } catch (error) {
      once('deploy', `The start of the flows could not be recorded: ${String(error)}`);
    }
    await this.#matched(start);
  }
  async #matched(start: number): Promise<void> {
    this.#matches += 1;
    try {
      await (this.#matching = this.#matching.then(() => this.#match(start)));
    } finally {
      this.#matches -= 1;
    }
  }

  /** Where steps of older versions go on: before anything of these flows is gone on with. */
  #followMoves(): boolean {
    try {
      const { moves, unknown } = this.governance.moves();
      return this.registry.follow(moves, unknown);
    } catch (error) {
      // Without them cases rest where they are, and say so.
      once('moves', `The migration maps of the installed templates could not be read, so cases at steps that have another id now wait: ${String(error)}`);
      return false;
    }
  }
  /** The catalogue came late, or has a template that it did not have: what waited for its map goes on. */
  async #templatesChanged(): Promise<void> {
    if (!this.registry.flowsRunning || !this.#followMoves()) return;
    await this.#matched(++this.#flowStarts);
  }

  /** Governed steps do not run without the gate of a governed site: as when the flows were not started. */
  async #flowsBlocked(why: string): Promise<void> {
    this.#flowStops += 1;
    this.registry.flowsStopping();
    this.#gateProblem = why;
    once('gate-blocks', why);
    for (const { node } of this.registry.all()) node.warn(why);
    this.#tellAccepting();
    await this.#siteLog.record('deploy', { type: 'DeployNotStarted', data: { reason: 'gate-missing' } });
  }

  /** Matches the cases with the nodes of this start of flows, again and again until it has come through or the next start does it. */
  async #match(start: number): Promise<void> {
    const current = (): boolean => start === this.#flowStarts && this.registry.flowsRunning && this.#draining === undefined;
    while (current()) {
      try {
        const { raised, adopted } = await this.#reconciliation.reconcile(current);
        if (raised > 0) once('orphans', `${raised} waiting cases rest at step ids that no node has any more; see the exceptions.`);
        this.counters.add('orphans_raised', raised);
        this.counters.add('orphans_adopted', adopted);
        if (!current()) return;
        if (!this.#resumed) {
          this.#resumed = true;
          this.#runner.resumeAll();
          await this.#replayBatches.resume();
          await this.#eventReplays.resume();
          this.#exceptions.sweep();
        }
        await this.#signals.recover();
        await this.#delivery.resendFlights(this.#flowsStoppedAt + 1);
        this.#delivery.offerAll();
        // What came due while flows stood still: attempts, reversals that found no node.
        this.#timers.wakeAt(this.clock.iso());
        this.#tellConflicts();
        return;
      } catch (error) {
        if (!current()) return;
        once('reconcile', `The cases could not be matched with the flows and are tried again: ${String(error)}`);
        await new Promise((resolve) => { setTimeout(resolve, matchAgainMs).unref(); });
      }
    }
  }

  /** Settings on which nodes do not agree are named at the nodes, at every start of flows. */
  #tellConflicts(): void {
    for (const { sentence, nodeIds } of this.#circuits.conflicts()) for (const id of nodeIds) this.registry.byNode(id)?.node.warn(sentence);
  }

  /** Node-RED has the flows and does not start them: what waits for them has a visible reason. */
  async flowsNotStarted(reason: string): Promise<void> {
    this.#flowStops += 1;
    this.registry.flowsStopping();
    this.#flowsProblem = reason;
    once('not-started', this.reason ?? reason);
    await this.#siteLog.record('deploy', { type: 'DeployNotStarted', data: { reason } });
  }

  // ── nodes ──────────────────────────────────────────────────────────────────────────────────────
  registerStep(registration: StepRegistration): StepHandle {
    return this.registry.register(registration);
  }
  receive(handle: StepHandle, msg: unknown): Promise<void> {
    return this.#arrivals.receive(handle as RegisteredStep, msg);
  }
  openCase(input: OpenCaseInput): Promise<OpenCaseResult> {
    if (!this.accepting()) {
      return Promise.reject(new LedgerError('unavailable', this.#reason ?? 'Waybill does not take in anything while flows are being deployed.'));
    }
    return this.#opening.openCase(input);
  }
  async serviceRequest(caseId: string): Promise<RequestState | undefined> {
    return requestState(await this.#executor.settled(caseId));
  }
  readonly tellCase: NodePort['tellCase'] = async ({ transportId, request, ...input }) => {
    if (!this.accepting()) throw new LedgerError('unavailable', this.#reason ?? 'Waybill does not take in anything while flows are being deployed.');
    const told = await this.#told.tell({ ...input, request: { ...request, claim: this.#opening.transportClaim(input.site, transportId) } });
    if (told.kind === 'recorded' && told.state.status === 'kept' && told.state.expiresAt !== undefined) this.#timers.wakeAt(told.state.expiresAt);
    return told;
  };
  readonly toldUnder: NodePort['toldUnder'] = (site, transportId) => this.#told.under(this.#opening.transportClaim(site, transportId));
  readonly toldRequest: NodePort['toldRequest'] = (signalId) => this.#told.state(signalId);
  recordRepeat(input: RepeatInput): Promise<boolean> {
    if (!this.accepting()) return Promise.reject(new LedgerError('unavailable', this.#reason ?? 'Waybill does not take in anything while flows are being deployed.'));
    return this.#opening.recordRepeat(input);
  }
  addReader(reader: IntakeReader): () => void {
    return this.#quarantine.addReader(reader);
  }
  addDocumentReader(reader: DocumentReader): () => void {
    return this.#quarantine.addDocumentReader(reader);
  }
  quarantine(input: QuarantineInput): ReturnType<NodePort['quarantine']> {
    return this.#quarantining.put(input);
  }
  lastPosition(of: PositionOf): Promise<JsonObject | undefined> {
    return this.#positions.last(of);
  }

  keepPosition(of: PositionOf, sequence: number, position: JsonObject): Promise<void> {
    return this.#positions.keep(of, sequence, position);
  }

  async recordGap({ site, ...data }: GapInput): Promise<void> {
    await this.#siteLog.record('gap', { type: 'GapRecorded', data }, { site });
    this.counters.add('intake_gaps');
  }

  deviceGate(site: string, rules: DeviceRules): DeviceGate {
    return this.devices.gate(site, rules);
  }
  /** A case of the engine's own is done with, whatever its task has come to. */
  async #closeOwn(caseId: string, note: string): Promise<void> {
    await this.#executor.execute(caseId, {
      actor: systemActor,
      commands: (state) => (state.status === 'open' ? [{ type: 'CloseCase', outcome: 'done', cancelOpen: true, note, at: this.clock.iso() }] : []),
    });
  }

  // ── timers ─────────────────────────────────────────────────────────────────────────────────────
  async #fire(timer: TimerRow): Promise<void> {
    if (timer.kind === 'token-retry') return this.#delivery.retry(timer.case_id, timer.ref);
    if (timer.kind === 'task-expiry') return this.#tasks.expire(timer.case_id, timer.ref);
    if (timer.kind === 'task-reminder') return this.#tasks.remind(timer.case_id, timer.ref);
    if (timer.kind === 'task-release') return this.#tasks.release(timer.case_id, timer.ref);
    if (timer.kind === 'reversal') return this.#reversals.open(timer.ref, timer.timer_id);
    if (timer.kind === 'escalation' || timer.kind === 'escalation-expiry') return this.#ladders.fire(timer.case_id, timer.ref);
    if (timer.kind === 'signal-expiry') return this.#signals.expire(timer.ref);
    const state = await this.#executor.settled(timer.case_id);
    const runId = state.effects[timer.ref]?.runId ?? state.runs[timer.ref]?.runId;
    if (runId !== undefined && isOpenRun(state.runs[runId])) this.#runner.start(timer.case_id, runId);
  }
  #onGap(fromTime: string, toTime: string): void {
    once('gap', `The clock stood still or jumped between ${fromTime} and ${toTime}; expiries wait ${Math.round(this.#tuning.graceMs / 60_000)} min.`);
    void this.#siteLog.record('gap', { type: 'GapRecorded', data: { what: 'clock', fromTime, toTime } })
      .catch((error: unknown) => once('gap-record', `The gap could not be recorded: ${String(error)}`));
  }

  // ── people ─────────────────────────────────────────────────────────────────────────────────────
  readonly decideTask: Waybill['decideTask'] = (input) => this.#tasks.decideTask(input);
  readonly claimTask: Waybill['claimTask'] = (input) => this.#tasks.claimTask(input);
  readonly openTask: Waybill['openTask'] = (input) => this.#tasks.openTask(input);
  readonly reassignTask: Waybill['reassignTask'] = (input) => this.#tasks.reassignTask(input);
  readonly requestInfo: Waybill['requestInfo'] = (input) => this.#tasks.requestInfo(input);
  readonly answerInfo: Waybill['answerInfo'] = (input) => this.#tasks.answerInfo(input);
  readonly commentTask: Waybill['commentTask'] = (input) => this.#tasks.commentTask(input);
  readonly withdrawTask: Waybill['withdrawTask'] = (input) => this.#tasks.withdrawTask(input);
  readonly recallDecision: Waybill['recallDecision'] = (input) => this.#tasks.recallDecision(input);
  readonly requestReversal: Waybill['requestReversal'] = (input) => this.#reversals.request(input);
  readonly taskReach: Waybill['taskReach'] = (by) => this.#tasks.taskReach(by);
  readonly taskDetail: Waybill['taskDetail'] = (taskId, by) => this.#tasks.taskDetail(taskId, by);
  readonly resolveException: Waybill['resolveException'] = async (input) => {
    const outcome = await this.#people.resolveException(input);
    // Also after a refusal: an answer that was lost may have left merged ones to resolve.
    this.#exceptions.sweep();
    return outcome;
  };
  readonly storePhoto: Waybill['storePhoto'] = (input) => this.#attachments.store(input);
  readonly attachPhoto: Waybill['attachPhoto'] = (input) => this.#attachments.attach(input);
  readonly readPhoto: Waybill['readPhoto'] = (sha256) => this.#attachments.read(sha256);
  readonly erasePhoto: Waybill['erasePhoto'] = (input) => this.#attachments.erase(input);
  readonly workException: Waybill['workException'] = (input) => this.#exceptions.work(input);
  readonly replayDeadLetter: Waybill['replayDeadLetter'] = (input) => this.#replays.one(input);
  readonly replayEvents: Waybill['replayEvents'] = (input) => this.#eventReplays.start(input);
  readonly stopEventReplay: Waybill['stopEventReplay'] = ({ replayId, by }) => this.#eventReplays.stop(replayId, by);
  readonly eventReplays: Waybill['eventReplays'] = (by) => this.#eventReplays.list(by);
  readonly replayMany: Waybill['replayMany'] = (input) => this.#replayBatches.start(input);
  readonly stopReplays: Waybill['stopReplays'] = ({ batchId, by }) => this.#replayBatches.stop(batchId, by);
  readonly replayBatch: Waybill['replayBatch'] = (batchId, by) => this.#replayBatches.visible(batchId, by);
  readonly discardDeadLetter: Waybill['discardDeadLetter'] = (input) => this.#replays.discard(input);
  readonly pauseCase: Waybill['pauseCase'] = (input) => this.#people.pauseCase(input, true);
  readonly resumeCase: Waybill['resumeCase'] = (input) => this.#people.pauseCase(input, false);
  async reportEvent(input: ReportEvent): Promise<Outcome<ReportedEvent>> {
    const result = await this.#signals.report(input);
    if (result.ok) this.#timers.wakeAt(result.expiresAt);
    return result;
  }

  readonly resolveOutcome: Waybill['resolveOutcome'] = (input) => this.#people.resolveOutcome(input);

  readonly noteHandover: Waybill['noteHandover'] = (input) => this.#handover.note(input);
  readonly settleHandover: Waybill['settleHandover'] = (input) => this.#handover.settle(input);
  readonly discardQuarantine: Waybill['discardQuarantine'] = (input) => this.#quarantine.discard(input);
  readonly quarantineDetail: Waybill['quarantineDetail'] = (quarantineId) => this.#quarantine.detail(quarantineId);
  readonly previewQuarantine: Waybill['previewQuarantine'] = (input) => this.#quarantine.preview(input);
  readonly admitQuarantine: Waybill['admitQuarantine'] = (input) => this.#quarantine.admit(input);

  pseudonym(userId: string): string {
    return this.#pseudonyms.person(userId);
  }

  async recordAccess(input: AccessRecord): Promise<void> {
    const actor = { kind: 'person' as const, id: this.#pseudonyms.person(input.userId ?? `name:${input.name}`) };
    const personal = { name: input.name, ...(input.remoteAddress === undefined ? {} : { address: input.remoteAddress }) };
    if (input.kind === 'signed-in') await this.#siteLog.record('access', { type: 'SignedIn', data: { authMethod: input.authMethod ?? 'password' }, personal }, { actor });
    else if (input.kind === 'command-refused') {
      const code = input.reason ?? 'refused';
      await this.#siteLog.record('refusal', {
        type: 'CommandRefused', data: { command: input.command ?? '', code }, reasonCode: code, personal: { name: input.name },
        ...(input.message === undefined ? {} : { content: { message: input.message } }),
      } as AnyEvent, { actor });
    } else if (input.kind === 'refused') await this.#siteLog.record('access', { type: 'SignInRefused', data: { reason: input.reason ?? 'refused' }, personal }, { actor });
    else {
      const what = input.kind === 'signed-out' ? `signed-out ${input.authMethod ?? ''}`.trimEnd() : input.reason ?? 'changed';
      await this.#siteLog.record('access', { type: 'AccountChanged', data: { what, subject: actor.id } }, { actor: input.kind === 'signed-out' ? actor : systemActor });
    }
  }

  async recordTrust({ by, accepted, ...data }: TrustInput): Promise<void> {
    await this.#siteLog.record('access', { type: 'TrustChanged', data: { ...data, accepted: [...accepted] }, personal: { name: by.name } }, { actor: { kind: 'person', id: this.#pseudonyms.person(by.userId) } });
  }

  /** A change of accounts, recorded once under the note's own id. */
  async #recordNote({ id, what, userId, byUserId }: AccessNote): Promise<void> {
    const streamId = `access:${id}`;
    if ((await this.ledger.readStream(streamId)).length > 0) return;
    this.directories.accountsChanged();
    this.#peopleChanged();
    const actor = byUserId === undefined ? { kind: 'system' as const, id: 'command-line' } : { kind: 'person' as const, id: this.#pseudonyms.person(byUserId) };
    await this.#siteLog.record('access', { type: 'AccountChanged', data: { what, subject: this.#pseudonyms.person(userId) } }, { actor, streamId });
  }

  directory(nodeId?: string): Directory {
    return this.directories.get(nodeId);
  }

  /** Soon, and once for what changes together. */
  #peopleChanged(): void {
    if (this.#lookAgain !== undefined || this.#draining !== undefined) return;
    this.#lookAgain = setTimeout(() => {
      this.#lookAgain = undefined;
      if (this.#state !== 'ready') return;
      this.#quorumLooks += 1;
      this.#tasks.peopleChanged().catch((error: unknown) => once('people-changed', `Quorums could not be looked at again: ${String(error)}`)).finally(() => { this.#quorumLooks -= 1; });
    }, peopleSettleMs);
    this.#lookAgain.unref();
  }

  accountsChanged(): void {
    this.directories.accountsChanged();
    this.#peopleChanged();
    if (this.#state === 'ready') void this.#accessNotes?.carry();
  }

  async caseView(caseId: string): Promise<CaseView | undefined> {
    const state = await this.#executor.settled(caseId);
    if (state.status === 'absent') return undefined;
    return {
      caseId, status: state.status, outcome: state.outcome, process: state.process, template: state.template, site: state.site,
      title: state.title ?? caseId, openedAt: state.openedAt, closedAt: state.closedAt, keys: state.keys ?? [], document: state.document ?? {},
      activity: activityOf(state),
      branches: branchesOf(state), compensations: compensationsOf(state),
      ...(state.compensating === undefined ? {} : { compensating: { outcome: state.compensating.outcome } }),
      ladders: laddersOf(state), ...(state.paused === undefined ? {} : { paused: state.paused.reason }),
      steps: Object.values(state.runs).map((r) => ({ runId: r.runId, address: addressKey(r.address), nodeType: r.nodeType, status: r.state, enteredAt: r.enteredAt })),
    };
  }

  async casePath(caseId: string): Promise<CasePath | undefined> {
    const state = await this.#executor.settled(caseId);
    return state.status === 'absent' ? undefined : casePath(state, await this.ledger.readStream(caseId), this.registry, this.readFlow);
  }

  metrics(): EngineMetrics {
    const memory = process.memoryUsage();
    const health = healthMetrics(this.#health.figures(), this.serviceHealth().rows);
    return {
      counters: { ...this.counters.all(), ...health.counters, ...requestMetrics(this.#requests.rows()) },
      ...(health.histograms === undefined ? {} : { histograms: health.histograms }),
      gauges: {
        epoch: this.#executor.epoch, tokens_in_flight: this.#delivery.inFlight, steps_active: this.#runner.active,
        mailboxes: this.#executor.mailboxes, cached_cases: this.#executor.cached, governed_steps: this.registry.size,
        devices_registered: this.devices.registered, devices_silent: this.devices.silent, devices_flooding: this.devices.floods.open,
        notices_waiting: this.#shuttingDown ? 0 : this.notifications?.waiting ?? 0,
        event_loop_delay_p99_ms: this.#delay.p99(), resident_bytes: memory.rss, heap_bytes: memory.heapUsed, ...health.gauges,
        ...Object.assign({}, ...[...this.#measures].map((read) => read())) as Readonly<Record<string, number>>,
      },
      ledger: this.ledger.health(),
    };
  }

  /** Ordered shut-down: no intake, steps finish what they are at, the epoch ends, the ledger is sealed. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Takes in nothing more, sends nothing more, and waits for the steps at work, while their nodes still stand. */
  drain(): Promise<void> {
    this.#shuttingDown = true;
    return this.#draining ??= this.#drain();
  }
  async #drain(): Promise<void> {
    this.#setState('suspended', 'Waybill is being shut down.');
    this.#timers.stop();
    this.#exceptions.stop();
    this.#signals.stop();
    this.#attachments.stop();
    this.#quarantine.stop();
    this.#changes.stop();
    this.#breakGlassReview.stop();
    await this.devices.stop();
    this.directories.close();
    await this.governance.close();
    clearTimeout(this.#lookAgain);
    this.watch.stop();
    this.#circuits.close();
    this.#stops.close();
    this.#quotas.close();
    this.#replayBatches.close();
    this.#eventReplays.close();
    await this.#accessNotes?.stop();
    await this.notifications?.stop(this.#tuning.drainMs);
    this.#delivery.close();
    await this.#runner.drain(this.#tuning.drainMs);
    await this.#health.close();
    await this.#requests.close();
  }
  async #close(): Promise<void> {
    // Steps that wait for flows to start again would wait for ever.
    if (this.#draining === undefined && !this.registry.flowsRunning) this.registry.giveUp();
    await this.drain();
    this.registry.giveUp();
    const epoch = this.#executor.epoch;
    try {
      if (this.ledger.health().state === 'ready') {
        await this.#siteLog.record('epoch', { type: 'EpochEnded', data: { epoch, clean: true } }, { streamId: `epoch:${epoch}`, expectedVersion: 1 });
      }
    } catch (error) {
      once('close', `The end of the epoch could not be recorded; the next start will take it as unclean: ${String(error)}`);
    }
    await this.ledger.close();
    await this.accounts?.close();
    this.#delay.stop();
    this.#sampler.stop();
    this.#setState('closed', 'Waybill was shut down.');
  }
}

/** When the scheduler has to look because of an event about a task. */
function timesIn(event: AnyEvent): readonly string[] {
  switch (event.type) {
    case 'TaskCreated': return event.data.remindAt === undefined ? [] : [event.data.remindAt];
    case 'Decided': return event.data.heldUntil === undefined ? [] : [event.data.heldUntil];
    case 'DecisionRecalled': return event.data.dueAt === undefined ? [] : [event.data.dueAt];
    case 'InfoAnswered': return [event.data.dueAt, event.data.remindAt].filter((at) => at !== undefined);
    default: return [];
  }
}

/** A listener that fails must not make a commit look as if it had failed. */
function contained(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    once('listener', `What was told could not be taken: ${String(error)}`);
  }
}

function activityOf(state: CaseState): CaseView['activity'] {
  if (state.status === 'closed') return 'closed';
  if (Object.values(state.exceptions).some((e) => e.status === 'open')) return 'exception';
  if (Object.values(state.tasks).some((t) => t.status === 'open')) return 'approval';
  if (Object.values(state.effects).some((e) => isOpenRun(state.runs[e.runId]) && (e.state === 'waiting' || e.state === 'dead' || e.state === 'unknown'))) return 'call-waiting';
  if (Object.values(state.tokens).some(restsInRetry)) return 'call-waiting';
  return 'running';
}
