import type { Decision } from '../decision.ts';
import { accepted, nothing } from '../decision.ts';
import type { DeviceClock } from '../events.ts';
import type { Device } from './device.ts';

/** Skew up to which a clock is right, s: what phones and scanners do between two looks at a time server. */
export const clockBoundSeconds = 30;
/** Messages that are looked at, and how many are needed for a word. */
export const clockSamples = 9;
const fewest = 3;
/** What messages may differ in their delay and still be taken for live ones, s. */
const spreadSeconds = 20;

/**
 * Skew of a device's clock from the last messages, s; undefined while it cannot be told. Each difference is
 * `device time − arrival`: the skew less the time that the message was under way, which is never negative. So the largest
 * difference is nearest to the skew. Messages that a device kept while its line was down come with differences far apart:
 * from those alone nothing is concluded.
 */
export function skewOf(differences: readonly number[]): number | undefined {
  if (differences.length < fewest) return undefined;
  const sorted = [...differences].sort((a, b) => b - a);
  const [best = 0] = sorted;
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? best;
  return best - middle > spreadSeconds ? undefined : best;
}

/** How a clock stands; it is right again only when it is well within the bound, so that it does not go to and fro. */
export function clockOf(skewSeconds: number, before: DeviceClock): DeviceClock {
  const bound = before === 'ok' ? clockBoundSeconds : clockBoundSeconds / 2;
  return Math.abs(skewSeconds) <= bound ? 'ok' : skewSeconds > 0 ? 'ahead' : 'behind';
}

/** An event only when the class changes: never one for each scan. */
export function noteClock(state: Device | undefined, skewSeconds: number): Decision {
  if (state === undefined || state.state === 'retired') return nothing('no device to note it of');
  const clock = clockOf(skewSeconds, state.clock);
  return clock === state.clock ? nothing('the clock stands as before') : accepted({ type: 'DeviceClockNoted', data: { deviceId: state.deviceId, clock, skewSeconds: Math.round(skewSeconds) } });
}
