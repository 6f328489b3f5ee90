import type { AccountStore } from '../ledger/accounts-port.ts';
import { LedgerError } from '../ledger/port.ts';
import { AccountPeople } from './directory/account-people.ts';
import { Directory } from './directory/directory.ts';
import { noWatch } from '../domain/device/index.ts';
import type { DevicePort } from './devices/device-port.ts';
import type { DeviceGate } from './devices/gate.ts';
import { RefusingGovernance } from './governance/refusing-governance.ts';
import { isTimeZone, systemTimeZone } from './sites.ts';
import { noServices } from './services/source.ts';
import { systemClock } from './support/clock.ts';
import type { CalendarPort, DelegationPort, DirectoryPort, EngineMetrics, NodePort, Outcome, StepHandle, StepRegistration, Waybill, WaybillSettings } from './api.ts';

/**
 * Stands in when the engine could not open: intake does not acknowledge, nodes show the reason, writes
 * are refused with it. Node-RED and its editor keep working, so that somebody can mend it.
 */
export class RefusingWaybill implements Waybill, NodePort {
  readonly state = 'refusing' as const;
  readonly reason: string;
  readonly settings: WaybillSettings;
  readonly clock = systemClock;
  readonly ledger = undefined;
  /** Accounts are apart from the ledger: where they can be read, people sign in and see the reason, in the editor too. */
  readonly accounts: AccountStore | undefined;
  readonly services = noServices;
  readonly nodes: NodePort = this;
  /** No step runs, so nothing counts working time. */
  readonly calendars: CalendarPort = { get: () => undefined, set: () => ({ problem: Promise.resolve(undefined), forget: () => undefined }), preview: () => this.#reject(), places: () => this.#reject() };
  readonly directories: DirectoryPort = { set: () => ({ problem: Promise.resolve(undefined), forget: () => undefined }) };
  readonly governance: RefusingGovernance;
  readonly #directory: Directory;
  readonly delegations: DelegationPort = { grant: () => this.#refuse(), end: () => this.#refuse(), get: () => this.#reject(), list: () => this.#reject() };
  readonly devices: DevicePort = {
    list: () => [], get: () => undefined, register: () => this.#refuse(), change: () => this.#refuse(), block: () => this.#refuse(), unblock: () => this.#refuse(), retire: () => this.#refuse(),
    newKey: () => this.#refuse(), importAll: () => this.#refuse(), watch: (site) => ({ ...noWatch, site, problem: this.reason }), setWatch: () => this.#refuse(), calendars: () => [], atBroker: undefined,
  };

  constructor(settings: WaybillSettings, reason: string, accounts?: AccountStore) {
    this.settings = settings;
    this.reason = reason;
    this.accounts = accounts;
    this.governance = new RefusingGovernance(settings, reason);
    this.#directory = new Directory(new AccountPeople(accounts, { person: (id) => id }), () => ({ conflicts: [], limits: [] }), { activeTo: () => Promise.resolve([]) });
  }

  #refuse(): Promise<Outcome & { ok: false }> {
    return Promise.resolve({ ok: false, code: 'engine-refusing', message: this.reason, status: 'unavailable' });
  }
  #reject(): Promise<never> {
    return Promise.reject(new LedgerError('unavailable', this.reason));
  }
  readonly onState = (): (() => void) => () => undefined;
  readonly draining = false;
  zones(): Readonly<Record<string, string>> {
    return { [this.settings.site]: this.timeZone() };
  }
  timeZone(): string {
    const { timeZone } = this.settings;
    return timeZone !== undefined && isTimeZone(timeZone) ? timeZone : systemTimeZone();
  }
  readonly setSite = (): (() => void) => () => undefined;
  vitals(): undefined {
    return undefined;
  }
  readonly onRecorded = (): (() => void) => () => undefined;
  readonly onAccepting = (): (() => void) => () => undefined;
  readonly onCaseProgress = (): (() => void) => () => undefined;
  readonly decideTask: Waybill['decideTask'] = () => this.#refuse();
  readonly claimTask: Waybill['claimTask'] = () => this.#refuse();
  readonly openTask: Waybill['openTask'] = () => this.#refuse();
  readonly reassignTask: Waybill['reassignTask'] = () => this.#refuse();
  readonly requestInfo: Waybill['requestInfo'] = () => this.#refuse();
  readonly answerInfo: Waybill['answerInfo'] = () => this.#refuse();
  readonly commentTask: Waybill['commentTask'] = () => this.#refuse();
  readonly withdrawTask: Waybill['withdrawTask'] = () => this.#refuse();
  readonly recallDecision: Waybill['recallDecision'] = () => this.#refuse();
  readonly requestReversal: Waybill['requestReversal'] = () => this.#refuse();
  readonly taskDetail: Waybill['taskDetail'] = () => this.#reject();
  readonly taskReach: Waybill['taskReach'] = () => this.#reject();
  readonly resolveException: Waybill['resolveException'] = () => this.#refuse();
  readonly workException: Waybill['workException'] = () => this.#refuse();
  readonly storePhoto: Waybill['storePhoto'] = () => this.#refuse();
  readonly attachPhoto: Waybill['attachPhoto'] = () => this.#refuse();
  readonly readPhoto: Waybill['readPhoto'] = () => this.#reject();
  readonly erasePhoto: Waybill['erasePhoto'] = () => this.#refuse();
  readonly replayMany: Waybill['replayMany'] = () => this.#refuse();
  readonly stopReplays: Waybill['stopReplays'] = () => this.#refuse();
  readonly replayBatch: Waybill['replayBatch'] = () => this.#reject();
  readonly replayEvents: Waybill['replayEvents'] = () => this.#refuse();
  readonly stopEventReplay: Waybill['stopEventReplay'] = () => this.#refuse();
  readonly eventReplays: Waybill['eventReplays'] = () => this.#reject();
  readonly discardDeadLetter: Waybill['discardDeadLetter'] = () => this.#refuse();
  readonly changeCircuit: Waybill['changeCircuit'] = () => this.#refuse();
  readonly changeService: Waybill['changeService'] = () => this.#refuse();
  readonly replayDeadLetter: Waybill['replayDeadLetter'] = () => this.#refuse();
  readonly resolveOutcome: Waybill['resolveOutcome'] = () => this.#refuse();
  readonly quarantineDetail: Waybill['quarantineDetail'] = () => this.#reject();
  readonly previewQuarantine: Waybill['previewQuarantine'] = () => this.#refuse();
  readonly admitQuarantine: Waybill['admitQuarantine'] = () => this.#refuse();
  readonly addReader = (): (() => void) => () => undefined;
  readonly addDocumentReader = (): (() => void) => () => undefined;
  readonly noteHandover: Waybill['noteHandover'] = () => this.#refuse();
  readonly settleHandover: Waybill['settleHandover'] = () => this.#refuse();
  readonly discardQuarantine: Waybill['discardQuarantine'] = () => this.#refuse();
  readonly pauseCase: Waybill['pauseCase'] = () => this.#refuse();
  readonly resumeCase: Waybill['resumeCase'] = () => this.#refuse();
  readonly reportEvent: Waybill['reportEvent'] = () => this.#refuse();
  readonly caseView: Waybill['caseView'] = () => this.#reject();
  readonly hostVersion = undefined;
  readonly casePath: Waybill['casePath'] = () => this.#reject();
  readonly recordAccess: Waybill['recordAccess'] = () => this.#reject();
  readonly recordTrust: Waybill['recordTrust'] = () => this.#reject();
  directory(): Directory {
    return this.#directory;
  }
  /** The notes stay where they are until an engine is open. */
  accountsChanged(): void {}
  pseudonym(userId: string): string {
    return userId;
  }
  metrics(): EngineMetrics {
    return { counters: {}, gauges: {}, ledger: undefined };
  }
  registerStep(registration: StepRegistration): StepHandle {
    return { address: registration.address, node: registration.node, close: () => undefined };
  }
  readonly receive: NodePort['receive'] = () => this.#reject();
  readonly openCase: NodePort['openCase'] = () => this.#reject();
  readonly serviceRequest: NodePort['serviceRequest'] = () => this.#reject();
  readonly tellCase: NodePort['tellCase'] = () => this.#reject();
  readonly toldUnder: NodePort['toldUnder'] = () => this.#reject();
  readonly toldRequest: NodePort['toldRequest'] = () => this.#reject();
  readonly recordRepeat: NodePort['recordRepeat'] = () => this.#reject();
  readonly quarantine: NodePort['quarantine'] = () => this.#reject();
  readonly numbers: NodePort['numbers'] = { take: () => this.#reject(), last: () => this.#reject(), receive: () => this.#reject() };
  readonly recordGap: NodePort['recordGap'] = () => this.#reject();
  readonly lastPosition: NodePort['lastPosition'] = () => this.#reject();
  readonly keepPosition: NodePort['keepPosition'] = () => this.#reject();
  /** Nothing comes so far: the intake takes nothing in. */
  deviceGate(): DeviceGate {
    return { judge: () => ({}), repeated: () => undefined, alive: () => undefined };
  }
  accepting(): boolean {
    return false;
  }
  count(): void {
    // Nothing is taken in, so there is nothing to count.
  }
  requestAnswered(): void {
    // As for count.
  }
  measure(): () => void {
    return () => undefined;
  }
  retrying(): { waiting: 0; nextAt: undefined; dead: 0 } {
    return { waiting: 0, nextAt: undefined, dead: 0 };
  }
  circuit(): undefined {
    return undefined;
  }
  serviceStop(): undefined {
    return undefined;
  }
  serviceUsage(): undefined {
    return undefined;
  }
  serviceRequests(): undefined {
    return undefined;
  }
  serviceHealth(): undefined {
    return undefined;
  }
  serviceHealthOf(): undefined {
    return undefined;
  }
  circuits(): readonly [] {
    return [];
  }
  resting(): number {
    return 0;
  }
  unheld(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  nextDue(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  placed(): readonly [] {
    return [];
  }
  drain(): Promise<void> {
    return Promise.resolve();
  }
  async close(): Promise<void> {
    await this.accounts?.close();
  }
}
