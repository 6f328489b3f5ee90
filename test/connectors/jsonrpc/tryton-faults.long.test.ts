import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonRpcDriver } from '../../../src/connectors/jsonrpc/index.ts';
import { minus, plus } from '../../../src/domain/decimals.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { FaultProxy, type Fault, type PlannedFault } from '../../support/fault-proxy.ts';
import { faultTable, keepTables, table } from '../../support/fault-tables.ts';
import { callService, type Caller } from '../../support/run-driver.ts';
import { needs } from '../../support/system-programs.ts';
import { CREDENTIALS, PURCHASING, TrytonServer } from '../../support/tryton/tryton-server.ts';
import type { Done, Job } from '../../support/tryton/dock.ts';

const DOCK = fileURLToPath(new URL('../../support/tryton/dock.ts', import.meta.url));
/** Far above what an undisturbed call takes on a slow machine, and what a late one is late by is above it. */
const timeoutMs = 4_000;
const ORDERS = 10;

/** Reads of what Tryton's books say, past the service that was tested. */
const reading: ServiceDefinition = { ...PURCHASING, operations: {
  shipments: { title: 'Shipments', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'stock.shipment.in', method: 'search_read', arguments: [[], 0, null, null, ['reference', 'state']] } },
  moves: { title: 'Moves', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'stock.move', method: 'search_read', arguments: [[['purchase', '!=', null]], 0, null, null, ['origin', 'quantity', 'state', 'shipment', 'product.code']] } },
  stock: { title: 'Stock', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'product.product', method: 'search_read', context: { locations: [{ $get: '/document/warehouse' }], stock_date_end: { $get: '/document/today', type: 'date' } }, arguments: [[], 0, null, null, ['code', 'quantity']] } },
} };

describe('the books of Debian\'s Tryton after a run with faults', function () {
  this.timeout(600_000);
  let server: TrytonServer;
  let proxy: FaultProxy;
  let folder: string;
  let dock: ChildProcess | undefined;
  let kills = 0;

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    proxy = await FaultProxy.start(server.port);
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-dock-'));
  });
  after(async () => {
    await proxy?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const killServer = async (): Promise<void> => {
    await server.kill();
    await server.run();
  };
  const killDock = async (): Promise<void> => {
    const running = dock;
    kills += 1;
    running?.kill('SIGKILL');
    if (running !== undefined && running.signalCode === null) await once(running, 'exit');
  };

  /** Each kind at each of the three calls that book, and at some that only look. */
  function plan(): PlannedFault[] {
    const kinds: Fault[] = [
      { kind: 'cut-after' }, { kind: 'status', status: 503 }, { kind: 'late', ms: timeoutMs + 1_500 }, { kind: 'half' }, { kind: 'then', then: killDock },
      { kind: 'while', then: killServer }, { kind: 'status', status: 429, retryAfter: '1' },
    ];
    const calls = ['create', 'receive', 'done'].map((method) => new RegExp(`"model\\.stock\\.shipment\\.in\\.${method}"`));
    const look = /"model\.purchase\.purchase\.search_read"/;
    return [
      { at: /common\.db\.login/, fault: { kind: 'status', status: 503 } },
      ...kinds.flatMap((fault) => calls.map((at) => ({ at, fault }))),
      { at: calls[1] ?? look, fault: { kind: 'slow', ms: timeoutMs + 1_500 } }, { at: look, fault: { kind: 'half-sealed' } }, { at: calls[0] ?? look, fault: { kind: 'half-sealed' } }, { at: look, fault: { kind: 'cut-before' } }, { at: calls[1] ?? look, fault: { kind: 'cut-before' } },
      { at: calls[2] ?? look, fault: { kind: 'status', status: 502 } },
    ];
  }

  it('has each receipt once and to the unit, whatever broke on the way', async () => {
    const direct: Caller = { url: server.url, driver: jsonRpcDriver, service: PURCHASING, credentials: CREDENTIALS, memory: new Map(), timeoutMs: 60_000 };
    const ask = async (operation: string, document: JsonObject = {}): Promise<readonly JsonObject[]> => {
      const outcome = await callService({ ...direct, service: reading }, operation, document);
      assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
      return (outcome as typeof outcome & { kind: 'done' }).answer as unknown as readonly JsonObject[];
    };

    const jobs: Job[] = [['13', '4.25'], ['27', '0.5']].flatMap(([cans = '', flour = ''], round) => Array.from({ length: ORDERS }, (_, index): Job => ({
      operation: 'goods-receipt', key: `dock-${round + 1}-${index + 1}`,
      document: { order: `PO${1001 + index}`, lines: [{ line: 2 * index + 1, quantity: cans, unit: 'u' }, { line: 2 * index + 2, quantity: flour, unit: 'kg' }] },
    })));
    const files = { jobs: path.join(folder, 'jobs.json'), done: path.join(folder, 'done.ndjson') };
    writeFileSync(files.jobs, JSON.stringify(jobs));
    proxy.plan = plan();
    const planned = proxy.plan.length;

    for (let starts = 1; ; starts += 1) {
      assert.ok(starts < 12, 'the dock does not come to its end');
      dock = spawn(process.execPath, [DOCK, proxy.url, files.jobs, files.done, String(timeoutMs)], { stdio: ['ignore', 'inherit', 'inherit'] });
      const [code, signal] = await once(dock, 'exit') as [number | null, string | null];
      if (code === 0) break;
      assert.equal(signal, 'SIGKILL', `the dock ended with ${code}`);
    }
    await proxy.settled();

    const done = readFileSync(files.done, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Done);
    const shipments = await ask('shipments');
    const moves = await ask('moves');
    const stock = await ask('stock', { warehouse: server.books.warehouse, today: '2058-12-31' });
    const rows = jobs.slice(0, ORDERS).flatMap((job) => (job.document as unknown as { lines: { line: number }[] }).lines.map(({ line }) => {
      const mine = moves.filter((move) => move['origin'] === `purchase.line,${line}`);
      const sum = (state: string): string => plus(mine.filter((move) => move['state'] === state).map((move) => move['quantity']));
      const booked = plus(jobs.flatMap((each) => (each.document as unknown as { lines: { line: number; quantity: string }[] }).lines).filter((each) => each.line === line).map((each) => each.quantity));
      const ordered = line % 2 === 1 ? '40' : '12.5';
      return { order: (job.document as JsonObject)['order'] as string, product: String((mine[0]?.['product.'] as JsonObject | undefined)?.['code']), ordered, booked, received: sum('done'), open: sum('draft'), difference: minus(sum('done'), booked) };
    }));
    writeBooks(rows, { done, jobs, shipments, struck: proxy.struck, kills, stock });

    assert.equal(proxy.struck.length, planned, `did not strike: ${proxy.plan.map(({ at, fault }) => `${fault.kind} at ${at.source}`).join(', ')}`);
    assert.equal(done.length, jobs.length);
    assert.deepEqual(shipments.map((shipment) => `${String(shipment['reference'])} ${String(shipment['state'])}`).sort(), jobs.map((job) => `${job.key} done`).sort());
    for (const row of rows) assert.deepEqual([row.received, plus(row.received, row.open)], [row.booked, row.ordered], JSON.stringify(row));
    assert.deepEqual(Object.fromEntries(stock.map((product) => [String(product['code']), String(product['quantity'])])), { 'CAN-5': String(40 * ORDERS), FLOUR: String(4.75 * ORDERS) });
  });
});

