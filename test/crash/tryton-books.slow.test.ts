import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jsonRpcDriver } from '../../src/connectors/jsonrpc/index.ts';
import { minus, plus } from '../../src/domain/decimals.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import type { FlowNode, Look } from '../engine/support/messages.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { Fault, PlannedFault } from '../support/fault-proxy.ts';
import { callService } from '../support/run-driver.ts';
import { needs } from '../support/system-programs.ts';
import { BUYER, CREDENTIALS, PURCHASING, TrytonServer } from '../support/tryton/tryton-server.ts';
import { KilledNodeRed } from './support/killed-node-red.ts';
import { faultTable, keepTables, table } from '../support/fault-tables.ts';

const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';
const ROUNDS = LONG ? 3 : 1;
/** PO1001 and so on; each has 40 cans in its first line. */
const ORDERS = LONG ? 24 : 8;
/** Above what an undisturbed call takes on a slow machine. */
const timeoutMs = 6_000;

/** As it is signed, but for its patience. */
const impatient: ServiceDefinition = { ...PURCHASING, timeouts: { connectMs: 3_000, headersMs: timeoutMs, totalMs: timeoutMs }, retry: { maxAttempts: 60, maxMinutes: 60, baseDelaySeconds: 0.1, maxDelaySeconds: 0.5 }, circuit: { failures: 0, openSeconds: 1 } };

const reading: ServiceDefinition = { ...PURCHASING, operations: {
  process: { title: 'Process', effect: 'writes', recovery: { by: 'none' }, binding: { model: 'purchase.purchase', method: 'process', arguments: [{ $get: '/document' }] } },
  shipments: { title: 'Shipments', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'stock.shipment.in', method: 'search_read', arguments: [[], 0, null, null, ['reference', 'state']] } },
  moves: { title: 'Moves', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'stock.move', method: 'search_read', arguments: [[['purchase', '!=', null]], 0, null, null, ['origin', 'quantity', 'state']] } },
} };

interface Receipt { readonly id: string; readonly order: number; readonly quantity: string }

