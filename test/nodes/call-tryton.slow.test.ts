import assert from 'node:assert/strict';
import { jsonRpcDriver } from '../../src/connectors/jsonrpc/index.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { callService } from '../support/run-driver.ts';
import { needs } from '../support/system-programs.ts';
import { CREDENTIALS, PURCHASING, TrytonServer } from '../support/tryton/tryton-server.ts';
import { end, opener, Rig, step, withNodeRed } from './support/rig.ts';

/** The service as it is signed, but for its patience: a test does not wait minutes. */
const impatient: ServiceDefinition = { ...PURCHASING, timeouts: { connectMs: 5_000, headersMs: 15_000, totalMs: 15_000 }, retry: { maxAttempts: 20, maxMinutes: 10, baseDelaySeconds: 0.1, maxDelaySeconds: 0.2 }, circuit: { failures: 0, openSeconds: 1 } };

describe('call node: receipts in Debian\'s Tryton', function () {
  this.timeout(300_000);
  withNodeRed();
  let server: TrytonServer;
  let proxy: FaultProxy;
  let rig: Rig;

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    proxy = await FaultProxy.start(server.port);
    rig = await Rig.open();
  });
  after(async () => {
    await rig?.close();
    await proxy?.stop();
    await server?.stop();
  });

  it('has as many receipts there as closed cases here, each under the key of its effect, whatever broke between them', async () => {
    rig.engine.services = fixedServices([impatient]);
    await rig.load([
      { id: 'sys', type: 'waybill-system', name: 'tryton-1', kind: 'erp', url: `${proxy.url}/books`, urlType: 'str' },
      opener(['post']),
      step('call', 'post', { systemNode: 'sys', service: 'erp/tryton-purchasing@1.0.0', operation: 'goods-receipt', body: 'payload', bodyType: 'msg', wires: [['booked'], ['refused'], ['conflict']], outputs: 3, conflictOutput: true, recordAs: 'receipt' }),
      end('booked'), end('refused'), end('conflict'),
    ], { sys: { user: CREDENTIALS.user, password: CREDENTIALS.password } });
    const at = /shipment\.in\.(create|receive|done)/;
    proxy.plan = [{ at, fault: { kind: 'cut-after' } }, { at, fault: { kind: 'status', status: 503 } }, { at, fault: { kind: 'half' } }, { at, fault: { kind: 'cut-before' } }, { at, fault: { kind: 'while', then: async () => { await server.kill(); await server.run(); } } }];

    const receive = (order: number, quantity: string): Promise<string> => rig.start({ order: `PO${1000 + order}`, lines: [{ line: 2 * order - 1, quantity, unit: 'u' }] });
    const booked = [];
    for (const order of [1, 2, 3, 4]) booked.push(await rig.closed(await receive(order, '15')));
    const tooMany = await rig.closed(await receive(1, '26'));
    assert.deepEqual([booked.map((view) => view.outcome), tooMany.outcome, proxy.plan], [['booked', 'booked', 'booked', 'booked'], 'conflict', []]);

    const keys = await Promise.all(booked.map(async (view) => (await rig.eventsOf(view.caseId, 'EffectIntended')).map((event) => event.data.idempotencyKey)));
    const recorded = JSON.stringify(await Promise.all(booked.map((view) => rig.events(view.caseId))));
    assert.ok(!recorded.includes(CREDENTIALS.password) && !recorded.includes('Session '), 'neither password nor session is in the ledger');

    const shipments: ServiceDefinition = { ...PURCHASING, operations: { list: { title: 'Shipments', effect: 'reads', recovery: { by: 'safe' }, binding: { model: 'stock.shipment.in', method: 'search_read', arguments: [[], 0, null, null, ['reference', 'state', 'number']] } } } };
    const listed = await callService({ url: server.url, driver: jsonRpcDriver, service: shipments, credentials: CREDENTIALS, memory: new Map(), timeoutMs: 60_000 }, 'list', {});
    const rows = (listed as typeof listed & { kind: 'done' }).answer as unknown as readonly JsonObject[];
    assert.deepEqual(rows.map((row) => row['reference']).sort(), keys.flat().sort());
    assert.ok(rows.every((row) => row['state'] === 'done'));
    assert.deepEqual(booked.map((view) => (view.document['receipt'] as JsonObject)['receipt']).sort(), rows.map((row) => row['number']).sort());
  });
});
