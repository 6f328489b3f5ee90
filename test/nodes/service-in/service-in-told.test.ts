import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { writeCallers } from '../../../src/engine/offered/callers/caller-book.ts';
import { newSecret, newToken, signatureOf } from '../../../src/engine/offered/callers/secrets.ts';
import { createWebRouter } from '../../../src/web/server/index.ts';
import { deliveryService } from '../support/offered.ts';
import { end, eventually, opener, plain, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';

const SERVICE = deliveryService();
const dhl = newToken();
const ups = newToken();
const secret = newSecret();

interface Told { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown>; readonly text: string }

const delivery = { deliveredAt: '2026-11-29T10:00:00Z', lines: [{ sscc: '340123450000000018', quantity: '12.5' }] };
const ANSWER = '{"receipt": request.shipment & " by " & caller.name & " " & request.lines[0].quantity}';

describe('service in that tells a request to the case that it is about', () => {
  withNodeRed();
  let rig: Rig;
  let server: Server;
  let url: string;
  const said: string[] = [];

  const flow = (change: Readonly<Record<string, unknown>> = {}): FlowNode[] => [
    opener(['wait']),
    step('wait-for-event', 'wait', { eventName: 'confirm', key: 'shipment', keyType: 'facts', recordAs: 'pod', wires: [['came'], ['late']] }), plain('came', 'end'), end('end'), end('late'),
    { id: 'place', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    step('service-in', 'in', { site: 'place', service: `${SERVICE.id}@${SERVICE.version}`, operation: 'confirm', key: '/shipment', does: 'tell', answer: ANSWER, wires: [[]], ...change }),
  ];
  let shown: FlowNode[];
  async function load(change: Readonly<Record<string, unknown>> = {}): Promise<void> {
    rig.engine.services = { services: () => [{ definition: SERVICE, status: 'published' }], service: (reference) => (reference === `${SERVICE.id}@${SERVICE.version}` ? { definition: SERVICE, status: 'published' } : undefined) };
    shown = flow(change);
    await rig.load(shown);
    rig.node('came').on('input', (msg: object) => { (rig.node('came') as unknown as { send(msg: object): void }).send(msg); });
  }
  const send = async (path: string, init: RequestInit): Promise<Told> => {
    const response = await fetch(`${url}/waybill/services/${SERVICE.id}/${SERVICE.version}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text || '{}') as Record<string, unknown> };
  };
  const confirm = (shipment: string, key: string, { token = dhl.token, ...more }: { readonly token?: string; readonly deliveredAt?: string } = {}): Promise<Told> => send(`/shipments/${shipment}/delivery`, {
    method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }, body: JSON.stringify({ ...delivery, ...more }),
  });
  const look = (path: string, token = dhl.token): Promise<Told> => send(path.slice(path.indexOf('/requests/')), { headers: { authorization: `Bearer ${token}` } });
  const waiting = async (shipment: string): Promise<string> => {
    const caseId = await rig.start({ shipment });
    await eventually(async () => ((await rig.eventsOf(caseId, 'EventAwaited')).length === 1 ? true : undefined));
    return caseId;
  };
  const correlated = async (caseId: string): Promise<number> => (await rig.eventsOf(caseId, 'EventCorrelated')).length;

  before(async () => {
    rig = await Rig.open();
    writeCallers(rig.home, [
      { name: 'dhl', services: ['*'], tokens: [{ id: 't1', sha256: dhl.sha256, createdAt: '2026-01-01' }], secrets: [{ id: 's1', secret, createdAt: '2026-01-01' }], certificates: [], identities: [] },
      { name: 'ups', services: ['*'], tokens: [{ id: 't1', sha256: ups.sha256, createdAt: '2026-01-01' }], secrets: [], certificates: [], identities: [] },
    ]);
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: (line) => { said.push(line); } }));
    server = createServer(app);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await load();
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => resolve()); });
    await rig.close();
  });

  it('gives it to the case that waits, in one commit with key and answer, and answers the same under the key, over a crash and another flow as well', async () => {
    const caseId = await waiting('S-1');
    const first = await confirm('S-1', 'k-1');
    assert.deepEqual([first.status, first.body, first.headers.get('waybill-case')], [200, { receipt: 'S-1 by dhl 12.5' }, caseId]);
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    assert.deepEqual((await rig.view(caseId)).document['pod'], { shipment: 'S-1', ...delivery });
    assert.equal((await rig.engine.ledger.listSignals({}, { limit: 10 })).items.length, 0, 'nothing is recorded beside the case');
    await rig.close(true);
    rig = await Rig.open({}, { home: rig.home });
    await load({ answer: '{"receipt": 7}' });
    const again = await confirm('S-1', 'k-1');
    assert.deepEqual([again.status, again.text, again.headers.get('waybill-case'), again.headers.get('waybill-request'), again.headers.get('idempotent-replayed')], [200, first.text, caseId, first.headers.get('waybill-request'), 'true']);
    assert.deepEqual([(await confirm('S-1', 'k-1', { deliveredAt: '2026-11-29T11:00:00Z' })).body['code'], await correlated(caseId)], ['idempotency-key-reused', 1]);
    await load();
  });

  it('refuses what no case waits for, what a closed case was about and what several wait for; the key stays free', async () => {
    const none = await confirm('S-2', 'k-2');
    assert.deepEqual([none.status, none.body['code']], [404, 'no-case-waits']);
    const one = await waiting('S-2');
    assert.deepEqual([(await confirm('S-2', 'k-2')).status, (await rig.closed(one)).outcome], [200, 'end']);
    const closed = await confirm('S-2', 'k-2b');
    assert.deepEqual([closed.status, closed.body['code']], [404, 'no-case-waits']);
    const two = [await waiting('S-3'), await waiting('S-3')];
    const several = await confirm('S-3', 'k-3');
    assert.deepEqual([several.status, several.body['code'], await correlated(two[0]!), await correlated(two[1]!)], [409, 'several-cases-wait', 0, 0]);
  });

  it('lets requests at once under one key reach the case once, and those of others nobody', async () => {
    const caseId = await waiting('S-4');
    const same = await Promise.all(Array.from({ length: 8 }, () => confirm('S-4', 'k-4')));
    assert.deepEqual([...new Set(same.map(({ status, text }) => `${status} ${text}`))], ['200 {"receipt":"S-4 by dhl 12.5"}']);
    assert.equal(await correlated(caseId), 1);
    const other = await waiting('S-5');
    const [a, b] = await Promise.all([confirm('S-5', 'k-5'), confirm('S-5', 'k-5', { token: ups.token })]);
    assert.deepEqual([[a.status, b.status].sort(), await correlated(other)], [[200, 404], 1]);
  });

  it('keeps what no case waits for yet, when it says so, and tells where to ask', async () => {
    await load({ mustMeet: false, keep: 1, keepUnit: 'hours' });
    const kept = await confirm('S-6', 'k-6');
    assert.deepEqual([kept.status, kept.headers.get('retry-after')], [202, '5']);
    const place = kept.headers.get('location')!;
    assert.deepEqual([(await look(place)).status, (await look(place, ups.token)).status, (await confirm('S-6', 'k-6')).text], [202, 404, kept.text]);
    await rig.close(true);
    rig = await Rig.open({}, { home: rig.home });
    await load({ mustMeet: false, keep: 1, keepUnit: 'hours', answer: '' });
    const caseId = await rig.start({ shipment: 'S-6' });
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    const told = await look(place);
    assert.deepEqual([told.status, told.body, told.headers.get('waybill-case')], [200, { receipt: 'S-6 by dhl 12.5' }, caseId]);
    assert.deepEqual([(await confirm('S-6', 'k-6')).text, await correlated(caseId)], [told.text, 1]);
    const misfit = await confirm('S-7', 'k-7');
    assert.deepEqual([misfit.status, misfit.body['code']], [500, 'answer-misfit']);
    assert.ok(said.some((line) => /breaks its contract.*Write one in the service in/.test(line)), said.join());
    await load({ mustMeet: false, keep: 0, keepUnit: 'hours' });
    const over = await eventually(async () => {
      const answer = await confirm('S-8', 'k-8');
      return answer.status === 202 ? undefined : answer;
    });
    assert.deepEqual([over.status, over.body['code']], [404, 'no-case-came']);
    await load();
  });

  it('takes a signed delivery once, and gives its answer to one that is signed anew', async () => {
    const caseId = await waiting('S-9');
    const now = Math.floor(Date.now() / 1_000);
    const text = JSON.stringify(delivery);
    const signed = (timestamp: number): Promise<Told> => send('/shipments/S-9/delivery', {
      method: 'POST', body: text, headers: { 'content-type': 'application/json', 'webhook-id': 'msg_9', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signatureOf(secret, 'msg_9', String(timestamp), Buffer.from(text))}` },
    });
    const first = await signed(now);
    assert.equal(first.status, 200);
    assert.deepEqual([(await signed(now)).body['code'], (await signed(now - 1)).text, (await signed(now - 1)).body['code'], await correlated(caseId)], ['webhook-replayed', first.text, 'webhook-replayed', 1]);
  });

  it('tells who signs a kept delivery anew that it is kept, and records nothing of that', async () => {
    await load({ mustMeet: false, keep: 1, keepUnit: 'hours' });
    const now = Math.floor(Date.now() / 1_000);
    const text = JSON.stringify(delivery);
    const signed = (timestamp: number): Promise<Told> => send('/shipments/S-11/delivery', {
      method: 'POST', body: text, headers: { 'content-type': 'application/json', 'webhook-id': 'msg_11', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signatureOf(secret, 'msg_11', String(timestamp), Buffer.from(text))}` },
    });
    const first = await signed(now);
    const { lastPosition } = rig.engine.ledger.health();
    const [anew, same, replay] = [await signed(now - 1), await signed(now - 1), await signed(now)];
    assert.deepEqual([first.status, anew.status, anew.text, anew.headers.get('location'), anew.headers.get('idempotent-replayed'), first.headers.get('idempotent-replayed')], [202, 202, first.text, first.headers.get('location'), 'true', null]);
    assert.deepEqual([same.text, replay.body['code']], [first.text, 'webhook-replayed']);
    assert.equal(rig.engine.ledger.health().lastPosition, lastPosition, 'nothing is recorded of who asks again');
    const caseId = await rig.start({ shipment: 'S-11' });
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    const told = await signed(now - 1);
    assert.deepEqual([told.status, told.body, (await signed(now - 1)).body['code'], await correlated(caseId)], [200, { receipt: 'S-11 by dhl 12.5' }, 'webhook-replayed', 1]);
    await load();
  });

  it('knows the keys of the time when requests opened cases', async () => {
    await load({ does: 'open', wires: [['late']] });
    const opened = await confirm('S-10', 'k-10');
    assert.equal(opened.body['code'], 'no-answer');
    await load();
    assert.equal((await confirm('S-10', 'k-10')).text, opened.text);
  });

  it('says on the node what is missing', async () => {
    for (const [change, sentence] of [[{ key: '' }, /needs a key/], [{ eventName: 'not one name' }, /no usable name/], [{ answer: '{"a": ' }, /no JSONata/], [{ mustMeet: false, keep: 91 }, /0 to 90 days/]] as const) {
      await load(change);
      assert.match(rig.shown('in').at(-1)?.text ?? '', sentence);
    }
    await load();
  });
});
