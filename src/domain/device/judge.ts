import type { Device } from './device.ts';

/** What an intake asks of devices. `any`: nothing; `note`: unknown ones are noted; `registered`: what others send is put aside. */
export type DevicePolicy = 'any' | 'note' | 'registered';
/** What happens to a registered device that reports from another station than its own. */
export type StationPolicy = 'any' | 'note' | 'quarantine';

/** A device as it shows itself in a message. */
export interface Sighting {
  readonly deviceId: string;
  /** Of the topic, `area/station` or `station`; undefined when the topic names none. */
  readonly station?: string;
  /** Who signed in at the broker that the message came over, when the broker is ours. */
  readonly signedIn?: { readonly deviceId: string; readonly kind: string };
}

export type DeviceProblem = 'device-unregistered' | 'device-not-active' | 'device-other-station' | 'device-mismatch';

export interface DeviceVerdict {
  /** Why the message is put aside; undefined when it is taken. */
  readonly reason?: DeviceProblem;
  readonly message?: string;
  /** It is taken, and a person should know. */
  readonly note?: 'unknown' | 'other-station';
}

const taken: DeviceVerdict = {};

/** Whether a message of a device is taken. Pure and cheap: it is asked for every scan. */
export function judgeDevice(device: Device | undefined, { deviceId, station, signedIn }: Sighting, policy: DevicePolicy, stationPolicy: StationPolicy): DeviceVerdict {
  // A gateway passes on what its scanners say; everything else speaks for itself only, whatever the policy.
  if (signedIn !== undefined && signedIn.kind !== 'gateway' && signedIn.deviceId !== deviceId) {
    return { reason: 'device-mismatch', message: `The message says that it is from ${deviceId}, but ${signedIn.deviceId} signed in for it; find out who sends under another's serial.` };
  }
  if (device === undefined) {
    if (policy === 'any') return taken;
    if (policy === 'note') return { note: 'unknown' };
    return { reason: 'device-unregistered', note: 'unknown', message: `The device ${deviceId} is not registered at this site; register it on the page Devices and admit the message, or find out whose it is.` };
  }
  if (device.state !== 'active') {
    // whoever blocks a device wants nothing of it, whatever an intake asks
    if (policy !== 'registered' && device.state !== 'blocked') return taken;
    return { reason: 'device-not-active', message: `The device ${deviceId} is ${device.state} at this site; unblock or register it on the page Devices, or take it out of use.` };
  }
  if (stationPolicy === 'any' || device.station === undefined || station === undefined || isAt(device.station, station)) return taken;
  if (stationPolicy === 'note') return { note: 'other-station' };
  return {
    reason: 'device-other-station', note: 'other-station',
    message: `The device ${deviceId} belongs to ${device.station} and reports from ${station}; move it on the page Devices and admit the message, or bring it back.`,
  };
}

/** `dock-1` stands for it in whatever area. */
export function isAt(belongsTo: string, station: string): boolean {
  return belongsTo === station || (!belongsTo.includes('/') && station.endsWith(`/${belongsTo}`));
}
