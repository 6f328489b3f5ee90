import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { AnyEvent, RecordedEvent } from '../../src/domain/index.ts';
import type { QuarantineRow } from '../../src/ledger/port.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { ScanIntake } from '../../src/intake/mqtt/index.ts';
import { receiptService } from '../nodes/support/services.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

const TOPIC = 'acme/dc-1/receiving/dock-1/scan';
const good = (sscc: string): string => JSON.stringify({ code: `00${sscc}`, operator: 'clerk' });

describe('quarantine: map and admit', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const get = (path: string, who = 'clerk'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { headers: people[who]!.headers });
  const post = (path: string, json: object, who = 'clerk'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { method: 'POST', headers: people[who]!.headers, json });
  const put = async (text: string | Uint8Array, topic = TOPIC): Promise<string> =>
    (await test.engine.quarantine({ site: 'dc-1', reason: 'malformed', message: 'Not readable.', bytes: Buffer.from(text), topic, device: 'dock-1' })).quarantineId;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['auditor'] = await addPerson(accounts, 'auditor', ['auditor']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['clerk'], ['dc-2']);
    });
    const intake = new ScanIntake({
      openCase: () => Promise.reject(new Error('not taken from a device here')), quarantine: () => Promise.resolve(undefined), accepting: () => true, onAccepting: () => () => undefined, count: () => undefined,
    }, {
      pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'auto', fnc1: '', maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'receiving@1.0.0',
      enterprise: 'acme', site: 'dc-1', uniqueScope: 'receiving',
    });
    test.engine.addReader({
      site: 'dc-1', claims: (topic) => intake.topics.read(topic).kind === 'ours',
      read: (message, topic, anyTopic) => {
        const read = intake.read(message, topic, anyTopic);
        return read.ok ? { ok: true, openings: read.openings.map((opening) => ({ step: test.intake, ...opening })) } : read;
      },
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('shows the text, what could be meant, and what an admission would do', async () => {
    const id = await put(`{"barcode": "00340123450000000017"}x`);
    const broken = await get(`quarantine/${id}`);
    assert.equal(broken.body['text'], '{"barcode": "00340123450000000017"}x');
    assert.equal(broken.body['editable'], true);
    const preview = await post(`quarantine/${id}/preview`, { message: good('340123450000000017') });
    assert.deepEqual([preview.body['ok'], preview.body['kind'], preview.body['title']], [true, 'opens', 'SSCC 340123450000000017']);
    const refused = await post(`quarantine/${id}/preview`, { message: 'nonsense}' });
    assert.equal(refused.body['kind'], 'refused');
    assert.ok(String(refused.body['problem']).length > 10);
    assert.equal((await post(`quarantine/${id}/preview`, { message: 'x' }, 'auditor')).status, 403);
    assert.equal((await get(`quarantine/${id}`, 'elsewhere')).status, 404);
    const odd = await put('{"barcode":"00340123450000000017","operator":"clerk"}');
    const { suggestion } = (await get(`quarantine/${odd}`)).body;
    assert.match(String(suggestion), /00340123450000000017/);
    const bytes = await put(Uint8Array.of(0xff, 0xfe, 0x00));
    assert.deepEqual([(await get(`quarantine/${bytes}`)).body['text'], (await get(`quarantine/${bytes}`)).body['editable']], [null, true]);
  });

  it('admits once, with who, why, and from what; a second time is a conflict that names the case', async () => {
    const original = 'x00340123450000000024';
    const id = await put(original);
    const message = good('340123450000000024');
    const answers = await Promise.all([post(`quarantine/${id}/admission`, { message, reason: 'A letter in front of it' }), post(`quarantine/${id}/admission`, { message, reason: 'A letter in front of it' })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const { caseId, kind } = answers.find(({ status }) => status === 200)!.body as { caseId: string; kind: string };
    assert.equal(kind, 'opens');
    const second = answers.find(({ status }) => status === 409)!.body;
    assert.deepEqual([second['code'], second['caseId']], ['quarantine-admitted', caseId]);
    const me = test.engine.pseudonym(people['clerk']!.userId);
    const scan = (await test.engine.ledger.readStream(caseId)).find((event): event is RecordedEvent & { type: 'ScanRecorded' } => event.type === 'ScanRecorded');
    assert.deepEqual([scan?.data.admission?.quarantineId, scan?.data.admission?.by, scan?.data.admission?.edited, scan?.content?.reason, scan?.content?.raw], [id, me, true, 'A letter in front of it', message]);
    assert.equal(scan?.data.admission?.originalSha256, createHash('sha256').update(original).digest('hex'));
    assert.deepEqual(scan?.actor, { kind: 'person', id: me });
    const [, resolved] = await test.engine.ledger.readStream(`quarantine:${id}`);
    assert.deepEqual([resolved?.type, (resolved?.data as { caseId: string }).caseId], ['QuarantineResolved', caseId]);
    assert.equal((await get(`quarantine/${id}`)).body['status'], 'admitted');
    assert.equal((await post(`quarantine/${id}/discard`, { reason: 'late' })).status, 409);
  });

  it('records a repeat where the goods are known already, and refuses what cannot be read with what to do', async () => {
    const id = await put('y00340123450000000024');
    const preview = await post(`quarantine/${id}/preview`, { message: good('340123450000000024') });
    assert.equal(preview.body['kind'], 'repeats');
    assert.equal((await post(`quarantine/${id}/admission`, { message: 'nonsense}', reason: 'try' })).status, 422);
    const admitted = await post(`quarantine/${id}/admission`, { message: good('340123450000000024'), reason: 'Scanned again' });
    assert.deepEqual([admitted.status, admitted.body['kind'], admitted.body['caseId']], [200, 'repeats', preview.body['caseId']]);
    const unrouted = await put('z', 'somewhere/else');
    assert.equal((await post(`quarantine/${unrouted}/admission`, { message: good('340123450000000031'), topic: 'no/where', reason: 'x' })).body['code'], 'quarantine-unrouted');
    assert.equal((await post(`quarantine/${unrouted}/admission`, { message: good('340123450000000031'), topic: TOPIC, reason: 'Wrong topic' })).status, 200);
  });

  it('puts what its source knows by a name there once; anew when it has been dealt with and is another delivery', async () => {
    const held = (as: string, sameDelivery: boolean): ReturnType<typeof test.engine.quarantine> =>
      test.engine.quarantine({ site: 'dc-1', reason: 'queue-damaged', message: 'No JSON.', bytes: Buffer.from('{'), known: { as: ['queue', 'orders', as], sameDelivery } });
    const [one, two] = await Promise.all([held('m-1', false), held('m-1', false)]);
    assert.deepEqual([one.quarantineId, [one.repeated, two.repeated].sort()], [two.quarantineId, [false, true]]);
    assert.deepEqual([(await held('m-1', true)).quarantineId, (await held('m-2', true)).repeated], [one.quarantineId, false]);
    assert.equal((await post(`quarantine/${one.quarantineId}/discard`, { reason: 'a test' })).status, 204);
    assert.deepEqual(await held('m-1', true), { quarantineId: one.quarantineId, repeated: true });
    const anew = await held('m-1', false);
    assert.ok(!anew.repeated && anew.quarantineId !== one.quarantineId);
    assert.deepEqual([(await held('m-1', true)).quarantineId, (await held('m-1', false)).quarantineId], [anew.quarantineId, anew.quarantineId]);
  });

  it('shows where a document came from, takes it again whole for who may, and covers what its service masks', async () => {
    const bytes = Buffer.from(JSON.stringify({ number: '4711', note: 'x'.repeat(200_000) }));
    const put = (name: string, kept: Uint8Array): ReturnType<typeof test.engine.quarantine> => test.engine.quarantine({
      site: 'dc-1', reason: 'file-contract', message: `${name}: It breaks the contract.`, bytes: kept, topic: name, device: 'wms-1', address: test.intake.address,
      origin: { kind: 'file', system: 'wms-1', place: '/in', service: 'wms/host@1.0.0', name, claim: 'c1', encoding: '', part: '', answered: false }, known: { as: ['file', name], sameDelivery: true },
    });
    const scanned = async (): Promise<string> => (await test.engine.quarantine({ site: 'dc-1', reason: 'malformed', message: 'Not readable.', bytes: Buffer.from('x'), topic: TOPIC })).quarantineId;
    const { quarantineId: id } = await put('a.json', bytes);
    const nothing = await put('b.json', Buffer.alloc(0));
    const removeReader = test.engine.addDocumentReader({
      site: 'dc-1', kind: 'file', system: 'wms-1', place: '/in', address: test.intake.address,
      take: async (read, { name }, port) => {
        await port.openCase({ step: test.intake, site: 'dc-1', process: 'procure-to-pay', template: 'orders@1.0.0', title: `${name} with ${read.length}`, keys: [], document: {}, message: { payload: {} }, transportId: `${name} c1` });
        return undefined;
      },
    });
    test.engine.services = fixedServices([{ ...receiptService({ id: 'wms/host' }), masked: ['/note'] }]);
    const rows = (await get('quarantine')).body['items'] as readonly Record<string, unknown>[];
    assert.deepEqual(rows.filter(({ kind }) => kind === 'file').map(({ topic, covered, head }) => [topic, covered, head]), [['a.json', true, ''], ['b.json', true, '']]);
    const seen = (await get(`quarantine/${id}`, 'auditor')).body;
    assert.deepEqual([seen['covered'], Buffer.from(String(seen['head']), 'base64').length, seen['notTaken']], [undefined, 65_535, null]);
    assert.deepEqual(seen['origin'], { kind: 'file', system: 'wms-1', place: '/in', service: 'wms/host@1.0.0', name: 'a.json', answered: false });
    assert.match(String((await get(`quarantine/${nothing.quarantineId}`)).body['notTaken']), /^Nothing of it was kept/);
    const preview = (await post(`quarantine/${id}/preview`, {})).body;
    assert.deepEqual([preview['kind'], preview['title'], preview['cases']], ['opens', `a.json with ${bytes.length}`, 1]);
    assert.deepEqual([(await post(`quarantine/${id}/admission`, { reason: 'x' }, 'auditor')).status, (await post(`quarantine/${id}/admission`, { reason: 'x' }, 'elsewhere')).status], [403, 404]);
    const taken = await post(`quarantine/${id}/admission`, { reason: 'the contract was corrected' });
    assert.deepEqual([taken.status, taken.body['kind'], taken.body['cases']], [200, 'opens', 1]);
    assert.equal((await post(`quarantine/${id}/admission`, { reason: 'twice' })).body['caseId'], taken.body['caseId']);
    removeReader();
    const other = await put('c.json', bytes);
    assert.equal((await post(`quarantine/${other.quarantineId}/admission`, { reason: 'x' })).body['code'], 'quarantine-node-gone');
    assert.equal((await post(`quarantine/${await scanned()}/admission`, { reason: 'x' })).body['code'], 'quarantine-message');
  });

  it('admits nothing of which only the beginning was kept', async () => {
    const id = await put('a'.repeat(70_000));
    assert.equal((await get(`quarantine/${id}`)).body['editable'], false);
    const answer = await post(`quarantine/${id}/admission`, { message: good('340123450000000048'), reason: 'x' });
    assert.deepEqual([answer.status, answer.body['code']], [422, 'quarantine-cut']);
    assert.match(String(answer.body['detail']), /scan the goods again/);
  });

  it('is finished after a start when the process ended between the case and the word on the message', async () => {
    const id = await put('w00340123450000000055');
    // What a kill at that place leaves: the case's commit, and nothing after it.
    const { ledger } = test.engine;
    const result = await test.engine.openCase({
      step: test.intake, process: 'procure-to-pay', template: 'receiving@1.0.0', site: 'dc-1', title: 'SSCC', keys: [], document: {}, message: { payload: {} }, scan: { code: 'x', raw: 'mapped' },
      admission: { quarantineId: id, originalSha256: 'h', by: 'p', edited: false, reason: 'why', name: 'N' },
    });
    assert.equal((await ledger.getQuarantine(id))?.status, 'admitted');
    assert.deepEqual((await ledger.admissionsToFinish()).map((row: QuarantineRow) => [row.quarantine_id, row.case_id]), [[id, result.caseId]]);
    const again = await post(`quarantine/${id}/admission`, { message: good('340123450000000055'), reason: 'again' });
    assert.deepEqual([again.status, again.body['caseId']], [409, result.caseId]);
    assert.deepEqual(await ledger.admissionsToFinish(), []);
    const [, resolved] = await ledger.readStream(`quarantine:${id}`) as readonly (AnyEvent | undefined)[];
    assert.equal(resolved?.type === 'QuarantineResolved' ? resolved.content?.reason : undefined, 'why');
  });
});
