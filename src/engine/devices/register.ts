import type { Decision, RefusalCode } from '../../domain/decision.ts';
import { evolveDevice } from '../../domain/device/index.ts';
import type { Device } from '../../domain/device/index.ts';
import type { Actor, AnyEvent } from '../../domain/envelope.ts';
import { refusalText } from '../../domain/refusal-texts.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { DeviceRow, Ledger } from '../../ledger/port.ts';
import type { Outcome, PersonIdentity } from '../api.ts';
import { RefusalLog } from '../refusal-log.ts';
import { systemActor } from '../site-log.ts';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { Mailboxes } from '../support/mailboxes.ts';
import { once } from '../support/reporting.ts';

/** Rows that are read at a time when the register is opened. */
const pageRows = 2_000;
/** How often a command is decided anew because its device has changed meanwhile. */
const maxTries = 5;

const conflicts: ReadonlySet<RefusalCode> = new Set(['device-exists', 'device-retired', 'device-too-many', 'device-certificate-taken']);

export function deviceRefusal(code: RefusalCode): Outcome & { ok: false } {
  return { ok: false, code, message: refusalText[code], status: code === 'device-unknown' ? 'not-found' : conflicts.has(code) ? 'conflict' : 'invalid' };
}

function deviceStream(site: string, deviceId: string): string {
  return `device:${site}/${deviceId}`;
}

export interface Registered { readonly device: Device; readonly registeredAt: string }

function deviceOf(row: DeviceRow): Device {
  return {
    site: row.site, deviceId: row.device_id, name: row.name, kind: row.kind, state: row.state, clock: row.clock, skewSeconds: row.skew_seconds, version: row.version,
    ...(row.station === null ? {} : { station: row.station }), ...(row.certificate === null ? {} : { certificate: row.certificate }),
    ...(row.silent_after === null ? {} : { silentAfter: row.silent_after }), ...(row.verifier === null ? {} : { verifier: row.verifier }),
  };
}

interface RegisterOptions { readonly ledger: Ledger; readonly siteLog: SiteLog; readonly clock: Clock; readonly pseudonym: (userId: string) => string }

/**
 * The devices of all sites, in memory as the ledger has them: a scan asks this map and nothing else. Commands of one site
 * come one after the other, so that two cannot take one certificate.
 */
export class DeviceRegister {
  readonly #options: RegisterOptions;
  readonly #sites = new Map<string, Map<string, Registered>>();
  readonly #certificates = new Map<string, Registered>();
  readonly #mailboxes = new Mailboxes();
  readonly #refusals: RefusalLog;
  readonly #listeners = new Set<(device: Device) => void>();

  constructor(options: RegisterOptions) {
    this.#options = options;
    this.#refusals = new RefusalLog(options.siteLog, options.clock);
  }

  async open(): Promise<void> {
    let rows: readonly DeviceRow[] = [];
    do {
      const last = rows.at(-1);
      rows = await this.#options.ledger.devicesAfter(last?.site ?? '', last?.device_id ?? '', pageRows);
      for (const row of rows) this.#put({ device: deviceOf(row), registeredAt: row.registered_at });
    } while (rows.length === pageRows);
  }

