import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import express from 'express';
import { createStaticUi } from '../../src/web/server/static-ui.ts';

describe('web: compressed assets', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-assets-'));
  const script = `${'export const a = 1;\n'.repeat(100)}`;
  let server: Server;
  before((done) => {
    mkdirSync(path.join(folder, 'assets'));
    writeFileSync(path.join(folder, 'assets/a-1.js'), script);
    writeFileSync(path.join(folder, 'assets/a-1.js.br'), brotliCompressSync(script));
    writeFileSync(path.join(folder, 'assets/a-1.js.gz'), gzipSync(script));
    writeFileSync(path.join(folder, 'assets/b-1.css'), 'p {}');
    const app = express();
    app.use('/waybill', createStaticUi(folder, () => undefined));
    server = createServer(app).listen(0, '127.0.0.1', done);
  });
  after((done) => {
    rmSync(folder, { recursive: true, force: true });
    server.close(done);
  });

  /** The bytes as they came, not decoded. */
  function get(name: string, acceptEncoding?: string): Promise<{ readonly answer: IncomingMessage; readonly body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      request({ port, path: `/waybill/assets/${name}`, headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ answer, body: Buffer.concat(chunks) }));
      }).on('error', reject).end();
    });
  }

  it('sends what the client takes, under the type and for as long as the file itself', async () => {
    const br = await get('a-1.js', 'gzip, deflate, br');
    assert.equal(br.answer.headers['content-encoding'], 'br');
    assert.match(br.answer.headers['content-type'] ?? '', /^text\/javascript/);
    assert.match(br.answer.headers['cache-control'] ?? '', /immutable/);
    assert.equal(br.answer.headers['vary'], 'Accept-Encoding');
    assert.equal(brotliDecompressSync(br.body).toString(), script);
    const gz = await get('a-1.js', 'gzip;q=0.5, br;q=0');
    assert.equal(gz.answer.headers['content-encoding'], 'gzip');
    assert.equal(gunzipSync(gz.body).toString(), script);
  });

  it('sends the file itself to others, and where nothing compressed is there', async () => {
    for (const accept of [undefined, 'identity', 'br;q=0']) {
      const plain = await get('a-1.js', accept);
      assert.equal(plain.answer.headers['content-encoding'], undefined);
      assert.equal(plain.body.toString(), script);
    }
    const css = await get('b-1.css', 'br, gzip');
    assert.equal(css.answer.headers['content-encoding'], undefined);
    assert.equal(css.body.toString(), 'p {}');
    assert.equal((await get('..%2f..%2fpackage.json', 'br')).answer.statusCode, 404);
    assert.equal((await get('none.js', 'br')).answer.statusCode, 404);
  });
});
