import type { Decision, RefusalCode } from '../decision.ts';
import { accepted, nothing, refused } from '../decision.ts';
import type { DeviceShape } from '../events.ts';
import { deviceKinds, shapeOf } from './device.ts';
import type { Device } from './device.ts';

/** The other devices of the site, as far as a rule asks for them. */
export type SiteDevices = Iterable<Pick<Device, 'deviceId' | 'certificate' | 'state'>>;

export interface RegisterDevice extends DeviceShape { readonly deviceId: string; readonly name: string; readonly by: string }
export interface ChangeDevice extends DeviceShape { readonly name: string }

/** Longest time without a sign of life that may be asked for, minutes: a week. */
const longestSilence = 10_080;
/** Devices of one site: enough for the largest, and a bound for what a mistake can do. */
export const mostDevices = 20_000;

/** A serial as it stands in messages, or the name by which the device signs in: printable, without blanks at its ends. */
export function isDeviceId(text: string): boolean {
  return text.length <= 128 && /^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u.test(text);
}
/** `station`, or `area/station`: levels of a topic, so no wildcard and nothing empty. */
export function isStation(text: string): boolean {
  return text.length <= 128 && /^[^\p{C}\s/+#]+(?:\/[^\p{C}\s/+#]+){0,3}$/u.test(text);
}
/** SHA-256 of a certificate, 64 hexadecimal digits in lower case. */
export function isThumbprint(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function shapeProblem(deviceId: string, shape: DeviceShape & { readonly name: string }, others: SiteDevices): RefusalCode | undefined {
  if (!deviceKinds.includes(shape.kind)) return 'device-kind-invalid';
  if (shape.name.length > 120 || /\p{C}/u.test(shape.name)) return 'device-name-invalid';
  if (shape.station !== undefined && !isStation(shape.station)) return 'device-station-invalid';
  if (shape.silentAfter !== undefined && (!Number.isInteger(shape.silentAfter) || shape.silentAfter < 0 || shape.silentAfter > longestSilence)) return 'device-silence-invalid';
  if (shape.certificate === undefined) return undefined;
  if (!isThumbprint(shape.certificate)) return 'device-certificate-invalid';
  for (const other of others) if (other.certificate === shape.certificate && other.deviceId !== deviceId && other.state !== 'retired') return 'device-certificate-taken';
  return undefined;
}

/** @param count devices of the site that are there already */
export function registerDevice(state: Device | undefined, command: RegisterDevice, others: SiteDevices, count: number): Decision {
  const refuse = (code: RefusalCode): Decision => refused('RegisterDevice', code);
  if (!isDeviceId(command.deviceId)) return refuse('device-id-invalid');
  if (state !== undefined && state.state !== 'retired') return refuse('device-exists');
  if (state === undefined && count >= mostDevices) return refuse('device-too-many');
  const problem = shapeProblem(command.deviceId, command, others);
  if (problem !== undefined) return refuse(problem);
  return accepted({ type: 'DeviceRegistered', data: { deviceId: command.deviceId, ...shapeOf(command), by: command.by }, content: { name: command.name } });
}

export function changeDevice(state: Device | undefined, command: ChangeDevice, others: SiteDevices): Decision {
  const refuse = (code: RefusalCode): Decision => refused('ChangeDevice', code);
  if (state === undefined) return refuse('device-unknown');
  if (state.state === 'retired') return refuse('device-retired');
  const problem = shapeProblem(state.deviceId, command, others);
  if (problem !== undefined) return refuse(problem);
  const same = command.name === state.name && command.kind === state.kind && command.station === state.station && command.certificate === state.certificate && command.silentAfter === state.silentAfter;
  if (same) return nothing('the device is so already');
  return accepted({ type: 'DeviceChanged', data: { deviceId: state.deviceId, ...shapeOf(command) }, content: { name: command.name } });
}

/** Blocking needs a reason: who finds the scanner at the dock wants to know why. */
export function blockDevice(state: Device | undefined, { reason }: { readonly reason: string }): Decision {
  const refuse = (code: RefusalCode): Decision => refused('BlockDevice', code);
  if (state === undefined) return refuse('device-unknown');
  if (state.state === 'retired') return refuse('device-retired');
  if (reason.trim() === '') return refuse('device-reason-missing');
  if (state.state === 'blocked') return nothing('the device is blocked already');
  return accepted({ type: 'DeviceBlocked', data: { deviceId: state.deviceId }, content: { reason } });
}

export function unblockDevice(state: Device | undefined): Decision {
  if (state === undefined) return refused('UnblockDevice', 'device-unknown');
  if (state.state === 'retired') return refused('UnblockDevice', 'device-retired');
  if (state.state === 'active') return nothing('the device is not blocked');
  return accepted({ type: 'DeviceUnblocked', data: { deviceId: state.deviceId } });
}

export function retireDevice(state: Device | undefined, { reason }: { readonly reason?: string }): Decision {
  if (state === undefined) return refused('RetireDevice', 'device-unknown');
  if (state.state === 'retired') return nothing('the device is retired already');
  return accepted({ type: 'DeviceRetired', data: { deviceId: state.deviceId }, ...(reason === undefined ? {} : { content: { reason } }) });
}

/** A new key ends the one before; without a verifier the device has none any more. */
export function changeKey(state: Device | undefined, { verifier }: { readonly verifier?: string }): Decision {
  if (state === undefined) return refused('ChangeDeviceKey', 'device-unknown');
  if (state.state === 'retired') return refused('ChangeDeviceKey', 'device-retired');
  if (verifier === undefined && state.verifier === undefined) return nothing('the device has no key');
  return accepted({ type: 'DeviceKeyChanged', data: { deviceId: state.deviceId, ...(verifier === undefined ? {} : { verifier }) } });
}
