import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import type { Outcome } from '../../../src/connectors/driver.ts';
import { odataDriver } from '../../../src/connectors/odata/driver.ts';
import { readMetadata } from '../../../src/connectors/odata/metadata/read.ts';
import { plus } from '../../../src/domain/decimals.ts';
import { Cap } from '../../support/cap/cap.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import type { Fault } from '../../support/fault-proxy.ts';
import { callOf, drive, exchange } from './support/drive.ts';
import { purchasing } from './support/purchasing.ts';

const RECEIPTS = 60;
/** In this order, over and over, at the requests that write; most get through. */
const none: Fault = { kind: 'none' };
const FAULTS: readonly Fault[] = [
  none, { kind: 'cut-after' }, none, { kind: 'status', status: 503 }, { kind: 'half' }, none, { kind: 'status', status: 429, retryAfter: '0' }, none, { kind: 'cut-before' }, { kind: 'web-page' },
  none, { kind: 'status', status: 412 }, { kind: 'status', status: 500 }, none,
];

describe('books of SAP CAP after receipts with faults on the line and an outage', function () {
  this.timeout(120_000);
  let cap: Cap;
  let proxy: FaultProxy;
  let service: ServiceDefinition;
  const memory = new Map<string, unknown>();

  before(async function () {
    cap = await Cap.start(this, 'csrf');
    proxy = await FaultProxy.start(cap.port);
    proxy.plan = Array.from({ length: 100 }, () => FAULTS.map((fault) => ({ at: /^POST /, fault }))).flat();
    const metadata = await exchange(cap.url, { method: 'GET', path: '/odata/v4/purchasing/$metadata', headers: {}, body: undefined, safe: true }, 20_000);
    service = purchasing('/odata/v4/purchasing', readMetadata((metadata as { body: Uint8Array }).body));
  });
  after(async () => {
    await proxy?.stop();
    await cap?.stop();
  });

  const call = (operation: string, document: Json, key?: string, repeated = false): Promise<Outcome> =>
    drive(odataDriver, callOf(service, operation, document, { memory, address: proxy.url, repeated, ...(key === undefined ? {} : { key }) }));

  /** As the engine does it: certainly not done is sent again, unknown is asked first. Undefined: refused. */
  async function receive(key: string, quantity: string): Promise<string | undefined> {
    let unknown = false;
    for (let tries = 0; tries < 60; tries += 1) {
      if (unknown) {
        const asked = await call('findReceipt', { reference: key });
        if (asked.kind !== 'done') { await pause(100); continue; }
        if (((asked.answer as JsonObject)['value'] as readonly Json[]).length > 0) return quantity;
        unknown = false;
      }
      const outcome = await call('createReceipt', { order_orderNo: '4500000001', items: [{ line: 1, orderLine: 10, quantity }] }, key, tries > 0);
      if (outcome.kind === 'done') return quantity;
      if (outcome.kind === 'unknown') unknown = true;
      else if (outcome.kind === 'refused') return undefined;
      // A 412 of something on the way: nothing was made, and there is no ETag in it to be stale.
      await pause(outcome.kind === 'again' ? 50 : 10);
    }
    throw new Error(`${key} came to no end`);
  }

  it('holds each receipt once, to the unit', async () => {
    let booked = '0';
    let calls = 0;
    const outage = (async (): Promise<void> => {
      while (calls < RECEIPTS / 3) await pause(20);
      await cap.kill();
      await pause(300);
      await cap.start();
    })();
    const waiting = Array.from({ length: RECEIPTS }, (_, index) => index);
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        // Every tenth is more than was ordered.
        const quantity = index % 10 === 9 ? '9999999.000' : `${index + 1}.125`;
        const done = await receive(`books-${index}`, quantity);
        assert.equal(done === undefined, index % 10 === 9);
        if (done !== undefined) booked = plus(booked, done);
        calls += 1;
      }
    }));
    await outage;
    const direct = (operation: string, document: Json): Promise<Outcome> => drive(odataDriver, callOf(service, operation, document, { address: cap.url }));
    const receipts = await direct('findReceipts', { prefix: 'books-', top: 1000 });
    assert.equal(receipts.kind, 'done');
    const references = ((receipts.answer as JsonObject)['value'] as readonly JsonObject[]).map((each) => each['reference']);
    assert.equal(references.length, RECEIPTS * 9 / 10);
    assert.equal(new Set(references).size, references.length);
    const order = await direct('readOrder', { orderNo: '4500000001' });
    assert.equal(order.kind, 'done');
    assert.equal(plus(((order.answer as JsonObject)['items'] as readonly JsonObject[])[0]!['received']), booked);
    for (const fault of FAULTS) assert.ok(proxy.struck.some((each) => each.fault === fault), `${JSON.stringify(fault)} did not occur`);
  });
});
