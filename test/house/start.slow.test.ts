import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { startProduct, type Product } from '../../scripts/lib/product.ts';

/** Status and body of a request under a name of one's choice. */
async function asked(url: string, host: string): Promise<{ readonly status: number; readonly text: string }> {
  return await new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    }).once('error', reject).end();
  });
}

describe('start: reach of npm start', function () {
  this.timeout(120_000);
  let product: Product;
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-start-'));

  before(async () => { product = await startProduct({ home }); });
  after(async () => {
    await product?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('answers under the names of this machine, and says to others what to do', async () => {
    const { port } = new URL(product.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) assert.equal((await asked(`${product.url}/waybill/healthz`, host)).status, 200, host);
    for (const at of ['/', '/waybill/', '/waybill/api/v1/me', '/flows']) {
      const { status, text } = await asked(`${product.url}${at}`, 'rebound.example');
      assert.equal(status, 421, at);
      assert.match(text, new RegExp(`"rebound.example"\\. Open ${product.url}/ on this machine, or set WAYBILL_PUBLIC_URL`));
    }
  });

  it('lets no web socket in under a foreign name', async () => {
    const { port } = new URL(product.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('GET /comms HTTP/1.1\r\nHost: rebound.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
      });
      socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); }).once('close', () => resolve(text)).once('error', reject);
    });
    assert.doesNotMatch(answer, /101 Switching/);
  });

  it('shows flows to nobody who is not signed in, and in no foreign frame', async () => {
    for (const at of ['/flows', '/settings', '/nodes', '/credentials/x/y', '/library/local/flows/']) assert.equal((await fetch(`${product.url}${at}`)).status, 401, at);
    const editor = await fetch(`${product.url}/`);
    assert.equal(editor.headers.get('x-frame-options'), 'SAMEORIGIN');
    assert.equal(editor.headers.get('x-content-type-options'), 'nosniff');
    await editor.body?.cancel();
  });

  it('says what a phone would use', () => {
    assert.match(product.output(), /^ {2}Phone {4}not yet: this machine only; docs\/reach\.md says how$/m);
  });
});

describe('start: settings that cannot be used', function () {
  this.timeout(60_000);
  const ends = async (env: Record<string, string>): Promise<string> => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-start-'));
    const child = spawn(process.execPath, [path.join(ROOT, 'scripts/start.ts')], { cwd: ROOT, env: { PATH: process.env['PATH'] ?? '', WAYBILL_HOME: home, PORT: '0', ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
    const code = await new Promise<number | null>((resolve) => { child.once('close', resolve); });
    rmSync(home, { recursive: true, force: true });
    assert.equal(code, 1, text);
    assert.equal(text.trimEnd().split('\n').length, 1, text);
    return text;
  };

  it('end the start with one sentence', async () => {
    assert.match(await ends({ HOST: '0.0.0.0' }), /HOST=0\.0\.0\.0 is reachable from other machines; set WAYBILL_TLS_CERT and WAYBILL_TLS_KEY/);
    assert.match(await ends({ WAYBILL_PUBLIC_URL: 'waybill.example.com' }), /WAYBILL_PUBLIC_URL: "waybill\.example\.com" is no web address; write it like/);
    assert.match(await ends({ WAYBILL_TRUSTED_PROXIES: 'proxy' }), /WAYBILL_TRUSTED_PROXIES: "proxy" is no address and no range/);
    assert.match(await ends({ WAYBILL_TLS_CERT: '/none' }), /belong together; set both or none/);
    assert.match(await ends({ WAYBILL_OIDC_ISSUER: 'https://id.example.com' }), /WAYBILL_OIDC_CLIENT_ID is not/);
    assert.match(await ends({
      HOST: '0.0.0.0', WAYBILL_ALLOW_PLAINTEXT: '1', WAYBILL_OIDC_ISSUER: 'https://id.example.com', WAYBILL_OIDC_CLIENT_ID: 'x', WAYBILL_OIDC_ROLE_MAP: '{"a": {"roles": ["clerk"], "sites": ["*"]}}',
    }), /WAYBILL_OIDC_ISSUER needs WAYBILL_PUBLIC_URL/);
  });
});
