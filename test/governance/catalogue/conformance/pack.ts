/** `node pack.ts <folder of records> <version of the suite>`: puts what `client.ts --record` wrote into `recorded.json.gz`. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import type { RecordedCase, RecordedStep } from './step.ts';

const [folder = '', version = ''] = process.argv.slice(2);
// Some cases are played in another time, and the names of their records with them; the disk knows the order.
const files = readdirSync(folder).map((name) => path.join(folder, name)).sort((a, b) => Number(statSync(a, { bigint: true }).mtimeNs - statSync(b, { bigint: true }).mtimeNs));
const cases = new Map<string, { name: string; steps: RecordedStep[] }>();
for (const file of files) {
  const { name, metadataDir, step } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; metadataDir: string; step: RecordedStep };
  const entry = cases.get(metadataDir) ?? { name, steps: [] };
  entry.steps.push({ ...step, served: step.served.map((answer) => answer.status === 200 ? answer : { ...answer, body: '' }) });
  cases.set(metadataDir, entry);
}
const recorded: { readonly version: string; readonly cases: readonly RecordedCase[] } = { version, cases: [...cases.values()] };
writeFileSync(path.join(import.meta.dirname, 'recorded.json.gz'), gzipSync(JSON.stringify(recorded), { level: 9 }));
process.stdout.write(`${recorded.cases.length} cases, ${recorded.cases.reduce((sum, { steps }) => sum + steps.length, 0)} steps\n`);