describe('the books of Debian\'s Tryton after a run with faults, through call and a killed Node-RED', function () {
  this.timeout(LONG ? 1_800_000 : 240_000);
  let folder: string;
  let server: TrytonServer;
  let proxy: FaultProxy;
  let quiet: FaultProxy;
  let dock: KilledNodeRed;
  let patient: KilledNodeRed;

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-tryton-books-'));
    for (const name of ['user', 'password'] as const) writeFileSync(path.join(folder, name), CREDENTIALS[name]);
    [proxy, quiet] = await Promise.all([FaultProxy.start(server.port), FaultProxy.start(server.port)]);
    [dock, patient] = await Promise.all([
      KilledNodeRed.start({ folder, name: 'dock', flows: flows(proxy.url), services: [impatient] }),
      KilledNodeRed.start({ folder, name: 'patient', flows: flows(quiet.url), services: [PURCHASING] }),
    ]);
  });
  after(async () => {
    await Promise.all([dock?.stop(), patient?.stop()]);
    await Promise.all([proxy?.stop(), quiet?.stop()]);
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  function flows(url: string): FlowNode[] {
    const place = { z: 'tab', x: 0, y: 0, configVersion: 1 };
    const close = (id: string): FlowNode => ({ ...place, id, type: 'waybill-case-close', stepId: id, outcome: id, outcomeType: 'str', wires: [] });
    return [
      { id: 'tab', type: 'tab', label: 'Receiving' },
      { id: 'sys', type: 'waybill-system', name: 'tryton', kind: 'erp', url: `${url}/books`, urlType: 'str', secrets: ['user', 'password'].map((name) => ({ name, value: path.join(folder, name), valueType: 'file' })), configVersion: 1 },
      { ...place, id: 'open', type: 'waybill-case-open', stepId: 'open', process: 'procure-to-pay', template: 'receiving@1.0.0', facts: 'payload', factsType: 'msg', transportId: 'payload.id', transportIdType: 'msg', operator: '', operatorType: 'msg', wires: [['receive'], []] },
      {
        ...place, id: 'receive', type: 'waybill-call', stepId: 'receive', systemNode: 'sys', service: 'erp/tryton-purchasing@1.0.0', operation: 'goods-receipt', bodyType: 'jsonata',
        body: '{"order": "PO" & (1000 + $facts.order), "lines": [{"line": 2 * $facts.order - 1, "quantity": $facts.quantity, "unit": "u"}]}', recordAs: 'receipt', conflictOutput: true, outputs: 3, wires: [['booked'], ['refused'], ['conflict']],
      },
      ...['booked', 'refused', 'conflict'].map(close),
    ];
  }

  const killServer = async (): Promise<void> => {
    await server.kill();
    await server.run();
    // Tryton opens the rest of an order after the commit of a receipt; where it was killed in between, a person presses Process.
    await ask('process', BUYER, Array.from({ length: ORDERS }, (_, index) => index + 1));
  };

  function plan(): PlannedFault[] {
    const [create, receive, done] = ['create', 'receive', 'done'].map((method) => new RegExp(`"model\\.stock\\.shipment\\.in\\.${method}"`)) as [RegExp, RegExp, RegExp];
    const kill: Fault = { kind: 'then', then: dock.kill };
    return [
      { at: create, fault: kill }, { at: receive, fault: { kind: 'cut-after' } }, { at: create, fault: { kind: 'status', status: 429, retryAfter: '1' } }, { at: receive, fault: kill }, { at: create, fault: { kind: 'half' } },
      { at: done, fault: { kind: 'status', status: 503 } }, { at: create, fault: { kind: 'while', then: killServer } }, { at: done, fault: kill }, { at: create, fault: { kind: 'slow', ms: timeoutMs + 1_000 } }, { at: done, fault: { kind: 'half-sealed' } },
    ];
  }

  async function ask(operation: string, credentials: Readonly<Record<string, string>> = CREDENTIALS, document: Json = {}): Promise<readonly JsonObject[]> {
    const outcome = await callService({ url: server.url, driver: jsonRpcDriver, service: reading, credentials, memory: new Map(), timeoutMs: 60_000 }, operation, document);
    assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
    return (outcome as typeof outcome & { kind: 'done' }).answer as unknown as readonly JsonObject[];
  }

  function noDeadLetter({ open }: Look): void {
    assert.deepEqual(open.flatMap(({ deadLetters, exceptions }) => [...deadLetters, ...exceptions]), []);
  }

  async function cases(node: KilledNodeRed): Promise<readonly { readonly outcome: string | null; readonly receipt: Receipt; readonly keys: readonly string[]; readonly calls: readonly { readonly outcome: string }[]; readonly recorded: string }[]> {
    const { closed } = await node.look();
    return Promise.all(closed.map(async ({ caseId, outcome }) => {
      const events = await node.ask((running) => running.ask('events', { streamId: caseId }));
      const receipt = events.find((event) => event.type === 'CaseOpened')?.content?.document as unknown as Receipt;
      return { outcome, receipt, keys: events.flatMap((event) => (event.type === 'EffectIntended' ? [event.data.idempotencyKey] : [])), calls: events.flatMap((event) => (event.type === 'CallEnded' ? [event.data] : [])), recorded: JSON.stringify(events) };
    }));
  }

  it('has a receipt for each closed case and none twice, to the unit', async () => {
    // The service as it is signed waits 30 s for an answer; this one comes a little later.
    quiet.plan = [{ at: /shipment\.in\.create/, fault: { kind: 'slow', ms: 30_500 } }];
    await patient.inject('open', [{ id: 'patient', order: 32, quantity: '7' } as Receipt]);

    const receipts = Array.from({ length: 2 * ORDERS }, (_, index): Receipt => ({ id: `r-${index}`, order: 1 + (index % ORDERS), quantity: index % 8 === 7 ? '41' : index < ORDERS ? '12' : '15' }));
    proxy.plan = Array.from({ length: ROUNDS }, plan).flat();
    const planned = proxy.plan.length;
    await dock.inject('open', receipts);
    await dock.atRest(noDeadLetter);
    while (proxy.plan.length > 0) { // what is over came by fewer requests than there are faults for
      const more: Receipt = { id: `r-${receipts.length}`, order: 1 + (receipts.length % (ORDERS - 1)), quantity: '1' };
      receipts.push(more);
      await dock.inject('open', [more]);
      await dock.atRest(noDeadLetter);
    }
    await patient.atRest(noDeadLetter);
    await proxy.settled();
    assert.equal(proxy.struck.length, planned);

    const ours = await cases(dock);
    const [late] = await cases(patient);
    const [shipments, moves] = [await ask('shipments'), await ask('moves')];
    const booked = ours.filter(({ outcome }) => outcome === 'booked');
    assert.deepEqual(ours.filter(({ receipt }) => receipt.quantity === '41').map(({ outcome }) => outcome), receipts.filter(({ quantity }) => quantity === '41').map(() => 'conflict'));
    assert.equal(booked.length, receipts.filter(({ quantity }) => quantity !== '41').length, JSON.stringify(ours.filter(({ outcome, receipt }) => outcome !== 'booked' && receipt.quantity !== '41').map(({ outcome, receipt, calls }) => [outcome, receipt, calls])));
    // Between the two the server may be down: it is killed for the other one.
    assert.deepEqual([late?.outcome, late?.keys.length, late?.calls[0]?.outcome, late?.calls.at(-1)?.outcome], ['booked', 1, 'unknown', 'success'], 'an answer after 30 s: given up, and found when it was asked again');
    assert.ok(ours.every(({ recorded }) => !recorded.includes(CREDENTIALS.password) && !recorded.includes('Session ')), 'neither password nor session is in the ledger');
    assert.deepEqual(shipments.map((each) => `${String(each['reference'])} ${String(each['state'])}`).sort(), [...booked, late!].map(({ keys }) => `${keys.join(' ')} done`).sort());
    const rows = [...Array.from({ length: ORDERS }, (_, index) => index + 1), 32].map((order) => {
      const mine = [...booked, late!].filter(({ receipt }) => receipt.order === order);
      const inTryton = moves.filter((move) => move['origin'] === `purchase.line,${2 * order - 1}`);
      const sum = (state: string): string => plus('0', ...inTryton.filter((move) => move['state'] === state).map((move) => move['quantity']));
      const booking = plus('0', ...mine.map(({ receipt }) => receipt.quantity));
      return { order: `PO${1000 + order}`, cases: mine.length, booking, received: sum('done'), open: sum('draft'), difference: minus(sum('done'), booking) };
    });
    for (const row of rows) assert.deepEqual([Number(row.difference), Number(plus(row.received, row.open))], [0, 40], JSON.stringify(row));
    keepTables('tryton-call-books.md', '# The books of Tryton after a run with faults, through call',
      table(['Order', 'Closed cases', 'Booked by us', 'Received in Tryton', 'Open', 'Difference'], rows.map((row) => [row.order, String(row.cases), row.booking, row.received, row.open, row.difference])),
      `${proxy.struck.length + quiet.struck.length} faults, ${dock.kills} kills of Node-RED among them; ${ours.filter(({ outcome }) => outcome === 'conflict').length} conflicts.`,
      faultTable([...proxy.struck, ...quiet.struck], 'Tryton', (at) => `\`${/create|receive|done/.exec(at.source)?.[0] ?? at.source}\``));
  });
});
