import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { readEdi, toJson } from '../../../src/connectors/edi/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { serviceProblems } from '../../../src/domain/service/index.ts';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import type { Caller } from '../../../src/engine/offered/callers/caller.ts';
import { writeCallers } from '../../../src/engine/offered/callers/caller-book.ts';
import { newToken } from '../../../src/engine/offered/callers/secrets.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import { createWebRouter } from '../../../src/web/server/index.ts';
import { edifactOrders, interchange, order, postedOrders, postedReceipts } from '../support/edi-services.ts';
import { deliveryService } from '../support/offered.ts';
import { end, Rig, step, withNodeRed, type FlowNode } from '../support/rig.ts';

const acme = newToken();
const stranger = newToken();
const CALLERS: readonly Caller[] = [
  { name: 'acme', services: ['partner/*'], tokens: [{ id: 't1', sha256: acme.sha256, createdAt: '2026-01-01' }], secrets: [], certificates: [], identities: [] },
  { name: 'stranger', services: ['logistics/*'], tokens: [{ id: 't1', sha256: stranger.sha256, createdAt: '2026-01-01' }], secrets: [], certificates: [], identities: [] },
];
const takes = { effect: 'reads', recovery: { by: 'safe' } } as const;
const ediService: ServiceDefinition = deliveryService({
  id: 'partner/acme', title: 'ACME', protocol: 'edi', offered: { admits: ['token'], maxBytes: 8_192, waitMs: 20_000 },
  operations: postedOrders,
});
const layout: JsonObject = {
  delimiter: ';', records: [
    { name: 'header', fields: [{ name: 'kind', column: 1, is: 'H' }, { name: 'number', column: 2, required: true }] },
    { name: 'lines', many: true, fields: [{ name: 'kind', column: 1, is: 'L' }, { name: 'item', column: 2 }, { name: 'quantity', column: 3, as: 'decimal' }] },
  ],
};
const fileService: ServiceDefinition = deliveryService({
  id: 'partner/files', title: 'Files', protocol: 'file', offered: { admits: ['token'], maxBytes: 8_192, waitMs: 20_000 },
  operations: {
    receipts: { ...takes, title: 'Take receipts', answer: { type: 'object', properties: { header: { type: 'object', properties: { number: { type: 'string', pattern: '^\\d+$' } } } } }, binding: { path: '/receipts', format: 'csv', layout, identity: '/header/number' } },
    wide: postedReceipts,
    deliveries: { ...takes, title: 'Take deliveries', binding: { path: '/deliveries', format: 'idoc', type: 'DELVRY07', control: { SNDPRN: 'S4', RCVPRN: 'WB' } } },
  },
});

interface Told { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: JsonObject }

