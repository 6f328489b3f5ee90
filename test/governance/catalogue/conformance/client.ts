/**
 * The client of a site as tuf-conformance drives one (its CLIENT-CLI.md): the same fetcher, bounds and workflow, without the
 * names that a catalogue is limited to. README.md says how it is played, and recorded.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runStep, trusted } from './step.ts';
import type { RecordedStep } from './step.ts';

const { values, positionals: [command = '', root = ''] } = parseArgs({
  allowPositionals: true,
  options: { 'metadata-dir': { type: 'string' }, 'metadata-url': { type: 'string' }, 'target-name': { type: 'string', multiple: true }, 'target-base-url': { type: 'string' }, 'target-dir': { type: 'string' }, record: { type: 'string' } },
});
const metadataDir = values['metadata-dir'] ?? '';
const base = values['metadata-url'] === undefined ? '' : new URL('./', values['metadata-url'].replace(/\/$/, '')).href;
const targets = values['target-name'] ?? [];
const at = Date.now();
const served: { url: string; status: number; body: string }[] = [];

function recordRequests(): void {
  const { fetch: real } = globalThis;
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    served.push({ url: String(input).slice(base.length), status: response.status, body: Buffer.from(await response.clone().arrayBuffer()).toString('base64') });
    return response;
  };
}

if (values.record !== undefined) recordRequests();
let ok = true;
try {
  await runStep({ command, metadataDir, root, base, targets, targetDir: values['target-dir'] ?? path.join(metadataDir, 'targets') });
} catch (error) {
  ok = false;
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
if (values.record !== undefined) {
  // Of the suite, by pytest.
  const { PYTEST_CURRENT_TEST: test } = process.env;
  const name = (test ?? 'unknown').replace(/^.*\/|\.py| \(.*\)$/g, '');
  const step: RecordedStep = { command, at, ...(command === 'init' ? { root: readFileSync(root).toString('base64') } : {}), targets, served, ok, trusted: trusted(metadataDir) };
  mkdirSync(values.record, { recursive: true });
  writeFileSync(path.join(values.record, `${process.hrtime.bigint()}.json`), JSON.stringify({ name, metadataDir, step }));
}
