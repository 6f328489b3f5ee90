import assert from 'node:assert/strict';

import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import type { Outcome } from '../../../src/connectors/driver.ts';
import { odataDriver } from '../../../src/connectors/odata/driver.ts';
import { readMetadata } from '../../../src/connectors/odata/metadata/read.ts';
import { Cap } from '../../support/cap/cap.ts';
import { callOf, drive, exchange } from './support/drive.ts';
import type { Calling } from './support/drive.ts';
import { purchasing } from './support/purchasing.ts';

for (const version of ['V4', 'V2'] as const) {
  describe(`OData ${version} against SAP CAP`, function () {
    this.timeout(60_000);
    let cap: Cap;
    let service: ServiceDefinition;
    const memory = new Map<string, unknown>();
    const call = (operation: string, document: Json, calling: Calling = {}): Promise<Outcome> => drive(odataDriver, callOf(service, operation, document, { memory, address: cap.url, ...calling }));
    const done = async (operation: string, document: Json, calling?: Calling): Promise<JsonObject> => {
      const outcome = await call(operation, document, calling);
      assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
      return (outcome as { answer: JsonObject }).answer;
    };

    before(async function () {
      this.timeout(60_000);
      cap = await Cap.start(this, 'csrf');
      const path = `/odata/${version.toLowerCase()}/purchasing`;
      const metadata = await exchange(cap.url, { method: 'GET', path: `${path}/$metadata`, headers: {}, body: undefined, safe: true }, 20_000);
      assert.equal(metadata.kind, 'response');
      service = purchasing(path, readMetadata((metadata as { body: Uint8Array }).body));
    });
    after(async () => { await cap?.stop(); });

    it('has no problem with the definition', () => {
      assert.deepEqual(odataDriver.problems(service), []);
    });

    it('reads an order with its items, decimals as exact text', async () => {
      const order = await done('readOrder', { orderNo: '4500000002' });
      assert.equal(order['supplier'], "O'Neill / 100% + more");
      assert.match(String(order['@odata.etag']), /^W\//);
      assert.match(String(order['modifiedAt']), /^\d{4}-\d\d-\d\dT.*Z$/);
      const [item] = order['items'] as readonly JsonObject[];
      assert.deepEqual([item!['line'], item!['quantity'], item!['price']], [10, '12345678901.125', '9999999999.99']);
    });

    it('is refused with the reason for an order that is not there', async () => {
      const outcome = await call('readOrder', { orderNo: '1' });
      assert.equal(outcome.kind, 'refused');
      assert.equal((outcome as { problem: { status: number } }).problem.status, 404);
    });

    it('finds by values that look like a filter', async () => {
      const found = await done('findOrders', { supplier: "O'Neill / 100% + more" });
      assert.deepEqual((found['value'] as readonly JsonObject[]).map((each) => each['orderNo']), ['4500000002']);
      assert.deepEqual((await done('findOrders', { supplier: "x' or orderNo eq '4500000001" }))['value'], []);
      assert.equal(((await done('findOrders', {}))['value'] as readonly Json[]).length, 2);
    });

    it('makes a receipt with its lines in one request, the key in its field, and books it once', async () => {
      const receipt = { order_orderNo: '4500000001', postingDate: '2026-03-01', countedAt: '2026-03-01T14:30:00+01:00', scans: '9007199254740993', items: [{ line: 1, orderLine: 10, quantity: '1.500', lot: 'A/1' }] };
      const made = await done('createReceipt', receipt, { key: 'receipt-1' });
      assert.equal(made['reference'], 'receipt-1');
      assert.equal(made['scans'], '9007199254740993');
      assert.match(String(made['postingDate']), /^2026-03-01/);
      assert.equal(Date.parse(String(made['countedAt'])), Date.parse('2026-03-01T13:30:00Z'));
      const again = await call('createReceipt', receipt, { key: 'receipt-1', repeated: true });
      assert.equal(again.kind, 'unknown', JSON.stringify(again));
      const found = await done('findReceipt', { reference: 'receipt-1' });
      assert.equal((found['value'] as readonly Json[]).length, 1);
      assert.deepEqual(await done('openQuantity', { orderNo: '4500000001', line: 10 }), { value: '999998.500' });
      const posted = await done('postReceipt', { ID: made['ID']! });
      assert.equal(posted['status'], 'posted');
    });

    it('tells what is delivered beyond the order, with its place', async () => {
      const outcome = await call('createReceipt', { order_orderNo: '4500000001', items: [{ line: 1, orderLine: 20, quantity: '2.501' }] }, { key: 'too-much' });
      assert.equal(outcome.kind, 'refused');
      const { problem } = outcome as Extract<Outcome, { kind: 'refused' }>;
      assert.equal(problem.code, 'OVER_DELIVERY');
      assert.match(problem.title, /short of 2\.500, not 2\.501/);
      assert.match(String(problem.target), /items\/0\/quantity|quantity/);
    });

    it('changes an order, and tells of a change of somebody else with how it stands', async () => {
      const read = await done('readOrder', { orderNo: '4500000001' });
      await done('changeOrder', { 'orderNo': '4500000001', 'note': 'first', '@odata.etag': read['@odata.etag']! });
      const outcome = await call('changeOrder', { 'orderNo': '4500000001', 'note': 'second', '@odata.etag': read['@odata.etag']! });
      assert.equal(outcome.kind, 'conflict', JSON.stringify(outcome));
      const { newer, etag } = outcome as Extract<Outcome, { kind: 'conflict' }>;
      assert.equal((newer as JsonObject)['note'], 'first');
      assert.equal(etag, (newer as JsonObject)['@odata.etag']);
      const own = await call('changeOrder', { 'orderNo': '4500000001', 'note': 'first', '@odata.etag': read['@odata.etag']! }, { repeated: true });
      assert.equal(own.kind, 'done', 'a repeat of what was done is no conflict');
      await done('changeOrder', { 'orderNo': '4500000001', 'note': 'second', '@odata.etag': etag! });
      assert.throws(() => odataDriver.call(callOf(service, 'changeOrder', { orderNo: '4500000001', note: 'x' })).next(), /need the ETag of what was read/);
    });

    it('calls an action with a decimal, and tells why it is refused', async () => {
      const outcome = await call('matchInvoice', { invoiceNo: 'INV-1', amount: '123.44' });
      assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
      assert.equal((await done('matchInvoice', { invoiceNo: 'INV-1', amount: '123.45' }))['matched'], true);
    });

    it('follows the pages of the server, within the service and within a bound', async () => {
      for (let index = 0; index < 21; index += 1) await done('createReceipt', { order_orderNo: '4500000001', items: [{ line: 1, orderLine: 10, quantity: '1' }] }, { key: `page-${String(index).padStart(2, '0')}` });
      const all = await done('findReceipts', { prefix: 'page-', top: 100 });
      assert.equal((all['value'] as readonly Json[]).length, 21);
      assert.equal(new Set((all['value'] as readonly JsonObject[]).map((each) => each['reference'])).size, 21);
      assert.equal(((await done('findReceipts', { prefix: 'page-', top: 12 }))['value'] as readonly Json[]).length, 12);
      const bounded = await call('findReceiptsBounded', { prefix: 'page-' });
      assert.equal(bounded.kind, 'refused');
      assert.match((bounded as { problem: { title: string } }).problem.title, /more than 2 pages/);
    });

    for (const batch of version === 'V4' ? ['multipart', 'json'] : ['multipart']) {
      it(`does a batch as ${batch} wholly or not at all`, async () => {
        const inBatch = async (quantity: string, etag: Json, key: string): Promise<Outcome> => drive(odataDriver, callOf({ ...service, binding: { ...service.binding, batch } }, 'receiveAndLook', {
          receipt: { order_orderNo: '4500000002', items: [{ line: 1, orderLine: 10, quantity }] }, order: { 'orderNo': '4500000002', 'note': `by ${key}`, '@odata.etag': etag },
        }, { key, memory, address: cap.url }));
        const before = await done('readOrder', { orderNo: '4500000002' });
        const [item] = before['items'] as readonly [JsonObject];
        const outcome = await inBatch('0.125', before['@odata.etag']!, `${batch}-1`);
        assert.equal(outcome.kind, 'done', JSON.stringify(outcome));
        const { receipt, now } = (outcome as { answer: Record<string, JsonObject> }).answer;
        assert.equal(receipt!['reference'], `${batch}-1`);
        assert.equal(now!['note'], `by ${batch}-1`);
        const received = Number((now!['items'] as readonly [JsonObject])[0]['received']);
        assert.equal(received, Number(item['received']) + 0.125);

        const stale = await inBatch('1', before['@odata.etag']!, `${batch}-2`);
        assert.equal(stale.kind, 'conflict', JSON.stringify(stale));
        assert.equal(((stale as { newer: JsonObject }).newer)['note'], `by ${batch}-1`);
        assert.deepEqual((await done('findReceipt', { reference: `${batch}-2` }))['value'], [], 'the receipt of the same change set was not made');

        const tooMuch = await inBatch('99999999999', now!['@odata.etag']!, `${batch}-3`);
        assert.equal(tooMuch.kind, 'refused', JSON.stringify(tooMuch));
        assert.equal((tooMuch as { problem: { code: string } }).problem.code, 'OVER_DELIVERY');
        assert.equal((await done('readOrder', { orderNo: '4500000002' }))['note'], `by ${batch}-1`);
      });
    }

    it('deletes, and a repeated delete is done', async () => {
      const found = await done('findReceipt', { reference: 'page-00' });
      const [{ ID }] = found['value'] as readonly [JsonObject];
      await done('deleteReceipt', { ID: ID! });
      assert.equal((await call('deleteReceipt', { ID: ID! })).kind, 'refused');
      await done('deleteReceipt', { ID: ID! }, { repeated: true });
    });
  });
}
