/**
 * The calling side of the bench, in a process of its own: `node caller.ts <peer's address> <calls> <paced a second, at most> <seconds>`.
 * Prints one line of JSON ({@link CallerFigures}). The engine and its ledger are real; the flow is open → call → close.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { Secrets } from '../../src/connectors/auth/index.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import type { NodeRedNode, StepHandle, StepPattern } from '../../src/engine/api.ts';
import { openEngine } from '../../src/engine/runtime.ts';
import { serviceCallPattern } from '../../src/engine/services/service-call.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { SystemLink } from '../../src/engine/services/system-link.ts';

export interface Latency { readonly p50: number; readonly p95: number; readonly p99: number }
export interface CallerFigures {
  readonly calls: number;
  /** With as many calls at once as the service lets through. */
  readonly governedPerSecond: number; readonly barePerSecond: number;
  readonly pacedPerSecond: number;
  /** ms, at the pace: the whole step from its entry until it is done in the ledger; of it the exchange with the peer; the same call over bare undici. */
  readonly step: Latency; readonly exchange: Latency; readonly bare: Latency;
  /** ms, of the same steps: what is neither the exchange nor the wait for the ledger: contract, limits, sign-in, driver, check of the answer. */
  readonly ownWork: Latency;
  /** ms: one commit of the ledger. */
  readonly commit: { readonly p50: number; readonly p99: number };
}

const CONCURRENCY = 32;
const [peer = '', callsText = '5000', pacedText = '250', secondsText = '10'] = process.argv.slice(2);
const [calls, wanted, seconds] = [Number(callsText), Number(pacedText), Number(secondsText)];

const service: ServiceDefinition = {
  id: 'bench/receipts', version: '1.0.0', title: 'Receipts', owner: 'bench', system: 'erp', protocol: 'rest', objects: [], authentication: { kind: 'bearer' },
  limits: { concurrency: CONCURRENCY, perSecond: 100_000, burst: 1_000, quota: { calls: 10_000_000, per: 'day' } }, timeouts: { connectMs: 5_000, headersMs: 30_000, totalMs: 60_000 },
  retry: { maxAttempts: 5, maxMinutes: 10, baseDelaySeconds: 0.1, maxDelaySeconds: 1 }, circuit: { failures: 20, openSeconds: 1 }, classification: 'internal',
  operations: {
    post: {
      title: 'Book', effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'header', name: 'Idempotency-Key' },
      request: { type: 'object', required: ['po', 'line', 'quantity', 'unit'], properties: { po: { type: 'string' }, line: { type: 'string' }, quantity: { type: 'string', pattern: '^\\d+$' }, unit: { enum: ['EA', 'PAL'] } }, additionalProperties: false },
      answer: { type: 'object', required: ['number'], properties: { number: { type: 'string' }, quantity: { type: 'string' } } }, binding: { method: 'POST', path: '/receipts' },
    },
  },
};
const document = { po: '4500001234', line: '10', quantity: '12', unit: 'EA' };

function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Begins `count` works at even times, and waits for all. */
async function atPace(count: number, perSecond: number, work: () => Promise<unknown>): Promise<void> {
  const running: Promise<unknown>[] = [];
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    const wait = started + (i * 1_000) / perSecond - performance.now();
    if (wait > 1) await sleep(wait);
    running.push(work());
  }
  await Promise.all(running);
}

async function together(count: number, atOnce: number, work: () => Promise<unknown>): Promise<number> {
  let left = count;
  const started = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await work();
  }));
  return Math.round(count / ((performance.now() - started) / 1_000));
}

const pool = new Pool(peer, { connections: CONCURRENCY, pipelining: 1 });
const body = JSON.stringify(document);
async function bareCall(): Promise<number> {
  const started = performance.now();
  const { body: answer } = await pool.request({ path: '/receipts', method: 'POST', body, headers: { 'content-type': 'application/json', 'authorization': 'Bearer secret', 'idempotency-key': `bare-${started}` } });
  await answer.json();
  return performance.now() - started;
}

