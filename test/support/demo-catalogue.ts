import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { hashFiles, listFiles } from '../../scripts/lib/files.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { demoCatalogue } from '../../src/governance/catalogue/demo.ts';
import { takePlace } from './take-place.ts';

const FOLDER = path.join(ROOT, 'test-results/demo-catalogue');

/**
 * Puts the demo catalogue into a new home, as the first start would make it: that start then only looks whether it is still so. Making
 * and signing it is nearly half of a first start, and what tests of the product ask of it is tested once (test/governance/catalogue/demo.test.ts).
 */
export async function withDemoCatalogue(home: string): Promise<void> {
  const hash = hashFiles(['templates', 'services', 'src/governance'].flatMap((folder) => listFiles(path.join(ROOT, folder)))).slice(0, 32);
  const made = path.join(FOLDER, hash);
  if (!existsSync(made)) {
    mkdirSync(FOLDER, { recursive: true });
    const fresh = mkdtempSync(path.join(FOLDER, '.new-'));
    await demoCatalogue(path.join(fresh, 'catalogue'), path.join(ROOT, 'templates'), { now: Date.now(), services: path.join(ROOT, 'services'), log: (text) => { process.stderr.write(`${text}\n`); } });
    takePlace(path.join(fresh, 'catalogue'), made);
    rmSync(fresh, { recursive: true, force: true });
  }
  mkdirSync(home, { recursive: true, mode: 0o700 });
  cpSync(made, path.join(home, 'demo-catalogue'), { recursive: true });
}
