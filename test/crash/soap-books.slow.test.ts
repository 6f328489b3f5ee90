import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { importWsdl } from '../../src/connectors/soap/index.ts';
import { minus, plus } from '../../src/domain/decimals.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import type { FlowNode, Look } from '../engine/support/messages.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { Fault, PlannedFault } from '../support/fault-proxy.ts';
import { faultTable, keepTables, table } from '../support/fault-tables.ts';
import { ReceiptsServer } from '../support/soap/receipts-server.ts';
import { needs } from '../support/system-programs.ts';
import { KilledNodeRed } from './support/killed-node-red.ts';

const LONG = process.env['WAYBILL_CRASH_LONG'] === '1';
const ROUNDS = LONG ? 4 : 1;
const ORDERS = 4;
const timeoutMs = 3_000;

interface Receipt { readonly id: string; readonly order: string; readonly quantity: string }

describe('the books of a SOAP server after a run with faults, through call and a killed Node-RED', function () {
  this.timeout(LONG ? 900_000 : 180_000);
  let folder: string;
  let server: ReceiptsServer;
  let proxy: FaultProxy;
  let dock: KilledNodeRed;

  before(async function () {
    needs(this, 'spyne');
    server = await ReceiptsServer.start();
    proxy = await FaultProxy.start(server.port);
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-soap-books-'));
    dock = await KilledNodeRed.start({ folder, name: 'dock', flows: flows(), services: [serviceOf(await server.wsdl('12'))] });
  });
  after(async () => {
    await dock?.stop();
    await proxy?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** As it is drafted from the WSDL, with what only a person knows. */
  function serviceOf(wsdl: string): ServiceDefinition {
    const { definition } = importWsdl(wsdl, { id: 'wms/receipts', date: '2026-11-30', beside: () => assert.fail('nothing is imported') });
    const { bookReceipt } = definition.operations;
    assert.ok(bookReceipt !== undefined);
    return {
      ...definition, version: '1.0.0', limits: { concurrency: 4, perSecond: 0, burst: 0 }, timeouts: { connectMs: timeoutMs, headersMs: timeoutMs, totalMs: timeoutMs },
      retry: { maxAttempts: 60, maxMinutes: 60, baseDelaySeconds: 0.1, maxDelaySeconds: 0.5 }, circuit: { failures: 0, openSeconds: 1 },
      operations: { bookReceipt: { ...bookReceipt, effect: 'writes', idempotency: { in: 'field', name: '/receipt/key' }, recovery: { by: 'same-key' } } },
    };
  }

  function flows(): FlowNode[] {
    const place = { z: 'tab', x: 0, y: 0, configVersion: 1 };
    const close = (id: string): FlowNode => ({ ...place, id, type: 'waybill-case-close', stepId: id, outcome: id, outcomeType: 'str', wires: [] });
    return [
      { id: 'tab', type: 'tab', label: 'Receiving' },
      { id: 'sys', type: 'waybill-system', name: 'soap', kind: 'erp', url: `${proxy.url}/soap12`, urlType: 'str', configVersion: 1 },
      { ...place, id: 'open', type: 'waybill-case-open', stepId: 'open', process: 'procure-to-pay', template: 'receiving@1.0.0', facts: 'payload', factsType: 'msg', transportId: 'payload.id', transportIdType: 'msg', operator: '', operatorType: 'msg', wires: [['book'], []] },
      {
        ...place, id: 'book', type: 'waybill-call', stepId: 'book', systemNode: 'sys', service: 'wms/receipts@1.0.0', operation: 'bookReceipt', bodyType: 'jsonata',
        body: '{"receipt": {"key": "", "order": $facts.order, "arrived": "2026-11-30T08:15:00+01:00", "lines": [{"item": "A & <B>", "quantity": $facts.quantity}], "note": $facts.id}}', recordAs: 'booked', conflictOutput: true, outputs: 3, wires: [['booked'], ['refused'], ['conflict']],
      },
      ...['booked', 'refused', 'conflict'].map(close),
    ];
  }

  const killServer = async (): Promise<void> => {
    await server.kill();
    await server.run();
  };

  function plan(): PlannedFault[] {
    const faults: readonly Fault[] = [
      { kind: 'then', then: dock.kill }, { kind: 'half' }, { kind: 'first', then: dock.kill }, { kind: 'cut-after' }, { kind: 'status', status: 503, retryAfter: '1' }, { kind: 'while', then: killServer },
      { kind: 'half-sealed' }, { kind: 'then', then: dock.kill }, { kind: 'slow', ms: timeoutMs + 500 }, { kind: 'status', status: 500 }, { kind: 'late', ms: timeoutMs + 500 }, { kind: 'web-page' },
    ];
    return faults.map((fault) => ({ at: /bookReceipt/, fault }));
  }

  function noDeadLetter({ open }: Look): void {
    assert.deepEqual(open.flatMap(({ deadLetters, exceptions }) => [...deadLetters, ...exceptions]), []);
  }

  it('has a receipt for each closed case and none twice, every digit as it was', async () => {
    const receipts = Array.from({ length: 3 * ORDERS }, (_, index): Receipt => ({ id: `r-${index}`, order: index === 5 ? 'CLOSED' : `PO-${index % ORDERS}`, quantity: `${index + 1}.000000001` }));
    proxy.plan = Array.from({ length: ROUNDS }, plan).flat();
    const planned = proxy.plan.length;
    await dock.inject('open', receipts);
    await dock.atRest(noDeadLetter);
    while (proxy.plan.length > 0) { // what is over came by fewer requests than there are faults for
      const more: Receipt = { id: `r-${receipts.length}`, order: `PO-${receipts.length % ORDERS}`, quantity: '0.5' };
      receipts.push(more);
      await dock.inject('open', [more]);
      await dock.atRest(noDeadLetter);
    }
    await proxy.settled();
    assert.equal(proxy.struck.length, planned);

    const { closed } = await dock.look();
    const cases = await Promise.all(closed.map(async ({ caseId, outcome }) => {
      const events = await dock.ask((running) => running.ask('events', { streamId: caseId }));
      const receipt = events.find((event) => event.type === 'CaseOpened')?.content?.document as unknown as Receipt;
      return { outcome, receipt, keys: events.flatMap((event) => (event.type === 'EffectIntended' ? [event.data.idempotencyKey] : [])) };
    }));
    const booked = cases.filter(({ outcome }) => outcome === 'booked');
    assert.deepEqual(cases.filter(({ outcome }) => outcome !== 'booked').map(({ outcome, receipt }) => [outcome, receipt.order]), [['refused', 'CLOSED']]);
    assert.equal(booked.length, receipts.length - 1);
    assert.deepEqual(server.booked.map(({ key, note, total }) => [key, note, total].join(' ')).sort(), booked.map(({ keys, receipt }) => [...keys, receipt.id, receipt.quantity].join(' ')).sort(), 'one booking under the one key of each closed case');
    const rows = Array.from({ length: ORDERS }, (_, index) => `PO-${index}`).map((order) => {
      const ours = booked.filter(({ receipt }) => receipt.order === order);
      const theirs = server.booked.filter((each) => each.order === order);
      const [us, them] = [plus('0', ...ours.map(({ receipt }) => receipt.quantity)), plus('0', ...theirs.map(({ total }) => total))];
      return [order, String(ours.length), String(theirs.length), us, them, minus(them, us)];
    });
    for (const row of rows) assert.equal(Number(row.at(-1)), 0, row.join(' '));
    assert.ok(dock.kills >= 3 * ROUNDS, String(dock.kills));
    keepTables('soap-books.md', '# The books of a SOAP server (spyne) after a run with faults', table(['Order', 'Closed cases', 'Bookings', 'Booked by us', 'Booked there', 'Difference'], rows),
      `${proxy.struck.length} faults, ${dock.kills} kills of Node-RED among them; 1 refused.`, faultTable(proxy.struck, 'the server', () => '`bookReceipt`'));
  });
});
