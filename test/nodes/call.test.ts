import assert from 'node:assert/strict';
import { end, eventually, opener, person, plain, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';
import { OtherSystem } from './support/system.ts';

describe('call node', () => {
  withNodeRed();
  let rig: Rig;
  let erp: OtherSystem;
  beforeEach(async () => {
    rig = await Rig.open();
    erp = await OtherSystem.start();
  });
  afterEach(async () => {
    await rig.close();
    await erp.stop();
  });

  function call(config: Readonly<Record<string, unknown>> = {}): FlowNode {
    return step('call', 'post', {
      system: 'erp', service: 'receipts@1', operation: 'post', url: `${erp.url}/receipts`, baseDelaySeconds: 0.01, maxDelaySeconds: 0.02, timeoutSeconds: 2,
      wires: [['look'], ['refused']], ...config,
    });
  }
  const load = (config: Readonly<Record<string, unknown>> = {}, credentials: object = {}): Promise<void> =>
    rig.load([opener(['post']), call(config), plain('look', 'done'), end('done'), end('refused')], credentials);
  function passOn(): { msg?: Readonly<Record<string, unknown>> } {
    const seen: { msg?: Readonly<Record<string, unknown>> } = {};
    rig.node('look').on('input', function (this: { send(m: object): void }, msg: Readonly<Record<string, unknown>>) {
      seen.msg = msg;
      this.send(msg);
    });
    return seen;
  }

  it('sends JSON with an idempotency key, records the answer and goes on with it', async () => {
    erp.answer = () => ({ status: 201, body: { number: 'GR-1' } });
    await load({ body: '{"qty": $facts.qty}', bodyType: 'jsonata', headers: [{ name: 'X-Site', value: 'dc-1', valueType: 'str' }], recordAs: 'erp.receipt', milestone: 'posted' }, { post: { token: 'geheim' } });
    const seen = passOn();
    const caseId = await rig.start({ qty: 7 });
    const view = await rig.closed(caseId);
    assert.equal(view.outcome, 'done');
    assert.deepEqual(view.document['erp'], { receipt: { number: 'GR-1' } });
    assert.deepEqual([seen.msg?.['payload'], seen.msg?.['statusCode']], [{ number: 'GR-1' }, 201]);
    const [asked] = erp.asked;
    assert.deepEqual([asked?.method, asked?.path, asked?.body], ['POST', '/receipts', { qty: 7 }]);
    assert.deepEqual([asked?.headers['x-site'], asked?.headers.authorization, asked?.headers['content-type']], ['dc-1', 'Bearer geheim', 'application/json']);
    assert.match(String(asked?.headers['idempotency-key']), /^[\w-]{22}$/);
    assert.deepEqual((await rig.events(caseId)).map((event) => event.type).filter((type) => /Effect|Call|Milestone/.test(type)), ['EffectIntended', 'CallStarted', 'CallEnded', 'MilestoneReached']);
    assert.ok(!JSON.stringify(await rig.events(caseId)).includes('geheim'), 'the token is not in the ledger');
  });

  it('leaves by the second output when the system refuses for good', async () => {
    erp.answer = () => ({ status: 422, body: { code: 'closed' } });
    await load();
    assert.equal((await rig.closed(await rig.start({}))).outcome, 'refused');
    assert.equal(erp.asked.length, 1);
  });

  it('raises an exception when it is refused and the second output leads nowhere; a retry is a new operation', async () => {
    erp.answer = (_asked, nth) => (nth === 1 ? { status: 409 } : { status: 200 });
    await load({ wires: [['look'], []] });
    passOn();
    const raised = await rig.exception(await rig.start({}));
    assert.deepEqual([raised.class, raised.code, raised.system], ['call-rejected', 'call-rejected', 'erp']);
    await rig.resolve(raised.exception_id, 'retry');
    assert.equal((await rig.closed(raised.case_id)).outcome, 'done');
    assert.notEqual(erp.asked[0]?.headers['idempotency-key'], erp.asked[1]?.headers['idempotency-key']);
  });

  it('tries again under the same key when the system is in trouble or hangs up', async () => {
    erp.answer = (_asked, nth) => (nth === 1 ? { status: 503 } : nth === 2 ? 'hang-up' : nth === 3 ? { status: 429, headers: { 'retry-after': '0' } } : { status: 200 });
    await load();
    passOn();
    const caseId = await rig.start({});
    await rig.closed(caseId);
    assert.equal(erp.asked.length, 4);
    assert.equal(new Set(erp.asked.map((asked) => asked.headers['idempotency-key'])).size, 1);
    assert.deepEqual((await rig.eventsOf(caseId, 'CallEnded')).map((event) => event.data.outcome), ['transient', 'unknown', 'transient', 'success']);
  });

  it('gives up as a dead letter, and goes on from there when it is replayed', async () => {
    erp.answer = () => ({ status: 503 });
    await load({ maxAttempts: 2 });
    passOn();
    const caseId = await rig.start({ qty: 1 });
    const letter = await eventually(async () => (await rig.engine.ledger.listDeadLetters({ status: 'open', caseId }, { limit: 5 })).items[0]);
    assert.deepEqual([letter.system, letter.operation, letter.calls], ['erp', 'post', 2]);
    assert.equal((await rig.view(caseId)).activity, 'call-waiting');
    erp.answer = () => ({ status: 200 });
    assert.deepEqual(await rig.engine.replayDeadLetter({ deadLetterId: letter.dead_letter_id, request: { qty: 2 }, by: person('chris', 'clerk') }), { ok: true });
    await rig.closed(caseId);
    assert.deepEqual(erp.asked.map((asked) => asked.body), [{ qty: 1 }, { qty: 1 }, { qty: 2 }]);
    assert.equal(new Set(erp.asked.map((asked) => asked.headers['idempotency-key'])).size, 1);
  });

  it('tries again when nobody listens', async () => {
    await load({ url: 'http://127.0.0.1:1/receipts', maxAttempts: 3 });
    const caseId = await rig.start({});
    await eventually(async () => (await rig.engine.ledger.listDeadLetters({ status: 'open', caseId }, { limit: 5 })).items[0]);
    assert.deepEqual((await rig.eventsOf(caseId, 'CallEnded')).map((event) => event.data.outcome), ['transient', 'transient', 'transient']);
  });

  it('asks the system what became of a call, where it can be asked', async () => {
    erp.answer = (asked, nth) => (nth === 1 ? 'hang-up' : asked.method === 'GET' ? { status: nth === 2 ? 404 : 200, body: { number: 'GR-9' } } : 'hang-up');
    await load({ recovery: 'query', timeoutSeconds: 0.5, queryUrl: `${erp.url}/receipts/by-key/{key}`, recordAs: 'receipt' });
    passOn();
    const caseId = await rig.start({});
    assert.deepEqual((await rig.closed(caseId)).document['receipt'], { number: 'GR-9' });
    assert.deepEqual(erp.asked.map((asked) => asked.method), ['POST', 'GET', 'POST', 'GET']);
    // What is known not to have happened is tried again as a new operation.
    assert.notEqual(erp.asked[0]?.headers['idempotency-key'], erp.asked[2]?.headers['idempotency-key']);
    assert.equal(erp.asked[3]?.path, `/receipts/by-key/${String(erp.asked[2]?.headers['idempotency-key'])}`);
    assert.deepEqual((await rig.eventsOf(caseId, 'OutcomeResolved')).map((event) => [event.data.method, event.data.outcome]), [['query', 'not-happened'], ['query', 'happened']]);
  });

  it('asks a person where the system cannot be asked', async () => {
    erp.answer = () => 'hang-up';
    await load({ recovery: 'none' });
    const seen = passOn();
    const caseId = await rig.start({});
    const raised = await rig.exception(caseId);
    assert.deepEqual([raised.class, raised.code, raised.queue], ['outcome-unknown', 'outcome-unknown', 'integration']);
    assert.equal(erp.asked.length, 1);
    assert.deepEqual(await rig.engine.resolveOutcome({ caseId, effectId: raised.effect_id ?? '', outcome: 'happened', response: { number: 'GR-5' }, by: person('chris', 'clerk') }), { ok: true });
    await rig.closed(caseId);
    assert.deepEqual(seen.msg?.['payload'], { number: 'GR-5' });
    assert.equal(erp.asked.length, 1);
  });

  it('keeps credentials out of its headers', async () => {
    await load({ headers: [{ name: 'Authorization', value: 'Bearer x', valueType: 'str' }] });
    const raised = await rig.exception(await rig.start({}));
    assert.match(raised.message, /^Put credentials into the node's token field/);
    assert.equal(erp.asked.length, 0);
  });
});
