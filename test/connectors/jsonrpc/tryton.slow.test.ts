import assert from 'node:assert/strict';
import { jsonRpcDriver } from '../../../src/connectors/jsonrpc/index.ts';
import type { Outcome } from '../../../src/connectors/driver.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { needs } from '../../support/system-programs.ts';
import { callService, send, type Caller } from '../../support/run-driver.ts';
import { CREDENTIALS, NOBODY, PURCHASING as service, TrytonServer } from '../../support/tryton/tryton-server.ts';

const lastWeek = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);

/** The service with one more operation. */
const withOperation = (binding: JsonObject, effect: 'reads' | 'writes' = 'writes'): ServiceDefinition =>
  ({ ...service, operations: { ...service.operations, probe: { title: 'Probe', effect, recovery: { by: 'none' }, binding } satisfies ServiceOperation } });

const answer = (outcome: Outcome): JsonObject => {
  assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
  return (outcome as Outcome & { kind: 'done' }).answer as JsonObject;
};

describe('JSON-RPC with Debian\'s Tryton', function () {
  this.timeout(300_000);
  let server: TrytonServer;
  let caller: Caller;
  const call = (operation: string, document: Json, key?: string): Promise<Outcome> => callService(caller, operation, document, key);
  const probe = (binding: JsonObject, document: Json, effect?: 'reads' | 'writes'): Promise<Outcome> => callService({ ...caller, service: withOperation(binding, effect) }, 'probe', document);

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    caller = { url: server.url, driver: jsonRpcDriver, service, credentials: CREDENTIALS, memory: new Map(), timeoutMs: 60_000, log: [] };
  });
  after(() => server?.stop());

  it('reads a purchase order with its lines; amounts and quantities are decimal text', async () => {
    const order = answer(await call('order-read', { order: 'PO1001' }));
    assert.deepEqual({ ...order, date: undefined }, {
      order: 'PO1001', state: 'processing', supplier: 'Oil and Mill', date: undefined, currency: 'EUR', total: '506.62',
      lines: [
        { line: 1, product: 'CAN-5', description: 'Oil, can of 5 l', unit: 'u', ordered: '40', received: '0', open: '40', unitPrice: '12.40' },
        { line: 2, product: 'FLOUR', description: 'Flour', unit: 'kg', ordered: '12.5', received: '0', open: '12.5', unitPrice: '0.85' },
      ],
    });
    assert.match(String(order['date']), /^\d{4}-\d\d-\d\d$/);
  });

  it('says in one sentence that there is no such order; a quote in the number stays a quote', async () => {
    const outcome = await call('order-read', { order: 'PO1001\'] or ["1' });
    assert.deepEqual(outcome, { kind: 'refused', problem: { title: 'Tryton has no purchase order PO1001\'] or ["1.', code: 'unknown-order', errorClass: 'refused' } });
  });

  it('books a part of an order, leaves the rest open, and books nothing more under the same key', async () => {
    const document = { order: 'PO1001', lines: [{ line: 1, quantity: '15', unit: 'u' }, { line: 2, quantity: '7.5', unit: 'kg' }] };
    const receipt = answer(await call('goods-receipt', document, 'receipt-1'));
    assert.deepEqual({ ...receipt, date: undefined }, {
      receipt: '1', key: 'receipt-1', state: 'done', date: undefined,
      received: [{ origin: 'purchase.line,1', product: 'CAN-5', quantity: '15', unit: 'u' }, { origin: 'purchase.line,2', product: 'FLOUR', quantity: '7.5', unit: 'kg' }],
      backorder: [{ origin: 'purchase.line,1', product: 'CAN-5', quantity: '25', unit: 'u' }, { origin: 'purchase.line,2', product: 'FLOUR', quantity: '5', unit: 'kg' }],
    });
    assert.deepEqual(answer(await call('goods-receipt', document, 'receipt-1')), receipt);
    assert.equal((answer(await call('receipt-by-key', { key: 'receipt-1' })) as unknown as Json[]).length, 1);
  });

  it('does not book a request that is overtaken by its own repetition', async () => {
    const document = { order: 'PO1004', lines: [{ line: 7, quantity: '20', unit: 'u' }] };
    const operation = service.operations['goods-receipt'] as ServiceOperation;
    const slow = jsonRpcDriver.call({ service, operation, document, idempotencyKey: 'slow', repeated: false, memory: new Map(), credentials: CREDENTIALS, now: 0 });
    let held = slow.next();
    while (held.done !== true && !String(held.value.body).includes('shipment.in.create')) held = slow.next(await send(server.url, held.value, 60_000));
    assert.ok(held.done !== true);

    const proxy = await FaultProxy.start(server.port);
    proxy.plan = [{ at: /shipment\.in\.receive/, fault: { kind: 'cut-before' } }];
    const repeated = await callService({ ...caller, url: proxy.url }, 'goods-receipt', document, 'slow', true);
    await proxy.stop();
    assert.equal(repeated.kind, 'unknown', 'made, and not received');
    // Until it is received, Tryton has no move of the rest.
    const [fits, exceeds] = [await call('goods-receipt', { order: 'PO1004', lines: [{ line: 7, quantity: '20', unit: 'u' }] }, 'next'), await call('goods-receipt', { order: 'PO1004', lines: [{ line: 7, quantity: '21', unit: 'u' }] }, 'over')];
    assert.deepEqual([fits.kind, fits.kind === 'again' && fits.problem.code, exceeds.kind], ['again', 'rest-not-open', 'conflict']);

    const late = await send(server.url, held.value, 60_000);
    assert.match(late.kind === 'response' ? new TextDecoder().decode(late.body) : late.message, /ConcurrencyException/);
    let next = slow.next(late);
    while (next.done !== true) next = slow.next(await send(server.url, next.value, 60_000));
    const receipt = answer(next.value);
    assert.deepEqual(answer(await call('goods-receipt', document, 'slow')), receipt);
    assert.equal((answer(await call('receipt-by-key', { key: 'slow' })) as unknown as Json[]).length, 1);
    assert.deepEqual(receipt['backorder'], [{ origin: 'purchase.line,8', product: 'FLOUR', quantity: '12.5', unit: 'kg' }, { origin: 'purchase.line,7', product: 'CAN-5', quantity: '20', unit: 'u' }]);
  });

  it('reads the stock of a warehouse', async () => {
    const stock = answer(await call('stock-read', { product: 'FLOUR', warehouse: 'WH' }));
    assert.deepEqual({ ...stock, forecast: typeof stock['forecast'] }, { product: 'FLOUR', warehouse: 'WH', unit: 'kg', quantity: '7.5', forecast: 'string' });
    assert.deepEqual(await call('stock-read', { product: 'FLOUR', warehouse: 'nowhere' }), { kind: 'refused', problem: { title: 'Tryton has no warehouse nowhere.', code: 'unknown-warehouse', errorClass: 'refused' } });
  });

  it('answers more than is open, and another unit, with a conflict and what is open', async () => {
    const outcome = await call('goods-receipt', { order: 'PO1001', lines: [{ line: 1, quantity: '26', unit: 'u' }] }, 'receipt-2');
    const newer = [{ origin: 'purchase.line,1', product: 'CAN-5', unit: 'u', open: '25' }, { origin: 'purchase.line,2', product: 'FLOUR', unit: 'kg', open: '5' }];
    assert.deepEqual(outcome, { kind: 'conflict', problem: { title: 'More was received than is open in purchase order PO1001.', code: 'quantity', errorClass: 'conflict' }, newer });
    const other = await call('goods-receipt', { order: 'PO1001', lines: [{ line: 2, quantity: '1', unit: 'g' }] }, 'receipt-3');
    assert.equal(other.kind === 'conflict' && other.problem.code, 'unit');
    assert.equal((await call('goods-receipt', { order: 'PO1001', lines: [{ line: 2, quantity: '1', unit: 'kg' }, { line: 2, quantity: '2', unit: 'kg' }] }, 'receipt-4')).kind, 'refused');
  });

  it('passes nine decimals on as they are, and gives back Tryton\'s refusal', async () => {
    const outcome = await call('goods-receipt', { order: 'PO1001', lines: [{ line: 2, quantity: '0.123456789', unit: 'kg' }] }, 'receipt-5');
    assert.equal(outcome.kind, 'refused');
    assert.match((outcome as Outcome & { kind: 'refused' }).problem.title, /"0\.123456789".*exceeds the limit/);
  });

  it('takes the draft back when receiving it is refused, so that all is open as before', async () => {
    const document = { order: 'PO1001', postingDate: '2059-01-01', lines: [{ line: 2, quantity: '1', unit: 'kg' }] };
    const outcome = await call('goods-receipt', document, 'receipt-6');
    assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
    assert.equal((outcome as Outcome & { kind: 'refused' }).problem.code, 'UserWarning');
    assert.deepEqual(answer(await call('receipt-by-key', { key: 'receipt-6' })), []);
    const now = answer(await call('goods-receipt', { order: 'PO1001', lines: [{ line: 2, quantity: '5', unit: 'kg' }] }, 'receipt-7'));
    assert.deepEqual(now['backorder'], [{ origin: 'purchase.line,1', product: 'CAN-5', quantity: '25', unit: 'u' }]);
  });

  it('posts an invoice that matches order and receipt; one that does not is a conflict with what was expected', async () => {
    answer(await call('goods-receipt', { order: 'PO1002', lines: [{ line: 3, quantity: '40', unit: 'u' }, { line: 4, quantity: '12.5', unit: 'kg' }] }, 'receipt-8'));
    const invoice = { order: 'PO1002', invoice: 'R-77', date: lastWeek, currency: 'EUR', total: '506.62', lines: [{ line: 3, quantity: '40', unit: 'u', unitPrice: '12.40' }, { line: 4, quantity: '12.5', unit: 'kg', unitPrice: '0.85' }] };
    const dearer = await call('invoice-match', { ...invoice, lines: [{ ...invoice.lines[0], unitPrice: '12.41' }, invoice.lines[1] ?? {}] as Json }, 'invoice-1');
    assert.equal(dearer.kind, 'conflict');
    assert.deepEqual((dearer as Outcome & { kind: 'conflict' }).newer, [{ total: '506.62', currency: 'EUR', lines: [
      { origin: 'purchase.line,3', product: 'CAN-5', quantity: '40', unit: 'u', unitPrice: '12.40' }, { origin: 'purchase.line,4', product: 'FLOUR', quantity: '12.5', unit: 'kg', unitPrice: '0.85' },
    ] }]);
    const posted = answer(await call('invoice-match', invoice, 'invoice-1'));
    assert.deepEqual(posted, { number: '1', state: 'posted', invoice: 'R-77', date: lastWeek, total: '506.62', currency: 'EUR' });
    assert.deepEqual(answer(await call('invoice-match', invoice, 'invoice-1')), posted);
  });

  it('refuses a write over a record that was changed since it was read, with how it stands now', async () => {
    const read = answer(await probe({ model: 'party.party', method: 'read', arguments: [[{ $get: '/document/id' }], ['code', '_timestamp']] }, { id: server.books.supplier }, 'reads')) as unknown as JsonObject[];
    const write: JsonObject = {
      model: 'party.party', method: 'write', arguments: [[{ $get: '/document/id' }], { name: { $get: '/document/name' } }],
      lock: { rows: [{ id: { $get: '/document/id' }, _timestamp: { $get: '/document/stamp' } }] },
      newer: { model: 'party.party', method: 'read', arguments: [[{ $get: '/document/id' }], ['name']] },
    };
    const stamp = read[0]?.['_timestamp'] ?? '';
    answer(await probe(write, { id: server.books.supplier, name: 'Oil and Mill Ltd', stamp }));
    const stale = await probe(write, { id: server.books.supplier, name: 'Somebody', stamp });
    assert.equal(stale.kind, 'conflict', JSON.stringify(stale));
    assert.deepEqual((stale as Outcome & { kind: 'conflict' }).newer, [{ id: server.books.supplier, name: 'Oil and Mill Ltd' }]);
  });

  it('signs in anew once when the session has ended, and says when user or rights are wrong', async () => {
    caller.log!.length = 0;
    for (const [name, session] of caller.memory) caller.memory.set(name, { ...(session as object), authorization: 'Session d2F5YmlsbDoyOmdvbmU=' });
    answer(await call('order-read', { order: 'PO1003' }));
    assert.equal(caller.log!.filter((request) => String(request.body).includes('common.db.login')).length, 1);
    const wrong = await callService({ ...caller, memory: new Map(), credentials: { ...CREDENTIALS, password: 'no' } }, 'order-read', { order: 'PO1003' });
    assert.deepEqual([wrong.kind, wrong.kind === 'again' && wrong.hopeless], ['again', true]);
    const nobody = await callService({ ...caller, memory: new Map(), credentials: NOBODY }, 'goods-receipt', { order: 'PO1003', lines: [{ line: 5, quantity: '1', unit: 'u' }] }, 'receipt-9');
    assert.equal(nobody.kind, 'refused', JSON.stringify(nobody));
  });

  it('answers yes only to a warning that the binding names', async () => {
    const future = { model: 'stock.move', method: 'search_read', arguments: [[['purchase.number', '=', 'PO1003']], 0, 1, null, ['id']] };
    const [move] = answer(await probe(future, {}, 'reads')) as unknown as JsonObject[];
    const receive = (accept: string[]): JsonObject => ({ steps: [
      { name: 'dated', model: 'stock.move', method: 'write', effect: 'writes', arguments: [[move?.['id'] ?? 0], { effective_date: { $get: '/document/date', type: 'date' } }] },
      { name: 'done', model: 'stock.move', method: 'do', effect: 'writes', arguments: [[move?.['id'] ?? 0]], accept },
    ] });
    assert.equal((await probe(receive([]), { date: '2058-05-05' })).kind, 'refused');
    answer(await probe(receive(['*']), { date: '2058-05-05' }));
  });

  it('starts, answers and ends a wizard', async () => {
    const wizard: JsonObject = { steps: [
      { name: 'session', model: 'wizard.product.recompute_cost_price', method: 'create', effect: 'writes' },
      { name: 'end', model: 'wizard.product.recompute_cost_price', method: 'delete', effect: 'writes', arguments: [{ $get: '/steps/session/0' }] },
    ], answer: { $get: '/steps/session/1' } };
    assert.equal(typeof answer(await probe(wizard, {})), 'string');
  });
});
