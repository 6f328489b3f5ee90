import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudEvent as Peer, HTTP } from 'cloudevents';
import express from 'express';
import { newEventToken } from '../../../src/engine/intake/event-tryout.ts';
import { createWebRouter } from '../../../src/web/server/index.ts';
import { end, eventually, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';

const erp = newEventToken();
const tms = newEventToken();
const event = { specversion: '1.0', id: '1', source: 'https://erp.example/berlin', type: 'com.example.asn.sent', data: { asn: 'A-1' } };
const structured = 'application/cloudevents+json';

describe('event in node over HTTP', () => {
  withNodeRed();
  let rig: Rig;
  let server: Server;
  let url: string;

  const flow = (config: Readonly<Record<string, unknown>> = {}): FlowNode[] => [
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    step('event-in', 'come', {
      site: 'site', from: 'http', path: 'erp', origins: 'eventgrid.example, other.example', perSecond: 50, key: '/data/asn', keyName: 'asn', maxBytes: 4_096,
      sources: [{ source: 'https://erp.example/*', tokenHash: erp.tokenHash }, { source: 'tms', tokenHash: tms.tokenHash }], contract: 'asn@1', schema: '{"required":["asn"]}', wires: [['taken']], ...config,
    }),
    end('taken'),
  ];
  const post = async (body: unknown, headers: Readonly<Record<string, string>> = {}, path = 'erp'): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> => {
    const response = await fetch(`${url}/waybill/events/${path}`, { method: 'POST', headers: { 'content-type': structured, authorization: `Bearer ${erp.token}`, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text() || '{}') as Record<string, unknown> };
  };

  beforeEach(async () => {
    rig = await Rig.open();
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: () => undefined }));
    server = createServer(app);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await rig.load(flow());
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => resolve()); });
    await rig.close();
  });

  it('answers 2xx when the case is in the ledger: structured, binary, batched, and again', async () => {
    const first = await post(event);
    assert.deepEqual([first.status, first.body], [200, { results: [{ id: '1', became: 'opened' }] }]);
    assert.equal((await rig.engine.ledger.listCases({}, { limit: 10 })).items.length, 1);
    const binary = HTTP.binary(new Peer(event));
    const again = await post(String(binary.body), Object.fromEntries(Object.entries(binary.headers).map(([name, value]) => [name, String(value)])));
    assert.deepEqual([again.status, again.body], [200, { results: [{ id: '1', became: 'duplicate' }] }]);
    const batch = await post([event, { ...event, id: '2' }, { ...event, id: '3', data: {} }], { 'content-type': 'application/cloudevents-batch+json' });
    assert.equal(batch.status, 422);
    assert.deepEqual((batch.body['results'] as { became: string }[]).map(({ became }) => became), ['duplicate', 'opened', 'quarantined']);
    assert.equal((await rig.engine.ledger.listCases({}, { limit: 10 })).items.length, 2);
  });

  it('lets nobody in without a token of its own, or for another source', async () => {
    for (const authorization of ['', 'Bearer nothing', `Basic ${erp.token}`, 'Bearer ']) {
      const answer = await post(event, { authorization });
      assert.equal(answer.status, 401, authorization);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    }
    const foreign = await post(event, { authorization: `Bearer ${tms.token}` });
    assert.deepEqual([foreign.status, foreign.body['code']], [403, 'event-source']);
    assert.equal((await post({ ...event, source: 'tms' }, { authorization: `Bearer ${tms.token}` })).status, 200);
    assert.equal((await post(event, {}, 'nobody')).status, 404);
    assert.equal((await rig.engine.ledger.listCases({}, { limit: 10 })).items.length, 1);
  });

  it('says what is wrong: 413, 415, 422 with the sentence that stands in quarantine', async () => {
    assert.equal((await post({ ...event, data: { asn: 'x'.repeat(5_000) } })).status, 413);
    for (const [body, type] of [['<x/>', 'application/xml'], ['{}', 'application/json'], ['x', 'application/cloudevents+avro']] as const) assert.equal((await post(body, { 'content-type': type })).status, 415, type);
    assert.equal((await post(event, { 'content-encoding': 'gzip' })).status, 415);
    const broken = await post({ ...event, data: {} });
    assert.deepEqual([broken.status, broken.body['code'], broken.body['type']], [422, 'event-contract', 'urn:waybill:problem:event-contract']);
    assert.match(String(broken.body['detail']), /must have required property 'asn'/);
    const { items } = await rig.engine.ledger.listQuarantine({}, { limit: 10 });
    assert.deepEqual(items.map(({ message }) => message), [broken.body['detail']]);
    assert.equal((await post('{"specversion":')).status, 422);
  });

  it('answers the handshake of webhooks to origins that are named, and to no other', async () => {
    const ask = (origin?: string, rate?: string): Promise<Response> => fetch(`${url}/waybill/events/erp`, { method: 'OPTIONS', headers: { ...(origin === undefined ? {} : { 'webhook-request-origin': origin }), ...(rate === undefined ? {} : { 'webhook-request-rate': rate }) } });
    const allowed = await ask('EventGrid.example', '120');
    assert.deepEqual([allowed.status, allowed.headers.get('webhook-allowed-origin'), allowed.headers.get('webhook-allowed-rate'), allowed.headers.get('allow')], [200, 'EventGrid.example', '120', 'POST']);
    for (const origin of ['evil.example', undefined]) {
      const answer = await ask(origin);
      assert.deepEqual([answer.status, answer.headers.get('webhook-allowed-origin')], [403, null]);
    }
  });

  it('slows one sender down without the other', async () => {
    await rig.load(flow({ perSecond: 2 }));
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => post({ ...event, id: `r-${at}` })));
    const slowed = answers.filter(({ status }) => status === 429);
    assert.ok(slowed.length >= 4 && slowed.every(({ headers }) => headers.get('retry-after') === '1'), JSON.stringify(answers.map(({ status }) => status)));
    assert.equal((await post({ ...event, source: 'tms' }, { authorization: `Bearer ${tms.token}` })).status, 200);
  });

  it('tells senders to come again while flows are deployed, and takes them then', async () => {
    rig.engine.flowsStopping();
    const answer = await post(event);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '2']);
    await rig.load(flow());
    assert.equal((await post(event)).status, 200);
    await eventually(async () => (await rig.engine.ledger.listCases({}, { limit: 10 })).items.find(({ outcome }) => outcome === 'taken'));
  });

  it('says on the node when nobody may send, or the address is taken', async () => {
    await rig.load(flow({ sources: [] }));
    assert.match(rig.shown('come').at(-1)?.text ?? '', /Nobody may send to this address/);
    await rig.load([...flow(), step('event-in', 'other', { site: 'site', from: 'http', path: 'erp', sources: [{ source: 'x', tokenHash: erp.tokenHash }], wires: [['taken']] })]);
    assert.match(`${rig.shown('come').at(-1)?.text ?? ''} ${rig.shown('other').at(-1)?.text ?? ''}`, /Another event in node has the address "erp"/);
  });
});