interface Row { readonly order: string; readonly product: string; readonly ordered: string; readonly booked: string; readonly received: string; readonly open: string; readonly difference: string }
interface Run { readonly done: readonly Done[]; readonly jobs: readonly Job[]; readonly shipments: readonly JsonObject[]; readonly struck: readonly PlannedFault[]; readonly kills: number; readonly stock: readonly JsonObject[] }

/** The books as a table, for whoever wants to see them. */
function writeBooks(rows: readonly Row[], run: Run): void {
  const met = new Map<string, number>();
  for (const each of run.done.flatMap((one) => one.met)) met.set(each, (met.get(each) ?? 0) + 1);
  keepTables('tryton-books.md',
    '# The books of Tryton after a run with faults',
    table(['', 'ours', 'Tryton'], [
      ['receipts', `${run.done.length} of ${run.jobs.length} done`, `${run.shipments.filter((each) => each['state'] === 'done').length} done, ${run.shipments.filter((each) => each['state'] !== 'done').length} in another state`],
      ['keys', String(new Set(run.jobs.map((job) => job.key)).size), String(new Set(run.shipments.map((each) => each['reference'])).size)],
      ...run.stock.map((product) => [`stock of ${String(product['code'])}`, plus(rows.filter((row) => row.product === product['code']).map((row) => row.booked)), String(product['quantity'])]),
    ]),
    table(['order', 'product', 'ordered', 'booked by us', 'received in Tryton', 'open', 'difference'], rows.map((row) => [row.order, row.product, row.ordered, row.booked, row.received, row.open, row.difference])),
    `${run.struck.length} faults, ${run.kills} kills of our process among them:`,
    faultTable(run.struck, 'Tryton', (at) => at.source.replaceAll(/\\|"/g, '').split('.').at(-1) ?? ''),
    'Outcomes on the way that were not done (of processes that were not killed meanwhile):',
    table(['outcome', 'times'], [...met].sort().map(([name, times]) => [name, String(times)])));
}
