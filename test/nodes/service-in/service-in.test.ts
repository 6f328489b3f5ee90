import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createSecureServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { generate } from 'selfsigned';
import type { Caller } from '../../../src/engine/offered/callers/caller.ts';
import { callersFile, writeCallers } from '../../../src/engine/offered/callers/caller-book.ts';
import { newSecret, newToken, signatureOf } from '../../../src/engine/offered/callers/secrets.ts';
import type { KnownService } from '../../../src/engine/services/source.ts';
import { createWebRouter } from '../../../src/web/server/index.ts';
import { trustedProxies } from '../../../src/web/server/reach/index.ts';
import { deliveryService } from '../support/offered.ts';
import { end, eventually, plain, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';

const SERVICE = 'logistics/proof-of-delivery';
const here = `${SERVICE}/1.0.0`;
const dhl = newToken();
const ups = newToken();
const secret = newSecret();
const CALLERS: readonly Caller[] = [
  { name: 'dhl', services: ['logistics/*'], tokens: [{ id: 't1', sha256: dhl.sha256, createdAt: '2026-01-01' }], secrets: [{ id: 's1', secret, createdAt: '2026-01-01' }], certificates: [], identities: [] },
  { name: 'ups', services: [SERVICE], tokens: [{ id: 't1', sha256: ups.sha256, createdAt: '2026-01-01' }, { id: 'old', sha256: newToken().sha256, createdAt: '2026-01-01', until: '2026-02-01' }], secrets: [], certificates: [], identities: [] },
  { name: 'other', services: ['logistics/orders'], tokens: [], secrets: [], certificates: [], identities: [] },
];

interface Told { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown>; readonly text: string }

const delivery = { deliveredAt: '2026-11-29T10:00:00Z', lines: [{ sscc: '340123450000000018', quantity: '12.5' }] };

describe('service in over HTTP', () => {
  withNodeRed();
  let rig: Rig;
  let server: Server;
  let url: string;
  /** Messages that wait in the flow until the test lets them go on. */
  let held: ((change?: object) => void)[];
  let holding = false;
  let known: KnownService[];
  let said: string[];

  const flow = (): FlowNode[] => [
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    step('service-in', 'in', { site: 'site', service: `${SERVICE}@1.0.0`, operation: 'confirm', key: '/shipment', keyName: 'shipment', process: 'order-to-cash', template: 'delivery@1.0.0', wires: [['work']] }),
    plain('work', 'out'),
    step('service-out', 'out', { says: 'answer', httpStatus: 201, body: '{"receipt": $facts.request.shipment & "-" & payload.lines[0].quantity}', bodyType: 'jsonata', wires: [['done']] }),
    end('done'),
    step('service-in', 'ask', { site: 'site', service: `${SERVICE}@1.0.0`, operation: 'status', wires: [['no']] }),
    step('service-out', 'no', { says: 'refusal', httpStatus: 404, code: 'shipment-unknown', detail: '"There is no shipment " & $facts.request.shipment & "; look at its number."', detailType: 'jsonata', wires: [['gone']] }),
    end('gone'),
  ];

  const send = async (method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Told> => {
    const response = await fetch(`${url}/waybill/services/${path}`, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text || '{}') as Record<string, unknown> };
  };
  const confirm = (key: string, headers: Readonly<Record<string, string>> = {}, body: unknown = delivery, shipment = 'S-1'): Promise<Told> =>
    send('POST', `${here}/shipments/${shipment}/delivery`, { 'authorization': `Bearer ${dhl.token}`, 'content-type': 'application/json', 'idempotency-key': key, ...headers }, body);
  const signed = (id: string, timestamp: number, text: string, more: Readonly<Record<string, string>> = {}): Promise<Told> => send('POST', `${here}/shipments/S-9/delivery`, {
    'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signatureOf(secret, id, String(timestamp), Buffer.from(text))}`, ...more,
  }, text);
  const cases = async (): Promise<number> => (await rig.engine.ledger.listCases({}, { limit: 100 })).items.length;

  async function load(): Promise<void> {
    rig.engine.services = { services: () => known, service: (reference) => known.find(({ definition: { id, version } }) => `${id}@${version}` === reference) };
    await rig.load(flow());
    rig.node('work').on('input', (msg: object) => {
      const go = (change: object = {}): void => { (rig.node('work') as unknown as { send(msg: object): void }).send({ ...msg, ...change }); };
      if (holding) held.push(go);
      else go();
    });
  }

  beforeEach(async () => {
    rig = await Rig.open();
    held = [];
    holding = false;
    known = [{ definition: deliveryService(), status: 'published' }];
    writeCallers(rig.home, CALLERS);
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: (line) => { said.push(line); } }));
    said = [];
    server = createServer(app);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await load();
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => resolve()); });
    await rig.close();
  });

  it('answers by the case after its commit, and the same whenever it is asked again under the key', async () => {
    const first = await confirm('k-1');
    assert.deepEqual([first.status, first.body], [201, { receipt: 'S-1-12.5' }]);
    const id = first.headers.get('waybill-request')!;
    const events = await rig.events(id);
    assert.deepEqual(events.filter(({ type }) => ['ScanRecorded', 'ServiceAnswered'].includes(type)).map(({ type, data }) => [type, (data as { kind?: string; status?: number }).kind ?? (data as { status?: number }).status]), [['ScanRecorded', 'service'], ['ServiceAnswered', 201]]);
    const again = await confirm('"k-1"');
    assert.deepEqual([again.status, again.text, again.headers.get('idempotent-replayed'), again.headers.get('waybill-request')], [201, first.text, 'true', id]);
    assert.equal((await confirm('k-1', { authorization: `Bearer ${ups.token}` })).headers.get('idempotent-replayed'), null, 'another caller has keys of its own');
    assert.equal(await cases(), 2);
    const other = await confirm('k-1', {}, { ...delivery, deliveredAt: '2026-11-29T11:00:00Z' });
    assert.deepEqual([other.status, other.body['code']], [422, 'idempotency-key-reused']);
    assert.deepEqual([(await send('GET', `${here}/requests/${id}`, { authorization: `Bearer ${dhl.token}` })).text, (await send('GET', `${here}/requests/${id}`, { authorization: `Bearer ${ups.token}` })).status], [first.text, 404]);
  });

  it('lets requests at once under one key open one case, and gives all of them its answer', async () => {
    holding = true;
    const all = Promise.all(Array.from({ length: 12 }, () => confirm('k-2')));
    (await eventually(() => held[0]))();
    const answers = await all;
    assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))], ['201 {"receipt":"S-1-12.5"}']);
    assert.equal(await cases(), 1);
    assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1);
  });

  it('sends who would wait too long to where the answer will be', async () => {
    holding = true;
    const async = await confirm('k-3', { prefer: 'respond-async' });
    assert.deepEqual([async.status, async.headers.get('preference-applied'), async.headers.get('retry-after')], [202, 'respond-async', '5']);
    const place = async.headers.get('location')!;
    assert.equal(place, `/waybill/services/${here}/requests/${async.headers.get('waybill-request')!}`);
    const path = place.replace('/waybill/services/', '');
    const ask = (prefer = ''): Promise<Told> => send('GET', path, { authorization: `Bearer ${dhl.token}`, ...(prefer === '' ? {} : { prefer }) });
    assert.equal((await ask()).status, 202);
    const waits = ask('wait=20');
    (await eventually(() => held[0]))();
    assert.deepEqual([(await waits).status, (await waits).body], [201, { receipt: 'S-1-12.5' }]);
    assert.deepEqual([(await send('GET', path, {})).status, (await send('GET', `${here}/requests/nothing`, { authorization: `Bearer ${dhl.token}` })).status], [401, 404]);
  });

  it('says where the contract is broken, and records nothing', async () => {
    const answer = await confirm('k-4', {}, { ...delivery, lines: [{ sscc: '1', quantity: 12.5 }, { quantity: '3' }], 'a/b': 1 });
    assert.equal(answer.status, 422);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual((answer.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort(), ['#', '#/lines/0/quantity', '#/lines/1']);
    assert.match(String(answer.body['detail']), /mend what "errors" names/);
    for (const [body, status, code] of [['{"deliveredAt":', 400, 'body-malformed'], ['{"a":"\ud800"}'.slice(0, 4), 400, 'body-malformed'], [`${'['.repeat(500)}${']'.repeat(500)}`, 400, 'body-malformed']] as const) {
      const told = await confirm('k-4', {}, body);
      assert.deepEqual([told.status, told.body['code']], [status, code]);
    }
    assert.equal((await confirm('k-4', { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await confirm('k-4', { 'content-encoding': 'gzip' })).status, 415);
    assert.deepEqual([(await confirm('')).body['code'], (await confirm('a b')).body['code']], ['idempotency-key-missing', 'idempotency-key-invalid']);
    assert.equal(await cases(), 0);
    assert.equal((await confirm('k-4')).status, 201, 'a key is taken with what is recorded under it, and not before');
  });

  it('refuses who is not known, with what to do', async () => {
    for (const [authorization, code] of [['', 'caller-unknown'], ['Basic abc', 'caller-unknown'], ['Bearer nothing', 'token-invalid'], ['Bearer a.b.c', 'token-invalid']] as const) {
      const answer = await confirm('k', { authorization });
      assert.deepEqual([answer.status, answer.body['code']], [401, code], authorization);
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
    writeCallers(rig.home, CALLERS.map((caller) => (caller.name === 'ups' ? { ...caller, services: ['logistics/orders'] } : caller)));
    const foreign = await eventually(async () => {
      const answer = await confirm('k', { authorization: `Bearer ${ups.token}` });
      return answer.status === 403 ? answer : undefined;
    });
    assert.equal(foreign.body['code'], 'service-not-allowed');
    for (const [path, method, status, code] of [[`${SERVICE}/9.9.9/shipments/S`, 'GET', 404, 'service-unknown'], ['nowhere', 'GET', 404, 'service-unknown'], [`${here}/nothing`, 'GET', 404, 'operation-unknown'], [`${here}/shipments/S-1`, 'DELETE', 405, 'method-not-allowed']] as const) {
      const answer = await send(method, path, {});
      assert.deepEqual([answer.status, answer.body['code']], [status, code], path);
    }
  });

  it('refuses an endless body without reading it', async () => {
    const told = await new Promise<{ status: number | undefined; text: string; connection: string | undefined }>((resolve, reject) => {
      const outgoing = httpRequest(`${url}/waybill/services/${here}/shipments/S-1/delivery`, { method: 'POST', headers: { 'authorization': `Bearer ${dhl.token}`, 'content-type': 'application/json', 'idempotency-key': 'k' } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('end', () => {
          pump = false;
          outgoing.destroy();
          resolve({ status: response.statusCode, text, connection: response.headers.connection });
        });
      });
      let pump = true;
      const more = (): void => { if (pump) outgoing.write('x'.repeat(1_024), () => setImmediate(more)); };
      outgoing.on('error', (error: NodeJS.ErrnoException) => { if (pump && error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error); });
      more();
    });
    assert.deepEqual([told.status, told.connection, (JSON.parse(told.text) as { code: string }).code], [413, 'close', 'body-too-large']);
    assert.equal(await cases(), 0);
  });

  it('takes a signed delivery once: replayed, altered, old or ahead of time it is refused', async () => {
    const text = JSON.stringify(delivery);
    const now = Math.floor(Date.now() / 1_000);
    const first = await signed('msg_1', now, text);
    assert.deepEqual([first.status, first.body], [201, { receipt: 'S-9-12.5' }]);
    const replay = await signed('msg_1', now, text);
    assert.deepEqual([replay.status, replay.body['code']], [409, 'webhook-replayed']);
    const anew = await signed('msg_1', now - 1, text);
    assert.deepEqual([anew.status, anew.text], [201, first.text]);
    assert.equal((await signed('msg_1', now - 1, text)).body['code'], 'webhook-replayed');
    await rig.close(true);
    rig = await Rig.open({}, { home: rig.home });
    await load();
    assert.deepEqual([(await signed('msg_1', now, text)).body['code'], (await signed('msg_1', now - 1, text)).body['code']], ['webhook-replayed', 'webhook-replayed'], 'also after a restart');
    for (const [timestamp, sentence] of [[now - 1_000, /1\d{3} s old, and 300 s are allowed/], [now + 1_000, /ahead of this site.*look at your clock/]] as const) {
      const answer = await signed('msg_2', timestamp, text);
      assert.deepEqual([answer.status, answer.body['code']], [401, 'signature-time']);
      assert.match(String(answer.body['detail']), sentence);
    }
    const altered = await signed('msg_3', now, text, { 'webhook-id': 'msg_4' });
    assert.deepEqual([altered.status, altered.body['code']], [401, 'signature-invalid']);
    assert.equal((await signed('msg_3', now, text, { 'webhook-signature': 'v2,abc' })).body['code'], 'signature-incomplete');
    assert.equal(await cases(), 1);
  });

  it('refuses as the flow says, and asks no key of what only reads', async () => {
    const answer = await send('GET', `${here}/shipments/S%2F7?lines=true`, { authorization: `Bearer ${dhl.token}` });
    assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.body], [404, 'application/problem+json', { type: 'urn:waybill:problem:shipment-unknown', title: 'Shipment unknown', status: 404, detail: 'There is no shipment S/7; look at its number.', code: 'shipment-unknown' }]);
    assert.equal((await send('GET', `${here}/shipments/S-7?lines=perhaps`, { authorization: `Bearer ${dhl.token}` })).status, 422);
  });

  it('counts the requests of each caller, and says what is left', async () => {
    known = [{ definition: deliveryService({ limits: { concurrency: 0, perSecond: 0.01, burst: 3 } }), status: 'published' }];
    const answers: Told[] = [];
    for (let n = 0; n < 5; n += 1) answers.push(await confirm(`r-${n}`));
    assert.deepEqual(answers.map(({ status }) => status), [201, 201, 201, 429, 429]);
    assert.equal(answers[0]!.headers.get('ratelimit-policy'), '"caller";q=3;w=300');
    assert.match(answers[0]!.headers.get('ratelimit') ?? '', /^"caller";r=2;t=100$/);
    assert.ok(Number(answers[3]!.headers.get('retry-after')) > 60);
    assert.equal((await confirm('r', { authorization: `Bearer ${ups.token}` })).status, 201);
  });

  it('counts who called what, and why it was refused, by the caller that is known', async () => {
    await confirm('f-1');
    await confirm('f-1');
    await confirm('f-1', {}, { ...delivery, deliveredAt: '2026-11-29T11:00:00Z' });
    await confirm('f-2', { authorization: 'Bearer nothing' });
    await send('GET', `${SERVICE}/9.9.9/x`, {});
    writeCallers(rig.home, CALLERS.map((caller) => (caller.name === 'ups' ? { ...caller, services: ['logistics/orders'] } : caller)));
    await eventually(async () => ((await confirm('f-3', { authorization: `Bearer ${ups.token}` })).status === 403 ? true : undefined));
    const { rows } = rig.engine.serviceRequests();
    const row = (operation: string, caller: string): (typeof rows)[number] | undefined => rows.find((each) => each.operation === operation && each.caller === caller);
    const own = row('confirm', 'dhl');
    assert.deepEqual([own?.service, own?.status, own?.answered, own?.calls, own?.done, own?.again, own?.refused, own?.why], [`${SERVICE}@1.0.0`, 'published', true, 3, 1, 1, 1, [{ code: 'idempotency-key-reused', count: 1 }]]);
    assert.deepEqual([row('confirm', '')?.why, row('', '')?.why], [[{ code: 'token-invalid', count: 1 }], [{ code: 'service-unknown', count: 1 }]]);
    assert.ok(row('confirm', 'ups')?.why.some(({ code }) => code === 'service-not-allowed'), 'whose token it is is known');
    assert.deepEqual([row('status', '')?.calls, row('status', '')?.lastAt], [0, null], 'what nobody has called is there as well');
  });

  it('bounds what one caller has under way', async () => {
    known = [{ definition: deliveryService({ limits: { concurrency: 1, perSecond: 500, burst: 500 } }), status: 'published' }];
    holding = true;
    const first = confirm('b-1');
    await eventually(() => held[0]);
    const second = await confirm('b-2');
    assert.deepEqual([second.status, second.body['code'], second.headers.get('retry-after')], [429, 'too-many-at-once', '1']);
    holding = false;
    assert.equal((await confirm('b-3', { authorization: `Bearer ${ups.token}` })).status, 201);
    held[0]!();
    assert.equal((await first).status, 201);
    assert.equal(await cases(), 2);
  });

  it('tells of the end of a version, and ends it', async () => {
    const [first] = known as [KnownService];
    known = [{ ...first, status: 'deprecated', deprecatedAt: '2026-11-01T00:00:00Z', sunset: '2027-06-30', successor: `${SERVICE}@2.0.0` }];
    const { headers } = await confirm('d-1');
    assert.deepEqual([headers.get('deprecation'), headers.get('sunset'), headers.get('link')], ['@1793491200', 'Wed, 30 Jun 2027 00:00:00 GMT', `</waybill/services/${SERVICE}/2.0.0/openapi.json>; rel="successor-version"`]);
    known = [{ ...known[0]!, status: 'retired' }];
    const gone = await confirm('d-1');
    assert.deepEqual([gone.status, gone.body['code']], [410, 'service-retired']);
    assert.match(String(gone.body['detail']), /Call logistics\/proof-of-delivery@2\.0\.0 instead/);
  });

  it('tells callers to come again while flows are deployed, and gives the answer of what went on meanwhile', async () => {
    holding = true;
    const pending = await confirm('p-1', { prefer: 'respond-async' });
    assert.equal(pending.status, 202);
    await eventually(() => held[0]);
    rig.engine.flowsStopping();
    const answer = await confirm('p-2');
    assert.deepEqual([answer.status, answer.headers.get('retry-after'), answer.body['code']], [503, '2', 'service-unavailable']);
    assert.equal((await send('GET', `${SERVICE}/9.9.9/x`, {})).status, 503, 'what is unknown now may be known in a moment');
    holding = false;
    await load();
    const later = await eventually(async () => {
      const told = await confirm('p-1');
      return told.status === 202 ? undefined : told;
    });
    assert.deepEqual([later.status, later.body], [201, { receipt: 'S-1-12.5' }]);
    assert.equal(await cases(), 1);
  });

  it('knows a caller by its client certificate, of the connection or of a declared proxy', async () => {
    const make = async (name: string): Promise<{ readonly cert: string; readonly private: string; readonly sha256: string; readonly der: string }> => {
      const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keySize: 2_048 });
      const read = new X509Certificate(cert);
      return { cert, private: key, sha256: read.fingerprint256.replaceAll(':', '').toLowerCase(), der: read.raw.toString('base64') };
    };
    const [own, mine, stranger] = await Promise.all([make('localhost'), make('tms'), make('stranger')]);
    writeCallers(rig.home, [{ name: 'tms', services: ['*'], tokens: [], secrets: [], identities: [], certificates: [{ sha256: mine.sha256 }] }]);
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: () => undefined }));
    const secure = createSecureServer({ cert: own.cert, key: own.private, requestCert: true, rejectUnauthorized: false }, app);
    await new Promise<void>((resolve) => { secure.listen(0, '127.0.0.1', resolve); });
    const ask = (client: { readonly cert: string; readonly private: string } | undefined): Promise<readonly [status: number | undefined, code: string | undefined]> => new Promise((resolve, reject) => {
      const outgoing = httpsRequest(`https://127.0.0.1:${(secure.address() as AddressInfo).port}/waybill/services/${here}/shipments/S-3/delivery`, {
        method: 'POST', rejectUnauthorized: false, agent: false, headers: { 'content-type': 'application/json', 'idempotency-key': 'c-1' }, ...(client === undefined ? {} : { cert: client.cert, key: client.private }),
      }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('end', () => { resolve([response.statusCode, (JSON.parse(text) as { code?: string }).code]); });
      }).on('error', reject);
      outgoing.end(JSON.stringify(delivery));
    });
    const known = await eventually(async () => {
      const answer = await ask(mine);
      return answer[0] === 201 ? answer : undefined;
    });
    assert.deepEqual([known, await ask(stranger), await ask(undefined)], [[201, undefined], [401, 'certificate-unknown'], [401, 'caller-unknown']]);
    secure.closeAllConnections();
    await new Promise<void>((resolve) => { secure.close(() => resolve()); });
    for (const [proxies, shows, status] of [['loopback', true, 201], ['loopback', false, 401], [undefined, true, 401]] as const) {
      const behind = express();
      behind.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: () => undefined, proxies: trustedProxies(proxies), proxyShowsCertificates: shows }));
      const plainServer = createServer(behind);
      await new Promise<void>((resolve) => { plainServer.listen(0, '127.0.0.1', resolve); });
      const response = await fetch(`http://127.0.0.1:${(plainServer.address() as AddressInfo).port}/waybill/services/${here}/shipments/S-3/delivery`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': 'c-1', 'client-cert': `:${mine.der}:` }, body: JSON.stringify(delivery) });
      assert.equal(response.status, status, `${String(proxies)} ${String(shows)}`);
      await response.text();
      plainServer.closeAllConnections();
      await new Promise<void>((resolve) => { plainServer.close(() => resolve()); });
    }
    assert.equal(await cases(), 1);
  });

  it('lets nobody in while the callers cannot be read, and says so to whoever looks after the site', async () => {
    writeFileSync(callersFile(rig.home), '{"callers":[{}]}');
    const answer = await eventually(async () => {
      const told = await confirm('x-1');
      return told.status === 503 ? told : undefined;
    });
    assert.deepEqual([answer.body['code'], answer.headers.get('retry-after')], ['service-unavailable', '2']);
    assert.ok(said.some((line) => /callers\.json is damaged; put back a copy/.test(line)), said.join());
  });

  it('holds back an answer that breaks its contract, and gives the one that a person lets go', async () => {
    await rig.load(flow().map((node) => (node.id === 'out' ? { ...node, body: '{"receipt": 7}' } : node)));
    rig.node('work').on('input', (msg: object) => { (rig.node('work') as unknown as { send(msg: object): void }).send(msg); });
    const pending = await confirm('m-1', { prefer: 'respond-async' });
    const id = pending.headers.get('waybill-request')!;
    const { exception_id: exceptionId, code, message } = await rig.exception(id);
    assert.equal(code, 'answer-misfit');
    assert.match(message ?? '', /\/receipt must be string/);
    await load();
    await rig.resolve(exceptionId, 'retry');
    const told = await confirm('m-1');
    assert.deepEqual([told.status, told.body], [201, { receipt: 'S-1-12.5' }]);
  });

  it('leaves nobody waiting for a case that ended without an answer', async () => {
    await rig.load(flow().map((node) => (node.id === 'work' ? { ...node, wires: [['done']] } : node)));
    rig.node('work').on('input', (msg: object) => { (rig.node('work') as unknown as { send(msg: object): void }).send(msg); });
    const told = await confirm('n-1');
    assert.deepEqual([told.status, told.body['code'], (await confirm('n-1')).text], [500, 'no-answer', told.text]);
  });
});
