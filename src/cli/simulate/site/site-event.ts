import type { QuarantineReason } from '../../../intake/mapper/index.ts';
import type { Device } from './fleet.ts';
import type { Fault } from './profile.ts';

/** What has to become of the scans of a message. `nowhere`: no intake takes the topic. */
export interface Expected {
  readonly opened: number;
  readonly repeat: number;
  readonly duplicate: number;
  readonly nowhere: number;
  readonly quarantined: number;
  readonly reason?: QuarantineReason | 'unknown-site';
}

export type EventKind = 'unit' | 'piece' | 'parcel' | 'passage' | 'passage-again' | Fault;

/** One message of the simulated day. */
export interface SiteEvent {
  /** When it was scanned, in milliseconds of the simulated time from the start of the run. */
  readonly at: number;
  readonly device: Device;
  readonly kind: EventKind;
  readonly topic: string;
  readonly payload: string | Uint8Array;
  /** Scans in it: more than one for the tags of a portal. */
  readonly scans: number;
  readonly expected: Expected;
  /** What each of its scans becomes when the message comes a second time, because its acknowledgement was lost. */
  readonly again: 'opened' | 'repeat' | 'duplicate' | 'quarantined' | 'nowhere';
  /** What was scanned, without the time: the same for the same seed. */
  readonly what: string;
}

const NOTHING: Expected = { opened: 0, repeat: 0, duplicate: 0, nowhere: 0, quarantined: 0 };

export function expect(of: Partial<Expected>): Expected {
  return { ...NOTHING, ...of };
}

/** What stands in the hash of a plan for an event: everything but the times in its message. */
export function eventLine({ device, at, kind, what }: SiteEvent): string {
  return `${device.site}/${device.name}|${at}|${kind}|${what}\n`;
}
