import { Random, seedAt } from '../demo-data/index.ts';
import type { DeviceFormat, DeviceGroup, Profile } from './profile.ts';
import { DAY_SECONDS } from './curve.ts';

/** When a device was out of reach, in milliseconds of the simulated time. */
export interface OfflineSpan { readonly from: number; readonly to: number }

export interface Device {
  /** Position in the fleet, from 0. */
  readonly index: number;
  readonly site: string;
  readonly siteIndex: number;
  readonly group: DeviceGroup;
  readonly station: string;
  /** Name that it puts into its messages. */
  readonly name: string;
  readonly format: DeviceFormat;
  readonly topic: string;
  readonly offline: readonly OfflineSpan[];
}

export interface LineCut { readonly site: string; readonly at: number; readonly ms: number }

const NAMES: Readonly<Record<DeviceGroup['kind'], string>> = { handheld: 'scanner', sorter: 'lane', portal: 'portal' };

export interface FleetOptions {
  readonly profile: Profile;
  readonly seed: number;
  readonly enterprise: string;
  readonly sites: readonly string[];
  /** Length of the run in simulated seconds. */
  readonly seconds: number;
}

/** All devices of all sites, with the times when each is out of reach. */
export function fleetOf(options: FleetOptions): Device[] {
  const fleet: Device[] = [];
  for (const [siteIndex, site] of options.sites.entries()) {
    for (const group of options.profile.groups) {
      for (let number = 1; number <= group.devices; number += 1) {
        const random = new Random(seedAt(options.seed ^ 0xf1ee7, fleet.length));
        const station = `${NAMES[group.kind]}-${number}`;
        fleet.push({
          index: fleet.length, site, siteIndex, group, station, name: `${group.area}-${station}`,
          format: group.kind === 'handheld' ? random.weighted(group.formats ?? { waybill: 1 }) : group.kind === 'portal' ? 'zebra' : 'waybill',
          topic: `${options.enterprise}/${site}/${group.area}/${station}/scan`,
          offline: group.kind === 'handheld' ? offlineSpans(options, random) : [],
        });
      }
    }
  }
  return fleet;
}

function offlineSpans({ profile, seconds }: FleetOptions, random: Random): OfflineSpan[] {
  const outage = profile.outages?.deviceOffline;
  if (outage === undefined) return [];
  const spans: OfflineSpan[] = [];
  const wanted = outage.perDeviceDay * (seconds / DAY_SECONDS);
  const count = Math.floor(wanted) + (random.next() < wanted % 1 ? 1 : 0);
  for (let n = 0; n < count; n += 1) {
    const from = random.next() * seconds * 1_000;
    const minutes = outage.minutes[0] + random.next() * (outage.minutes[1] - outage.minutes[0]);
    spans.push({ from, to: from + minutes * 60_000 });
  }
  return spans.sort((a, b) => a.from - b.from);
}

/** When a site as a whole loses its broker, in order of time. */
export function lineCutsOf({ profile, seed, sites, seconds }: FleetOptions): LineCut[] {
  const outage = profile.outages?.lineCuts;
  if (outage === undefined) return [];
  return sites.flatMap((site, index) => {
    const random = new Random(seedAt(seed ^ 0xc07, index));
    const wanted = outage.perDay * (seconds / DAY_SECONDS);
    const count = Math.floor(wanted) + (random.next() < wanted % 1 ? 1 : 0);
    return Array.from({ length: count }, (): LineCut => ({
      site, at: random.next() * seconds * 1_000, ms: (outage.seconds[0] + random.next() * (outage.seconds[1] - outage.seconds[0])) * 1_000,
    }));
  }).sort((a, b) => a.at - b.at);
}