const home = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
const engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined } });
engine.services = fixedServices([service]);
/** What of a step's time went to the peer and to the disk. */
interface Spent { wire: number; ledger: number }
const spending = new AsyncLocalStorage<Spent>();
async function spent<T>(on: keyof Spent, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    const at = spending.getStore();
    if (at !== undefined) at[on] += performance.now() - started;
  }
}
const link = new SystemLink({ id: 'erp', name: 'erp', kind: 'erp', url: peer, tls: {} }, new Secrets({ token: 'secret' }), engine.clock);
const send = link.transport.send.bind(link.transport);
link.transport.send = (request, bounds) => spent('wire', () => send(request, bounds));

const steps: number[] = [];
const own: number[] = [];
const wires: number[] = [];
const waiting: (() => void)[] = [];
const call = serviceCallPattern({ service: 'bench/receipts@1.0.0', operation: 'post', body: 'payload', bodyType: 'msg', recordAs: 'receipt', milestone: '', conflictOutput: false }, () => link);
const timed: StepPattern = {
  async run(step) {
    const started = performance.now();
    const spentHere: Spent = { wire: 0, ledger: 0 };
    const timedStep = new Proxy(step, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const bound = member.bind(target) as (...values: readonly unknown[]) => Promise<unknown>;
        return name === 'commit' || name === 'complete' ? (...values: readonly unknown[]) => spent('ledger', () => bound(...values)) : bound;
      },
    });
    await spending.run(spentHere, () => call.run(timedStep));
    const took = performance.now() - started;
    steps.push(took);
    own.push(took - spentHere.wire - spentHere.ledger);
    wires.push(spentHere.wire);
  },
};
const closing: StepPattern = {
  async run(step) {
    await step.commit([{ type: 'CloseCase', outcome: 'done', runId: step.runId, cancelOpen: false, at: step.now() }]);
    waiting.shift()?.();
  },
};
const handles = new Map<string, StepHandle>();
function node(id: string, wires: string[][], pattern: StepPattern | undefined): StepHandle {
  const placed: NodeRedNode & { _flow: object } = {
    id, type: 'waybill-bench', wires, send: () => undefined, status: () => undefined, warn: () => undefined, error: (message) => { process.stderr.write(`${String(message)}\n`); },
    _flow: { send: (events: readonly { msg: object; destination: { id: string } }[]) => { for (const { msg, destination } of events) void engine.receive(handles.get(destination.id) as StepHandle, msg); } },
  };
  const handle = engine.registerStep({
    node: placed, address: { instance: 'bench', stepId: id }, requires: [], pattern, outputs: wires.length, ...(id === 'call' ? { circuit: { system: 'erp', threshold: 20, openMs: 1_000, concurrency: CONCURRENCY } } : {}),
    evaluate: (value, type, msg) => Promise.resolve(type === 'msg' ? msg[value] : value),
  });
  handles.set(id, handle);
  return handle;
}
const intake = node('open', [['call']], undefined);
node('call', [['close'], []], timed);
node('close', [], closing);
await engine.flowsStarted('full');

async function governedCase(): Promise<void> {
  const done = new Promise<void>((resolve) => { waiting.push(resolve); });
  await engine.openCase({ step: intake, process: 'procure-to-pay', template: 'bench@1', site: 'dc-1', title: 'bench', keys: [], document: {}, message: { payload: document } });
  await done;
}

await Promise.all([together(1_000, CONCURRENCY, bareCall), together(1_000, CONCURRENCY, governedCase)]);
const barePerSecond = await together(calls, CONCURRENCY, bareCall);
const governedPerSecond = await together(calls, CONCURRENCY * 2, governedCase);
// On a machine that is busy otherwise the wanted pace would only measure a queue.
const paced = Math.max(10, Math.min(wanted, Math.floor(governedPerSecond / 3)));
const bareTimes: number[] = [];
await atPace(paced * seconds, paced, async () => { bareTimes.push(await bareCall()); });
steps.length = 0;
own.length = 0;
wires.length = 0;
await atPace(paced * seconds, paced, governedCase);
const { commitMs } = engine.ledger.health();
const [step, bare] = [latencyOf(steps), latencyOf(bareTimes)];

const figures: CallerFigures = { calls, governedPerSecond, barePerSecond, pacedPerSecond: paced, step, bare, exchange: latencyOf(wires), ownWork: latencyOf(own), commit: { p50: commitMs.p50, p99: commitMs.p99 } };
process.stdout.write(`${JSON.stringify(figures)}\n`);
await engine.close();
await link.close();
await pool.close();
rmSync(home, { recursive: true, force: true });
