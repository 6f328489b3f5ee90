import assert from 'node:assert/strict';
import type { HttpDriver, Outcome } from '../../../src/connectors/driver.ts';
import { importWsdl, soapDriver } from '../../../src/connectors/soap/index.ts';
import type { Json } from '../../../src/domain/json.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { contractFaults } from '../../../src/engine/services/contracts.ts';
import { FaultProxy } from '../../support/fault-proxy.ts';
import { callService } from '../../support/run-driver.ts';
import { ReceiptsServer } from '../../support/soap/receipts-server.ts';
import { needs } from '../../support/system-programs.ts';

describe('SOAP against a server of spyne', function () {
  this.timeout(60_000);
  let server: ReceiptsServer;
  let proxy: FaultProxy;

  before(async function () {
    needs(this, 'spyne');
    server = await ReceiptsServer.start();
    proxy = await FaultProxy.start(server.port);
  });
  after(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  for (const version of ['11', '12'] as const) {
    describe(`SOAP 1.${version.at(-1) ?? ''}`, () => {
      let service: ServiceDefinition;
      const document = (key: string, more: object = {}): Json => ({ receipt: { key: `${version}-${key}`, order: `PO-${version}`, arrived: '2026-11-30T08:15:00.5+01:00', lines: [{ 'item': 'A & <B>', 'quantity': '1.000000001', '@unit': 'kg' }, { item: 'C', quantity: '2' }], ...more } });

      async function call(operation: string, given: Json, driver: HttpDriver = soapDriver): Promise<Outcome> {
        return callService({ url: `http://127.0.0.1:${proxy.port}/soap${version}`, driver, service, credentials: {}, memory: new Map(), timeoutMs: 3_000 }, operation, given, 'key');
      }

      before(async () => {
        const { definition } = importWsdl(await server.wsdl(version), { id: 'wms/receipts', date: '2026-11-30', beside: () => assert.fail('nothing is imported') });
        const { bookReceipt, receiptsOf } = definition.operations;
        assert.ok(bookReceipt !== undefined && receiptsOf !== undefined);
        service = { ...definition, operations: { bookReceipt: { ...bookReceipt, idempotency: { in: 'field', name: '/receipt/key' }, recovery: { by: 'same-key' } }, receiptsOf: { ...receiptsOf, effect: 'reads', recovery: { by: 'safe' } } } };
      });

      it('is drafted from the WSDL: operations, contracts that are complete, types', () => {
        assert.deepEqual(soapDriver.problems(service), []);
        assert.equal(service.binding?.['version'], `1.${version.at(-1) ?? ''}`);
        const { request } = service.operations['bookReceipt'] ?? {};
        assert.deepEqual(contractFaults(request, document('c'), 'it'), []);
        const places = contractFaults(request, document('c', { lines: [{ item: 'X'.repeat(21), quantity: '1.0000000001' }] }), 'it').map(({ at }) => at);
        for (const place of ['/receipt/lines/0/item', '/receipt/lines/0/quantity']) assert.ok(places.includes(place), JSON.stringify(places));
        assert.ok(contractFaults(request, document('c', { lines: [{ item: 'X', quantity: 1.5 }] }), 'it').length > 0);
      });

      it('books a receipt and reads it again, every digit and character as it was', async () => {
        const outcome = await call('bookReceipt', document('1', { note: ']]> & "\n' }));
        assert.ok(outcome.kind === 'done', JSON.stringify(outcome));
        const { bookReceiptResult: booked } = outcome.answer as { bookReceiptResult: { number: number; total: string; lines: Json } };
        assert.equal(booked.total, '3.000000001');
        assert.deepEqual(booked.lines, [{ 'item': 'A & <B>', 'quantity': '1.000000001', '@unit': 'kg' }, { item: 'C', quantity: '2' }]);
        const found = await call('receiptsOf', { order: `PO-${version}` });
        assert.ok(found.kind === 'done');
        assert.deepEqual(contractFaults(service.operations['receiptsOf']?.answer, found.answer, 'it'), []);
        assert.equal(((found.answer as { receiptsOfResult: { Booked: Json[] } }).receiptsOfResult).Booked.length, 1);
        assert.equal(server.booked.find(({ key }) => key === `${version}-1`)?.note, ']]> & "\n');
      });

      it('takes a fault of the sender for a refusal, and one of the server for an outcome that nobody knows', async () => {
        const refused = await call('bookReceipt', document('2', { order: 'CLOSED' }));
        assert.ok(refused.kind === 'refused', JSON.stringify(refused));
        assert.match(refused.problem.title, /The order CLOSED is closed/);
        assert.match(refused.problem.code ?? '', /OrderClosed/);
        assert.equal((await call('bookReceipt', document('3', { order: 'BROKEN' }))).kind, 'unknown');
      });

      it('books once after every fault: half a body, a lost answer, 503, a server that was killed', async () => {
        const before = server.booked.length;
        const faults = [{ kind: 'half' }, { kind: 'half-sealed' }, { kind: 'cut-after' }, { kind: 'cut-before' }, { kind: 'status', status: 503, retryAfter: '1' }, { kind: 'slow', ms: 4_000 }, { kind: 'first', then: async () => { await server.kill(); } }] as const;
        const kinds: string[] = [];
        for (const [index, fault] of faults.entries()) {
          proxy.plan.push({ at: /bookReceipt/, fault });
          const outcome = await call('bookReceipt', document(`f-${index}`));
          kinds.push(outcome.kind);
          if (fault.kind === 'first') await server.run();
          assert.ok(outcome.kind === 'unknown' || outcome.kind === 'again', JSON.stringify(outcome));
          assert.equal((await call('bookReceipt', document(`f-${index}`))).kind, 'done', fault.kind);
        }
        assert.deepEqual(kinds, ['unknown', 'unknown', 'unknown', 'unknown', 'again', 'unknown', 'unknown']);
        assert.equal(server.booked.length - before, faults.length, 'each once');
      });
    });
  }
});
