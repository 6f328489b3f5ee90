/**
 * `npm run bench`: measures what docs/benchmarks.md says and writes it.
 *
 *   node bench/run.ts                  everything, about twenty minutes
 *   node bench/run.ts --only intake    one of intake, ledger, straight-through, open-cases, open-approvals, decisions, first-use, gate, shop-floor, feedback, opcua-faults, gs1, services; the others keep their last figures
 *   node bench/run.ts --only day       24 hours of a large site at 60 times its speed: half an hour and 11 GB of disk, so never without being asked for
 *   node bench/run.ts --quick          short runs, printed and not written
 *
 * The machine must have nothing else to do. With more than two cores run it on two: taskset -c 0,1 npm run bench
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/paths.ts';
import { benchDay, writeDayPicture } from './day.ts';
import { benchDecisions } from './decisions.ts';
import { benchFeedback } from './feedback.ts';
import { benchFirstUse } from './first-use.ts';
import { benchGate } from './gate.ts';
import { benchGs1 } from './gs1.ts';
import { benchIntake } from './intake.ts';
import { benchLedger } from './ledger.ts';
import { benchOpcUaFaults } from './opcua-faults/index.ts';
import { benchOpenApprovals } from './open-approvals.ts';
import { benchOpenCases } from './open-cases.ts';
import { benchServices } from './services/index.ts';
import { benchStraightThrough } from './straight-through.ts';
import { benchShopFloor } from './shop-floor/index.ts';
import { machine } from './support/machine.ts';
import { report } from './support/report.ts';
import type { Results } from './support/report.ts';

const RESULTS = path.join(ROOT, 'bench/results.json');
const PAGE = path.join(ROOT, 'docs/benchmarks.md');
const DAY_PICTURE = path.join(ROOT, 'docs/pictures/day-run.svg');

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
  'shop-floor': (quick: boolean) => benchShopFloor(quick),
  'feedback': (quick: boolean) => benchFeedback(200, quick ? 5 : 30),
  'opcua-faults': (quick: boolean) => benchOpcUaFaults(quick),
  'gs1': (quick: boolean) => benchGs1(quick),
  'services': (quick: boolean) => (quick ? benchServices(500, 100, 2) : benchServices(5_000, 250, 10)),
  'day': async (quick: boolean) => {
    const { samples, ...figures } = await benchDay({ speed: 60, profile: 'large-site', seed: 1, ...(quick ? { from: '10:00', duration: '20m' } : { from: '00:00', duration: '24h' }) });
    if (!quick) writeDayPicture({ ...figures, samples }, DAY_PICTURE);
    return figures;
  },
} as const;

/** Only when it is asked for. */
const LONG: readonly string[] = ['day'];

type BenchName = keyof typeof benches;

function isBench(name: string): name is BenchName {
  return Object.hasOwn(benches, name);
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean', default: false } } });
  const wanted = values.only ?? Object.keys(benches).filter((name) => !LONG.includes(name));
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
