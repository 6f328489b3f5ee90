import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FileTransferError, SftpStore } from '../../../src/connectors/file-transfer/index.ts';
import type { SftpSettings } from '../../../src/connectors/file-transfer/index.ts';
import { CuttingLine } from '../../support/cutting-line.ts';
import { SftpServer } from '../../support/sftp-server.ts';
import { storeContract } from './stores.ts';

describe('files: an SFTP server (OpenSSH)', function () {
  this.timeout(60_000);
  let server: SftpServer;
  const open: SftpStore[] = [];
  const store = (more: Partial<SftpSettings> = {}): SftpStore => {
    const made = new SftpStore(() => ({
      host: '127.0.0.1', port: server.port, folder: server.folder, hostKey: server.hostKey, user: server.user, privateKey: readFileSync(server.clientKeyFile, 'utf8'), connectMs: 30_000, operationMs: 30_000, ...more,
    }));
    open.push(made);
    return made;
  };
  before(async function () { server = await SftpServer.start(this); });
  afterEach(async () => { await Promise.all(open.splice(0).map((each) => each.close())); });
  after(async () => { await server?.close(); });

  storeContract(() => ({ store: store(), folder: server.folder }));

  const said = async (work: Promise<unknown>): Promise<readonly [string, string, boolean]> => {
    try {
      await work;
      return ['', '', false];
    } catch (error) {
      assert.ok(error instanceof FileTransferError, String(error));
      return [error.errorClass, error.message, error.sent];
    }
  };

  it('sends nothing to a host whose key is not pinned, or another one, and names the fingerprint', async () => {
    const [unknown, sentence] = await said(store({ hostKey: '' }).list('/'));
    assert.deepEqual([unknown, sentence.includes(server.hostKey), /not pinned/.test(sentence)], ['host-key', true, true]);
    const [wrong, other] = await said(store({ hostKey: `SHA256:${'A'.repeat(43)}` }).list('/'));
    assert.deepEqual([wrong, /another key than the one that is pinned/.test(other)], ['host-key', true]);
    assert.ok(Array.isArray(await store({ hostKey: `SHA256:${'A'.repeat(43)} ${server.hostKey}` }).list('/')), 'one of two pins is enough while a key is exchanged');
  });

  it('says what is wrong about a sign-in, and about a server that is away', async () => {
    assert.equal((await said(store({ user: 'nobody-of-that-name' }).list('/')))[0], 'not-authorised');
    assert.match((await said(store({ privateKey: 'no key' }).list('/')))[1], /private key .* cannot be read/);
    await server.stop();
    assert.deepEqual((await said(store().write('/x.edi', Buffer.from('x')))).filter((_each, i) => i !== 1), ['connection', false]);
    await server.run();
    await store().write('/x.edi', Buffer.from('x'));
  });

  it('leaves nothing under the final name when the line is cut in the middle of an upload, and brings it there afterwards', async () => {
    const line = await CuttingLine.open(server.port);
    line.cutNext(200_000);
    const cut = store({ port: line.port });
    const bytes = Buffer.alloc(2_000_000, 'PO1*1*10*EA~');
    const [errorClass, , sent] = await said(cut.write('/cut.edi', bytes));
    assert.deepEqual([errorClass, sent], ['connection', false]);
    assert.deepEqual(readdirSync(server.folder).filter((name) => name.includes('cut')), ['.cut.edi.part']);
    line.mend();
    await cut.write('/cut.edi', bytes);
    assert.ok(readFileSync(path.join(server.folder, 'cut.edi')).equals(bytes));
    await cut.close();
    await line.close();
  });

  it('leaves nothing under the final name when the disk over there is full, and says so', async () => {
    await server.stop();
    await server.run({ mostBlocks: 16 });
    const bytes = Buffer.alloc(100_000, 'PO1*1*10*EA~');
    const [errorClass, sentence, sent] = await said(store().write('/full.edi', bytes));
    assert.deepEqual([errorClass, /disk may be full/.test(sentence), sent], ['io', true, false]);
    assert.ok(!readdirSync(server.folder).includes('full.edi'));
    await server.stop();
    await server.run();
    await store().write('/full.edi', bytes);
    assert.ok(readFileSync(path.join(server.folder, 'full.edi')).equals(bytes));
  });
});
