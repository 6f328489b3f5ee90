import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { WireRequest, WireResult } from '../../../src/connectors/driver.ts';
import { HttpTransport, readBase } from '../../../src/connectors/http/index.ts';
import type { Bounds, TransportOptions } from '../../../src/connectors/http/index.ts';
import { guardedLookup } from '../../../src/connectors/http/addresses.ts';
import { systemClock, VirtualClock } from '../../../src/engine/support/clock.ts';
import { Certificates } from '../../support/certificates.ts';
import { needs } from '../../support/system-programs.ts';
import { bodyOf, closedPort, httpServer, tcpServer } from '../support/servers.ts';
import type { Listening } from '../support/servers.ts';

const bounds: Bounds = { connectMs: 20_000, headersMs: 20_000, totalMs: 20_000 };
const request = (more: Partial<WireRequest> = {}): WireRequest => ({ method: 'POST', path: '/receipts', headers: {}, body: '{"a":1}', safe: false, ...more });

describe('the transport to a system', () => {
  let server: Listening | undefined;
  const open: HttpTransport[] = [];
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await Promise.all(open.splice(0).map((transport) => transport.close()));
  });
  const to = (url: string, more: Partial<TransportOptions> = {}): HttpTransport => {
    const transport = new HttpTransport({ base: readBase(url), clock: systemClock, ...more });
    open.push(transport);
    return transport;
  };
  const summary = (result: WireResult): readonly unknown[] => (result.kind === 'response' ? [result.status, Buffer.from(result.body).toString(), result.truncated] : [result.errorClass, result.sent]);

  it('brings path, headers and body there over one connection, and every status back, redirects too', async () => {
    const seen: unknown[] = [];
    server = await httpServer((incoming, response) => void (async () => {
      seen.push([incoming.method, incoming.url, incoming.headers['x-a'], incoming.headers.host, await bodyOf(incoming)]);
      response.writeHead(seen.length === 2 ? 302 : 201, { location: 'http://elsewhere.invalid/', 'x-b': ['1', '2'] }).end('{"ok":1}');
    })());
    const transport = to(`${server.url}/base`);
    const first = await transport.send(request({ path: '/receipts?x=1', headers: { 'x-a': 'ä'.normalize('NFC') } }), bounds);
    assert.deepEqual(summary(first), [201, '{"ok":1}', false]);
    assert.equal(first.kind === 'response' && first.headers['x-b'], '1, 2');
    assert.deepEqual(summary(await transport.send(request({ method: 'GET', body: undefined }), bounds)), [302, '{"ok":1}', false]);
    assert.deepEqual(seen, [['POST', '/base/receipts?x=1', 'ä', server.url.slice(7), '{"a":1}'], ['GET', '/base/receipts', undefined, server.url.slice(7), '']]);
    for (let i = 0; i < 6; i++) await transport.send(request(), bounds);
    assert.ok(server.connections <= 2, String(server.connections));
  });

  it('sends nothing elsewhere, and no header that would break out', async () => {
    server = await httpServer((_incoming, response) => response.end());
    const transport = to(server.url);
    for (const bad of [request({ path: '//evil.invalid/' }), request({ path: '/a\r\nb' }), request({ headers: { host: 'evil' } }), request({ headers: { 'x': 'a\r\nb: c' } }), request({ headers: { 'a b': 'c' } }), request({ headers: { 'transfer-encoding': 'chunked' } })]) {
      assert.deepEqual(summary(await transport.send(bad, bounds)), ['bad-request', false]);
    }
    assert.equal(server.connections, 0);
  });

  it('cuts an endless answer, and one that unpacks to very much', async () => {
    server = await httpServer((incoming, response) => {
      response.on('error', () => response.destroy());
      if (incoming.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)));
      else if (incoming.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":2}'));
      else if (incoming.url === '/odd') response.writeHead(200, { 'content-encoding': 'compress' }).end('xxx');
      else {
        const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x'))); };
        response.on('drain', more);
        more();
      }
    });
    const transport = to(server.url);
    const endless = await transport.send(request(), { ...bounds, maxBytes: 100_000 });
    assert.deepEqual([endless.kind === 'response' && endless.truncated, endless.kind === 'response' && endless.body.length], [true, 100_000]);
    assert.deepEqual(summary(await transport.send(request({ path: '/bomb' }), bounds)), [200, '', true]);
    assert.deepEqual(summary(await transport.send(request({ path: '/packed' }), bounds)), [200, '{"a":2}', false]);
    assert.deepEqual(summary(await transport.send(request({ path: '/odd' }), bounds)), ['malformed-answer', true]);
  });

  it('tells a failure before sending from one after it', async () => {
    assert.deepEqual(summary(await to(`http://127.0.0.1:${await closedPort()}`).send(request(), bounds)), ['ECONNREFUSED', false]);
    assert.deepEqual(summary(await to('http://no-such-host.invalid').send(request(), bounds)), ['name-not-found', false]);
    server = await tcpServer((socket) => socket.once('data', () => socket.destroy()));
    assert.deepEqual(summary(await to(server.url).send(request(), bounds)), ['ECONNRESET', true]);
    await server.close();
    server = await tcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"half')));
    assert.deepEqual(summary(await to(server.url).send(request(), bounds)), ['aborted', true]);
    await server.close();
    server = await tcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0-nothing\r\n')));
    assert.deepEqual(summary(await to(server.url).send(request(), bounds)), ['malformed-answer', true]);
  });

  it('goes by no name that leads elsewhere', async () => {
    const elsewhere = to('http://erp.example', { lookup: guardedLookup(false, ((_host: string, _options: object, found: (error: null, addresses: object[]) => void) => found(null, [{ address: '169.254.169.254', family: 4 }])) as never) });
    const result = await elsewhere.send(request(), bounds);
    assert.deepEqual(summary(result), ['address-refused', false]);
    assert.match(result.kind === 'failure' ? result.message : '', /erp\.example leads to 169\.254\.169\.254/);
  });

  it('takes a request on a kept connection that is reset for sent, and sends it once', async () => {
    let requests = 0;
    server = await tcpServer((socket) => socket.on('data', () => {
      requests += 1;
      if (requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    }));
    const transport = to(server.url);
    assert.deepEqual(summary(await transport.send(request(), bounds)), [200, '{}', false]);
    // A connection is taken again one turn after its answer.
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    assert.deepEqual(summary(await transport.send(request(), bounds)), ['ECONNRESET', true]);
    assert.deepEqual([requests, server.connections], [2, 1]);
  });

  it('waits by the given clock: for headers, for the whole, for a connection', async () => {
    const clock = new VirtualClock(0);
    let asked = (): void => undefined;
    const arrived = (): Promise<void> => new Promise((resolve) => { asked = resolve; });
    server = await tcpServer((socket) => socket.on('data', (data) => {
      if (data.toString().startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{');
      setImmediate(asked);
    }));
    const transport = to(server.url, { clock });
    const times: Bounds = { connectMs: 1_000, headersMs: 5_000, totalMs: 9_000 };
    for (const [method, after] of [['POST', 5_000], ['GET', 9_000]] as const) {
      const there = arrived();
      const result = transport.send(request({ method, ...(method === 'GET' ? { body: undefined } : {}) }), times);
      await there;
      if (method === 'GET') await new Promise((resolve) => { setTimeout(resolve, 50); });
      await clock.advanceBy(after);
      assert.deepEqual(summary(await result), ['timeout', true]);
    }
    const never = transport.send(request(), times);
    // In the same turn: no connection can have come about.
    await clock.advanceBy(1_000);
    assert.equal((await never).kind, 'failure');
  });

  describe('over TLS', () => {
    let folder: string;
    let certificates: Certificates;
    before(function () {
      const openssl = needs(this, 'openssl');
      folder = mkdtempSync(path.join(tmpdir(), 'waybill-tls-'));
      certificates = new Certificates(openssl, folder);
      certificates.authority('ca');
      certificates.authority('other');
      certificates.certificate('server', 'ca');
      certificates.certificate('client', 'ca');
      certificates.certificate('stranger', 'other');
    });
    after(() => { if (folder !== undefined) rmSync(folder, { recursive: true, force: true }); });
    const file = (name: string): string => path.join(folder, name);
    const listen = async (more: object = {}): Promise<{ readonly port: number; close(): Promise<void> }> => {
      const https = createServer({ key: readFileSync(file('server.key')), cert: readFileSync(file('server.crt')), ...more }, (_incoming, response) => response.end('{}'));
      await new Promise<void>((resolve) => { https.listen(0, '127.0.0.1', resolve); });
      return { port: (https.address() as AddressInfo).port, close: () => new Promise((resolve) => { https.closeAllConnections(); https.close(() => resolve()); }) };
    };

    it('trusts the authority that it is given, for the host of the certificate only', async () => {
      const https = await listen();
      try {
        assert.deepEqual(summary(await to(`https://localhost:${https.port}`).send(request(), bounds)), ['tls-not-trusted', false]);
        assert.deepEqual(summary(await to(`https://localhost:${https.port}`, { tls: { ca: file('ca.crt') } }).send(request(), bounds)), [200, '{}', false]);
        const elsewhere = await to(`https://127.0.0.2:${https.port}`, { tls: { ca: file('ca.crt') } }).send(request(), bounds);
        // 127.0.0.2 is this machine as well, and not in the certificate.
        assert.ok(elsewhere.kind === 'failure' && !elsewhere.sent && ['tls-other-host', 'ECONNREFUSED'].includes(elsewhere.errorClass), JSON.stringify(elsewhere));
        assert.equal(summary(await to(`https://localhost:${await closedPort()}`).send(request(), bounds))[1], false);
        assert.match(String(summary(await to(`http://127.0.0.1:${https.port}`).send(request(), bounds))[0]), /malformed-answer|ECONNRESET|^400$/);
      } finally {
        await https.close();
      }
    });

    it('shows its own certificate, a renewed one without a new start', async () => {
      const https = await listen({ ca: readFileSync(file('ca.crt')), requestCert: true, rejectUnauthorized: true });
      try {
        const url = `https://localhost:${https.port}`;
        const missing = await to(url, { tls: { ca: file('ca.crt') } }).send(request(), bounds);
        // This server hangs up without a word; what had left by then may have been read.
        assert.equal(missing.kind, 'failure');
        writeFileSync(file('mine.crt'), readFileSync(file('stranger.crt')));
        writeFileSync(file('mine.key'), readFileSync(file('stranger.key')));
        const transport = to(url, { tls: { ca: file('ca.crt'), cert: file('mine.crt'), key: file('mine.key') } });
        assert.equal((await transport.send(request(), bounds)).kind, 'failure');
        writeFileSync(file('mine.crt'), readFileSync(file('client.crt')));
        writeFileSync(file('mine.key'), readFileSync(file('client.key')));
        const deadline = performance.now() + 20_000;
        let result = await transport.send(request(), bounds);
        while (result.kind === 'failure' && performance.now() < deadline) {
          await new Promise((resolve) => { setTimeout(resolve, 100); });
          result = await transport.send(request(), bounds);
        }
        assert.deepEqual(summary(result), [200, '{}', false]);
        const gone = await to(url, { tls: { ca: file('nowhere.crt') } }).send(request(), bounds);
        assert.deepEqual([summary(gone), gone.kind === 'failure' && /nowhere\.crt is not there/.test(gone.message)], [['tls-files', false], true]);
        const unfit = await to(url, { tls: { ca: file('ca.crt'), cert: file('client.crt'), key: file('stranger.key') } }).send(request(), bounds);
        assert.match(unfit.kind === 'failure' ? `${unfit.errorClass} ${unfit.message}` : '', /^tls-files Certificate and key of the system cannot be used \(key values mismatch\)/);
      } finally {
        await https.close();
      }
    });

    it('goes through a proxy, and says when that one refuses', async () => {
      const https = await listen();
      let refuse = false;
      const proxy = await tcpServer((socket) => {
        socket.once('data', (data) => {
          const target = /^CONNECT localhost:(\d+) /.exec(data.toString())?.[1];
          if (refuse || target === undefined || !/proxy-authorization: Basic bWU6aXQ=/i.test(data.toString())) return socket.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n');
          const onward = connect(Number(target), '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            socket.pipe(onward).pipe(socket);
          });
          onward.on('error', () => socket.destroy());
        });
      });
      try {
        const through = (): HttpTransport => to(`https://localhost:${https.port}`, { tls: { ca: file('ca.crt') }, proxy: { url: proxy.url, token: `Basic ${Buffer.from('me:it').toString('base64')}` } });
        assert.deepEqual(summary(await through().send(request(), bounds)), [200, '{}', false]);
        refuse = true;
        assert.deepEqual(summary(await through().send(request(), bounds)), ['proxy', false]);
        const down = await to(`https://localhost:${https.port}`, { proxy: { url: `http://127.0.0.1:${await closedPort()}` } }).send(request(), bounds);
        assert.match(down.kind === 'failure' ? down.message : '', /^The system's proxy http:\/\/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
      } finally {
        await https.close();
        await proxy.close();
      }
    });
  });
});
