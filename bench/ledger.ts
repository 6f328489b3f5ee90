/**
 * Appending to the ledger against a bare loop: the same rows into the same tables of the same schema, with the same fsync setting
 * and the same group size, on one connection and without anything else. Prints one line of JSON for each group size.
 *
 *   node bench/ledger.ts [events]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { EventType } from '../src/domain/events.ts';
import { decodeLeaf } from '../src/ledger/leaf.ts';
import type { Commit, NewEvent } from '../src/ledger/port.ts';
import { project, typesWithContentInRows } from '../src/ledger/projections.ts';
import type { Cell } from '../src/ledger/projections.ts';
import { openWriter, StatementCache } from '../src/ledger/sqlite/database.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts';
import { SqliteReader } from '../src/ledger/sqlite/reader.ts';
import { decodeRows, RowEncoder } from '../src/ledger/sqlite/statements.ts';

/** What one group size came to. */
export interface LedgerBenchResult {
  readonly groupSize: number;
  readonly events: number;
  /** Rows written, of events and projections together. */
  readonly rows: number;
  readonly ledgerEventsPerSecond: number;
  readonly bareEventsPerSecond: number;
  /** Ledger against bare loop, on rows per second (the rows are the same). */
  readonly ratio: number;
  /** Delay of the main thread's event loop while appending, in ms. */
  readonly loopDelayP99: number;
  /** Processor time for each event, in µs: main thread (making the events included), writer's thread, the whole process with its collectors; bare loop. */
  readonly cpu: { readonly main: number; readonly writer: number; readonly process: number; readonly bare: number };
}