describe('service in: documents over HTTP', () => {
  withNodeRed();
  let rig: Rig;
  let server: Server;
  let url: string;

  const flow = (): FlowNode[] => [
    { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    step('service-in', 'orders', { does: 'take', site: 'site', service: 'partner/acme@1.0.0', operation: 'orders', process: 'order-to-cash', template: 'order@1.0.0', key: '/number', keyName: 'order', wires: [['done']] }),
    step('service-in', 'receipts', { does: 'take', site: 'site', service: 'partner/files@1.0.0', operation: 'receipts', process: 'procure-to-pay', template: 'receipt@1.0.0', key: '/header/number', wires: [['done']] }),
    step('service-in', 'deliveries', { does: 'take', site: 'site', service: 'partner/files@1.0.0', operation: 'deliveries', process: 'procure-to-pay', template: 'delivery@1.0.0', wires: [['done']] }),
    step('service-in', 'implementation', { does: 'take', site: 'site', service: 'partner/acme@1.0.0', operation: 'implementation', process: 'order-to-cash', template: 'order@1.0.0', key: '/number', keyName: 'order', wires: [['done']] }),
    step('service-in', 'edifact', { does: 'take', site: 'site', service: 'partner/acme@1.0.0', operation: 'edifact', process: 'order-to-cash', template: 'order@1.0.0', key: '/number', keyName: 'order', wires: [['done']] }),
    step('service-in', 'wide', { does: 'take', site: 'site', service: 'partner/files@1.0.0', operation: 'wide', process: 'procure-to-pay', template: 'receipt@1.0.0', key: '/header/number', wires: [['done']] }),
    end('done'),
  ];
  const start = async (more: { readonly home?: string } = {}): Promise<void> => {
    rig = await Rig.open({}, more);
    writeCallers(rig.home, CALLERS);
    rig.engine.services = fixedServices([ediService, fileService]);
    await rig.load(flow());
  };
  before(async () => {
    await start();
    const app = express();
    app.use('/waybill', createWebRouter({ waybill: () => rig.engine, log: () => undefined }));
    server = createServer(app);
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => { server.close(() => resolve()); });
    await rig.close();
  });

  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>>): Promise<Told> => {
    const response = await fetch(`${url}/waybill/services/partner/${path}`, { method: 'POST', headers: { authorization: `Bearer ${acme.token}`, ...headers }, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) as JsonObject : {} };
  };
  const orders = (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Told> => post('acme/1.0.0/orders', body, { 'content-type': 'application/edi-x12', ...headers });
  const titles = async (): Promise<readonly string[]> => (await rig.engine.ledger.listCases({}, { limit: 100 })).items.map(({ title }) => title);
  const acknowledgement = (text: string): JsonObject => toJson(readEdi(Buffer.from(text, 'latin1'))).file.interchanges[0]?.groups[0]?.messages[0]?.document as unknown as JsonObject;

  it('is a definition that nothing is wrong with', () => {
    assert.deepEqual([...serviceProblems(ediService), ...serviceProblems(fileService)], []);
    const wrong = serviceProblems({ ...ediService, operations: { send: { ...ediService.operations['orders']!, effect: 'writes', binding: { path: '/{x}', method: 'PUT' } } } });
    for (const at of ['/operations/send/effect', '/operations/send/binding/method', '/operations/send/binding/path']) assert.ok(wrong.some((each) => each.at === at), at);
  });

  it('opens a case for each order, answers with the 997, and the same when the same body comes again, after a restart as well', async () => {
    const body = interchange('000000001', [order('PO-1'), order('PO-2')]);
    const first = await orders(body);
    assert.deepEqual([first.status, first.headers.get('content-type'), first.headers.get('idempotent-replayed')], [200, 'application/edi-x12', null]);
    assert.deepEqual([acknowledgement(first.text)['status'], acknowledgement(first.text)['accepted']], ['accepted', '2']);
    assert.deepEqual([...await titles()].sort(), ['850 PO-1 from ZZ:ACME', '850 PO-2 from ZZ:ACME']);
    const row = (await rig.engine.ledger.listCases({}, { limit: 100 })).items.find(({ title }) => title.includes('PO-1'));
    const { document, keys } = await rig.closed(row?.case_id ?? '');
    assert.deepEqual([document['caller'], (document['file'] as JsonObject)['controlNumber'], keys.map(({ type, value }) => [type, value])], [{ name: 'acme', by: 'token' }, '000000001', [['order', 'PO-1']]]);
    await rig.close(true);
    await start({ home: rig.home });
    const again = await Promise.all([orders(body), orders(body)]);
    for (const { status, text, headers } of again) assert.deepEqual([status, text, headers.get('idempotent-replayed')], [200, first.text, 'true']);
    assert.equal((await orders(`${body}\r\n`)).text.trimEnd(), first.text.trimEnd(), 'line ends behind it are layout');
    assert.equal((await titles()).length, 2);
    const other = await orders(interchange('000000001', [order('PO-9')]));
    assert.deepEqual([other.status, other.body['code']], [409, 'same-control-number']);
    assert.match(String(other.body['detail']), /for another document; ask for it under a number of its own/);
    assert.equal((await titles()).length, 2);
  });

  it('goes on with what was begun when it ended between the cases and the answer', async () => {
    const body = interchange('000000002', [order('PO-3')]);
    const { numbers } = rig.engine;
    const take = numbers.take.bind(numbers);
    numbers.take = () => Promise.reject(Object.assign(new Error('the ledger is closed'), { name: 'LedgerError' }));
    assert.equal((await orders(body)).status, 503);
    numbers.take = take;
    assert.equal((await titles()).filter((title) => title.includes('PO-3')).length, 1);
    await rig.close(true);
    await start({ home: rig.home });
    const answer = await orders(body);
    assert.deepEqual([answer.status, acknowledgement(answer.text)['status']], [200, 'accepted']);
    assert.equal((await titles()).filter((title) => title.includes('PO-3')).length, 1);
  });

  it('names the place of a damaged segment and of what breaks the contract, and takes the good orders beside them', async () => {
    const damaged = (text: string, number: string): string => text.replace(new RegExp(`(?<=\\*${number}\\*\\*)20261102`), '20261302');
    const bad = await orders(damaged(interchange('000000003', [order('PO-4')]), 'PO-4'));
    assert.deepEqual([bad.status, bad.body['code'], acknowledgement(String(bad.body['acknowledgement']))['status']], [422, 'edi-damaged', 'rejected']);
    const [place] = bad.body['errors'] as readonly JsonObject[];
    assert.deepEqual([place?.['tag'], place?.['segment'], place?.['element'], place?.['message']], ['BEG', 2, 5, '0001']);
    assert.match(String(bad.body['detail']), /segment 2 BEG, element 5.*"20261302" is no date/);
    const misfit = await orders(interchange('000000004', [order('PO-5', '0.5')]));
    assert.deepEqual([misfit.status, (misfit.body['errors'] as readonly JsonObject[])[0]?.['pointer']], [422, '#/lines/0/quantity/value']);
    const partly = await orders(damaged(interchange('000000005', [order('PO-6'), order('PO-7')]), 'PO-7'));
    assert.deepEqual([partly.status, acknowledgement(partly.text)['status']], [200, 'partially-accepted']);
    const there = await titles();
    assert.deepEqual(['PO-4', 'PO-5', 'PO-6', 'PO-7'].map((number) => there.some((title) => title.includes(number))), [false, false, true, false]);
    assert.equal((await rig.engine.ledger.listQuarantine({}, { limit: 100 })).items.length, 0, 'its sender knows');
  });

  it('refuses who may not, what is announced as something else, what is too large, and another partner', async () => {
    const body = interchange('000000006', [order('PO-8')]);
    const before = await titles();
    const answers = [
      await orders(body, { authorization: 'Bearer wbs_nobody' }), await orders(body, { authorization: `Bearer ${stranger.token}` }), await orders(body, { 'content-type': 'application/json' }),
      await orders(body.padEnd(8_193, '\n')), await orders(body.replace('ACME           ', 'EVIL           ')), await orders('hello'),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [401, 403, 415, 413, 422, 422]);
    assert.deepEqual([answers[2]?.headers.get('accept'), answers[4]?.body['code'], answers[5]?.body['code']], ['application/edi-x12', 'edi-partner', 'edi-damaged']);
    assert.deepEqual(await titles(), before);
    assert.equal((await orders(body)).status, 200, 'none of it took the number');
  });

  it('takes CSV and IDocs, each once by what it is known by', async () => {
    const csv = (body: string): Promise<Told> => post('files/1.0.0/receipts', body, { 'content-type': 'text/csv; charset=utf-8' });
    const first = await csv('H;4711\nL;A;10.50\n');
    const again = await csv('H;4711\nL;A;10.50\n');
    assert.deepEqual([first.status, (first.body['cases'] as readonly string[]).length, again.text, again.headers.get('idempotent-replayed')], [200, 1, first.text, 'true']);
    const other = await csv('H;4711\nL;A;99\n');
    assert.deepEqual([other.status, other.body['code']], [409, 'same-document']);
    const misfit = await csv('H;x\nL;A;1\n');
    assert.deepEqual([misfit.status, misfit.body['code'], (misfit.body['errors'] as readonly JsonObject[])[0]?.['pointer']], [422, 'file-contract', '#/header/number']);
    const damaged = await csv('H;4712\nL;A;ten\n');
    assert.deepEqual([damaged.status, damaged.body['code']], [422, 'file-damaged']);
    assert.match(String(damaged.body['detail']), /line 2/);
    const idoc = await post('files/1.0.0/deliveries', '<DELVRY07><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>0000000000000007</DOCNUM><IDOCTYP>DELVRY07</IDOCTYP><MESTYP>DESADV</MESTYP><SNDPRN>S4</SNDPRN><RCVPRN>WB</RCVPRN></EDI_DC40><E1EDL20 SEGMENT="1"><VBELN>80000001</VBELN></E1EDL20></IDOC></DELVRY07>', { 'content-type': 'application/xml' });
    assert.equal(idoc.status, 200);
    assert.ok((await titles()).includes('DESADV 7 from S4'));
  });

  it('lets the same body that comes several times at once be one case, under one number', async () => {
    const body = interchange('000000021', [order('PO-21'), order('PO-22')]);
    const answers = await Promise.all(Array.from({ length: 8 }, () => orders(body)));
    assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1, answers[0]?.text);
    assert.deepEqual((await titles()).filter((title) => /PO-2[12]/.test(title)).length, 2);
    const next = acknowledgement((await orders(interchange('000000022', [order('PO-23')]))).text);
    assert.equal(next['status'], 'accepted');
    const numbers = [answers[0]!.text, (await orders(interchange('000000022', [order('PO-23')]))).text].map((text) => Number(toJson(readEdi(Buffer.from(text, 'latin1'))).file.interchanges[0]?.['controlNumber']));
    assert.equal(numbers[1], numbers[0]! + 1, 'eight times took one number');
  });

  it('answers X12 by a 999 where the service says so', async () => {
    const implementation = (body: string): Promise<Told> => post('acme/1.0.0/implementation', body, { 'content-type': 'application/edi-x12' });
    const body = interchange('000000031', [order('PO-31')]);
    const [first, again] = [await implementation(body), await implementation(body)];
    const { messages } = toJson(readEdi(Buffer.from(first.text, 'latin1'))).file.interchanges[0]!.groups[0]!;
    assert.deepEqual([first.status, first.headers.get('content-type'), messages[0]?.message, messages[0]?.document?.['status'], again.text, again.headers.get('idempotent-replayed')], [200, 'application/edi-x12', '999', 'accepted', first.text, 'true']);
    const bad = await implementation(interchange('000000032', [order('PO-32'), order('PO-33')]).replace(/(?<=\*PO-33\*\*)20261102/, '20261302'));
    const refused = acknowledgement(bad.text);
    assert.deepEqual([bad.status, refused['status']], [200, 'partially-accepted']);
    assert.match(bad.text, /IK3\*BEG\*2[\s\S]*IK4\*5/);
  });

  it('takes EDIFACT in its own character set, and answers by CONTRL', async () => {
    const edifact = (body: Buffer): Promise<Told> => post('acme/1.0.0/edifact', new Uint8Array(body), { 'content-type': 'application/edifact' });
    const body = edifactOrders('REF1', ['PO-41', 'PO-42']);
    const [first, again] = [await edifact(body), await edifact(body)];
    assert.deepEqual([first.status, first.headers.get('content-type'), again.text, again.headers.get('idempotent-replayed')], [200, 'application/edifact', first.text, 'true'], first.text);
    assert.match(first.text, /^UNA:\+\.\? '\r\nUNB\+UNOC:3\+4098765000003:14\+4012345000009:14\+\d{6}:\d{4}\+1'\r\nUNH\+1\+CONTRL:D:3:UN'\r\nUCI\+REF1\+.*\+7'/);
    const row = (await rig.engine.ledger.listCases({}, { limit: 100 })).items.find(({ title }) => title.includes('PO-41'));
    assert.match(JSON.stringify((await rig.closed(row?.case_id ?? '')).document['document']), /Müller \+ Söhne/);
    const partly = await edifact(Buffer.from(edifactOrders('REF2', ['PO-43', 'PO-44']).toString('latin1').replace(/(?<=\+PO-44\+9'\r\n)DTM\+137:20261129/, 'DTM+137:20261329'), 'latin1'));
    assert.equal(partly.status, 200);
    assert.match(partly.text, /UCI\+REF2\+.*\+7'\r\nUCM\+2\+.*\+4'\r\nUCS\+3/);
    const none = await edifact(Buffer.from(edifactOrders('REF3', ['PO-45']).toString('latin1').replace('DTM+137:20261129', 'DTM+137:20261329'), 'latin1'));
    assert.deepEqual([none.status, none.body['code']], [422, 'edi-damaged']);
    assert.match(String(none.body['acknowledgement']), /UCM\+1/);
    const other = await edifact(edifactOrders('REF1', ['PO-46']));
    assert.deepEqual([other.status, other.body['code']], [409, 'same-control-number']);
    const there = await titles();
    assert.deepEqual(['PO-41', 'PO-42', 'PO-43', 'PO-44', 'PO-45', 'PO-46'].map((number) => there.filter((title) => title.includes(number)).length), [1, 1, 1, 0, 0, 0]);
  });

  it('takes lines of fixed widths, and says in which one something is wrong', async () => {
    const wide = (body: string): Promise<Told> => post('files/1.0.0/wide', body, { 'content-type': 'text/plain; charset=utf-8' });
    const body = 'HRC-1      \nLSKU-1   000000010500\n';
    const [first, again] = [await wide(body), await wide(body)];
    assert.deepEqual([first.status, (first.body['cases'] as readonly string[]).length, again.text, again.headers.get('idempotent-replayed')], [200, 1, first.text, 'true'], first.text);
    const { document } = await rig.closed(first.headers.get('waybill-case') ?? '');
    assert.deepEqual((document['document'] as JsonObject)['lines'], [{ item: 'SKU-1', quantity: '10.500' }]);
    const damaged = await wide('HRC-2      \nLSKU-1   0000000105x0\n');
    assert.deepEqual([damaged.status, damaged.body['code']], [422, 'file-damaged']);
    assert.match(String(damaged.body['detail']), /line 2/);
    assert.deepEqual([(await wide('')).status, (await wide('HRC-1      \nLSKU-1   000000099000\n')).body['code']], [422, 'same-document']);
  });

  it('describes itself in OpenAPI', async () => {
    const response = await fetch(`${url}/waybill/services/partner/acme/1.0.0/openapi.json`, { headers: { authorization: `Bearer ${acme.token}` } });
    const { paths } = await response.json() as { readonly paths: Readonly<Record<string, { readonly post?: { readonly requestBody: { readonly content: object } } }>> };
    assert.deepEqual(Object.keys(paths['/orders']?.post?.requestBody.content ?? {}), ['application/edi-x12']);
  });
});
