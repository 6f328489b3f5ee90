import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileTransferError, partName, sendAsFile } from '../../../src/connectors/file-transfer/index.ts';
import type { FileErrorClass, FileStore } from '../../../src/connectors/file-transfer/index.ts';

const failing = (errorClass: FileErrorClass, message?: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof FileTransferError, String(error));
  assert.equal(error.errorClass, errorClass, error.message);
  if (message !== undefined) assert.match(error.message, message);
  return true;
};

/** What every store of files promises. @param open store and the folder behind it, empty but for `in` and `out` */
export function storeContract(open: () => { readonly store: FileStore; readonly folder: string }): void {
  let store: FileStore;
  let folder: string;
  let run = 0;
  const at = (...parts: readonly string[]): string => path.join(folder, ...parts);
  beforeEach(() => {
    ({ store, folder } = open());
    run += 1;
    mkdirSync(at(`t${run}`));
  });
  const here = (name: string): string => `/t${run}/${name}`;

  it('writes a file as a whole, leaves no part behind, and reads it', async () => {
    const bytes = Buffer.alloc(300_000, 'ISA*00*');
    await store.write(here('850-1.edi'), bytes);
    assert.deepEqual(readdirSync(at(`t${run}`)), ['850-1.edi']);
    assert.ok(readFileSync(at(`t${run}`, '850-1.edi')).equals(bytes));
    assert.ok((await store.read(here('850-1.edi'), 300_000)).equals(bytes));
    assert.deepEqual([(await store.look(here('850-1.edi')))?.size, (await store.look(here('none')))], [300_000, undefined]);
    assert.deepEqual((await store.list(`/t${run}`)).map(({ name, size, kind }) => [name, size, kind]), [['850-1.edi', 300_000, 'file']]);
  });

  it('takes the place of a part that was left behind, and never that of a file', async () => {
    writeFileSync(at(`t${run}`, partName('a.edi')), 'half and longer than what comes');
    await store.write(here('a.edi'), Buffer.from('whole'));
    assert.equal(readFileSync(at(`t${run}`, 'a.edi'), 'utf8'), 'whole');
    await assert.rejects(store.write(here('a.edi'), Buffer.from('other')), failing('exists', /not overwritten/));
    await store.write(here('b.edi'), Buffer.from('b'));
    await assert.rejects(store.move(here('b.edi'), here('a.edi')), failing('exists'));
    assert.equal(readFileSync(at(`t${run}`, 'a.edi'), 'utf8'), 'whole');
  });

  it('moves into a folder that it makes', async () => {
    await store.ensureFolder(`/t${run}/x/done`);
    await store.ensureFolder(`/t${run}/x/done`);
    await store.write(here('a.edi'), Buffer.from('a'));
    await store.move(here('a.edi'), here('x/done/a.edi'));
    assert.deepEqual([existsSync(at(`t${run}`, 'a.edi')), readFileSync(at(`t${run}`, 'x/done/a.edi'), 'utf8')], [false, 'a']);
  });

  it('follows no link, neither as a file nor on the way to one', async () => {
    mkdirSync(at(`t${run}`, 'real'));
    writeFileSync(at(`t${run}`, 'real', 'secret'), 'secret');
    symlinkSync(at(`t${run}`, 'real', 'secret'), at(`t${run}`, 'link'));
    symlinkSync(at(`t${run}`, 'real'), at(`t${run}`, 'way'));
    await assert.rejects(store.read(here('link'), 100), failing('no-file', /link/));
    await assert.rejects(store.read(here('way/secret'), 100), failing('no-file', /link/));
    await assert.rejects(store.write(here('way/new'), Buffer.from('x')), failing('no-file', /link/));
    assert.deepEqual((await store.list(`/t${run}`)).map(({ name, kind }) => [name, kind]).sort(), [['link', 'other'], ['real', 'folder'], ['way', 'other']]);
  });

  it('refuses paths that lead elsewhere, files that are too large, and folders that are not there', async () => {
    for (const wrong of ['/../etc/passwd', 'a', '/a/../../b', '/a//b', '/a\\..\\b', '/a\u0000b']) await assert.rejects(async () => store.read(wrong, 10), failing('bad-name'));
    await store.write(here('big'), Buffer.alloc(1_000));
    await assert.rejects(store.read(here('big'), 999), failing('too-large', /999 bytes/));
    await assert.rejects(store.list('/nowhere'), failing('not-found', /folder/));
    await assert.rejects(store.read(here('nothing'), 10), failing('not-found'));
  });

  it('is spoken to like a server: PUT once, the same again is done, other content is a conflict', async () => {
    const put = (body: string): ReturnType<typeof sendAsFile> => sendAsFile(store, { method: 'PUT', path: here('a%2Db.edi'), headers: {}, body, safe: false });
    const statuses = [await put('one'), await put('one'), await put('two')].map((result) => (result.kind === 'response' ? result.status : result.errorClass));
    assert.deepEqual(statuses, [201, 200, 409]);
    const ask = async (method: string, name: string): Promise<unknown> => {
      const result = await sendAsFile(store, { method, path: here(name), headers: {}, body: undefined, safe: true });
      return result.kind === 'response' ? [result.status, Buffer.from(result.body).toString()] : [result.errorClass, result.sent];
    };
    assert.deepEqual([await ask('GET', 'a-b.edi'), await ask('GET', 'c'), await ask('HEAD', 'c'), await ask('POST', 'c'), await ask('GET', '%2E%2E/x')], [[200, 'one'], [404, ''], [404, ''], ['bad-request', false], ['bad-request', false]]);
  });
}
