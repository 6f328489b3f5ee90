import assert from 'node:assert/strict';
import type { RecordedEvent } from '../../src/domain/envelope.ts';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import { discreet, ExchangeVeil, masksAnything } from '../../src/engine/services/exchange-veil.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { receiptService } from '../nodes/support/services.ts';

const SECRET = 'Frau-Geheim';
const address = { instance: 't', stepId: 'post' };
const reference = 'erp/goods-receipts@1.0.0';

function events(service = reference): readonly RecordedEvent[] {
  const body = { po: '4500001', consignee: { name: SECRET, town: 'Ulm' } };
  const answer = { number: 'GR-1', Name: `An ${SECRET}` };
  return [
    { type: 'EffectIntended', address, data: { effectId: 'e', runId: 'r', service }, content: { request: { service, operation: 'post', body } } },
    { type: 'CallEnded', address, data: { effectId: 'e', callId: 'k', outcome: 'success' }, content: { response: { answer, status: 201 }, error: `${SECRET} is unknown` } },
    { type: 'StepCompleted', address, data: { runId: 'r' }, content: { messages: { 0: JSON.stringify({ v: 1, p: { payload: answer }, left: [] }) } } },
    { type: 'FactsRecorded', address, data: {}, content: { patch: { receipt: answer } } },
    { type: 'ExceptionRaised', address, data: { exceptionId: 'x' }, content: { message: 'Look.', detail: { response: { problem: { title: `No ${SECRET}` }, newer: answer }, problems: [{ values: { value: SECRET } }], answer, faults: [{ at: '/Name', message: 'must be a number' }] } } },
  ] as unknown as readonly RecordedEvent[];
}
const veiledText = (more: Partial<ServiceDefinition>, service?: string): string => {
  const all = events(service);
  const veil = ExchangeVeil.of(all, fixedServices([receiptService(more)]));
  return JSON.stringify(all.map((event) => veil?.event(event) ?? event));
};

describe('what services mask of their calls', () => {
  it('is covered by the name of the member in request, answer, message, facts and exceptions, and told as values', () => {
    const all = events();
    const veil = ExchangeVeil.of(all, fixedServices([receiptService({ masked: ['/consignee/name'] })]))!;
    const shown = all.map((event) => veil.event(event));
    assert.ok(!JSON.stringify(shown.slice(2, 4)).includes(SECRET), JSON.stringify(shown));
    assert.ok(JSON.stringify(shown[0]).includes('"town":"Ulm"') && !JSON.stringify(shown[0]).includes(SECRET));
    assert.deepEqual([[...veil.values], veil.pointers], [[SECRET, `An ${SECRET}`], ['/consignee/name']]);
    assert.deepEqual(all, events(), 'what the ledger has stays as it is');
  });

  it('is everything that was said where data are restricted, and where nobody knows the service any more', () => {
    for (const text of [veiledText({ classification: 'restricted' }), veiledText({}, 'erp/goods-receipts@9.9.9')]) {
      assert.ok(!text.replace(/"type":"FactsRecorded".*?\}\}\}/, '').includes(SECRET), text);
      assert.ok(text.includes('"faults":[{"at":"/Name"'), 'where a contract is broken is told');
      assert.ok(text.includes('"status":201') && text.includes('"body":"•••"'), 'how it ended is told');
    }
  });

  it('is nothing where a service masks nothing, or a node calls by its own word', () => {
    assert.equal(ExchangeVeil.of(events(), fixedServices([receiptService()])), undefined);
    assert.equal(ExchangeVeil.of(events('receipts@1'), fixedServices([])), undefined);
    assert.deepEqual([{}, { masked: ['/po'] }, { classification: 'restricted' as const }].map((more) => masksAnything(fixedServices([receiptService(more)]))), [false, true, true]);
  });

  it('is left out of what a system said, for mails and logs', () => {
    const request = { consignee: { name: SECRET, zip: '89' } };
    assert.equal(discreet(`${SECRET} of 89 is unknown`, { classification: 'internal', masked: ['/consignee'] }, request, true), '••• of 89 is unknown');
    assert.deepEqual([true, false].map((answered) => discreet('No line', { classification: 'restricted' }, request, answered)), ['what it said is restricted', 'No line']);
  });
});
