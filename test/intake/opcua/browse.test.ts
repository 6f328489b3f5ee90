import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  childrenOf, describeNode, discoverServer, dropClient, isNodeId, lastingNodeId, localNodeId, namespacesOf, openClient, PkiFolder, readValues, ROOT, searchNodes, valueText,
} from '../../../src/intake/opcua/index.ts';
import type { OpenedClient } from '../../../src/intake/opcua/index.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { LINE, TestOpcUaServer } from '../../support/opcua-server.ts';
import { needs } from '../../support/system-programs.ts';

const pki = new PkiFolder({ folder: mkdtempSync(path.join(tmpdir(), 'waybill-pki-')), enterprise: 'acme', site: 'dc-1' });
const asked = (url: string): Parameters<typeof discoverServer>[0] => ({ url, pki: pki.at(url), applicationUri: pki.applicationUri });
const open = (url: string): Promise<OpenedClient> => openClient({ ...asked(url), securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' } }, 60_000, undefined);
const bounds = { nodes: 5_000, ms: 5_000, found: 50, now: Date.now };

describe('OPC UA node ids', () => {
  const namespaces = ['http://opcfoundation.org/UA/', 'urn:server', 'urn:a;b%c', LINE];

  it('are kept with the name of their namespace, and found again under another number', () => {
    assert.equal(lastingNodeId('ns=3;s=Conveyor.Jam', namespaces), `nsu=${LINE};s=Conveyor.Jam`);
    assert.equal(localNodeId(`nsu=${LINE};s=Conveyor.Jam`, ['http://opcfoundation.org/UA/', LINE]), 'ns=1;s=Conveyor.Jam');
    assert.equal(lastingNodeId('ns=2;i=7', namespaces), 'nsu=urn:a%3Bb%25c;i=7');
    assert.equal(localNodeId('nsu=urn:a%3Bb%25c;i=7', namespaces), 'ns=2;i=7');
    assert.equal(lastingNodeId('ns=0;i=85', namespaces), 'ns=0;i=85');
    assert.equal(localNodeId('i=85', namespaces), 'i=85');
    assert.throws(() => localNodeId('nsu=urn:gone;s=x', namespaces), /no namespace "urn:gone" .* Choose the tag again/);
    assert.throws(() => localNodeId('Conveyor/Jam', namespaces), /is no node id; choose a tag/);
  });

  it('are told from other texts', () => {
    for (const good of ['i=85', 'ns=2;i=4294967295', 'ns=1;s=a b;c', 'g=09087e75-8e5e-499b-954f-f2a9603db28a', 'ns=4;b=M/RbKBsRVkePCePcx24oRA==']) assert.ok(isNodeId(good), good);
    for (const bad of ['', 'i=-1', 'i=4294967296', 'ns=x;i=1', 'g=1', 'b=%%', 's=', 'speed']) assert.ok(!isNodeId(bad), bad);
  });

  it('and values are readable', () => {
    assert.equal(valueText({ dataType: 9, value: [1, 0] }), '4294967296');
    assert.equal(valueText({ dataType: 8, value: [0xffff_ffff, 0xffff_ffff] }), '-1');
    assert.equal(valueText({ dataType: 12, value: 'x'.repeat(1_000) }).length, 301);
    assert.equal(valueText({ dataType: 21, value: { text: 'Stau', locale: 'de' } }), 'Stau');
    assert.equal(valueText({ dataType: 11, value: new Float64Array([1, 2]) }), '[1, 2]');
    assert.equal(valueText({ dataType: 0, value: null }), '');
  });
});

describe('an OPC UA server that is asked what it offers', function () {
  this.timeout(30_000);
  let server: TestOpcUaServer;
  before(async () => { server = await TestOpcUaServer.start(); });
  after(() => server.stop());

  it('tells its offers, safest first, its sign-ins, and its certificate', async () => {
    const found = await discoverServer(asked(server.url));
    assert.equal(found.name, 'Line 4');
    assert.equal(found.applicationUri, 'urn:line-4:plc');
    assert.deepEqual(found.offers.map(({ securityMode, securityPolicy }) => `${securityMode} ${securityPolicy}`), [
      'signAndEncrypt Aes256_Sha256_RsaPss', 'signAndEncrypt Basic256Sha256', 'sign Aes256_Sha256_RsaPss', 'sign Basic256Sha256', 'none None',
    ]);
    assert.deepEqual([...found.offers[0]!.signIns].sort(), ['anonymous', 'certificate', 'user']);
    assert.deepEqual(found.certificate, server.certificate.der);
    assert.deepEqual(found.otherAddresses, []);
    const verdict = await pki.at(server.url).judge(found.certificate!, found.applicationUri);
    assert.deepEqual(verdict.problems, []);
  });

  it('is reached by the address that was given, though it calls itself otherwise', async () => {
    const url = server.url.replace('127.0.0.1', 'localhost');
    const found = await discoverServer(asked(url));
    assert.ok(found.offers.length > 0);
    const { client, session } = await open(url);
    assert.ok((await namespacesOf(session)).includes(LINE));
    await session.close();
    await dropClient(client);
  });

  it('is told in one sentence from what is none', async () => {
    const web = createWebServer((_request, response) => { response.end('hello'); }).listen(0, '127.0.0.1');
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    const port = (of: { address(): unknown }): number => (of.address() as AddressInfo).port;
    try {
      await assert.rejects(discoverServer(asked('http://127.0.0.1:80')), /"http:\/\/127\.0\.0\.1:80" is no OPC UA address that can be used \(http\); write it as opc\.tcp:\/\/host:4840/);
      await assert.rejects(discoverServer(asked('')), /has no address; write it as/);
      await assert.rejects(discoverServer(asked('opc.tcp://me:secret@plc')), /holds a user or a password/);
      await assert.rejects(discoverServer(asked('opc.tcp://127.0.0.1:9')), /cannot be reached: nothing listens there/);
      await assert.rejects(discoverServer(asked('opc.tcp://nowhere.invalid:4840')), /cannot be reached: the name is not known/);
      await assert.rejects(discoverServer(asked(`opc.tcp://127.0.0.1:${port(web)}`)), /does not speak OPC UA; correct the port/);
      await assert.rejects(discoverServer(asked(`opc.tcp://127.0.0.1:${port(silent)}`)), /says nothing; correct the port/);
    } finally {
      web.close();
      silent.close();
    }
  });
});

describe('the tags of an OPC UA server', function () {
  this.timeout(30_000);
  let server: TestOpcUaServer;
  let opened: OpenedClient;
  let namespaces: readonly string[];
  before(async () => {
    server = await TestOpcUaServer.start();
    opened = await open(server.url);
    namespaces = await namespacesOf(opened.session);
  });
  after(async () => {
    await opened.session.close();
    await dropClient(opened.client);
    await server.stop();
  });

  it('are shown one level after the other, with type, access and whether there is more below', async () => {
    const top = await childrenOf(opened.session, namespaces, ROOT);
    const conveyor = top.nodes.find(({ name }) => name === 'Conveyor');
    assert.deepEqual(conveyor, { nodeId: `nsu=${LINE};s=Conveyor`, name: 'Conveyor', kind: 'object', property: false, hasChildren: true, events: true });
    const below = await childrenOf(opened.session, namespaces, conveyor.nodeId);
    const of = (name: string) => below.nodes.find((node) => node.name === name);
    assert.deepEqual(of('Jam'), { nodeId: `nsu=${LINE};s=Conveyor.Jam`, name: 'Jam', kind: 'variable', property: false, hasChildren: false, dataType: 'Boolean', access: { read: true, write: false, history: false } });
    assert.equal(of('Lanes')?.dataType, 'UInt64[]');
    assert.deepEqual(of('SetLane'), { nodeId: `nsu=${LINE};s=Conveyor.SetLane`, name: 'SetLane', kind: 'method', property: false, hasChildren: false });
    assert.equal(below.more, false);
    await assert.rejects(childrenOf(opened.session, namespaces, `nsu=${LINE};s=gone`), /does not tell what is below .* \(BadNodeIdUnknown\)/);
  });

  it('say what a person needs before taking one', async () => {
    const speed = await describeNode(opened.session, namespaces, `nsu=${LINE};s=Conveyor.Motor1.Speed`);
    assert.equal(speed.description, 'Speed of the belt');
    assert.equal(speed.dataType, 'Double');
    assert.deepEqual(speed.euRange, { low: 0, high: 3 });
    assert.equal(speed.unit, 'm/s');
    assert.equal(speed.value?.text, '1.5');
    assert.equal(speed.value.status, 'Good');
    const method = await describeNode(opened.session, namespaces, `nsu=${LINE};s=Conveyor.SetLane`);
    assert.deepEqual(method.arguments, [{ name: 'Sequence', dataType: 'UInt32' }, { name: 'Lane', dataType: 'UInt16' }]);
    await assert.rejects(describeNode(opened.session, namespaces, `nsu=${LINE};s=gone`), /does not have .*s=gone \(BadNodeIdUnknown\); choose it again/);
  });

  it('have their value now, and say what is wrong with one', async () => {
    const [jam, gone] = await readValues(opened.session, namespaces, [`nsu=${LINE};s=Conveyor.Jam`, `nsu=${LINE};s=gone`]);
    assert.equal(jam?.text, 'false');
    assert.equal(gone?.status, 'BadNodeIdUnknown');
  });

  it('are found by name, by path and by id, and a search ends', async () => {
    const { found, complete } = await searchNodes(opened.session, namespaces, 'speed', bounds);
    assert.deepEqual(found.map(({ path: names }) => names.join('/')), ['Conveyor/Motor1/Speed']);
    assert.equal(complete, true);
    assert.deepEqual(found[0]?.way, [ROOT, `nsu=${LINE};s=Conveyor`, `nsu=${LINE};s=Conveyor.Motor1`, `nsu=${LINE};s=Conveyor.Motor1.Speed`]);
    assert.equal((await searchNodes(opened.session, namespaces, 'motor1.sp', bounds)).found.length, 1);
    assert.equal((await searchNodes(opened.session, namespaces, 'conveyor speed', bounds)).found.length, 1);
    assert.equal((await searchNodes(opened.session, namespaces, `nsu=${LINE};s=Conveyor.Jam`, bounds)).found[0]?.path[0], 'Jam');
    assert.deepEqual((await searchNodes(opened.session, namespaces, 'nothing like it', bounds)).found, []);
    assert.equal((await searchNodes(opened.session, namespaces, 'speed', { ...bounds, nodes: 1 })).complete, false);
  });

  it('are the same with a server of another stack', async function () {
    const other = await Open62541.start(needs(this, 'open62541'), { tags: 3 });
    const { client, session } = await open(other.url);
    try {
      const names = await namespacesOf(session);
      const { found } = await searchNodes(session, names, 'tag1', bounds);
      assert.equal(found.length, 1);
      const { nodes } = await childrenOf(session, names, found[0]!.way.at(-2)!);
      assert.ok(nodes.some(({ kind, dataType }) => kind === 'variable' && dataType !== ''));
      assert.match((await discoverServer(asked(other.url))).offers[0]!.securityPolicy, /None/);
    } finally {
      await session.close();
      await dropClient(client);
      await other.stop();
    }
  });
});
