import assert from 'node:assert/strict';
import type { Outcome } from '../../../src/connectors/driver.ts';
import { xmlRpcDriver } from '../../../src/connectors/xmlrpc/index.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import { callService, type Caller } from '../../support/run-driver.ts';
import { needs } from '../../support/system-programs.ts';
import { CREDENTIALS, PURCHASING, TrytonServer } from '../../support/tryton/tryton-server.ts';

const lastWeek = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);

describe('XML-RPC with Debian\'s Tryton', function () {
  this.timeout(300_000);
  let server: TrytonServer;
  let caller: Caller;
  const call = (operation: string, document: Json, key?: string): Promise<Outcome> => callService(caller, operation, document, key);

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    caller = { url: server.url, driver: xmlRpcDriver, service: { ...PURCHASING, protocol: 'xml-rpc' }, credentials: CREDENTIALS, memory: new Map(), timeoutMs: 60_000 };
  });
  after(() => server?.stop());

  it('books the same receipt by the same service as JSON-RPC, once', async () => {
    assert.deepEqual(xmlRpcDriver.problems(caller.service), []);
    const document = { order: 'PO1001', postingDate: lastWeek, lines: [{ line: 1, quantity: '15', unit: 'u' }, { line: 2, quantity: '7.5', unit: 'kg' }] };
    const receipt = await call('goods-receipt', document, 'xml <1> & "one"');
    assert.equal(receipt.kind, 'done', JSON.stringify(receipt));
    const { answer } = receipt as typeof receipt & { kind: 'done' };
    assert.deepEqual(answer, {
      receipt: '1', key: 'xml <1> & "one"', state: 'done', date: lastWeek,
      received: [{ origin: 'purchase.line,1', product: 'CAN-5', quantity: '15', unit: 'u' }, { origin: 'purchase.line,2', product: 'FLOUR', quantity: '7.5', unit: 'kg' }],
      backorder: [{ origin: 'purchase.line,1', product: 'CAN-5', quantity: '25', unit: 'u' }, { origin: 'purchase.line,2', product: 'FLOUR', quantity: '5', unit: 'kg' }],
    });
    assert.deepEqual(await call('goods-receipt', document, 'xml <1> & "one"'), receipt);
    const order = await call('order-read', { order: 'PO1001' }) as Outcome & { kind: 'done' };
    assert.equal((order.answer as JsonObject)['total'], '506.62');
  });

  it('gives back refusals and faults', async () => {
    const refused = await call('goods-receipt', { order: 'PO1001', lines: [{ line: 2, quantity: '0.123456789', unit: 'kg' }] }, 'xml-2');
    assert.equal(refused.kind, 'refused', JSON.stringify(refused));
    assert.match((refused as Outcome & { kind: 'refused' }).problem.title, /exceeds the limit of "2"\.$/);
    const wrong = await callService({ ...caller, memory: new Map(), credentials: { ...CREDENTIALS, password: 'no' } }, 'order-read', { order: 'PO1001' });
    assert.deepEqual([wrong.kind, wrong.kind === 'again' && wrong.hopeless], ['again', true]);
  });
});