  /** Told of every device that has changed. */
  onChanged(listener: (device: Device) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The devices of a site by id; stays the same map, so that an intake can keep it. */
  of(site: string): Map<string, Registered> {
    let devices = this.#sites.get(site);
    if (devices === undefined) this.#sites.set(site, devices = new Map());
    return devices;
  }
  get(site: string, deviceId: string): Registered | undefined {
    return this.#sites.get(site)?.get(deviceId);
  }
  sites(): Iterable<string> {
    return this.#sites.keys();
  }
  /** By the SHA-256 of its certificate, whatever the site. */
  byCertificate(thumbprint: string): Device | undefined {
    return this.#certificates.get(thumbprint)?.device;
  }
  /** By id at whatever site; undefined when none or several have it. */
  byId(deviceId: string): Device | undefined {
    let found: Device | undefined;
    for (const devices of this.#sites.values()) {
      const device = devices.get(deviceId)?.device;
      if (device === undefined || device.state === 'retired') continue;
      if (found !== undefined) return undefined;
      found = device;
    }
    return found;
  }

  /** What a person asks for; refusals are recorded under their name. */
  command(input: { readonly site: string; readonly deviceId: string; readonly by: PersonIdentity; readonly commandKey?: string }, decide: (state: Device | undefined, others: readonly Device[]) => Decision): Promise<Outcome> {
    return this.#mailboxes.run(input.site, () => this.#answering(async () => {
      if (input.commandKey !== undefined && await this.#options.ledger.findCommand(input.commandKey) !== undefined) return { ok: true };
      const actor = { kind: 'person' as const, id: this.#options.pseudonym(input.by.userId) };
      const decision = await this.#record(input.site, input.deviceId, decide, { actor, ...(input.commandKey === undefined ? {} : { commandKey: input.commandKey }) });
      if (decision.kind === 'accepted') return { ok: true };
      await this.#refusals.record(decision, input.by, actor);
      return deviceRefusal(decision.code);
    }));
  }

  /** What the engine finds out by itself. */
  note(site: string, deviceId: string, decide: (state: Device | undefined) => Decision): Promise<unknown> {
    return this.#mailboxes.run(site, () => this.#record(site, deviceId, decide, { actor: systemActor }));
  }

  async #record(site: string, deviceId: string, decide: (state: Device | undefined, others: readonly Device[]) => Decision, options: { readonly actor: Actor; readonly commandKey?: string }): Promise<Decision> {
    for (let tries = 1; ; tries += 1) {
      const state = this.get(site, deviceId)?.device;
      const decision = decide(state, [...this.of(site).values()].map(({ device }) => device));
      if (decision.kind === 'refused' || decision.events.length === 0) return decision;
      const result = await this.#options.siteLog.recordAll(deviceStream(site, deviceId), state?.version ?? 0, decision.events, { ...options, site });
      if (result.ok) {
        this.#evolve(site, deviceId, decision.events);
        return decision;
      }
      if (result.reason === 'duplicate-command') return decision;
      if (tries >= maxTries) throw new Error(`device ${deviceId} changed ${tries} times while a command was decided`);
      await this.#reload(site, deviceId);
    }
  }

  /** An append whose answer was lost may be in the ledger all the same. */
  async #reload(site: string, deviceId: string): Promise<void> {
    const events = await this.#options.ledger.readStream(deviceStream(site, deviceId));
    const device = events.reduce<Device | undefined>((state, event) => evolveDevice(state, event), undefined);
    const registered = events.filter(({ type }) => type === 'DeviceRegistered').at(-1);
    if (device !== undefined && registered !== undefined) this.#put({ device, registeredAt: registered.recordedAt });
  }

  #evolve(site: string, deviceId: string, events: readonly AnyEvent[]): void {
    const before = this.get(site, deviceId);
    const device = events.reduce<Device | undefined>((state, event) => evolveDevice(state, { ...event, site }), before?.device);
    if (device === undefined) return;
    const again = events.some(({ type }) => type === 'DeviceRegistered');
    this.#put({ device, registeredAt: before === undefined || again ? this.#options.clock.iso() : before.registeredAt });
    for (const listener of this.#listeners) listener(device);
  }

  #put(registered: Registered): void {
    const { site, deviceId, certificate, state } = registered.device;
    const before = this.get(site, deviceId);
    if (before?.device.certificate !== undefined && this.#certificates.get(before.device.certificate) === before) this.#certificates.delete(before.device.certificate);
    this.of(site).set(deviceId, registered);
    if (certificate !== undefined && state !== 'retired') this.#certificates.set(certificate, registered);
  }

  async #answering(work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      once('devices', `A change of a device could not be recorded: ${error.message}`);
      return { ok: false, code: 'ledger-unavailable', message: `It could not be confirmed that this was recorded; look at the list, then try again. ${error.message}`, status: 'unavailable' };
    }
  }
}
