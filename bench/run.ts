/**
 * `npm run bench`: measures what docs/benchmarks.md says and writes it.
 *
 *   node bench/run.ts                  everything, about twelve minutes
 *   node bench/run.ts --only intake    one of intake, ledger, straight-through, open-cases, open-approvals, decisions, first-use, gate; the others keep their last figures
 *   node bench/run.ts --quick          short runs, printed and not written
 *
 * The machine must have nothing else to do. With more than two cores run it on two: taskset -c 0,1 npm run bench
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/paths.ts';
import { benchDecisions } from './decisions.ts';
import { benchFirstUse } from './first-use.ts';
import { benchGate } from './gate.ts';
import { benchIntake } from './intake.ts';
import { benchLedger } from './ledger.ts';
import { benchOpenApprovals } from './open-approvals.ts';
import { benchOpenCases } from './open-cases.ts';
import { benchStraightThrough } from './straight-through.ts';
import { machine } from './support/machine.ts';
import { report } from './support/report.ts';
import type { Results } from './support/report.ts';

const RESULTS = path.join(ROOT, 'bench/results.json');
const PAGE = path.join(ROOT, 'docs/benchmarks.md');

const benches = {
  'ledger': async (quick: boolean) => {
    const sizes = [];
    for (const groupSize of [64, 512]) sizes.push(await benchLedger(groupSize, quick ? 9_000 : 300_000));
    return sizes;
  },
  'intake': (quick: boolean) => (quick ? benchIntake(5, 5) : benchIntake(60, 60)),
  'straight-through': (quick: boolean) => benchStraightThrough(quick ? 2_000 : 20_000),
  'open-cases': (quick: boolean) => benchOpenCases(quick ? 5_000 : 100_000),
  'open-approvals': (quick: boolean) => (quick ? benchOpenApprovals(3_000, 10) : benchOpenApprovals(50_000, 60)),
  'decisions': (quick: boolean) => benchDecisions(quick ? 5 : 30),
  'first-use': () => benchFirstUse(),
  'gate': (quick: boolean) => benchGate(quick ? 5 : 25),
} as const;

type BenchName = keyof typeof benches;

function isBench(name: string): name is BenchName {
  return Object.hasOwn(benches, name);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } } });
  const wanted = values.only ?? Object.keys(benches);
  const unknown = wanted.find((name) => !isBench(name));
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no "${unknown}"; there are ${Object.keys(benches).join(', ')}.\n`);
    return 2;
  }
  const results: Record<string, unknown> = existsSync(RESULTS) && !values.quick ? JSON.parse(readFileSync(RESULTS, 'utf8')) as Record<string, unknown> : {};
  for (const name of wanted.filter(isBench)) {
    process.stderr.write(`bench: ${name}…\n`);
    const startedAt = performance.now();
    results[name] = { on: machine(), figures: await benches[name](values.quick) };
    process.stderr.write(`bench: ${name} took ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
    if (!values.quick) writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  }
  const text = report(results as unknown as Results);
  process.stdout.write(text);
  if (!values.quick) writeFileSync(PAGE, text);
  return 0;
}

process.exitCode = await main();
