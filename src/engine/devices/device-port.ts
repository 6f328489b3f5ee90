import type { Device, DevicePolicy, DeviceWatch, StationPolicy } from '../../domain/device/index.ts';
import type { DeviceClock, DeviceShape } from '../../domain/events.ts';
import type { BrokerDevices } from '../../intake/mqtt/index.ts';
import type { Outcome, PersonIdentity } from '../api.ts';

/** What a person does with a device; `site` is in the person's scope. */
export interface DeviceCommand { readonly site: string; readonly deviceId: string; readonly by: PersonIdentity; readonly commandKey?: string }
export interface DeviceInput extends DeviceShape { readonly deviceId: string; readonly name: string }

/** What is known of a device from its messages since the register was opened, kept over restarts. Times are epoch milliseconds. */
export interface DeviceSighting {
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly messages: number;
  /** Of these, put aside because of who sent them. */
  readonly putAside: number;
  /** Where it reported from last. */
  readonly station?: string;
  /** The last time that it reported from another station than its own. */
  readonly elsewhere?: { readonly station: string; readonly at: number };
  /** Seconds by which its clock is ahead; negative: behind. */
  readonly skewSeconds?: number;
  /** Now connected to the embedded broker. */
  readonly connected: boolean;
  /** Refused sign-ins. */
  readonly refused: number;
  readonly refusedAt?: number;
  /** Repeats of one message that are not taken in, when it floods now. */
  readonly flood?: { readonly since: number; readonly messages: number };
}

export interface DeviceView {
  readonly site: string;
  readonly deviceId: string;
  /** Undefined for one that nobody registered. */
  readonly device: Device | undefined;
  readonly hasKey: boolean;
  readonly registeredAt: string | undefined;
  readonly seen: DeviceSighting | undefined;
  readonly clock: DeviceClock;
  /** `silent`: an alarm is raised. `unknown`: nothing was heard yet. */
  readonly life: 'ok' | 'silent' | 'unknown';
  readonly silentSince?: string;
}

export interface WatchView extends DeviceWatch {
  readonly site: string;
  /** Why silence cannot be judged as it is set; undefined when it can. */
  readonly problem: string | undefined;
}

/** One line of an import and what would become, or became, of it. */
export interface ImportedDevice { readonly deviceId: string; readonly what: 'registered' | 'changed' | 'same' | 'refused'; readonly code?: string; readonly message?: string }

/** The register of devices: who may send, from where, and when one was heard last. */
export interface DevicePort {
  list(sites: readonly string[] | undefined): readonly DeviceView[];
  get(site: string, deviceId: string): DeviceView | undefined;
  register(input: DeviceCommand & DeviceInput): Promise<Outcome>;
  change(input: DeviceCommand & DeviceInput): Promise<Outcome>;
  block(input: DeviceCommand & { readonly reason: string }): Promise<Outcome>;
  unblock(input: DeviceCommand): Promise<Outcome>;
  retire(input: DeviceCommand & { readonly reason?: string }): Promise<Outcome>;
  /** A new key, which is told this once; the one before is worth nothing from here on. */
  newKey(input: DeviceCommand): Promise<Outcome<{ readonly key: string }>>;
  /** With `dryRun` nothing is recorded. */
  importAll(input: { readonly site: string; readonly devices: readonly DeviceInput[]; readonly dryRun: boolean; readonly by: PersonIdentity }): Promise<Outcome<{ readonly devices: readonly ImportedDevice[] }>>;
  watch(site: string): WatchView;
  setWatch(input: DeviceWatch & { readonly site: string; readonly by: PersonIdentity; readonly commandKey?: string }): Promise<Outcome>;
  /** What the embedded broker asks; undefined while refusing. */
  readonly atBroker: BrokerDevices | undefined;
  /** Names of the calendars of the running flows. */
  calendars(): readonly string[];
}

/** How an intake treats devices. */
export interface DeviceRules { readonly policy: DevicePolicy; readonly station: StationPolicy }
