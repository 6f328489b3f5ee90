/**
 * A day of a site, event by event: pure, lazy, the same for the same options and seed whatever the speed. Each event says what
 * has to become of it, so that the ledger's counts can be compared.
 */
import { DAY_SECONDS, dayCurve } from './curve.ts';
import { seedAt } from '../demo-data/index.ts';
import { fleetOf } from './fleet.ts';
import type { Device } from './fleet.ts';
import { DeviceScans } from './device-scans.ts';
import type { DeviceGroup, Profile } from './profile.ts';
import type { SiteEvent } from './site-event.ts';

export interface PlanOptions {
  readonly profile: Profile;
  readonly seed: number;
  /** 0 to 9; another run of the same seed has other ids and handling units. */
  readonly run: number;
  readonly enterprise: string;
  readonly sites: readonly string[];
  /** Where in the day it begins, in seconds, and how long it goes on. */
  readonly fromSecond: number;
  readonly seconds: number;
  /** Simulated seconds in one real one; it only sets the times in the messages. */
  readonly speed: number;
  /** Epoch milliseconds at which the run starts, for the times in the messages. */
  readonly startAt: number;
}

export interface SitePlan {
  readonly fleet: readonly Device[];
  readonly events: Iterable<SiteEvent>;
}

interface Source {
  readonly group: DeviceGroup;
  readonly perDay: number;
  readonly seed: number;
  readonly scans: DeviceScans;
  curve: Float64Array;
  day: number;
}

/** Events a day of one group: for a portal they are passages, of as many scans as tags and reads. */
function eventsPerDay(profile: Profile, group: DeviceGroup): number {
  const shares = profile.groups.reduce((sum, { share }) => sum + share, 0);
  const scans = (profile.scansPerDay * group.share) / shares;
  if (group.kind !== 'portal') return scans;
  const [low, high] = group.tags ?? [1, 1];
  return scans / (((low + high) / 2) * (group.reads ?? 1));
}

function sourcesOf(options: PlanOptions, fleet: readonly Device[]): Source[] {
  const units = options.sites.map(() => ({ next: 0 }));
  return options.sites.flatMap((site, siteIndex) => options.profile.groups.map((group, index): Source => {
    const seed = seedAt(options.seed, siteIndex * 100 + index);
    const devices = fleet.filter((device) => device.site === site && device.group === group);
    const { run, speed, startAt, enterprise, profile } = options;
    return {
      group, perDay: eventsPerDay(profile, group), seed, day: -1, curve: new Float64Array(0),
      scans: new DeviceScans({ devices, faults: profile.faults ?? {}, seed, run, runSeed: options.seed, speed, startAt, enterprise, units: units[siteIndex] as { next: number } }),
    };
  }));
}

/** How many events a source has in a second of the simulated time. */
function countIn(source: Source, profile: Profile, second: number): number {
  const day = Math.floor(second / DAY_SECONDS);
  if (source.day !== day) {
    source.curve = dayCurve(profile, source.group, source.perDay, seedAt(source.seed, day));
    source.day = day;
  }
  const at = second % DAY_SECONDS;
  return Math.floor(source.curve[at] as number) - Math.floor(at === 0 ? 0 : source.curve[at - 1] as number);
}

function* events(options: PlanOptions, fleet: readonly Device[]): Generator<SiteEvent> {
  const sources = sourcesOf(options, fleet);
  const later: SiteEvent[] = [];
  for (let second = 0; second < options.seconds; second += 1) {
    const now: SiteEvent[] = [];
    for (const source of sources) {
      const count = countIn(source, options.profile, options.fromSecond + second);
      for (let n = 0; n < count; n += 1) {
        for (const event of source.scans.next(second * 1_000)) (event.at < (second + 1) * 1_000 ? now : later).push(event);
      }
    }
    for (let index = later.length - 1; index >= 0; index -= 1) {
      if ((later[index] as SiteEvent).at < (second + 1) * 1_000) now.push(...later.splice(index, 1));
    }
    yield* now.sort((a, b) => a.at - b.at);
  }
  yield* later.sort((a, b) => a.at - b.at);
}

/** The devices and the events of a run, in order of time. The events can be gone through more than once. */
export function sitePlan(options: PlanOptions): SitePlan {
  const fleet = fleetOf(options);
  return { fleet, events: { [Symbol.iterator]: () => events(options, fleet) } };
}
