import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { sendRequest } from '../../src/connectors/rest/http-json.ts';
import type { HttpRequest, HttpResult } from '../../src/connectors/rest/http-json.ts';
import { bodyOf, closedPort, httpServer, tcpServer } from './support/servers.ts';
import type { Listening } from './support/servers.ts';

const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'POST', url, headers: {}, body: '{"a":1}', timeoutMs: 20_000, ...more });

function failed(result: HttpResult): HttpResult & { kind: 'failure' } {
  assert.equal(result.kind, 'failure');
  return result as HttpResult & { kind: 'failure' };
}
function answered(result: HttpResult): HttpResult & { kind: 'response' } {
  assert.equal(result.kind, 'response', JSON.stringify(result));
  return result as HttpResult & { kind: 'response' };
}

describe('one request over HTTP', () => {
  let server: Listening | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  describe('answers', () => {
    it('brings method, headers and body there, and status, headers and text back', async () => {
      server = await httpServer((incoming, response) => void (async () => {
        const seen = { method: incoming.method, url: incoming.url, key: incoming.headers['idempotency-key'], length: incoming.headers['content-length'], body: await bodyOf(incoming) };
        response.writeHead(201, { 'content-type': 'application/json', 'retry-after': '7', 'set-cookie': ['a=1', 'b=2'] }).end(JSON.stringify(seen));
      })());
      const result = answered(await sendRequest(request(`${server.url}/receipts?x=1`, { headers: { 'idempotency-key': 'k-1' }, body: '{"name":"Müller"}' })));
      assert.equal(result.status, 201);
      assert.equal(result.headers['retry-after'], '7');
      assert.equal(result.headers['set-cookie'], 'a=1, b=2');
      assert.deepEqual(JSON.parse(result.text), { method: 'POST', url: '/receipts?x=1', key: 'k-1', length: '18', body: '{"name":"Müller"}' });
      assert.equal(result.truncated, false);
    });

    it('gives every status as an answer, also a redirect, which it does not follow', async () => {
      server = await httpServer((incoming, response) => response.writeHead(Number(incoming.url?.slice(1)), { location: '/200' }).end());
      for (const status of [204, 302, 404, 429, 500, 503]) {
        assert.equal(answered(await sendRequest(request(`${server.url}/${status}`, { method: 'GET', body: undefined }))).status, status);
      }
    });

    it('uses a connection again', async () => {
      server = await httpServer((incoming, response) => { incoming.resume().on('end', () => response.end('{}')); });
      for (let i = 0; i < 5; i += 1) answered(await sendRequest(request(server.url)));
      assert.equal(server.connections, 1);
    });

    it('keeps text whole that comes in pieces within a character', async () => {
      const text = Buffer.from('"Ü€😀"');
      server = await httpServer((_incoming, response) => {
        for (const byte of text) response.write(Buffer.of(byte));
        response.end();
      });
      assert.equal(answered(await sendRequest(request(server.url))).text, '"Ü€😀"');
    });

    it('keeps at most 1 MiB of an answer, says so, and does not wait for the end of one that has none', async () => {
      server = await httpServer((_incoming, response) => {
        response.on('error', () => response.destroy());
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        };
        response.on('drain', more);
        more();
      });
      const result = answered(await sendRequest(request(server.url)));
      assert.equal(result.status, 200);
      assert.equal(result.truncated, true);
      assert.ok(result.text.length <= 1_048_576 && result.text.length > 900_000, String(result.text.length));
    });

    it('takes exactly 1 MiB whole', async () => {
      server = await httpServer((_incoming, response) => response.end(Buffer.alloc(1_048_576, 'x')));
      const result = answered(await sendRequest(request(server.url)));
      assert.deepEqual([result.text.length, result.truncated], [1_048_576, false]);
    });
  });

  describe('not sent: the other side cannot have acted', () => {
    it('nobody listens', async () => {
      const result = failed(await sendRequest(request(`http://127.0.0.1:${await closedPort()}/`)));
      assert.deepEqual([result.sent, result.errorClass], [false, 'ECONNREFUSED']);
    });

    it('nobody listens at any address of the name: says which', async () => {
      const result = failed(await sendRequest(request(`http://localhost:${await closedPort()}/`)));
      assert.deepEqual([result.sent, result.errorClass], [false, 'ECONNREFUSED']);
      assert.match(result.message, /ECONNREFUSED/);
    });

    it('the name is unknown', async () => {
      const result = failed(await sendRequest(request('http://erp.invalid/')));
      assert.equal(result.sent, false);
      assert.match(result.errorClass, /^(ENOTFOUND|EAI_AGAIN)$/);
    });

    it('the time is over before there is a connection: TLS is never agreed on', async () => {
      server = await tcpServer((socket) => socket.resume());
      const result = failed(await sendRequest(request(server.url.replace('http:', 'https:'), { timeoutMs: 200 })));
      assert.deepEqual([result.sent, result.errorClass], [false, 'timeout']);
    });

    it('the other side speaks no TLS', async () => {
      server = await tcpServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
      assert.equal(failed(await sendRequest(request(server.url.replace('http:', 'https:')))).sent, false);
    });

    it('what is no URL, or one of another protocol', async () => {
      for (const url of ['', 'not a url', '/receipts', 'http://', 'http://a:99999/', 'ftp://host/', 'file:///etc/passwd', 'javascript:alert(1)']) {
        const result = failed(await sendRequest(request(url)));
        assert.deepEqual([result.sent, result.errorClass], [false, 'bad-url'], url);
      }
    });

    it('headers and methods that would write a request of their own', async () => {
      server = await httpServer((_incoming, response) => response.end());
      const injections: Partial<HttpRequest>[] = [
        { headers: { 'x-key': 'a\r\nx-admin: 1' } }, { headers: { 'x-key': 'a\nb' } }, { headers: { 'x-key: 1\r\nx-admin': '1' } },
        { headers: { '': 'empty' } }, { headers: { 'x-key': 'snow ☃' } }, { method: 'GET / HTTP/1.1\r\nx-admin: 1\r\n\r\nGET' },
      ];
      for (const injection of injections) {
        const result = failed(await sendRequest(request(server.url, injection)));
        assert.deepEqual([result.sent, result.errorClass], [false, 'bad-request'], JSON.stringify(injection));
      }
      assert.equal(server.connections, 0);
    });
  });

  describe('sent: the other side may have acted', () => {
    it('the time is over before the answer', async () => {
      server = await httpServer((incoming) => incoming.resume());
      const result = failed(await sendRequest(request(server.url, { timeoutMs: 200 })));
      assert.deepEqual([result.sent, result.errorClass], [true, 'timeout']);
    });

    it('the time is over within the answer', async () => {
      server = await httpServer((_incoming, response) => { response.writeHead(200, { 'content-length': '10' }).write('12345'); });
      const result = failed(await sendRequest(request(server.url, { timeoutMs: 200 })));
      assert.deepEqual([result.sent, result.errorClass], [true, 'timeout']);
    });

    it('the connection is reset after the request', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.resetAndDestroy()); });
      const result = failed(await sendRequest(request(server.url)));
      assert.deepEqual([result.sent, result.errorClass], [true, 'ECONNRESET']);
    });

    it('the connection is closed without an answer', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.end()); });
      assert.equal(failed(await sendRequest(request(server.url))).sent, true);
    });

    it('the answer is no HTTP', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.end('hello\r\n\r\n')); });
      const result = failed(await sendRequest(request(server.url)));
      assert.equal(result.sent, true);
      assert.match(result.errorClass, /^HPE_/);
    });

    it('the answer breaks off within its length', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":')); });
      const result = failed(await sendRequest(request(server.url)));
      assert.deepEqual([result.sent, result.errorClass], [true, 'aborted']);
    });

    it('the answer breaks off within a chunk', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"ha')); });
      assert.equal(failed(await sendRequest(request(server.url))).sent, true);
    });

    it('the other side wants another protocol on the connection', async () => {
      server = await tcpServer((socket) => { socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')); });
      assert.equal(failed(await sendRequest(request(server.url))).sent, true);
    });

    it('a connection that was used before is reset before any byte of the answer: it may have arrived', async () => {
      const sockets: Socket[] = [];
      server = await tcpServer((socket) => {
        sockets.push(socket);
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
          socket.once('data', () => socket.resetAndDestroy());
        });
      });
      answered(await sendRequest(request(server.url)));
      const result = failed(await sendRequest(request(server.url)));
      assert.equal(sockets.length, 1, 'the second request went over the first one\'s connection');
      assert.deepEqual([result.sent, result.errorClass], [true, 'ECONNRESET']);
    });

    it('a connection that was used before is closed by the other side at the same moment: never said to be unsent', async () => {
      server = await tcpServer((socket) => {
        socket.once('data', () => {
          // The end is on its way while the client writes its next request into the connection.
          socket.write('HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}');
          socket.end();
        });
      });
      for (let i = 0; i < 20; i += 1) {
        const result = await sendRequest(request(server.url));
        if (result.kind === 'failure') assert.equal(result.sent, true);
      }
    });
  });

  it('waits for a free connection without counting the request as sent', async () => {
    server = await httpServer((incoming) => incoming.resume());
    const { url } = server;
    const busy = Array.from({ length: 64 }, () => sendRequest(request(url)));
    const waiting = await Promise.all(Array.from({ length: 6 }, () => sendRequest(request(url, { timeoutMs: 300 }))));
    assert.deepEqual(waiting.map((result) => failed(result).sent), [false, false, false, false, false, false]);
    await server.close();
    for (const result of await Promise.all(busy)) assert.equal(failed(result).sent, true);
  });

  it('leaves no connection behind that was given up', async () => {
    const closed: Promise<unknown>[] = [];
    server = await tcpServer((socket) => { closed.push(once(socket.resume(), 'close')); });
    await sendRequest(request(server.url, { timeoutMs: 100 }));
    await Promise.all(closed);
    assert.equal(closed.length, 1);
  });
});
