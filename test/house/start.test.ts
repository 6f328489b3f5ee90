import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { inUrl, isEverywhere, isLoopback, reachableAddresses } from '../../scripts/start/addresses.ts';
import { clientCertificates, followTlsFiles, tlsFiles } from '../../scripts/start/tls.ts';
import { selfSigned } from '../web/support/tls-proxy.ts';

describe('start: addresses', () => {
  const of = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
    ({ address, family, internal, netmask: '', mac: '', cidr: null, ...(family === 'IPv6' ? { scopeid: 0 } : {}) }) as never;
  const interfaces = { lo: [of('127.0.0.1', 'IPv4', true), of('::1', 'IPv6', true)], eth0: [of('fe80::1', 'IPv6'), of('2001:db8::5', 'IPv6'), of('192.168.1.20', 'IPv4')], usb: [of('169.254.3.3', 'IPv4')] };

  it('are those of the networks that a phone may be in', () => {
    assert.deepEqual(reachableAddresses('127.0.0.1', interfaces), []);
    assert.deepEqual(reachableAddresses('0.0.0.0', interfaces), ['192.168.1.20']);
    assert.deepEqual(reachableAddresses('::', interfaces), ['192.168.1.20', '2001:db8::5']);
    assert.deepEqual(reachableAddresses('10.0.0.3', interfaces), ['10.0.0.3']);
    assert.equal(inUrl('2001:db8::5'), '[2001:db8::5]');
    assert.ok(isLoopback('localhost') && isLoopback('127.0.0.9') && !isLoopback('0.0.0.0') && isEverywhere('::'));
  });
});

describe('start: client certificates', () => {
  it('are asked for when that is set, and nobody is refused for having none', () => {
    assert.deepEqual([clientCertificates({}), clientCertificates({ WAYBILL_TLS_CLIENT_CERTS: '0' }), clientCertificates({ WAYBILL_TLS_CLIENT_CERTS: '1' })], [{}, {}, { requestCert: true, rejectUnauthorized: false }]);
    assert.throws(() => clientCertificates({ WAYBILL_TLS_CLIENT_CERTS: '/nowhere/ca.pem' }), /authorities of client certificates cannot be used: ENOENT.*WAYBILL_TLS_CLIENT_CERTS is 1, or names a PEM file/);
  });
});

describe('start: TLS files', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-tls-'));
  const env = { WAYBILL_TLS_CERT: path.join(folder, 'cert.pem'), WAYBILL_TLS_KEY: path.join(folder, 'key.pem') };
  let moment = 1_700_000_000;
  const write = (files: { readonly cert?: string; readonly key?: string }): void => {
    moment += 10;
    for (const [file, text] of [[env.WAYBILL_TLS_CERT, files.cert], [env.WAYBILL_TLS_KEY, files.key]] as const) {
      if (text === undefined) continue;
      writeFileSync(file, text);
      utimesSync(file, moment, moment);
    }
  };
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  it('belong together, and a sentence says when they do not', async () => {
    assert.equal(tlsFiles({}), undefined);
    assert.throws(() => tlsFiles({ WAYBILL_TLS_CERT: 'x' }), /belong together; set both or none/);
    assert.throws(() => tlsFiles(env), /cannot be used: ENOENT.*Check WAYBILL_TLS_CERT and WAYBILL_TLS_KEY/);
    write({ cert: (await selfSigned()).cert, key: (await selfSigned()).key });
    assert.throws(() => tlsFiles(env), /cannot be used: .*Check WAYBILL_TLS_CERT and WAYBILL_TLS_KEY/);
  });

  it('are taken in when they are renewed, and only when they fit together', async () => {
    const [first, second] = [await selfSigned(), await selfSigned()];
    write(first);
    const server = createServer(tlsFiles(env)!, (_request, response) => { response.end('here'); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const shown = async (): Promise<string> => await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }, (response) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
        response.resume().once('end', () => resolve(fingerprint256));
      }).once('error', reject);
    });
    const said: string[] = [];
    const follow = followTlsFiles(env, server, (line) => said.push(line), 5);
    const until = async (count: number): Promise<void> => {
      while (said.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    try {
      const before = await shown();
      write({ cert: second.cert });
      await until(1);
      assert.match(said[0] ?? '', /the old certificate stays/);
      assert.equal(await shown(), before);
      write({ key: second.key });
      await until(2);
      assert.match(said[1] ?? '', /renewed TLS certificate is in use/);
      assert.notEqual(await shown(), before);
    } finally {
      follow();
      server.closeAllConnections();
      server.close();
    }
  });
});
