import { Random, seedAt } from '../demo-data/index.ts';
import type { DeviceGroup, Profile } from './profile.ts';

export const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** Weight of a second of the day: the hours' own in their middle, in between evenly from one to the next. */
function weightAt(hours: readonly number[], second: number): number {
  const position = (second - HOUR_SECONDS / 2) / HOUR_SECONDS;
  const from = Math.floor(position);
  const share = position - from;
  return (hours[(from + 24) % 24] as number) * (1 - share) + (hours[(from + 1) % 24] as number) * share;
}

/**
 * How many events a group of devices has had by each second of one simulated day: `counts[s]` is the sum of seconds 0 to s.
 * Bursts lie where the seed says and take from the rest of their hour, so that the day's sum stays what it is.
 */
export function dayCurve(profile: Profile, group: DeviceGroup, eventsPerDay: number, seed: number): Float64Array {
  const hours = group.hours ?? profile.hours;
  const rates = Float64Array.from({ length: DAY_SECONDS }, (_, second) => weightAt(hours, second));
  if (group.bursts !== undefined) addBursts(rates, group.bursts, seed);
  let total = 0;
  for (const rate of rates) total += rate;
  let sum = 0;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    sum += rates[second] as number;
    rates[second] = total === 0 ? 0 : (sum / total) * eventsPerDay;
  }
  return rates;
}

function addBursts(rates: Float64Array, bursts: NonNullable<DeviceGroup['bursts']>, seed: number): void {
  for (let hour = 0; hour < 24; hour += 1) {
    const random = new Random(seedAt(seed ^ 0xb0057, hour));
    const slice = rates.subarray(hour * HOUR_SECONDS, (hour + 1) * HOUR_SECONDS);
    const before = slice.reduce((sum, rate) => sum + rate, 0);
    const busy = new Set<number>();
    for (let burst = 0; burst < bursts.perHour; burst += 1) {
      const from = random.between(0, HOUR_SECONDS - 1);
      for (let second = from; second < Math.min(HOUR_SECONDS, from + bursts.seconds); second += 1) busy.add(second);
    }
    for (const second of busy) slice[second] = (slice[second] as number) * bursts.times;
    const after = slice.reduce((sum, rate) => sum + rate, 0);
    if (after > 0) for (let second = 0; second < slice.length; second += 1) slice[second] = (slice[second] as number) * (before / after);
  }
}
