import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addressOf, OpcUaConnection, PkiFolder } from '../../../src/intake/opcua/index.ts';
import type { EndpointPki, OpcUaConnectionOptions } from '../../../src/intake/opcua/index.ts';
import { Certificates } from '../../support/certificates.ts';
import { makeCertificate } from '../../support/opcua-certificates.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { TestOpcUaServer } from '../../support/opcua-server.ts';
import { needs } from '../../support/system-programs.ts';
import { until } from './until.ts';

describe('a connection to an OPC UA server whose certificate a person has to trust', function () {
  this.timeout(60_000);
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

  const folder = (now?: () => number): PkiFolder => new PkiFolder({ folder: mkdtempSync(path.join(tmpdir(), 'waybill-pki-')), enterprise: 'acme', site: 'dc-1', ...(now === undefined ? {} : { now }) });

  function connect(pki: PkiFolder, url: string, options: Partial<OpcUaConnectionOptions> = {}): { readonly connection: OpcUaConnection; readonly at: EndpointPki } {
    const at = pki.at(url);
    const connection = new OpcUaConnection({
      url, securityMode: 'signAndEncrypt', securityPolicy: 'auto', identity: { kind: 'anonymous' }, applicationUri: pki.applicationUri, pki: at, reconnect: { minMs: 50, maxMs: 200 }, watchMs: 500, ...options,
    });
    closing.push(() => connection.close());
    connection.start();
    return { connection, at };
  }

  const trust = (pki: PkiFolder, url: string, { verdict }: EndpointPki): Promise<void> => pki.trust.trust({
    address: addressOf(url).address, thumbprint: verdict!.certificate.thumbprint, at: new Date().toISOString(), by: 'p1', accepted: verdict!.problems,
  });

  it('is refused with a sentence, connects when it is trusted, and is refused again with another certificate', async () => {
    const server = await TestOpcUaServer.start();
    const pki = folder();
    const { connection, at } = connect(pki, server.url);
    await until(() => connection.state.kind === 'refused');
    assert.match(connection.state.reason ?? '', /^The certificate of the server \([0-9A-F]{8}…\) is not trusted yet; look at it in the form/);
    assert.equal(at.verdict?.because, 'unknown');
    await trust(pki, server.url, at);
    await until(() => connection.state.kind === 'connected');
    assert.equal(at.verdict?.because, 'pinned');
    await server.stop();
    const renewed = await TestOpcUaServer.start({ port: server.port });
    closing.push(() => renewed.stop());
    await until(() => connection.state.kind === 'refused', 20_000);
    assert.match(connection.state.reason ?? '', /shows another certificate .* than the one that is trusted; find out why/);
  });

  it('is refused when the certificate has expired, until that is accepted', async () => {
    const server = await TestOpcUaServer.start({ certificate: { notBefore: new Date(Date.now() - 2 * 86_400_000), notAfter: new Date(Date.now() - 3_600_000) } });
    closing.push(() => server.stop());
    const pki = folder();
    const { connection, at } = connect(pki, server.url);
    await until(() => connection.state.kind === 'refused');
    assert.match(connection.state.reason ?? '', /is not trusted yet \(it expired on \d{4}-\d\d-\d\d\)/);
    await trust(pki, server.url, at);
    await until(() => connection.state.kind === 'connected', 15_000);
  });

  it('is not made with a certificate of our own that an authority issued and that has expired', async function () {
    const made = mkdtempSync(path.join(tmpdir(), 'waybill-openssl-'));
    const openssl = new Certificates(needs(this, 'openssl'), made);
    openssl.authority('ca');
    openssl.certificate('own', 'ca');
    const pki = folder(() => Date.now() + 3 * 86_400_000);
    const { certificateFile, privateKeyFile } = await pki.own();
    copyFileSync(path.join(made, 'own.crt'), certificateFile);
    copyFileSync(path.join(made, 'own.key'), privateKeyFile);
    const { connection } = connect(pki, 'opc.tcp://127.0.0.1:9');
    await until(() => connection.state.kind === 'refused');
    assert.match(connection.state.reason ?? '', /^Our own certificate \(.*\) expired on \d{4}-\d\d-\d\d; put a new one there/);
  });

  it('says that the server does not know us, and what to do on its side', async () => {
    const server = await TestOpcUaServer.start({ trusting: false });
    closing.push(() => server.stop());
    const pki = folder();
    const { connection, at } = connect(pki, server.url);
    await until(() => connection.state.kind === 'refused');
    await trust(pki, server.url, at);
    await until(() => connection.state.kind === 'refused' && !/not trusted yet/.test(connection.state.reason ?? ''));
    assert.match(connection.state.reason ?? '', /does not trust the certificate of this client; trust it on the server/);
    await server.pki.trustCertificate((await pki.own()).certificate);
    await until(() => connection.state.kind === 'connected', 15_000);
  });

  it('signs in by user and password', async () => {
    const server = await TestOpcUaServer.start({ anonymous: false });
    closing.push(() => server.stop());
    const pki = folder();
    const { connection: wrong, at } = connect(pki, server.url, { identity: { kind: 'user', user: 'operator', password: 'no' } });
    await until(() => at.verdict !== undefined);
    await trust(pki, server.url, at);
    await until(() => /refuses the user/.test(wrong.state.reason ?? ''));
    await wrong.close();
    const { connection: right } = connect(pki, server.url, { identity: { kind: 'user', user: 'operator', password: 'line 4 secret' } });
    await until(() => right.state.kind === 'connected');
  });

  it('is made to a server of another stack by its own certificate as well', async function () {
    const made = await makeCertificate({ applicationUri: 'urn:open62541.server.application' });
    const server = await Open62541.start(needs(this, 'open62541'), { certificate: made.certificateDerFile, key: made.keyDerFile });
    closing.push(() => server.stop());
    const pki = folder();
    const { connection, at } = connect(pki, server.url);
    await until(() => connection.state.kind === 'refused');
    assert.equal(at.verdict?.because, 'unknown');
    await trust(pki, server.url, at);
    await until(() => connection.state.kind === 'connected', 15_000);
  });
});
