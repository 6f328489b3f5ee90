import assert from 'node:assert/strict';
import { fixedServices } from '../../src/engine/services/source.ts';
import { end, opener, Rig, step, withNodeRed } from './support/rig.ts';
import type { FlowNode } from './support/rig.ts';
import { receiptService } from './support/services.ts';
import { OtherSystem } from './support/system.ts';

const REQUEST = { rows: [{ to: '/po', from: '/order' }, { to: '/quantity', from: '/weight', convert: [{ kind: 'unit', from: { at: '/unit' }, to: 'KGM' }, { kind: 'round', places: 3, mode: 'half-even' }] }] };
const ANSWER = { rows: [{ to: '/receipt', from: '/number', required: true }] };

describe('call node: fields that are mapped', () => {
  withNodeRed();
  let rig: Rig;
  let erp: OtherSystem;
  beforeEach(async () => {
    rig = await Rig.open();
    erp = await OtherSystem.start();
    erp.answer = () => ({ status: 201, body: { number: 'GR-1' } });
  });
  afterEach(async () => {
    await rig.close();
    await erp.stop();
  });

  async function load(config: Readonly<Record<string, unknown>>): Promise<void> {
    rig.engine.services = fixedServices([receiptService()]);
    const system: FlowNode = { id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${erp.url}/api`, urlType: 'str' };
    await rig.load([system, opener(['post']), step('call', 'post', { body: 'payload', bodyType: 'msg', wires: [['done'], ['refused']], outputs: 2, recordAs: 'booked', ...config }), end('done'), end('refused')]);
  }
  const governed = { systemNode: 'sys', service: 'erp/goods-receipts@1.0.0', operation: 'post', mapRequest: REQUEST, mapAnswer: ANSWER };

  it('sends what the mapping makes, exactly, and keeps what it makes of the answer', async () => {
    await load(governed);
    const view = await rig.closed(await rig.start({ order: 4500001, weight: 10.1, unit: 'LBR' }));
    assert.deepEqual(erp.asked.map(({ body }) => body), [{ po: '4500001', quantity: '4.581' }]);
    assert.deepEqual(view.document['booked'], { receipt: 'GR-1' });
  });

  it('sends nothing that cannot be made, and names both places', async () => {
    await load(governed);
    const raised = await rig.exception(await rig.start({ order: '4500001', weight: '1', unit: 'BAG' }));
    assert.equal(raised.code, 'request-mapping');
    assert.deepEqual([erp.asked.length, (await rig.eventsOf(raised.case_id, 'EffectIntended')).length], [0, 0]);
    const [event] = await rig.eventsOf(raised.case_id, 'ExceptionRaised');
    assert.match(event?.content?.message ?? '', /nothing was sent: \/quantity ← \/weight: "BAG" is no unit that can be converted/);
  });

  it('does nothing twice when the answer cannot be mapped: a person goes on with it as it came', async () => {
    erp.answer = () => ({ status: 201, body: { number: '' } });
    await load(governed);
    const raised = await rig.exception(await rig.start({ order: '4500001', weight: '1', unit: 'KGM' }));
    assert.equal(raised.code, 'answer-mapping');
    await rig.resolve(raised.exception_id, 'continue');
    assert.deepEqual((await rig.closed(raised.case_id)).document['booked'], { number: '' });
    assert.equal(erp.asked.length, 1);
  });

  it('maps for an address without a service as well', async () => {
    await load({ system: 'erp', operation: 'post', method: 'POST', url: `${erp.url}/plain`, urlType: 'str', mapRequest: { ...REQUEST, rows: [...REQUEST.rows, { to: '/by', expression: '"dock " & dock' }] }, mapAnswer: ANSWER });
    const view = await rig.closed(await rig.start({ order: '4500001', weight: '2', unit: 'KGM', dock: 3 }));
    assert.deepEqual([erp.asked[0]?.body, view.document['booked']], [{ po: '4500001', quantity: '2', by: 'dock 3' }, { receipt: 'GR-1' }]);
  });
});
