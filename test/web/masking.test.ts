import assert from 'node:assert/strict';
import { MASK, Masker, withoutMasks } from '../../src/web/server/masking.ts';
import { fieldMasks, readFieldMasks } from '../../src/web/server/masking-settings.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

const masks = [{ pointer: '/receipt/gtin', roles: ['buyer'] }, { pointer: '/receipt/po', roles: ['buyer'] }];

describe('web: fields masked by role', function () {
  this.timeout(60_000);
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  let caseId: string;
  const headers: Record<string, { readonly authorization: string }> = {};

  before(async () => {
    running = await startEngine(async (store) => {
      for (const [name, roles] of [['clara', ['clerk']], ['sam', ['receiving-supervisor']], ['bo', ['buyer', 'clerk']], ['alex', ['auditor']], ['root', ['admin']], ['far', ['operator']]] as const) {
        headers[name] = (await addPerson(store, name, roles, ['*'])).headers;
      }
    });
    server = await startServer(() => running.engine, { masks });
    api = server.api;
    caseId = await running.scan({ kind: 'receipt', sscc: '395011015300000037', operator: 'far' });
    await eventually(async () => (await running.engine.ledger.listTasks({ caseId }, { limit: 1 })).items[0]);
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const text = async (name: string, path: string) => JSON.stringify((await ask(`${api}/${path}`, { headers: headers[name]! })).body);

  it('hides values in document, events and keys, and says where', async () => {
    for (const name of ['clara', 'root', 'alex']) {
      const answer = await text(name, `cases/${caseId}`);
      assert.equal(answer.includes('09506000134352') || answer.includes('4500001234'), false, name);
      assert.ok(answer.includes('"masked":["/receipt/gtin","/receipt/po"]') && answer.includes(`"gtin":"${MASK}"`), name);
    }
    const seen = await text('bo', `cases/${caseId}`);
    assert.ok(seen.includes('09506000134352') && seen.includes('4500001234') && !seen.includes('masked'));
  });

  it('leaves them out of the proof, which is still one', async () => {
    const proof = await text('alex', `cases/${caseId}/proof`);
    assert.equal(proof.includes('09506000134352'), false);
    assert.ok(proof.includes('leafBytes'));
  });

  it('shows the decider of a task what the task declares, and nobody else', async () => {
    assert.ok((await text('sam', `tasks?caseId=${caseId}`)).includes('09506000134352'));
    const other = await text('clara', `tasks?caseId=${caseId}`);
    assert.ok(other.includes(caseId) && !other.includes('09506000134352'));
  });

  it('finds nothing by a hidden value', async () => {
    for (const query of ['cases?key=4500001234', 'cases?q=45000', 'tasks?q=4500001234']) {
      assert.equal((await text('clara', query)).includes(caseId), false, query);
      assert.ok((await text('bo', query)).includes(caseId), query);
    }
    assert.ok((await text('clara', 'cases?key=395011015300000037')).includes(caseId), 'by others it does');
    await running.scan({ kind: 'receipt', sscc: '395011015300000051', operator: 'far' });
    for (const query of ['cases?q=45000&limit=1', 'cases?key=4500001234&limit=1', 'tasks?q=4500001234&limit=1']) {
      assert.equal(await text('clara', query), '{"items":[]}', `${query}: no next page tells that there was one`);
    }
  });

  it('answers nothing at all while the list has a mistake', async () => {
    process.env['WAYBILL_FIELD_MASKS'] = '/nowhere/masks.json';
    const broken = await startServer(() => running.engine).finally(() => { delete process.env['WAYBILL_FIELD_MASKS']; });
    try {
      const answer = await ask(`${broken.api}/cases`, { headers: headers['bo']! });
      assert.deepEqual([answer.status, answer.body['code']], [503, 'masks-invalid']);
      assert.match(broken.log.join('\n'), /WAYBILL_FIELD_MASKS: \/nowhere\/masks\.json cannot be read/);
    } finally {
      await broken.close();
    }
  });
});

describe('web: the list of masks', () => {
  it('says in one sentence what to mend', () => {
    const wrong = (value: unknown) => { try { fieldMasks(value, 'm.json'); } catch (error) { return (error as Error).message; } return ''; };
    assert.match(wrong({}), /write a list such as/);
    assert.match(wrong([{ pointer: 'price', roles: ['buyer'] }]), /entry 1: "pointer" must be a JSON pointer/);
    assert.match(wrong([{ pointer: '/price', roles: 'buyer' }]), /"roles" must be a list/);
    assert.match(wrong([{ pointer: '/price', roles: [], role: 'x' }]), /"role" that means nothing/);
    assert.deepEqual(readFieldMasks(undefined), []);
  });

  it('reaches into lists and facts whose keys are paths', () => {
    const masker = new Masker([{ pointer: '/lines/*/cost', roles: [] }, { pointer: '/order/price', roles: [] }], ['clerk']);
    const hidden = masker.find({ lines: [{ cost: '12.50', qty: 1 }], 'order.price': '99.95' });
    assert.deepEqual(hidden.json({ lines: [{ cost: '12.50', qty: 1 }], 'order.price': '99.95', order: { price: 7 } }), { lines: [{ cost: MASK, qty: 1 }], 'order.price': MASK, order: { price: MASK } });
    assert.equal(hidden.text('Pay 99.95 now?'), `Pay ${MASK} now?`);
  });

  it('reaches into texts and bytes that are JSON themselves', () => {
    const hidden = new Masker([{ pointer: '/price', roles: [] }], ['clerk']).find({ price: 9.5 });
    const raw = '{"sku": "A-1", "price": 9.5}';
    assert.deepEqual(hidden.json({ raw, none: '{"sku": "A-1"}', bytes: { $buffer: Buffer.from(raw).toString('base64') }, other: { $buffer: 'AAEC' } }), {
      raw: `{"sku":"A-1","price":"${MASK}"}`, none: '{"sku": "A-1"}', bytes: MASK, other: { $buffer: 'AAEC' },
    });
    assert.equal(hidden.holds({ raw }), true);
  });

  it('keeps what was hidden as it is when it comes back', () => {
    assert.deepEqual(withoutMasks({ a: MASK, b: { c: MASK, d: 1 } }), { b: { d: 1 } });
    assert.equal(withoutMasks({ list: [MASK] }), undefined);
  });
});