/** A UUIDv7-like id: ordered by time, as those of the engine are. */
function ids(): () => string {
  let n = 0;
  const start = Date.now();
  return () => {
    n += 1;
    const time = (start + Math.floor(n / 64)).toString(16).padStart(12, '0');
    const tail = (n * 2_654_435_761 % 2 ** 48).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${(n % 4096).toString(16).padStart(3, '0')}-8000-${tail}`;
  };
}

/** What a token of the receiving flow carries. */
const message = JSON.stringify({ v: 1, payload: { sscc: '003412345678901234', quantity: 12, po: '4500012345', line: 10, supplier: 'ACME', dock: 'dock-1' }, topic: 'acme/dc-1/receiving/dock-1/scan' });

/** A straight-through case as the receiving flow has it: 4 commits, 9 events. */
function caseCommits(id: () => string): Commit[] {
  const caseId = id();
  let version = 0;
  const commit = (...drafts: Record<string, unknown>[]): Commit => {
    const expectedVersion = version;
    const events = drafts.map((draft) => {
      version += 1;
      return {
        ...draft, eventId: id(), streamId: caseId, version, caseId, rootCaseId: caseId, site: 'dc-1', family: 'inventory-movement', template: 'receiving@1.0.0', epoch: 7,
        occurredAt: '2025-03-01T08:00:00.000Z', clockSource: 'server', actor: { kind: 'device', id: 'scanner-12' }, command: 'OpenCase', correlationId: caseId,
      } as unknown as NewEvent;
    });
    return { streamId: caseId, expectedVersion, events };
  };
  const runs = [id(), id(), id()] as const;
  const tokens = [id(), id()] as const;
  const at = (stepId: string): object => ({ address: { instance: 'main', stepId } });
  const done = (run: number, ...issued: string[]): Record<string, unknown> => ({
    type: 'StepCompleted', ...at(`step-${run}`), data: { runId: runs[run], tokens: issued.map((tokenId) => ({ tokenId, port: 0, wire: 0, target: 'f6f2187d.f17ca8' })), hops: run }, content: { messages: { 0: message } },
  });
  const entered = (run: number, tokenId?: string): Record<string, unknown> => ({ type: 'StepEntered', ...at(`step-${run}`), ...(tokenId === undefined ? {} : { tokenId, attempt: 1 }), data: { runId: runs[run], nodeType: 'waybill-validate', attempt: 1 } });
  return [
    commit(
      { type: 'CaseOpened', ...at('step-0'), data: { process: 'receiving', template: 'receiving@1.0.0', eligible: true, test: false, possibleDuplicate: false, configHash: 'c'.repeat(43), documentHash: 'd'.repeat(43), reservations: [{ scope: 'sscc', keyHash: `k${caseId}` }], operators: ['op-1'], operatorUnknown: false },
        content: { businessKeys: [{ type: 'sscc', value: `00${caseId}` }], document: { sscc: '003412345678901234', quantity: 12, po: '4500012345', line: 10 }, title: 'SSCC 0034 1234 5678 9012 34' }, personal: { operator: 'Ann Example' } },
      { type: 'ScanRecorded', ...at('step-0'), data: { deviceId: 'scanner-12', operator: 'op-1', operatorUnknown: false, repeat: 'first', possibleDuplicate: false, transport: { scope: 'transport', keyHash: `t${caseId}` } }, content: { code: '003412345678901234', topic: 'acme/dc-1/receiving/dock-1/scan' } },
      entered(0), done(0, tokens[0])),
    commit(entered(1, tokens[0])),
    commit({ type: 'Validated', ...at('step-1'), data: { contract: 'receipt@1.0.0', valid: true, errors: 0 } }, done(1, tokens[1])),
    commit(entered(2, tokens[1]), { type: 'CaseClosed', ...at('step-2'), data: { outcome: 'received', cancelledTokens: [], cancelledRuns: [runs[2]] } }),
  ];
}

interface Cpu { readonly user: number; readonly system: number }
const spent = (before: Cpu, after: Cpu): number => after.user + after.system - before.user - before.system;

interface Appended { readonly seconds: number; readonly loopDelayP99: number; readonly mainCpu: number; readonly writerCpu: number; readonly processCpu: number }

/** Appends with so many cases at once that every group is full: a commit has more than two events. */
async function appendAll(home: string, cases: number, groupSize: number): Promise<Appended> {
  const threads: Worker[] = [];
  const listen = (worker: Worker): void => { threads.push(worker); };
  process.on('worker', listen);
  const ledger = await openSqliteLedger({ home, site: 'dc-1', limits: { batchRows: groupSize } });
  process.off('worker', listen);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const id = ids();
  let left = cases;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      for (const commit of caseCommits(id)) {
        const result = await ledger.append(commit);
        if (!result.ok) throw new Error(JSON.stringify(result));
      }
    }
  };
  const before = { main: process.threadCpuUsage(), writer: await threads[0]!.cpuUsage(), process: process.cpuUsage() };
  delay.enable();
  const started = performance.now();
  await Promise.all(Array.from({ length: groupSize }, lane));
  const seconds = (performance.now() - started) / 1_000;
  delay.disable();
  const processCpu = spent(before.process, process.cpuUsage());
  const mainCpu = spent(before.main, process.threadCpuUsage());
  const writerCpu = spent(before.writer, await threads[0]!.cpuUsage());
  await ledger.close();
  return { seconds, loopDelayP99: delay.percentile(99) / 1e6, mainCpu, writerCpu, processCpu };
}

/** What the ledger wrote, as statements with values, in groups. */
function plan(path: string, cache: StatementCache, groupSize: number): { groups: (readonly [StatementSync, readonly SQLInputValue[]])[][]; rows: number } {
  const reader = new SqliteReader(path);
  const insert = cache.prepare('INSERT INTO events(position, stream_id, version, type, leaf, content, personal) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const groups: (readonly [StatementSync, readonly SQLInputValue[]])[][] = [];
  const encoder = new RowEncoder();
  let inGroup = groupSize;
  for (const row of reader.cache.prepare('SELECT * FROM events ORDER BY position').iterate() as Iterable<Record<string, SQLInputValue>>) {
    if (inGroup === groupSize) {
      groups.push([]);
      inGroup = 0;
    }
    inGroup += 1;
    const group = groups.at(-1)!;
    group.push([insert, Object.values(row)]);
    const text = Buffer.from(row['leaf'] as Uint8Array).toString('utf8');
    const event = decodeLeaf(text, typesWithContentInRows.has(row['type'] as EventType) ? row['content'] as string | null : null, null);
    const encoded: Cell[] = [];
    for (const op of project(event, event.recordedAt)) encoder.encode(op, encoded);
    for (const { sql, values } of decodeRows(encoded, encoder.texts)) group.push([cache.prepare(sql), values]);
  }
  reader.close();
  return { groups, rows: groups.reduce((sum, group) => sum + group.length, 0) };
}

function bareLoop(from: string, path: string, groupSize: number): { seconds: number; rows: number; cpu: number } {
  const db = openWriter(path);
  const { groups, rows } = plan(from, new StatementCache(db), groupSize);
  const before = process.threadCpuUsage();
  const started = performance.now();
  for (const group of groups) {
    db.exec('BEGIN IMMEDIATE');
    for (const [statement, values] of group) statement.run(...values);
    db.exec('COMMIT');
  }
  const seconds = (performance.now() - started) / 1_000;
  const cpu = spent(before, process.threadCpuUsage());
  db.close();
  return { seconds, rows, cpu };
}

/** Runs the comparison at one group size, alternating both a few times and taking the medians, because disks are noisy. */
export async function benchLedger(groupSize: number, events: number, rounds = 3): Promise<LedgerBenchResult> {
  const perCase = 9;
  const cases = Math.ceil(events / perCase);
  const measured: { ledger: Appended; bare: ReturnType<typeof bareLoop> }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const home = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
    try {
      const ledger = await appendAll(home, cases, groupSize);
      measured.push({ ledger, bare: bareLoop(join(home, 'ledger.db'), join(home, 'bare.db'), groupSize) });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }
  const count = cases * perCase;
  const median = (of: (one: (typeof measured)[number]) => number): number => measured.map(of).sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
  const tidy = (value: number, digits: number): number => Number(value.toFixed(digits));
  return {
    groupSize, events: count, rows: measured[0]!.bare.rows,
    ledgerEventsPerSecond: Math.round(count / median(({ ledger }) => ledger.seconds)), bareEventsPerSecond: Math.round(count / median(({ bare }) => bare.seconds)),
    ratio: tidy(median(({ ledger, bare }) => bare.seconds / ledger.seconds), 2), loopDelayP99: tidy(median(({ ledger }) => ledger.loopDelayP99), 1),
    cpu: {
      main: tidy(median(({ ledger }) => ledger.mainCpu) / count, 1), writer: tidy(median(({ ledger }) => ledger.writerCpu) / count, 1),
      process: tidy(median(({ ledger }) => ledger.processCpu) / count, 1), bare: tidy(median(({ bare }) => bare.cpu) / count, 1),
    },
  };
}

if (import.meta.main) {
  const events = Number(process.argv[2] ?? 45_000);
  for (const groupSize of [64, 512]) console.log(JSON.stringify(await benchLedger(groupSize, events)));
}
