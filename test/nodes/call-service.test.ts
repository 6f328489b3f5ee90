import assert from 'node:assert/strict';
import type { ServiceDefinition, ServiceOperation } from '../../src/domain/service/index.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { end, eventually, opener, plain, Rig, step, withNodeRed } from './support/rig.ts';
import type { FlowNode } from './support/rig.ts';
import { receiptService } from './support/services.ts';
import { OtherSystem } from './support/system.ts';

describe('call node: a service of a system', () => {
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

  const system = (config: Readonly<Record<string, unknown>> = {}): FlowNode => ({ id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${erp.url}/api`, urlType: 'str', ...config });
  const call = (config: Readonly<Record<string, unknown>> = {}): FlowNode => step('call', 'post', {
    systemNode: 'sys', service: 'erp/goods-receipts@1.0.0', operation: 'post', body: 'payload', bodyType: 'msg', wires: [['look'], ['refused'], ['conflict']], outputs: 3, conflictOutput: true, recordAs: 'receipt', ...config,
  });

  async function load({ service = {}, operation = {}, node = {}, at = {}, credentials = {} }: {
    readonly service?: Partial<ServiceDefinition>; readonly operation?: Partial<ServiceOperation>; readonly node?: object; readonly at?: object; readonly credentials?: object;
  } = {}): Promise<{ msg?: Readonly<Record<string, unknown>> }> {
    rig.engine.services = fixedServices([receiptService(service, operation)]);
    await rig.load([system(at as Record<string, unknown>), opener(['post']), call(node as Record<string, unknown>), plain('look', 'done'), end('done'), plain('conflict', 'newer'), end('newer'), end('refused')], credentials);
    const seen: { msg?: Readonly<Record<string, unknown>> } = {};
    for (const id of ['look', 'conflict']) {
      rig.node(id).on('input', function (this: { send(m: object): void }, msg: Readonly<Record<string, unknown>>) {
        seen.msg = msg;
        this.send(msg);
      });
    }
    return seen;
  }
  const receipt = { po: '4500001', quantity: '7.5' };

  it('sends the document under its key below the system\'s address, and goes on with the answer', async () => {
    const seen = await load({ service: { masked: ['/po'], authentication: { kind: 'api-key', in: 'header', name: 'X-Api-Key' } }, credentials: { sys: { apiKey: 'geheim' } } });
    const view = await rig.closed(await rig.start(receipt));
    assert.deepEqual([view.outcome, view.document['receipt'], seen.msg?.['statusCode']], ['done', { number: 'GR-1' }, 201]);
    const [asked] = erp.asked;
    assert.deepEqual([asked?.method, asked?.path, asked?.body, asked?.headers['x-api-key']], ['POST', '/api/receipts', receipt, 'geheim']);
    assert.match(String(asked?.headers['idempotency-key']), /^[\w-]{22}$/);
    const events = await rig.events(view.caseId);
    const [intended] = await rig.eventsOf(view.caseId, 'EffectIntended');
    assert.deepEqual([intended?.data.system, intended?.data.service, intended?.data.operation, intended?.data.recovery], ['erp-1', 'erp/goods-receipts@1.0.0', 'post', 'same-key']);
    assert.ok(!JSON.stringify(events).includes('geheim'), 'no secret is in the ledger');
    const [ended] = await rig.eventsOf(view.caseId, 'CallEnded');
    const { at, durationMs, requestHash, answerHash, ...exchange } = (ended?.content?.exchanges?.[0] ?? {}) as Readonly<Record<string, unknown>>;
    assert.deepEqual(exchange, {
      method: 'POST', path: '/receipts', status: 201, requestHeaders: { 'accept': 'application/json', 'idempotency-key': asked?.headers['idempotency-key'], 'content-type': 'application/json' },
      answerHeaders: { 'content-type': 'application/json' }, request: { po: '•••', quantity: '7.5' }, answer: { number: 'GR-1' },
    });
    assert.deepEqual([typeof at, typeof durationMs, String(requestHash).length, String(answerHash).length], ['string', 'number', 22, 22]);
  });

  it('intends nothing when the document breaks the contract, and says where', async () => {
    await load();
    const raised = await rig.exception(await rig.start({ po: 7 }));
    assert.equal(raised.code, 'request-contract');
    assert.deepEqual([erp.asked.length, (await rig.eventsOf(raised.case_id, 'EffectIntended')).length], [0, 0]);
    const [event] = await rig.eventsOf(raised.case_id, 'ExceptionRaised');
    assert.match(event?.content?.message ?? '', /must have required property 'quantity'; \/po must be string\. Correct/);
  });

  it('does what a broken contract of the answer leaves to do: nothing twice, and a person decides', async () => {
    erp.answer = () => ({ status: 201, body: { id: 4 } });
    await load();
    const raised = await rig.exception(await rig.start(receipt));
    assert.equal(raised.code, 'answer-contract');
    await rig.resolve(raised.exception_id, 'continue');
    assert.deepEqual((await rig.closed(raised.case_id)).document['receipt'], { id: 4 });
    assert.equal(erp.asked.length, 1);
  });

  it('tells a conflict from a refusal, with the newer state', async () => {
    erp.answer = (asked) => (asked.method === 'GET' ? { status: 200, body: { quantity: '5' }, headers: { etag: '"8"' } } : { status: 412, body: { title: 'changed' } });
    const seen = await load({ operation: { binding: { method: 'PUT', path: '/receipts/{po}', parameters: [{ name: 'If-Match', in: 'header', from: '/etag' }], conflict: { read: true } } } });
    assert.equal((await rig.closed(await rig.start({ ...receipt, etag: '"7"' }))).outcome, 'newer');
    assert.deepEqual([seen.msg?.['payload'], seen.msg?.['etag'], seen.msg?.['statusCode']], [{ quantity: '5' }, '"8"', 412]);
    assert.deepEqual(erp.asked.map(({ method, path, headers }) => [method, path, headers['if-match']]), [['PUT', '/api/receipts/4500001', '"7"'], ['GET', '/api/receipts/4500001', undefined]]);
  });

  it('raises a conflict as an exception where no output takes it, and a refusal goes to its own', async () => {
    erp.answer = (_asked, nth) => (nth === 1 ? { status: 409, body: { error: { code: 'STALE', message: 'Changed by MILLER' } } } : { status: 422 });
    await load({ node: { conflictOutput: false } });
    const raised = await rig.exception(await rig.start(receipt));
    assert.equal(raised.code, 'call-rejected');
    const [event] = await rig.eventsOf(raised.case_id, 'ExceptionRaised');
    assert.match(event?.content?.message ?? '', /Somebody else changed it at erp-1 .*\(HTTP 409\): Changed by MILLER/);
    assert.equal((await rig.closed(await rig.start(receipt))).outcome, 'refused');
  });

  it('asks the service what became of a call, by an operation of its own', async () => {
    erp.answer = (asked, nth) => (asked.method === 'GET' ? { status: nth === 2 ? 404 : 200, body: { number: 'GR-9' } } : 'hang-up');
    await load({ service: { timeouts: { connectMs: 200, headersMs: 300, totalMs: 300 } }, operation: { recovery: { by: 'query', operation: 'find', document: { key: '{key}', po: '{/po}' } }, idempotency: { in: 'field', name: '/reference', maxLength: 12 } } });
    assert.deepEqual((await rig.closed(await rig.start(receipt))).document['receipt'], { number: 'GR-9' });
    const [first, question, second, again] = erp.asked;
    const reference = (asked: typeof first): string => String((asked?.body as { reference?: string } | undefined)?.reference);
    assert.equal(reference(first).length, 12);
    assert.notEqual(reference(first), reference(second), 'what is known not to have happened is another operation');
    assert.deepEqual([question?.path, again?.path], [`/api/receipts/by-key/${reference(first)}`, `/api/receipts/by-key/${reference(second)}`]);
  });

  it('signs in anew once when the token is refused, and tries no further when it stays so', async () => {
    erp.answer = (asked, nth) => (asked.path === '/token' ? { status: 200, body: { access_token: `t${nth}`, expires_in: 3600 } } : asked.headers.authorization === 'Bearer t1' ? { status: 401 } : { status: 201, body: { number: 'GR-2' } });
    await load({ service: { authentication: { kind: 'oauth2-client-credentials', tokenUrl: `${erp.url}/token`, scope: 'receipts' } }, credentials: { sys: { clientId: 'way', clientSecret: 'bill' } } });
    await rig.closed(await rig.start(receipt));
    assert.deepEqual(erp.asked.map(({ path, headers }) => [path, headers.authorization]), [
      ['/token', `Basic ${Buffer.from('way:bill').toString('base64')}`], ['/api/receipts', 'Bearer t1'], ['/token', `Basic ${Buffer.from('way:bill').toString('base64')}`], ['/api/receipts', 'Bearer t3'],
    ]);
  });

  it('holds all callers of a service back when one is told to wait, and each waits as a timer in the ledger', async () => {
    const answeredAt: number[] = [];
    erp.answer = (_asked, nth) => {
      answeredAt.push(Date.now());
      return nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 201, body: { number: `GR-${nth}` } };
    };
    await load({ service: { limits: { concurrency: 8, perSecond: 2, burst: 1 } } });
    const first = await rig.start(receipt);
    while (answeredAt.length === 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
    const second = await rig.start(receipt);
    await Promise.all([rig.closed(first), rig.closed(second)]);
    const [told = 0, next = 0, last = 0] = answeredAt;
    assert.ok(next - told >= 990 && last - next >= 400, JSON.stringify([next - told, last - next]));
    assert.deepEqual((await rig.eventsOf(second, 'TimerScheduled')).map((event) => event.data.purpose).slice(0, 1), ['rate-limited']);
    assert.equal(answeredAt.length, 3);
  });

  it('says what is missing: the service, its version, its kind, the secret', async () => {
    await load({ node: { service: 'erp/goods-receipts@2.0.0' } });
    const raised = await rig.exception(await rig.start(receipt));
    assert.equal(raised.code, 'service-unavailable');
    rig.engine.services = fixedServices([receiptService({ version: '2.0.0', authentication: { kind: 'bearer' } })]);
    await rig.resolve(raised.exception_id, 'retry');
    const [end] = await (async () => {
      for (;;) {
        const ended = await rig.eventsOf(raised.case_id, 'DeadLettered');
        if (ended.length > 0) return rig.eventsOf(raised.case_id, 'CallEnded');
        await new Promise((resolve) => { setTimeout(resolve, 5); });
      }
    })();
    assert.deepEqual([end?.data.errorClass, end?.content?.error], ['not-authorised', 'The system has no token; the service signs in with it, so give the system one.']);
    assert.equal(erp.asked.length, 0);
  });

  async function lettersOf(caseId: string): Promise<readonly [string, string | undefined, string | undefined]> {
    const letter = await eventually(async () => (await rig.engine.ledger.listDeadLetters({ caseId }, { limit: 1 })).items[0]);
    const [ended] = await rig.eventsOf(caseId, 'CallEnded');
    return [letter.reason, ended?.data.outcome, ended?.content?.error];
  }

  it('blames no document for what the system lacks, and says what to mend', async () => {
    const once = { retry: { maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 0.01, maxDelaySeconds: 0.02 } };
    await load({ service: once, at: { url: 'https://erp.example', caFile: 'nowhere.crt' } });
    const [reason, outcome, said] = await lettersOf(await rig.start(receipt));
    assert.deepEqual([reason, outcome], ['tls-files', 'transient']);
    assert.match(said ?? '', /nowhere\.crt is not there; put it there, or name another one in the system\./);
    await load({ service: { ...once, authentication: { kind: 'bearer' } }, credentials: { sys: { token: 'geheim-€' } } });
    assert.deepEqual(await lettersOf(await rig.start(receipt)), ['not-authorised', 'transient', 'The secret of the system holds a character that HTTP does not carry; compare it with the one that you were given, and write it anew.']);
    assert.equal(erp.asked.length, 0);
    erp.answer = () => ({ status: 403, body: { title: 'Role MM_GR is missing' } });
    await load({ service: once });
    assert.deepEqual(await lettersOf(await rig.start(receipt)), ['not-authorised', 'transient', 'The system does not let our sign-in do this (HTTP 403); have the right given there, or give the system another sign-in, then replay. Role MM_GR is missing']);
  });

  it('says until when a system wants to be left alone that asks for more than the service waits', async () => {
    erp.answer = () => ({ status: 429, headers: { 'retry-after': '9'.repeat(400) } });
    await load();
    const [reason, outcome, said] = await lettersOf(await rig.start(receipt));
    assert.deepEqual([reason, outcome], ['http-429', 'transient']);
    assert.match(said ?? '', /^HTTP 429 \(it asks for no call before \d{4}-.*Z; replay then\)$/);
  });

  it('says what a contract means by a date and a decimal, and sends nothing by a contract that refers elsewhere', async () => {
    const properties = { at: { type: 'string', format: 'date-time' }, quantity: { type: 'string', pattern: String.raw`^-?\d{1,9}(\.\d{1,3})?$` }, weight: { type: 'number', multipleOf: 0.1 } };
    await load({ operation: { request: { type: 'object', properties } } });
    assert.equal((await rig.exception(await rig.start({ at: '2026-11-30T08:15:00', quantity: '1.123456789', weight: 0.25 }))).message, 'The document for "post" breaks its contract, so nothing was sent: '
      + '/at must match format "date-time" (with its time zone, such as 2026-03-02T14:00:00Z or 2026-03-02T15:00:00+01:00); '
      + String.raw`/quantity must match pattern "^-?\d{1,9}(\.\d{1,3})?$" (a decimal number as text with at most 3 decimals; nothing is rounded); `
      + '/weight must be multiple of 0.1 (it has more digits than that; nothing is rounded). Correct the facts or the node, then retry.');
    await rig.closed(await rig.start({ at: '2026-11-30T08:15:00+01:00', quantity: '1.123', weight: 0.3 }));
    const asked = erp.asked.length;
    for (const member of ['request', 'answer']) {
      await load({ operation: { [member]: { $ref: 'https://elsewhere.example/receipt.json' } } });
      assert.match((await rig.exception(await rig.start(receipt))).message, /cannot be used \(it refers to https:\/\/elsewhere\.example\/receipt\.json, which is not in it, and nothing is fetched: put what is meant into the contract itself\); its owner has to mend it/);
    }
    assert.equal(erp.asked.length, asked);
  });
});
