import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { accessFile, passwordFile, topicsOf } from '../../../src/cli/device/mosquitto.ts';
import type { ExportedDevice } from '../../../src/cli/device/mosquitto.ts';
import { Mosquitto } from '../../intake/mqtt/support/mosquitto.ts';
import { needs } from '../../support/system-programs.ts';
import { addPerson, startServer, type TestServer } from '../../web/support/server.ts';
import { startEngine, type TestEngine } from '../../web/support/real-engine.ts';

const run = promisify(execFile);
const waybill = path.join(import.meta.dirname, '../../../src/cli/waybill.ts');

describe('waybill device', () => {
  let test: TestEngine;
  let server: TestServer;
  let token = '';
  let folder: string;
  const device = async (...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
    try {
      const { stdout, stderr } = await run(process.execPath, [waybill, 'device', ...args, '--url', server.api.replace(/\/api\/v1$/, '')], { env: { ...process.env, WAYBILL_TOKEN: token } });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-device-cli-'));
    test = await startEngine(async (accounts) => {
      token = (await addPerson(accounts, 'engineer', ['engineer'])).headers.authorization.replace('Bearer ', '');
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('imports a list after a dry run, blocks, and says what is wrong', async () => {
    const list = path.join(folder, 'list.csv');
    writeFileSync(list, '\uFEFFSerial;Kind;Station;Name\r\nS1;scanner;receiving/dock-1;"Dock; one"\r\nS2;;dock-2;\r\nS3;robot;;\r\n');
    const dry = await device('import', list, '--site', 'dc-1', '--dry-run');
    assert.deepEqual([dry.code, dry.out.trim().split('\n').at(-1)], [1, 'It would be: 2 registered, 0 changed, 0 as they are, 1 refused.']);
    assert.equal((await device('list', '--site', 'dc-1')).out.trim(), 'There is no such device.');
    assert.match((await device('import', list, '--site', 'dc-1')).out, /line 4 {2}S3 {2}The kind "robot" is not known/);
    assert.match((await device('list', '--site', 'dc-1', '--search', 'dock')).out, /S1 +active +scanner +receiving\/dock-1 .*Dock; one/);
    assert.equal((await device('block', 'S2', '--site', 'dc-1')).code, 1);
    assert.equal((await device('block', 'S2', '--site', 'dc-1', '--reason', 'Lost')).out.trim(), 'S2 is blocked.');
    assert.deepEqual([(await device('block', 'S9', '--site', 'dc-1', '--reason', 'x')).code, (await device('add', 'S9')).code, (await device('fly')).code], [1, 2, 2]);
  });

  it('writes what Mosquitto asks its devices for: the right key, and topics of the own station', async function () {
    const program = needs(this, 'mosquitto');
    const key = (await device('key', 'S1', '--site', 'dc-1')).out.trim();
    assert.match(key, /^[A-Za-z0-9_-]{43}$/);
    const written = await device('export', '--site', 'dc-1', '--format', 'mosquitto', '--out', folder);
    assert.equal(written.code, 0, written.err);
    const broker = await Mosquitto.start(program, ['max_queued_messages 1000', 'allow_anonymous false', `password_file ${folder}/waybill-passwords`, `acl_file ${folder}/waybill-acl`]);
    try {
      const options = { protocolVersion: 4 as const, reconnectPeriod: 0, username: 'S1' };
      await assert.rejects(connectAsync(broker.url, { ...options, password: 'wrong' }), (error: { code?: number }) => error.code === 5);
      const client = await connectAsync(broker.url, { ...options, password: key });
      const heard: string[] = [];
      client.on('message', (topic) => heard.push(topic));
      await client.subscribeAsync('acme/dc-1/receiving/dock-1/#', { qos: 1 });
      await client.publishAsync('acme/dc-1/receiving/dock-2/scan', 'not mine', { qos: 1 });
      await client.publishAsync('acme/dc-1/receiving/dock-1/scan', 'mine', { qos: 1 });
      while (heard.length === 0) await new Promise((resolve) => { setTimeout(resolve, 10); });
      assert.deepEqual(heard, ['acme/dc-1/receiving/dock-1/scan']);
      await client.endAsync();
    } finally {
      await broker.remove();
    }
    assert.ok(!readFileSync(path.join(folder, 'waybill-passwords'), 'utf8').includes(key));
  });
});

describe('the files of Mosquitto', () => {
  const of = (deviceId: string, more: Partial<ExportedDevice> = {}): ExportedDevice => ({ deviceId, state: 'active', kind: 'scanner', station: 'receiving/dock-1', verifier: `$7$101$${deviceId}`, certificate: null, ...more });

  it('keep users that are no devices, and lose devices that may not come any more', () => {
    const before = 'waybill:$7$101$x$y\nS1:old\nS2:old\n';
    const devices = [of('S1'), of('S2', { state: 'blocked', verifier: null }), of('a:b'), of('S4', { verifier: null })];
    assert.equal(passwordFile(devices, before), 'waybill:$7$101$x$y\nS1:$7$101$S1\n');
    const list = accessFile(devices, 'acme', 'dc-1', 'user waybill\ntopic readwrite #\n');
    assert.match(list, /^user waybill\ntopic readwrite #\n# devices of Waybill.*begin\nuser S1\ntopic readwrite acme\/dc-1\/receiving\/dock-1\/#\n\nuser S4\n/);
    assert.equal(accessFile(devices, 'acme', 'dc-1', list), list);
    assert.ok(!accessFile([], 'acme', 'dc-1', list).includes('S1'));
  });

  it('name the topics of a station, of any area, or of the site', () => {
    assert.deepEqual([topicsOf(of('x'), 'acme', 'dc-1'), topicsOf(of('x', { station: 'dock-1' }), 'acme', 'dc-1'), topicsOf(of('x', { station: null }), 'acme', 'dc-1')], ['acme/dc-1/receiving/dock-1/#', 'acme/dc-1/+/dock-1/#', 'acme/dc-1/#']);
  });
});
