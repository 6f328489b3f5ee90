import { join } from 'node:path';
import { demoCatalogue } from '../../src/governance/catalogue/demo.ts';
import { ROOT } from '../lib/paths.ts';

/** Without a catalogue of one's own, `npm start` has one that is made from `templates/` and signed by keys that it makes. */
export async function startDemoCatalogue(home: string, configured: string | undefined, say: (line: string) => void): Promise<void> {
  if (configured !== undefined) return;
  try {
    const demo = await demoCatalogue(join(home, 'demo-catalogue'), join(ROOT, 'templates'), { now: Date.now(), services: join(ROOT, 'services'), log: (text) => say(`waybill: ${text}`) });
    if (demo === undefined) return;
    process.env['WAYBILL_CATALOGUE'] = demo.source;
    process.env['WAYBILL_CATALOGUE_ROOT'] = demo.rootFile;
  } catch (error) {
    // The templates are not what a start depends on.
    say(`waybill: there is no demo catalogue: ${(error as Error).message}. Remove ${join(home, 'demo-catalogue')} to have it made anew.`);
  }
}
