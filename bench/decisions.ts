/**
 * Fifty approvers at once while scans come in: how long a decision takes to be answered, and how long from the PUBLISH of a
 * scan until its task is on a phone. Waybill, broker, load and approvers are on the same two cores. The yardstick is a bare
 * Node-RED with the same broker under the same load, whose `http in` → function → `http response` takes the same JSON.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../scripts/lib/paths.ts';
import { openSqliteAccounts } from '../src/ledger/sqlite/accounts.ts';
import { createApiToken, createUser } from '../src/web/server/index.ts';
import type { LatencySummary } from '../src/cli/simulate/wire/latencies.ts';
import type { PublishSummary } from './publisher.ts';
import type { ApproversOrder, ApproversSummary } from './support/approvers-protocol.ts';
import { decisionsFlow } from './support/flows.ts';
import { LoadProcess } from './support/load-process.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import { freePorts } from './support/ports.ts';
import type { ProbeReading } from './support/probe-protocol.ts';
import { WaybillProcess } from './support/waybill-process.ts';

export interface DecisionsRun {
  readonly decisions: number;
  /** From the sending of the request to the end of the answer, all approvers of a round at the same moment. */
  readonly decisionMs: LatencySummary;
  readonly scansPerSecond: number;
  readonly pubackMs: LatencySummary;
  readonly process: ProbeReading;
  readonly approversCores: number;
}

export interface DecisionsResult {
  readonly approvers: number;
  readonly rounds: number;
  readonly waybill: DecisionsRun & {
    /** From the PUBLISH of a scan until a phone's list, fetched because of its live stream, has the task. */
    readonly visibleMs: LatencySummary;
    readonly seen: number;
    readonly lists: number;
    readonly listMs: LatencySummary;
  };
  readonly bare: DecisionsRun;
}

const APPROVERS = 50;
/** A round: all approvers decide at the same moment. */
const ROUND_MS = 2_000;
/** Scans a second that go through without a person; with those that become tasks it is 500. */
const SCANS = 500;
const TASKS = APPROVERS / (ROUND_MS / 1_000);
const LOAD = { connections: 8, inflight: 64, what: 'units', topic: 'acme/dc-1/receiving/dock-1/scan' } as const;

/** Accounts with tokens, made before the start. */
async function tokens(home: string, count: number): Promise<readonly string[]> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const store = openSqliteAccounts({ home });
  const secrets: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const user = await createUser(store, { name: `approver-${i}`, roles: ['receiving-supervisor'], sites: ['*'] });
    secrets.push((await createApiToken(store, { userId: user.id, name: 'bench', scopes: ['read', 'decide'], sites: ['*'] })).secret);
  }
  for (let i = 0; i < 8; i += 1) await createUser(store, { name: `op-${i}`, roles: ['operator'], sites: ['*'], badge: `op-${i}` });
  await store.close();
  return secrets;
}

/** Runs the approvers beside a load of scans that lasts a little longer than they do. */
async function drive(target: MeasuredProcess, mqttUrl: string, order: ApproversOrder): Promise<{ readonly approvers: ApproversSummary; readonly approversCores: number; readonly load: PublishSummary; readonly process: ProbeReading }> {
  const seconds = (order.rounds * ROUND_MS) / 1_000 + 8;
  const load = new LoadProcess({ url: mqttUrl, rate: SCANS - (order.kind === 'waybill' ? TASKS : 0), seconds, run: 'load', from: 30_000_000, ...LOAD });
  const loaded = load.summary();
  await sleep(3_000);
  await target.ask('reset');
  const approvers = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/approvers.ts'), JSON.stringify(order)] });
  let approversCores = 0;
  const watch = setInterval(() => { approvers.read().then((reading) => { approversCores = reading.cpuCores; }, () => { approversCores ||= 0; }); }, 500);
  try {
    const [line] = await approvers.printed(/^\{"decisions".*\}$/m);
    clearInterval(watch);
    const reading = await target.read();
    await approvers.end();
    return { approvers: JSON.parse(line) as ApproversSummary, approversCores, load: await loaded, process: reading };
  } finally {
    clearInterval(watch);
    await approvers.end('SIGKILL');
    await load.end('SIGKILL');
  }
}

function run(driven: Awaited<ReturnType<typeof drive>>): DecisionsRun {
  const { approvers, approversCores, load, process: reading } = driven;
  return { decisions: approvers.decisions, decisionMs: approvers.decisionMs, scansPerSecond: load.rate, pubackMs: load.latencyMs, process: reading, approversCores };
}

async function waybillRun(rounds: number, nodeOptions: readonly string[]): Promise<DecisionsResult['waybill']> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const home = path.join(folder, 'home');
  const secrets = await tokens(home, APPROVERS);
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const waybill = await WaybillProcess.start({ home, port, mqttPort, erpUrl: 'http://127.0.0.1:9', flow: decisionsFlow(), nodeOptions });
  try {
    await new LoadProcess({ url: waybill.mqttUrl, rate: 1_000, seconds: 5, run: 'warm-up', from: 0, ...LOAD }).summary();
    const driven = await drive(waybill, waybill.mqttUrl, { kind: 'waybill', url: waybill.url, mqttUrl: waybill.mqttUrl, tokens: secrets, approvers: APPROVERS, rounds, roundMs: ROUND_MS, tasksPerSecond: TASKS });
    const { visibleMs, seen, lists, listMs } = driven.approvers;
    const all = run(driven);
    return { ...all, scansPerSecond: all.scansPerSecond + TASKS, visibleMs, seen, lists, listMs };
  } finally {
    await waybill.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bareRun(rounds: number): Promise<DecisionsRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const bare = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/bare-node-red.ts'), folder, String(port), String(mqttPort)], cwd: ROOT });
  const mqttUrl = `mqtt://127.0.0.1:${mqttPort}`;
  try {
    await bare.printed(/subscribed/);
    return run(await drive(bare, mqttUrl, { kind: 'bare', url: `http://127.0.0.1:${port}`, mqttUrl, tokens: [], approvers: APPROVERS, rounds, roundMs: ROUND_MS, tasksPerSecond: 0 }));
  } finally {
    await bare.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param rounds of all approvers at once, every two seconds */
export async function benchDecisions(rounds: number, nodeOptions: readonly string[] = []): Promise<DecisionsResult> {
  const waybill = await waybillRun(rounds, nodeOptions);
  return { approvers: APPROVERS, rounds, waybill, bare: await bareRun(rounds) };
}

if (import.meta.main) {
  const [rounds = '10', ...nodeOptions] = process.argv.slice(2);
  console.log(JSON.stringify(await benchDecisions(Number(rounds), nodeOptions), null, 1));
}
