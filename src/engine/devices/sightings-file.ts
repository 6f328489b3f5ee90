import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../governance/files.ts';
import { once } from '../support/reporting.ts';
import type { Deafness } from './listening.ts';
import type { SiteSightings } from './sightings.ts';

/** What is written of a device, in the order of the list. */
type Line = readonly [deviceId: string, firstSeen: number, lastSeen: number, messages: number, putAside: number, station: string, noted: 0 | 1];
interface Saved { readonly version: 1; readonly savedAt: number; readonly deaf: readonly Deafness[]; readonly sites: Readonly<Record<string, readonly Line[]>> }

const fileName = 'devices.json';

/** When each device was heard last, beside the ledger: no event is worth it, and a restart is not to forget it. A loss of the file loses no more than that. */
export class SightingsFile {
  readonly #path: string;

  constructor(home: string) {
    this.#path = join(home, fileName);
  }

  /** Undefined when there is none, or none that can be read. */
  async read(sightings: (site: string) => SiteSightings): Promise<{ readonly savedAt: number; readonly deaf: readonly Deafness[] } | undefined> {
    try {
      const { savedAt, deaf, sites } = JSON.parse(await readFile(this.#path, 'utf8')) as Saved;
      for (const [site, lines] of Object.entries(sites)) {
        for (const [deviceId, firstSeen, lastSeen, messages, putAside, station, noted] of lines) {
          const sighted = sightings(site).at(deviceId, lastSeen);
          Object.assign(sighted, { firstSeen, lastSeen, messages, putAside, station: station === '' ? undefined : station, noted: noted === 1 });
        }
      }
      return { savedAt, deaf };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') once('devices-file', `${this.#path} could not be read (${String(error)}); when devices were heard last is counted from now on.`);
      return undefined;
    }
  }

  async write(now: number, deaf: readonly Deafness[], sites: Iterable<readonly [string, SiteSightings]>): Promise<void> {
    const saved: Saved = {
      version: 1, savedAt: now, deaf,
      sites: Object.fromEntries([...sites].map(([site, sightings]) => [site, [...sightings.all()].map(([deviceId, each]): Line => [deviceId, each.firstSeen, each.lastSeen, each.messages, each.putAside, each.station ?? '', each.noted ? 1 : 0])])),
    };
    await replaceFile(this.#path, JSON.stringify(saved));
  }
}
