/**
 * Many open approvals with deadlines: what they cost in memory over the same flow without any, and how long a decision takes when a
 * hundred a second come in, spread evenly whether or not the last was answered. The yardstick is a bare Node-RED with the same
 * arrivals at an `http in` → function → `http response` that takes the same JSON.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../scripts/lib/paths.ts';
import { openSqliteAccounts } from '../src/ledger/sqlite/accounts.ts';
import { createApiToken, createUser } from '../src/web/server/index.ts';
import { Latencies } from '../src/cli/simulate/wire/latencies.ts';
import type { LatencySummary } from '../src/cli/simulate/wire/latencies.ts';
import { homeOfOpenTasks } from './open-cases.ts';
import { approvalFlow } from './support/flows.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import { freePorts } from './support/ports.ts';
import { putFlow, WaybillProcess } from './support/waybill-process.ts';

export interface OpenApprovalsResult {
  readonly approvals: number;
  /** Resident memory, the most in ten seconds after the start, with the approvals and without any. */
  readonly rssBytes: number;
  readonly emptyRssBytes: number;
  /** Resident memory after the decisions. */
  readonly rssAfterBytes: number;
  readonly decisionsPerSecond: number;
  readonly decided: number;
  readonly decisionMs: LatencySummary;
  readonly bareMs: LatencySummary;
}

const NOWHERE = 'http://127.0.0.1:9';
const PER_SECOND = 100;
const WARM_UP = 300;
interface Listed { readonly taskId: string; readonly factsHash: string }

async function mostMemory(waybill: WaybillProcess): Promise<number> {
  let most = waybill.rss();
  for (let i = 0; i < 100; i += 1) {
    await sleep(100);
    most = Math.max(most, waybill.rss());
  }
  return most;
}

/** A token of somebody who decides, made while nothing runs. */
async function approver(home: string): Promise<string> {
  const store = openSqliteAccounts({ home });
  const user = await createUser(store, { name: 'bench-approver', roles: ['receiving-supervisor', 'site-manager'], sites: ['*'] });
  const { secret } = await createApiToken(store, { userId: user.id, name: 'bench', scopes: ['read', 'decide'], sites: ['*'] });
  await store.close();
  return secret;
}

async function someTasks(url: string, token: string, wanted: number): Promise<readonly Listed[]> {
  const tasks: Listed[] = [];
  let cursor = '';
  while (tasks.length < wanted) {
    const answer = await fetch(`${url}/waybill/api/v1/tasks?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`, { headers: { authorization: `Bearer ${token}` } });
    const page = await answer.json() as { readonly items: readonly Listed[]; readonly next?: string };
    tasks.push(...page.items);
    if (page.next === undefined) break;
    cursor = page.next;
  }
  return tasks;
}

/** Sends so many requests a second, each at its time, and waits for all answers. @returns from when each was due until its answer was read */
async function openLoop(count: number, send: (index: number) => Promise<Response>): Promise<LatencySummary> {
  const latencies = new Latencies();
  const from = performance.now() + 50;
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    const due = from + (i * 1_000) / PER_SECOND;
    await sleep(Math.max(0, due - performance.now()));
    const answer = await send(i);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`decision ${i} was answered ${answer.status}: ${text.slice(0, 200)}`);
    latencies.add(performance.now() - due);
  }));
  return latencies.summary();
}

async function bareRun(count: number): Promise<LatencySummary> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const bare = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/bare-node-red.ts'), folder, String(port), String(mqttPort)], cwd: ROOT });
  try {
    await bare.printed(/subscribed/);
    const send = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/decision`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"decision":"approve","factsHash":"0123456789012345678901234567890123456789012"}' });
    await openLoop(WARM_UP, send);
    return await openLoop(count, send);
  } finally {
    await bare.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param approvals how many are open @param seconds how long decisions come in */
export async function benchOpenApprovals(approvals: number, seconds: number): Promise<OpenApprovalsResult> {
  const { home } = await homeOfOpenTasks(approvals);
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  const count = seconds * PER_SECOND;
  try {
    const [full, bare] = [path.join(folder, 'full'), path.join(folder, 'empty')];
    cpSync(home, full, { recursive: true });
    putFlow(bare, approvalFlow());
    const token = await approver(full);
    const [port = 0, mqttPort = 0] = await freePorts(2);
    const first = await WaybillProcess.start({ home: bare, port, mqttPort, erpUrl: NOWHERE });
    await first.end();
    const empty = await WaybillProcess.start({ home: bare, port, mqttPort, erpUrl: NOWHERE });
    const emptyRssBytes = await mostMemory(empty);
    await empty.end();
    const waybill = await WaybillProcess.start({ home: full, port, mqttPort, erpUrl: NOWHERE });
    try {
      const rssBytes = await mostMemory(waybill);
      const tasks = await someTasks(waybill.url, token, WARM_UP + count);
      const decide = (offset: number) => (i: number): Promise<Response> => {
        const task = tasks[offset + i];
        if (task === undefined) throw new Error('There are fewer tasks than decisions.');
        return fetch(`${waybill.url}/waybill/api/v1/tasks/${task.taskId}/decision`, {
          method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': task.taskId },
          body: JSON.stringify({ decision: 'approve', factsHash: task.factsHash }),
        });
      };
      await openLoop(WARM_UP, decide(0));
      const decisionMs = await openLoop(count, decide(WARM_UP));
      return { approvals, rssBytes, emptyRssBytes, rssAfterBytes: waybill.rss(), decisionsPerSecond: PER_SECOND, decided: WARM_UP + count, decisionMs, bareMs: await bareRun(count) };
    } finally {
      await waybill.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchOpenApprovals(Number(process.argv[2] ?? 5_000), Number(process.argv[3] ?? 10)), null, 1));
