import { blockDevice, changeDevice, changeKey, registerDevice, retireDevice, unblockDevice } from '../../domain/device/index.ts';
import type { Device } from '../../domain/device/index.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import type { GovernanceTask } from '../governance/governance-tasks.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { Looks } from '../support/looks.ts';
import { once } from '../support/reporting.ts';
import type { WorkCalendar } from '../work-calendar.ts';
import type { DeviceCommand, DeviceInput, DevicePort, DeviceRules, DeviceView, ImportedDevice } from './device-port.ts';
import { RegisteredAtBroker } from './broker-devices.ts';
import { Floods } from './floods.ts';
import { deviceGate } from './gate.ts';
import type { DeviceGate } from './gate.ts';
import { placeDevice, planImport } from './import.ts';
import { newDeviceKey, verifierOf } from './keys.ts';
import { Listening } from './listening.ts';
import { DeviceRegister } from './register.ts';
import { SightingsFile } from './sightings-file.ts';
import { SiteSightings } from './sightings.ts';
import { Silences } from './silences.ts';

/** How often silences and floods are looked at, and what was heard is written down. */
const lookMs = 15_000;

export interface DevicesOptions {
  readonly home: string;
  readonly calendars: { byName(name: string): WorkCalendar | undefined; names(): readonly string[] };
  readonly accepting: () => boolean;
  readonly openTask: (task: GovernanceTask) => Promise<string>;
  readonly closeTask: (caseId: string, note: string) => Promise<void>;
  readonly ledger: Ledger; readonly siteLog: SiteLog; readonly clock: Clock; readonly pseudonym: (userId: string) => string; readonly count: (name: string, by?: number) => void;
}

