import { clockBoundSeconds, clockSamples, skewOf } from '../../domain/device/index.ts';
import type { DeviceSighting } from './device-port.ts';

/** Devices that nobody registered and of which something is kept, per site: what a hostile sender can fill. */
export const mostUnknown = 1_000;
/** Differences of clocks are taken at most so often: a burst from a device's memory is one difference. */
const clockEveryMs = 1_000;

/** One device as it was heard. Mutable: it is touched by every scan. */
export class Sighted {
  firstSeen: number;
  lastSeen: number;
  messages = 0;
  putAside = 0;
  station: string | undefined;
  elsewhere: { station: string; at: number } | undefined;
  skewSeconds: number | undefined;
  connections = 0;
  refused = 0;
  refusedAt: number | undefined;
  /** Unknown, and a person should see it. */
  noted = false;
  /** What it sent last, for floods. */
  last: Uint8Array | undefined;
  windowFrom = 0;
  repeats = 0;
  flood: { readonly id: string; readonly payload: Uint8Array; readonly since: number; messages: number; lastAt: number; readonly begun: Promise<void> } | undefined;
  readonly #differences: number[] = [];
  #clockAt = 0;

  constructor(now: number) {
    this.firstSeen = this.lastSeen = now;
  }

  /** Takes in when the device says it was; true when its skew was worked out anew. */
  clock(deviceTime: number, now: number): boolean {
    if (Math.abs(now - this.#clockAt) < clockEveryMs) return false;
    this.#clockAt = now;
    if (this.#differences.length === clockSamples) this.#differences.shift();
    this.#differences.push((deviceTime - now) / 1_000);
    const skew = skewOf(this.#differences);
    if (skew === undefined) return false;
    this.skewSeconds = Math.round(skew);
    return true;
  }

  view(): DeviceSighting {
    const { firstSeen, lastSeen, messages, putAside, station, elsewhere, skewSeconds, refused, refusedAt, flood } = this;
    return {
      firstSeen, lastSeen, messages, putAside, connected: this.connections > 0, refused,
      ...(station === undefined ? {} : { station }), ...(elsewhere === undefined ? {} : { elsewhere }), ...(skewSeconds === undefined ? {} : { skewSeconds }),
      ...(refusedAt === undefined ? {} : { refusedAt }), ...(flood === undefined ? {} : { flood: { since: flood.since, messages: flood.messages } }),
    };
  }
}

/** Whether a device's time differs from the server's so much that people should know. */
export function isSkewed(seconds: number): boolean {
  return Math.abs(seconds) > clockBoundSeconds;
}

/** Who was heard at one site. Registered devices are all kept; of others the last {@link mostUnknown} that came new. */
export class SiteSightings {
  readonly #isRegistered: (deviceId: string) => boolean;
  readonly #known = new Map<string, Sighted>();
  readonly #unknown = new Map<string, Sighted>();

  constructor(isRegistered: (deviceId: string) => boolean) {
    this.#isRegistered = isRegistered;
  }

  get(deviceId: string): Sighted | undefined {
    return this.#known.get(deviceId) ?? this.#unknown.get(deviceId);
  }

  at(deviceId: string, now: number): Sighted {
    const known = this.#known.get(deviceId);
    if (known !== undefined) return known;
    let sighted = this.#unknown.get(deviceId);
    if (this.#isRegistered(deviceId)) {
      // It was registered after it had been heard: what is known of it stays.
      this.#unknown.delete(deviceId);
      this.#known.set(deviceId, sighted ??= new Sighted(now));
      return sighted;
    }
    if (sighted !== undefined) return sighted;
    this.#unknown.set(deviceId, sighted = new Sighted(now));
    if (this.#unknown.size > mostUnknown) {
      for (const [id, { connections, flood }] of this.#unknown) {
        if (connections > 0 || flood !== undefined) continue;
        this.#unknown.delete(id);
        break;
      }
    }
    return sighted;
  }

  *all(): Iterable<readonly [string, Sighted]> {
    yield* this.#known;
    yield* this.#unknown;
  }
  *unknown(): Iterable<readonly [string, Sighted]> {
    yield* this.#unknown;
  }
}
