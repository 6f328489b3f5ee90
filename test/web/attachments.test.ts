import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachmentPath, attachmentsFolder } from '../../src/ledger/attachments/store.ts';
import { ledgerFiles } from '../../src/ledger/sqlite/files.ts';
import { verifyFile } from '../../src/ledger/sqlite/verify.ts';
import { UploadLimit } from '../../src/web/server/upload-limit.ts';
import { comment, exif, jpeg, png, webp } from '../support/photos.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;
const items = (body: Record<string, unknown>): Item[] => body['items'] as Item[];

describe('web: photos', () => {
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  const people: Record<string, { readonly userId: string; readonly headers: { readonly authorization: string } }> = {};
  const by = (name: string) => people[name]!.headers;
  let serial = 0;

  before(async () => {
    running = await startEngine(async (store) => {
      for (const [name, role, sites] of [
        ['chris', 'clerk', ['dc-1']], ['sam', 'receiving-supervisor', ['dc-1']], ['dana', 'clerk', ['dc-2']], ['alex', 'auditor', ['*']], ['morgan', 'site-manager', ['dc-1']], ['olga', 'operator', ['dc-1']],
      ] as const) people[name] = await addPerson(store, name, [role], sites);
    });
    server = await startServer(() => running.engine);
    api = server.api;
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const upload = async (bytes: Uint8Array, type = 'image/jpeg', who = 'chris') => {
    const response = await fetch(`${api}/attachments`, { method: 'POST', headers: { ...by(who), 'content-type': type }, body: Buffer.from(bytes) });
    return { status: response.status, body: await response.json() as Item };
  };
  /** A picture that no other test has. */
  const fresh = (): Buffer => jpeg([], Buffer.alloc(0), (serial += 1));
  const raised = async (site = 'dc-1'): Promise<Item> => {
    const caseId = await running.scan({ kind: 'odd', sscc: `3401234560000${String(serial += 1).padStart(5, '0')}`, site, operator: 'olga' });
    return await eventually(async () => items((await ask(`${api}/exceptions?caseId=${caseId}`, { headers: by(site === 'dc-1' ? 'chris' : 'dana') })).body)[0]);
  };
  const attach = (item: Item, json: Item, who = 'chris') => ask(`${api}/exceptions/${String(item['exceptionId'])}/photos`, { method: 'POST', headers: by(who), json });
  const fetchPhoto = (sha256: unknown, who = 'chris') => fetch(`${api}/attachments/${String(sha256)}`, { headers: by(who) });

  it('are brought, attached to an exception, and shown to people of its site alone', async () => {
    const item = await raised();
    const { status, body } = await upload(jpeg([exif(6), comment('camera of Olga')], Buffer.from('<html>')));
    assert.equal(status, 201);
    assert.equal((await fetchPhoto(body['sha256'])).status, 404, 'attached to nothing yet');
    assert.equal((await attach(item, { sha256: body['sha256'], caption: 'The <b>corner</b> is wet' })).status, 204);
    assert.equal((await attach(item, { sha256: body['sha256'] })).status, 204, 'a second time is the same');
    const [photo, ...more] = (await ask(`${api}/exceptions/${String(item['exceptionId'])}`, { headers: by('sam') })).body['photos'] as Item[];
    assert.equal(more.length, 0);
    assert.deepEqual([photo?.['sha256'], photo?.['caption'], photo?.['mime'], photo?.['erased']], [body['sha256'], 'The <b>corner</b> is wet', 'image/jpeg', false]);
    const answer = await fetchPhoto(body['sha256'], 'sam');
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), body['sha256']);
    assert.doesNotMatch(bytes.toString('latin1'), /Olga|html|GPS/);
    assert.equal(answer.headers.get('content-type'), 'image/jpeg');
    assert.match(String(answer.headers.get('content-disposition')), /^attachment; filename="photo-[0-9a-f]{12}\.jpg"$/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(String(answer.headers.get('content-security-policy')), /sandbox/);
    assert.match(String(answer.headers.get('cache-control')), /private.*immutable/);
    assert.equal((await fetchPhoto(body['sha256'], 'dana')).status, 404, 'another site');
    assert.equal((await fetchPhoto(body['sha256'], 'olga')).status, 403);
  });

  it('cannot be had by knowing their hash', async () => {
    const [here, there] = [await raised(), await raised('dc-2')];
    const { body } = await upload(fresh(), 'image/jpeg', 'dana');
    assert.equal((await attach(there, { sha256: body['sha256'] }, 'dana')).status, 204);
    const taken = await attach(here, { sha256: body['sha256'] });
    assert.deepEqual([taken.status, taken.body['code']], [404, 'attachment-unknown']);
    assert.equal((await attach(there, { sha256: body['sha256'] })).status, 404, 'another site\'s exception');
  });

  it('are refused when they are none', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    assert.deepEqual((await upload(svg, 'image/svg+xml')).body['code'], 'media-type');
    assert.equal((await upload(svg, 'image/svg+xml')).status, 415);
    for (const type of ['image/jpeg', 'image/png', 'image/webp']) assert.deepEqual([(await upload(svg, type)).status, (await upload(svg, type)).body['code']], [422, 'image-invalid'], type);
    assert.equal((await upload(png(), 'image/jpeg')).body['code'], 'image-invalid');
    assert.equal((await upload(Buffer.concat([Buffer.from('<html><script>'), fresh()]), 'image/jpeg')).body['code'], 'image-invalid');
    assert.equal((await upload(Buffer.alloc(0), 'image/jpeg')).status, 400);
    assert.equal((await upload(Buffer.concat([fresh(), Buffer.alloc(4 * 1024 * 1024)]))).status, 413);
    assert.equal((await upload(png(), 'image/png')).status, 201);
    assert.equal((await upload(webp(), 'image/webp')).status, 201);
    assert.equal((await fetch(`${api}/attachments`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body: Buffer.from(fresh()) })).status, 401);
  });

  it('have no path but their hash', async () => {
    for (const path of ['..%2f..%2fledger.db', '%2e%2e', `${'a'.repeat(63)}/`, 'A'.repeat(64), '../../accounts.db', `${'a'.repeat(64)}%00`]) {
      const { status } = await fetch(`${api}/attachments/${path}`, { headers: by('alex') });
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
    }
    const item = await raised();
    assert.equal((await attach(item, { sha256: '../../../../etc/passwd' })).status, 400);
    assert.equal((await attach(item, { sha256: 'f'.repeat(64) })).status, 404);
  });

  it('are on disk before the ledger says so, whole, and readable by their owner alone', async () => {
    const { body } = await upload(fresh());
    const path = attachmentPath(running.home, String(body['sha256']));
    assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), body['sha256']);
    const folder = attachmentsFolder(running.home);
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.part'));
    assert.deepEqual(left, []);
  });

  it('that were brought and never attached go after a day, those that are attached stay', async () => {
    const item = await raised();
    const [kept, lost] = [await upload(fresh()), await upload(fresh())];
    await attach(item, { sha256: kept.body['sha256'] });
    const folder = attachmentsFolder(running.home);
    // What a crash left over between file and name.
    mkdirSync(join(folder, 'aa'), { recursive: true });
    writeFileSync(join(folder, 'aa', '.crash.part'), 'half');
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) utimesSync(join(folder, name), yesterday, yesterday);
    assert.equal((await attach(item, { sha256: lost.body['sha256'] })).status, 404, 'too late');
    const { Attachments } = await import('../../src/engine/attachments.ts');
    const { Pseudonyms } = await import('../../src/engine/support/hashing.ts');
    await new Attachments({ ledger: running.engine.ledger, home: running.home, people: undefined as never, pseudonyms: new Pseudonyms(new Uint8Array(32)) }).sweep();
    assert.ok(existsSync(attachmentPath(running.home, String(kept.body['sha256']))));
    assert.ok(!existsSync(attachmentPath(running.home, String(lost.body['sha256']))));
    assert.ok(!existsSync(join(folder, 'aa', '.crash.part')));
  });

  it('that are missing or changed are findings, and are not shown', async () => {
    const item = await raised();
    const [changed, missing] = [await upload(fresh()), await upload(fresh())];
    for (const each of [changed, missing]) assert.equal((await attach(item, { sha256: each.body['sha256'] })).status, 204);
    const path = (each: { readonly body: Item }): string => attachmentPath(running.home, String(each.body['sha256']));
    const whole = [readFileSync(path(changed)), readFileSync(path(missing))] as const;
    writeFileSync(path(changed), 'something else');
    rmSync(path(missing));
    await running.engine.ledger.seal();
    const codes = verifyFile(ledgerFiles({ home: running.home }), { projections: true }).findings.map(({ code }) => code).sort();
    assert.deepEqual(codes, ['attachment-changed', 'attachment-missing']);
    assert.equal((await fetchPhoto(changed.body['sha256'])).status, 500);
    writeFileSync(path(changed), whole[0]);
    writeFileSync(path(missing), whole[1]);
    assert.deepEqual(verifyFile(ledgerFiles({ home: running.home }), { projections: false }).findings, []);
  });

  it('are given up for good by who may, and the hash stays', async () => {
    const item = await raised();
    const { body } = await upload(fresh());
    await attach(item, { sha256: body['sha256'] });
    const erase = (who: string) => ask(`${api}/attachments/${String(body['sha256'])}/erasure`, { method: 'POST', headers: by(who), json: { reason: 'A face is to be seen.' } });
    assert.equal((await erase('chris')).status, 403);
    assert.equal((await erase('dana')).status, 403);
    assert.equal((await erase('morgan')).status, 204);
    assert.equal((await erase('morgan')).status, 404);
    assert.ok(!existsSync(attachmentPath(running.home, String(body['sha256']))));
    assert.equal((await fetchPhoto(body['sha256'])).status, 410);
    const { photos } = (await ask(`${api}/exceptions/${String(item['exceptionId'])}`, { headers: by('sam') })).body as { photos: Item[] };
    assert.deepEqual([photos[0]?.['erased'], photos[0]?.['sha256']], [true, body['sha256']]);
    assert.deepEqual(verifyFile(ledgerFiles({ home: running.home }), { projections: true }).findings, []);
  });

  it('belong to cases as well, at most 20', async () => {
    const item = await raised();
    const post = async () => {
      const { body } = await upload(fresh());
      return await ask(`${api}/cases/${String(item['caseId'])}/photos`, { method: 'POST', headers: by('chris'), json: { sha256: body['sha256'] } });
    };
    for (let n = 0; n < 20; n += 1) assert.equal((await post()).status, 204);
    const refused = await post();
    assert.deepEqual([refused.status, refused.body['code']], [409, 'photos-too-many']);
  });

  it('come only so many from one person', () => {
    const limit = new UploadLimit();
    for (let n = 0; n < 120; n += 1) assert.equal(limit.take('p', 1_000, n), undefined);
    assert.equal(limit.take('p', 1_000, 1_000), 3_600_000 - 1_000);
    assert.equal(limit.take('q', 1_000, 1_000), undefined);
    assert.equal(limit.take('p', 1_000, 3_600_000), undefined);
    assert.ok((limit.take('q', 299_999_999, 5_000) ?? 0) > 0);
  });
});
