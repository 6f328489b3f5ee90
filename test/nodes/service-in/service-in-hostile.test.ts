import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import express from 'express';
import { writeCallers } from '../../../src/engine/offered/callers/caller-book.ts';
import { newSecret, newToken, signatureOf } from '../../../src/engine/offered/callers/secrets.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import { createWebRouter } from '../../../src/web/server/index.ts';
import { deliveryService } from '../support/offered.ts';
import { end, Rig, step, withNodeRed } from '../support/rig.ts';

const SERVICE = deliveryService();
const here = `/waybill/services/${SERVICE.id}/${SERVICE.version}`;
const dhl = newToken();
const secret = newSecret();
const BODY = JSON.stringify({ deliveredAt: '2026-11-29T10:00:00Z', lines: [{ sscc: '340123450000000018', quantity: '12.5' }] });

interface Told { readonly status: number; readonly code: string; readonly text: string }

/** What comes of requests that no client of good will sends, byte by byte. */
describe('service in and hostile callers', () => {
  withNodeRed();
  let rig: Rig;
  let server: Server;
  let port: number;

  before(async () => {
    rig = await Rig.open();
    writeCallers(rig.home, [{ name: 'dhl', services: ['*'], tokens: [{ id: 't1', sha256: dhl.sha256, createdAt: '2026-01-01' }], secrets: [{ id: 's1', secret, createdAt: '2026-01-01' }], certificates: [], identities: [] }]);
    rig.engine.services = fixedServices([SERVICE]);
    await rig.load([
      { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
      step('service-in', 'in', { site: 'site', service: `${SERVICE.id}@${SERVICE.version}`, operation: 'confirm', key: '/shipment', keyName: 'shipment', wires: [['out']] }),
      step('service-out', 'out', { says: 'answer', httpStatus: 201, body: '{"receipt": $facts.request.shipment}', bodyType: 'jsonata', wires: [['done']] }), end('done'),
    ]);
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: () => undefined }));
    server = createServer(app);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    ({ port } = server.address() as AddressInfo);
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => resolve()); });
    await rig.close();
  });

  /** Bytes as they are, to the end of the connection. */
  const raw = (bytes: string, opened: (socket: Socket) => void = () => undefined): Promise<Told> => new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => { socket.write(bytes, () => opened(socket)); });
    socket.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('error', reject).on('close', () => {
      resolve({ status: Number(text.slice(9, 12)), code: /"code":"([^"]*)"/.exec(text)?.[1] ?? '', text });
    });
  });
  const request = (headers: readonly string[], { target = `${here}/shipments/S-1/delivery`, length = `Content-Length: ${BODY.length}`, body = BODY } = {}): string => [`POST ${target} HTTP/1.1`, 'Host: waybill', 'Connection: close', 'Content-Type: application/json', ...headers, length, '', body].join('\r\n');
  const known = `Authorization: Bearer ${dhl.token}`;
  const signed = (id: string): readonly string[] => {
    const at = String(Math.floor(Date.now() / 1_000));
    return [`webhook-id: ${id}`, `webhook-timestamp: ${at}`, `webhook-signature: v1,${signatureOf(secret, id, at, Buffer.from(BODY))}`];
  };
  const cases = async (): Promise<number> => (await rig.engine.ledger.listCases({}, { limit: 100 })).items.length;

  it('does a delivery that was listened to no second time under a key that its signature does not cover, nor at another path', async () => {
    const delivery = signed('msg_1');
    assert.equal((await raw(request(delivery))).status, 201);
    const before = await cases();
    const again = await raw(request([...delivery, 'Idempotency-Key: other']));
    assert.deepEqual([again.status, again.code], [400, 'idempotency-key-unsigned']);
    assert.match(again.text, /send the same in both, or the webhook-id alone/);
    const elsewhere = await raw(request(delivery, { target: `${here}/shipments/S-2/delivery` }));
    assert.deepEqual([elsewhere.status, elsewhere.code, await cases()], [422, 'idempotency-key-reused', before]);
    const [own, quoted] = [await raw(request([...signed('msg_2'), 'Idempotency-Key: msg_2'])), await raw(request([...signed('msg_3'), 'Idempotency-Key: "msg_3"']))];
    assert.deepEqual([own.status, quoted.status], [201, 201]);
  });

  it('asks which header counts when one came twice', async () => {
    const before = await cases();
    for (const twice of ['Idempotency-Key: k', 'Authorization: Bearer wbs_other', 'Content-Type: text/plain', 'webhook-id: b']) {
      const told = await raw(request([known, 'Idempotency-Key: k', 'webhook-id: a', twice]));
      assert.deepEqual([told.status, told.code], [400, 'header-twice'], twice);
    }
    assert.equal(await cases(), before);
  });

  it('says in a sentence what no HTTP is, and takes the absolute form of an address', async () => {
    const key = 'Idempotency-Key: h-1';
    const chunked = 'Transfer-Encoding: chunked';
    const answers = [
      await raw(request([known, key], { length: chunked, body: `5\r\n${BODY}\r\n0\r\n\r\n` })), await raw(request([known, key, 'Content-Length: 3'])), await raw(request([known, key, chunked])),
      await raw(request([known, key], { target: `${here}/shipments/St\u00fcck/delivery` })), await raw(request([known, key, `X-Long: ${'a'.repeat(100_000)}`])),
    ];
    assert.deepEqual(answers.map(({ status, code }) => [status, code]), [...Array.from({ length: 4 }, () => [400, 'request-unreadable']), [431, 'filter-too-long']]);
    for (const { text } of answers) assert.match(text, /content-type: application\/problem\+json[\s\S]*"detail":"[^"]+[.]"/i);
    assert.equal((await raw(request([known, key], { target: `http://waybill${here}/shipments/S-1/delivery` }))).status, 201);
  });

  it('keeps nobody out for those who sign something and send it drop by drop', async () => {
    const slow: Promise<Told>[] = [];
    const sockets: Socket[] = [];
    await Promise.all(Array.from({ length: 70 }, (_, i) => new Promise<void>((resolve) => {
      slow.push(raw(request(signed(`slow_${i}`), { body: BODY.slice(0, 10) }), (socket) => {
        sockets.push(socket);
        resolve();
      }));
    })));
    // The server has them all when it has answered one that came later.
    assert.equal((await raw(request([known, 'Idempotency-Key: later']))).status, 201);
    assert.equal((await raw(request(signed('quick')))).status, 201);
    const ended = await Promise.race(slow);
    assert.deepEqual([ended.status, ended.code], [408, 'body-unfinished']);
    for (const socket of sockets) socket.destroy();
    await Promise.all(slow);
  });
});
