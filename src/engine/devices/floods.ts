import { hash } from 'node:crypto';
import type { SiteLog } from '../site-log.ts';
import type { Clock } from '../support/clock.ts';
import { uuidv7 } from '../support/ids.ts';
import { once } from '../support/reporting.ts';
import type { Sighted } from './sightings.ts';

/** More identical messages of one device than this within the window come from no hand: 50 a second. */
const mostRepeats = 100;
const windowMs = 2_000;
/** So long without a repeat, and the flood is over. */
const quietMs = 10_000;
/** Longer messages are compared by their hash. */
const comparedBytes = 2_048;

/**
 * Devices that repeat one message over and over: a hanging trigger, a loop in a gateway. What repeats is acknowledged and
 * becomes nothing more; that it began, and how many there were, is in the ledger. Different messages of the device go on.
 */
export class Floods {
  readonly #siteLog: SiteLog;
  readonly #clock: Clock;
  readonly #count: (name: string) => void;
  /** By device, those under way. */
  readonly #open = new Map<Sighted, { readonly site: string; readonly deviceId: string }>();

  constructor(options: { readonly siteLog: SiteLog; readonly clock: Clock; readonly count: (name: string) => void }) {
    this.#siteLog = options.siteLog;
    this.#clock = options.clock;
    this.#count = options.count;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Undefined: take it in. Else acknowledge it when this resolves: then the ledger says that repeats are left out. */
  repeated(sighted: Sighted, site: string, deviceId: string, payload: Uint8Array, topic: string): Promise<void> | undefined {
    const now = this.#clock.now();
    const { flood } = sighted;
    if (flood !== undefined && sameBytes(flood.payload, payload)) {
      flood.messages += 1;
      flood.lastAt = now;
      this.#count('device_floods_repeats');
      return flood.begun;
    }
    if (sighted.last === undefined || !sameBytes(sighted.last, payload) || now - sighted.windowFrom > windowMs) {
      sighted.last = compared(payload);
      sighted.windowFrom = now;
      sighted.repeats = 1;
      return undefined;
    }
    sighted.repeats += 1;
    return sighted.repeats <= mostRepeats ? undefined : this.#begin(sighted, { site, deviceId, payload, topic, now });
  }

  #begin(sighted: Sighted, { site, deviceId, payload, topic, now }: { readonly site: string; readonly deviceId: string; readonly payload: Uint8Array; readonly topic: string; readonly now: number }): Promise<void> | undefined {
    // Another flood of the same device is still open: one at a time is enough to see.
    if (sighted.flood !== undefined) return undefined;
    const id = uuidv7(now);
    const begun = this.#siteLog.record('device-flood', {
      type: 'DeviceFloodBegan', data: { floodId: id, deviceId, sha256: hash('sha256', payload), topic },
    }, { streamId: `device-flood:${id}`, site }).then(() => undefined);
    sighted.flood = { id, payload: compared(payload), since: now, messages: 1, lastAt: now, begun };
    this.#open.set(sighted, { site, deviceId });
    this.#count('device_floods');
    once(`flood-${deviceId}`, `The device ${deviceId} at ${site} sends one message over and over; its repeats are acknowledged and left out. Look at its trigger; what a device that is registered and blocked on the page Devices sends is put aside.`);
    begun.catch(() => this.#forget(sighted)); // the ledger takes nothing now: whoever waits hears of it, and it is tried with the next message
    return begun;
  }

  /** Ends what has become quiet. */
  async look(): Promise<void> {
    const now = this.#clock.now();
    for (const [sighted, { site, deviceId }] of [...this.#open]) {
      const { flood } = sighted;
      if (flood === undefined || now - flood.lastAt < quietMs) continue;
      await this.#siteLog.record('device-flood', { type: 'DeviceFloodEnded', data: { floodId: flood.id, deviceId, messages: flood.messages } }, { streamId: `device-flood:${flood.id}`, expectedVersion: 1, site });
      this.#forget(sighted);
    }
  }

  #forget(sighted: Sighted): void {
    sighted.flood = undefined;
    sighted.last = undefined;
    this.#open.delete(sighted);
  }
}

/** A copy: the message itself is a part of what the socket read. */
function compared(payload: Uint8Array): Uint8Array {
  return payload.length <= comparedBytes ? Uint8Array.from(payload) : Buffer.concat([payload.subarray(0, comparedBytes), hash('sha256', payload, 'buffer')]);
}

function sameBytes(kept: Uint8Array, payload: Uint8Array): boolean {
  if (payload.length <= comparedBytes) return kept.length === payload.length && Buffer.compare(kept, payload) === 0;
  return kept.length === comparedBytes + 32 && Buffer.compare(kept, compared(payload)) === 0;
}
