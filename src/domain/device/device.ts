import type { AnyEvent } from '../envelope.ts';
import type { DeviceClock, DeviceKind, DeviceShape } from '../events.ts';

export const deviceKinds: readonly DeviceKind[] = ['scanner', 'gateway', 'rfid-reader', 'plc', 'other'];

/** `active` reports and is taken in; what a `blocked` or `retired` one sends is put aside where the intake asks for registered devices. */
export type DeviceState = 'active' | 'blocked' | 'retired';

/** A device as the register of its site knows it. */
export interface Device extends DeviceShape {
  readonly deviceId: string;
  readonly site: string;
  readonly name: string;
  readonly state: DeviceState;
  /** Verifier of its key, as `$7$…` (PBKDF2-SHA512); absent when it has none. */
  readonly verifier?: string;
  /** How its clock stands to the server's. */
  readonly clock: DeviceClock;
  readonly skewSeconds: number;
  /** Events of its stream so far. */
  readonly version: number;
}

/** What makes a device up, of an event or a command: absent keys stay absent. */
export function shapeOf({ kind, station, certificate, silentAfter }: DeviceShape): DeviceShape {
  return {
    kind, ...(station === undefined ? {} : { station }), ...(certificate === undefined ? {} : { certificate }), ...(silentAfter === undefined ? {} : { silentAfter }),
  };
}

/** Text that is shown where the content of the name was erased. */
const noName = '';

export function evolveDevice(state: Device | undefined, event: AnyEvent & { readonly site: string }): Device | undefined {
  const version = (state?.version ?? 0) + 1;
  switch (event.type) {
    case 'DeviceRegistered':
      return { ...shapeOf(event.data), deviceId: event.data.deviceId, site: event.site, name: event.content?.name ?? noName, state: 'active', clock: 'ok', skewSeconds: 0, version };
    case 'DeviceChanged': {
      if (state === undefined) return state;
      const { deviceId, site, state: standing, verifier, clock, skewSeconds, name } = state;
      return { ...shapeOf(event.data), deviceId, site, name: event.content?.name ?? name, state: standing, ...(verifier === undefined ? {} : { verifier }), clock, skewSeconds, version };
    }
    case 'DeviceBlocked': return state === undefined ? state : { ...state, state: 'blocked', version };
    case 'DeviceUnblocked': return state === undefined ? state : { ...state, state: 'active', version };
    case 'DeviceRetired': return state === undefined ? state : { ...withoutKey(state), state: 'retired', version };
    case 'DeviceKeyChanged': {
      if (state === undefined) return state;
      const { verifier } = event.data;
      return verifier === undefined ? { ...withoutKey(state), version } : { ...state, verifier, version };
    }
    case 'DeviceClockNoted': return state === undefined ? state : { ...state, clock: event.data.clock, skewSeconds: event.data.skewSeconds, version };
    default: return state;
  }
}

/** What has gone for good may not sign in with what it had. */
function withoutKey(state: Device): Device {
  const { verifier: _verifier, ...rest } = state;
  return rest;
}
