import { judgeDevice, noteClock } from '../../domain/device/index.ts';
import type { DeviceProblem, Sighting } from '../../domain/device/index.ts';
import type { Clock } from '../support/clock.ts';
import { once } from '../support/reporting.ts';
import type { DeviceRules } from './device-port.ts';
import type { Floods } from './floods.ts';
import type { DeviceRegister, Registered } from './register.ts';
import { isSkewed } from './sightings.ts';
import type { SiteSightings } from './sightings.ts';

/** A message as an intake shows it to the gate. */
export interface DeviceMessage extends Sighting {
  /** ISO 8601, by the device's own clock. */
  readonly occurredAt?: string;
}

/** `skewSeconds`: the device's time differs by so much from the server's that the case says so. */
export interface DeviceAnswer { readonly reason?: DeviceProblem; readonly message?: string; readonly skewSeconds?: number }

/** The gate of one intake: asked for every message, from memory alone. */
export interface DeviceGate {
  judge(message: DeviceMessage): DeviceAnswer;
  /** Undefined: take the message in. Else acknowledge it when this resolves, and nothing more. */
  repeated(deviceId: string, payload: Uint8Array, topic: string): Promise<void> | undefined;
  /** A sign of life that is no message to take in. */
  alive(deviceId: string, station?: string): void;
}

export interface GateParts { readonly clock: Clock; readonly register: DeviceRegister; readonly floods: Floods; readonly sightings: (site: string) => SiteSightings; readonly count: (name: string) => void }

export function deviceGate(parts: GateParts, site: string, rules: DeviceRules): DeviceGate {
  const { clock, register, floods, count } = parts;
  const devices = register.of(site);
  const sightings = parts.sightings(site);
  return {
    judge(message) {
      const now = clock.now();
      const registered = devices.get(message.deviceId);
      const sighted = sightings.at(message.deviceId, now);
      sighted.lastSeen = now;
      sighted.messages += 1;
      if (message.station !== undefined) sighted.station = message.station;
      const skewSeconds = message.occurredAt === undefined ? undefined : clocked(parts, registered, sighted, message.occurredAt, now);
      const verdict = judgeDevice(registered?.device, message, rules.policy, rules.station);
      if (verdict.note === 'unknown') sighted.noted = true;
      else if (verdict.note === 'other-station') sighted.elsewhere = { station: message.station ?? '', at: now };
      if (verdict.reason === undefined) return skewSeconds === undefined ? answered : { skewSeconds };
      sighted.putAside += 1;
      count('device_messages_refused');
      return { reason: verdict.reason, ...(verdict.message === undefined ? {} : { message: verdict.message }) };
    },
    repeated: (deviceId, payload, topic) => floods.repeated(sightings.at(deviceId, clock.now()), site, deviceId, payload, topic),
    alive(deviceId, station) {
      const now = clock.now();
      const sighted = sightings.at(deviceId, now);
      sighted.lastSeen = now;
      if (station !== undefined) sighted.station = station;
    },
  };
}

const answered: DeviceAnswer = {};

/** Takes the device's time in; the skew when the case is to say it: the clock is known to be wrong, or this message is from the future. */
function clocked({ register }: GateParts, registered: Registered | undefined, sighted: ReturnType<SiteSightings['at']>, occurredAt: string, now: number): number | undefined {
  const deviceTime = Date.parse(occurredAt);
  if (Number.isNaN(deviceTime)) return undefined;
  if (sighted.clock(deviceTime, now) && registered !== undefined && sighted.skewSeconds !== undefined) {
    const { site, deviceId } = registered.device;
    const skew = sighted.skewSeconds;
    // An event when its class changes; the register looks again when its turn comes.
    if (noteClock(registered.device, skew).events.length > 0) {
      register.note(site, deviceId, (state) => noteClock(state, skew)).catch((error: unknown) => once('device-clock', `The clock of ${deviceId} could not be noted: ${String(error)}`));
    }
  }
  const difference = (deviceTime - now) / 1_000;
  if (difference > 0 && isSkewed(difference)) return Math.round(difference);
  return sighted.skewSeconds !== undefined && isSkewed(sighted.skewSeconds) ? sighted.skewSeconds : undefined;
}
