import { existsSync } from 'node:fs';
import path from 'node:path';

/** Whether a home folder belongs to a site that has, or once had, a catalogue. */
export function hasCatalogueCache(home: string): boolean {
  return existsSync(path.join(home, 'catalogue', 'current.json'));
}
