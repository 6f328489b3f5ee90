import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/domain/json.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { needs } from '../support/system-programs.ts';
import { CREDENTIALS, PURCHASING, TrytonServer } from '../support/tryton/tryton-server.ts';
import { end, opener, Rig, step, withNodeRed } from './support/rig.ts';

/** A receipt as every system of every site gets it. */
const receipt = (quantity: object, line = '1'): JsonObject => ({
  number: 'R-0001', order: 'PO1001', location: { site: 'dc-1' }, receivedAt: '2026-03-05T06:42:10+01:00', postingDate: '2026-03-05',
  lines: [{ number: '1', order: { number: 'PO1001', line }, item: { id: 'CAN-5' }, quantity }],
} as JsonObject);

describe('erp and wms nodes: canonical documents in Debian\'s Tryton', function () {
  this.timeout(240_000);
  withNodeRed();
  let server: TrytonServer;
  let rig: Rig;

  before(async function () {
    needs(this, 'trytond');
    server = await TrytonServer.start();
    rig = await Rig.open();
    rig.engine.services = fixedServices([PURCHASING]);
  });
  after(async () => {
    await rig?.close();
    await server?.stop();
  });

  const load = (type: 'erp' | 'wms', business: string, operation: string): Promise<void> => rig.load([
    { id: 'sys', type: 'waybill-system', name: 'tryton-1', kind: 'erp', url: `${server.url}/books`, urlType: 'str' },
    opener(['do']),
    step(type, 'do', { systemNode: 'sys', business, service: 'erp/tryton-purchasing@1.0.0', operation, body: 'payload', bodyType: 'msg', recordAs: 'answer', conflictOutput: true, outputs: 3, wires: [['done'], ['refused'], ['conflict']] }),
    end('done'), end('refused'), end('conflict'),
  ], { sys: { user: CREDENTIALS.user, password: CREDENTIALS.password } });

  it('books a canonical receipt, units by the code list, and says what it breaks before anything is sent', async () => {
    await load('erp', 'book-goods-receipt', 'goods-receipt');
    const view = await rig.closed(await rig.start(receipt({ value: '13', unit: 'EA' })));
    assert.equal(view.outcome, 'done', JSON.stringify(view.document));
    const [intended] = await rig.eventsOf(view.caseId, 'EffectIntended');
    assert.deepEqual((intended?.content as { readonly request?: { readonly body?: unknown } } | undefined)?.request?.body, { order: 'PO1001', postingDate: '2026-03-05', lines: [{ line: 1, quantity: '13', unit: 'u' }] });
    assert.equal((await rig.closed(await rig.start(receipt({ value: '28', unit: 'EA' })))).outcome, 'conflict', 'more than is open');
    const broken = await rig.exception(await rig.start(receipt({ value: 13, unit: 'EA' })));
    assert.deepEqual([broken.code, /breaks the contract receipt@1\.0\.0, so nothing was sent: \/lines\/0\/quantity\/value must be string/.test(broken.message)], ['request-contract', true], broken.message);
    const unknown = await rig.exception(await rig.start(receipt({ value: '1', unit: 'XCT' })));
    assert.deepEqual([unknown.code, unknown.message.includes('units-tryton@1.0.0')], ['request-mapping', true], unknown.message);
  });

  it('reads a purchase order in the canonical form, with what was received', async () => {
    await load('erp', 'read-purchase-order', 'order-read');
    const view = await rig.closed(await rig.start({ order: 'PO1001' }));
    const order = view.document['answer'] as JsonObject;
    const [line] = order['lines'] as readonly JsonObject[];
    assert.deepEqual([order['number'], order['status'], line?.['number'], line?.['item'] && (line['item'] as JsonObject)['id'], line?.['quantity'], line?.['receivedQuantity']], ['PO1001', 'open', '1', 'CAN-5', { value: '40', unit: 'EA' }, { value: '13', unit: 'EA' }]);
  });

  it('reads stock in the canonical form by the wms node', async () => {
    await load('wms', 'read-stock', 'stock-read');
    const view = await rig.closed(await rig.start({ product: 'CAN-5', warehouse: 'WH' }));
    const stock = view.document['answer'] as JsonObject;
    assert.deepEqual([stock['kind'], (stock['lines'] as readonly JsonObject[])[0]?.['item'], ((stock['lines'] as readonly JsonObject[])[0]?.['quantity'] as JsonObject)['unit']], ['snapshot', { id: 'CAN-5' }, 'EA']);
  });
});