/** Register, sightings and rules of the devices of all sites. */
export class Devices implements DevicePort {
  readonly book: DeviceRegister;
  readonly floods: Floods;
  readonly atBroker: RegisteredAtBroker;
  readonly #options: DevicesOptions;
  readonly #sightings = new Map<string, SiteSightings>();
  readonly #file: SightingsFile;
  readonly #silences: Silences;
  readonly #looks = new Looks(lookMs, () => this.#look());
  #listening = new Listening();
  #lookedAt = 0;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.book = new DeviceRegister(options);
    this.floods = new Floods(options);
    this.atBroker = new RegisteredAtBroker({ register: this.book, sightings: (site) => this.sightings(site), clock: options.clock, count: options.count });
    this.#file = new SightingsFile(options.home);
    this.#silences = new Silences({ ...options, register: this.book, sightings: (site) => this.sightings(site), listening: () => this.#listening, calendar: (name) => options.calendars.byName(name) });
  }

  /** Before anything is taken in. */
  async open(): Promise<void> {
    await this.book.open();
    await this.#silences.open();
    const saved = await this.#file.read((site) => this.sightings(site));
    const now = this.#lookedAt = this.#options.clock.now();
    this.#listening = new Listening(saved?.deaf);
    // Without the file nobody knows when it could hear before: silences begin now.
    this.#listening.add({ from: saved?.savedAt ?? 0, to: now });
  }
  start(): void {
    this.#looks.start();
  }
  async stop(): Promise<void> {
    this.#looks.stop();
    await this.#write();
  }

  get silent(): number {
    return this.#silences.raised;
  }
  get registered(): number {
    let registered = 0;
    for (const site of this.book.sites()) for (const { device } of this.book.of(site).values()) if (device.state !== 'retired') registered += 1;
    return registered;
  }

  /** Never rejects. @returns when what is due now is done */
  look(): Promise<void> {
    return this.#looks.now();
  }
  async #look(): Promise<void> {
    const now = this.#options.clock.now();
    const hearing = this.#options.accepting();
    this.#listening.hears(hearing, now, this.#lookedAt);
    this.#lookedAt = now;
    try {
      await this.#write();
      if (!hearing) return;
      await this.floods.look();
      await this.#silences.look();
    } catch (error) {
      if (!(error instanceof LedgerError)) once('devices-look', `Silent devices could not be looked at, and are again in a moment: ${String(error)}`);
    }
  }
  async #write(): Promise<void> {
    try {
      await this.#file.write(this.#options.clock.now(), this.#listening.deaf, this.#sightings);
    } catch (error) {
      once('devices-file', `When devices were heard last could not be written down: ${String(error)}`);
    }
  }

  /** The gate of one intake of a site. */
  gate(site: string, rules: DeviceRules): DeviceGate {
    const { clock, count } = this.#options;
    return deviceGate({ clock, register: this.book, floods: this.floods, sightings: (of) => this.sightings(of), count }, site, rules);
  }

  sightings(site: string): SiteSightings {
    let sightings = this.#sightings.get(site);
    if (sightings === undefined) {
      const devices = this.book.of(site);
      this.#sightings.set(site, sightings = new SiteSightings((deviceId) => devices.has(deviceId)));
    }
    return sightings;
  }

  list(sites: readonly string[] | undefined): readonly DeviceView[] {
    const known = new Set([...this.book.sites(), ...this.#sightings.keys()]);
    return [...known].filter((site) => sites === undefined || sites.includes(site)).sort().flatMap((site) => this.#ofSite(site));
  }
  #ofSite(site: string): readonly DeviceView[] {
    const devices = this.book.of(site);
    const views = [...devices.keys()].map((deviceId) => this.#view(site, deviceId));
    for (const [deviceId, { noted }] of this.sightings(site).unknown()) if (noted && !devices.has(deviceId)) views.push(this.#view(site, deviceId));
    return views.sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  }
  get(site: string, deviceId: string): DeviceView | undefined {
    return this.book.get(site, deviceId) === undefined && this.#sightings.get(site)?.get(deviceId)?.noted !== true ? undefined : this.#view(site, deviceId);
  }
  #view(site: string, deviceId: string): DeviceView {
    const registered = this.book.get(site, deviceId);
    const seen = this.#sightings.get(site)?.get(deviceId)?.view();
    const silentSince = this.#silences.silentSince(site, deviceId, registered?.device.station);
    return {
      site, deviceId, device: registered?.device, hasKey: registered?.device.verifier !== undefined, registeredAt: registered?.registeredAt, seen, clock: registered?.device.clock ?? 'ok',
      life: silentSince !== undefined ? 'silent' : seen === undefined ? 'unknown' : 'ok', ...(silentSince === undefined ? {} : { silentSince }),
    };
  }

  readonly register: DevicePort['register'] = (input) => this.book.command(input, (state, others) => registerDevice(state, { ...input, by: this.#options.pseudonym(input.by.userId) }, others, others.length));
  readonly change: DevicePort['change'] = (input) => this.book.command(input, (state, others) => changeDevice(state, input, others));
  readonly block: DevicePort['block'] = (input) => this.book.command(input, (state) => blockDevice(state, input));
  readonly unblock: DevicePort['unblock'] = (input) => this.book.command(input, unblockDevice);
  readonly retire: DevicePort['retire'] = (input) => this.book.command(input, (state) => retireDevice(state, input));
  async newKey(input: DeviceCommand): Promise<Outcome<{ readonly key: string }>> {
    const key = newDeviceKey();
    const verifier = verifierOf(key);
    let set = false;
    const outcome = await this.book.command(input, (state) => {
      set = true;
      return changeKey(state, { verifier });
    });
    if (!outcome.ok) return outcome;
    // Repeated under its command key: the key of then was shown then.
    return set ? { ok: true, key } : { ok: false, code: 'device-key-shown', status: 'conflict', message: 'This key was made before and shown then; make a new one if it was not written down.' };
  }

  async importAll({ site, devices, dryRun, by }: { readonly site: string; readonly devices: readonly DeviceInput[]; readonly dryRun: boolean; readonly by: PersonIdentity }): Promise<Outcome<{ readonly devices: readonly ImportedDevice[] }>> {
    const pseudonym = this.#options.pseudonym(by.userId);
    const current = new Map([...this.book.of(site)].map(([id, { device }]): [string, Device] => [id, device]));
    const plan = planImport(site, current, devices, pseudonym);
    if (dryRun) return { ok: true, devices: plan };
    const done: ImportedDevice[] = [];
    for (const [index, planned] of plan.entries()) {
      const input = devices[index];
      if (input === undefined || planned.what === 'refused' || planned.what === 'same') {
        done.push(planned);
        continue;
      }
      const outcome = await this.book.command({ site, deviceId: input.deviceId, by }, (state, others) => placeDevice(state, input, pseudonym, others));
      if (!outcome.ok && outcome.status === 'unavailable') return outcome;
      done.push(outcome.ok ? planned : { deviceId: input.deviceId, what: 'refused', code: outcome.code, message: outcome.message });
    }
    return { ok: true, devices: done };
  }

  watch(site: string): ReturnType<DevicePort['watch']> {
    return this.#silences.watch(site);
  }
  async setWatch(input: Parameters<DevicePort['setWatch']>[0]): Promise<Outcome> {
    const outcome = await this.#silences.setWatch(input);
    if (outcome.ok) void this.look();
    return outcome;
  }
  calendars(): readonly string[] {
    return this.#options.calendars.names();
  }
}
