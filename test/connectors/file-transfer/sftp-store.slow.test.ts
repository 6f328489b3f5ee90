import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import path from 'node:path';
import { FileTransferError, SftpStore } from '../../../src/connectors/file-transfer/index.ts';
import type { SftpSettings } from '../../../src/connectors/file-transfer/index.ts';
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
    const line = await CuttingLine.open(server.port, 200_000);
    const cut = store({ port: line.port });
    const bytes = Buffer.alloc(2_000_000, 'PO1*1*10*EA~');
    const [errorClass, , sent] = await said(cut.write('/cut.edi', bytes));
    assert.deepEqual([errorClass, sent], ['connection', false]);
    assert.deepEqual(readdirSync(server.folder).filter((name) => name.includes('cut')), ['.cut.edi.part']);
    line.after = Number.POSITIVE_INFINITY;
    await cut.write('/cut.edi', bytes);
    assert.ok(readFileSync(path.join(server.folder, 'cut.edi')).equals(bytes));
    await cut.close();
    await line.close();
  });
});

/** A line that breaks after so many bytes to the server. */
class CuttingLine {
  after: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, after: number) {
    this.#server = server;
    this.after = after;
  }

  static async open(to: number, after: number): Promise<CuttingLine> {
    const server = createServer();
    const line = new CuttingLine(server, after);
    server.on('connection', (near) => {
      const far = connect(to, '127.0.0.1');
      let passed = 0;
      for (const socket of [near, far]) {
        line.#sockets.add(socket);
        socket.on('error', () => undefined).on('close', () => {
          near.destroy();
          far.destroy();
          line.#sockets.delete(socket);
        });
      }
      near.on('data', (piece: Buffer) => {
        passed += piece.length;
        if (passed > line.after) near.destroy();
        else far.write(piece);
      });
      far.on('data', (piece: Buffer) => near.write(piece));
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
