/**
 * The client of a site as tuf-conformance drives one (its CLIENT-CLI.md): the same fetcher, bounds and workflow, without the
 * names that a catalogue is limited to. README.md says how it is played.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { SourceFetcher } from '../../../../src/governance/catalogue/site/source.ts';
import { updaterOf } from '../../../../src/governance/catalogue/site/update.ts';

const { values, positionals: [command = '', file = ''] } = parseArgs({
  allowPositionals: true,
  options: { 'metadata-dir': { type: 'string' }, 'metadata-url': { type: 'string' }, 'target-name': { type: 'string', multiple: true }, 'target-base-url': { type: 'string' }, 'target-dir': { type: 'string' }, 'metadata-set': { type: 'string' } },
});
const metadataDir = values['metadata-dir'] ?? '';

async function main(): Promise<void> {
  mkdirSync(metadataDir, { recursive: true });
  if (command === 'init') {
    copyFileSync(file, path.join(metadataDir, 'root.json'));
    return;
  }
  const base = new URL('./', (values['metadata-url'] ?? '').replace(/\/$/, ''));
  const fetcher = new SourceFetcher({ base, shown: base.href, timeoutMs: 10_000, scratch: metadataDir });
  const targetDir = values['target-dir'] ?? metadataDir;
  const updater = updaterOf({ metadataDir, targetDir, base, fetcher });
  await updater.refresh();
  for (const name of command === 'download' ? values['target-name'] ?? [] : []) {
    const target = await updater.getTargetInfo(name);
    if (target === undefined) throw new Error(`${name} is not in the repository.`);
    if (await updater.findCachedTarget(target) === undefined) await updater.downloadTarget(target);
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
