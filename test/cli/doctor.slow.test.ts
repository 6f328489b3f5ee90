import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { createSocket } from 'node:dgram';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceOf } from '../../src/cli/doctor/instance.ts';
import { askNtp } from '../../src/cli/doctor/checks/clock.ts';
import { measureFsync } from '../../src/cli/doctor/checks/disk.ts';
import { runChecks } from '../../src/cli/doctor/run-checks.ts';
import type { Machine } from '../../src/cli/doctor/machine.ts';
import { redactor } from '../../src/cli/doctor/secrets.ts';
import { startEmbeddedBroker } from '../../src/intake/mqtt/index.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts';
import { listening, nobodysPort, of, runDoctor, writeCertificate } from './support/doctor.ts';

describe('waybill doctor', function () {
  this.timeout(90_000);
  let dir: string;
  let home: string;
  let ledgerId: string;
  const servers: Server[] = [];
  const serve = async (server: Server): Promise<number> => {
    servers.push(server);
    return await listening(server);
  };

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'waybill-doctor-'));
    home = join(dir, 'home');
    const ledger = await openSqliteLedger({ home, site: 'dc-1' });
    await ledger.append({ streamId: `epoch-${randomUUID()}`, expectedVersion: 0, events: [] }).catch(() => undefined);
    ledgerId = ledger.ledgerId;
    await ledger.close();
    chmodSync(home, 0o700);
  });
  after(() => {
    for (const server of servers) server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('finds nothing wrong where nothing is', async () => {
    const [PORT, WAYBILL_MQTT_PORT] = [String(await nobodysPort()), String(await nobodysPort())];
    const run = await runDoctor(['--home', home, '--json'], { PORT, WAYBILL_MQTT_PORT });
    assert.deepEqual(run.findings.filter(({ level }) => level === 'fail'), [], run.out);
    assert.equal(run.code, 0);
    assert.match(of(run, 'ports', 'ok'), /free for inbox and editor/);
    assert.match(of(run, 'disk', 'ok'), /an fsync takes [\d.]+ ms/);
    assert.match(of(run, 'mail', 'ok'), /WAYBILL_MAIL_URL is not set/);
    for (const { level, todo } of run.findings) assert.equal(todo !== undefined, level !== 'ok');
    assert.deepEqual(readdirSync(home).filter((name) => name.startsWith('.doctor')), []);
  });

  it('works where there is no home yet, and makes none', async () => {
    const none = join(dir, 'none');
    const run = await runDoctor(['--home', none, '--json'], { PORT: String(await nobodysPort()) });
    assert.equal(run.code, 0, run.out);
    assert.match(of(run, 'home', 'ok'), /the first start makes it/);
    assert.deepEqual(readdirSync(dir).includes('none'), false);
  });

  it('finds everything that is wrong with a machine at once, and says what to do', async () => {
    const bad = join(dir, 'bad');
    const ledger = await openSqliteLedger({ home: bad, site: 'dc-1' });
    await ledger.close();
    chmodSync(bad, 0o755);
    chmodSync(join(bad, 'keys'), 0o755);
    const keyFile = join(bad, 'keys', readdirSync(join(bad, 'keys'))[0] ?? '');
    chmodSync(keyFile, 0o644);
    const PORT = await serve(createServer());
    const expired = await writeCertificate(dir, 'expired', { from: -400, to: -20, host: 'other.example.com' });
    const down = await nobodysPort();
    const started = performance.now();
    const run = await runDoctor(['--home', bad, '--json'], {
      PORT: String(PORT), HOST: '127.0.0.1', WAYBILL_TLS_CERT: expired.cert, WAYBILL_TLS_KEY: expired.key,
      WAYBILL_PUBLIC_URL: `https://localhost:${down}`, WAYBILL_ERP_URL: `http://127.0.0.1:${down}`,
      WAYBILL_MQTT_URL: `mqtt://scan:geheim-77@127.0.0.1:${down}`, WAYBILL_MAIL_URL: `smtp://post:geheim-99@127.0.0.1:${down}`,
      WAYBILL_TRUSTED_PROXIES: 'nginx', WAYBILL_TIME_ZONE: 'Mars/Olympus',
    });
    const ms = performance.now() - started;
    assert.equal(run.code, 1);
    assert.match(of(run, 'home', 'warn'), /mode 0755.*chmod 700/);
    assert.match(of(run, 'keys', 'fail'), /keys is open to others \(mode 0755\) → Close it: chmod 700/);
    assert.ok(of(run, 'keys', 'fail').includes(`${keyFile} can be read by everybody (mode 0644) → Close it: chmod 600 ${keyFile}`));
    assert.match(of(run, 'ports', 'fail'), process.platform === 'linux' ? new RegExp(`${PORT} is held by process ${process.pid} \\(`) : /is held by/);
    assert.match(of(run, 'phone', 'fail'), /the certificate expired on \d{4}-/);
    assert.match(of(run, 'phone', 'fail'), /not for localhost but for DNS:other\.example\.com/);
    assert.match(of(run, 'phone', 'fail'), /https:\/\/localhost:\d+: nothing listens there → Start Waybill/);
    assert.match(of(run, 'erp', 'fail'), /nothing listens there → Start the ERP/);
    assert.match(of(run, 'scanner', 'fail'), /takes no MQTT connection: nothing listens there/);
    assert.match(of(run, 'mail', 'fail'), /nothing listens there/);
    assert.match(of(run, 'proxies', 'fail'), /"nginx" is no address/);
    assert.match(of(run, 'clock', 'fail'), /no time zone/);
    assert.doesNotMatch(run.out + run.err, /geheim/);
    assert.ok(ms < 8_000, `took ${ms} ms`);
  });

  it('waits for nobody who does not answer', async () => {
    const mute = await serve(createServer());
    const run = await runDoctor(['--home', home, '--json'], {
      PORT: String(await nobodysPort()), WAYBILL_ERP_URL: `http://127.0.0.1:${mute}`, WAYBILL_MQTT_URL: `mqtt://127.0.0.1:${mute}`, WAYBILL_MAIL_URL: `smtp://127.0.0.1:${mute}`,
    });
    assert.equal(run.code, 1);
    for (const check of ['erp', 'scanner', 'mail']) assert.notEqual(of(run, check, 'fail'), '', check);
  });

  it('knows its own server, another Waybill, and a public address that leads elsewhere', async () => {
    const health = (id: string) => createHttp((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/waybill/healthz') response.end(JSON.stringify({ status: 'alive', instance: instanceOf(id) }));
      else response.writeHead(503).end(JSON.stringify({ status: 'suspended', reason: 'The disk is full: free some space.' }));
    });
    const [own, other] = [await serve(health(ledgerId)), await serve(health('another'))];
    const mine = await runDoctor(['--home', home, '--json'], { PORT: String(own), WAYBILL_PUBLIC_URL: `http://localhost:${other}` });
    assert.match(of(mine, 'ports', 'ok'), /is held by Waybill itself/);
    assert.match(of(mine, 'phone', 'fail'), /leads to another Waybill/);
    assert.match(of(mine, 'ledger', 'fail'), /suspended: The disk is full/);
    const theirs = await runDoctor(['--home', home, '--json'], { PORT: String(other), WAYBILL_PUBLIC_URL: `http://localhost:${own}` });
    assert.match(of(theirs, 'ports', 'fail'), /a Waybill with another home/);
    assert.match(of(theirs, 'phone', 'ok'), /leads here/);
  });

  it('speaks MQTT to a broker, and takes a refusal of credentials for an answer', async () => {
    const broker = await startEmbeddedBroker({ host: '127.0.0.1', port: 0, scanTopics: ['+/+/+/+/scan'], allowPlaintext: true, log: () => undefined });
    try {
      const run = await runDoctor(['--home', home, '--json'], { PORT: String(await nobodysPort()), WAYBILL_MQTT_URL: broker.url, WAYBILL_SITE: 'dc-9' });
      assert.match(of(run, 'scanner', 'ok'), /answers; scanners send to mqtt:\/\/127\.0\.0\.1:\d+, topic acme\/dc-9\//);
      assert.match(of(run, 'scanner', 'warn'), /an address of this machine only/);
    } finally {
      await broker.close();
    }
  });

  it('judges the certificate that an ERP shows', async () => {
    const pem = await writeCertificate(dir, 'erp', { from: -1, to: 100, host: 'localhost' });
    const erp = createHttps({ cert: readFileSync(pem.cert), key: readFileSync(pem.key) }, (_request, response) => { response.end('hello'); });
    const port = await serve(erp);
    const env = { PORT: String(await nobodysPort()), WAYBILL_ERP_URL: `https://localhost:${port}` };
    assert.match(of(await runDoctor(['--home', home, '--json'], env), 'erp', 'fail'), /self-signed → .*NODE_EXTRA_CA_CERTS/);
    assert.match(of(await runDoctor(['--home', home, '--json'], { ...env, NODE_EXTRA_CA_CERTS: pem.cert }), 'erp', 'ok'), /answers \(status 200\) in \d+ ms/);
  });

  it('asks the sign-in provider who it is', async () => {
    let port = 0;
    port = await serve(createHttp((request, response) => {
      const slash = request.url?.startsWith('/other/') === true;
      response.end(request.url?.endsWith('/.well-known/openid-configuration') === true ? JSON.stringify({ issuer: `http://127.0.0.1:${port}${slash ? '/third' : ''}` }) : 'no');
    }));
    const env = { PORT: String(await nobodysPort()), WAYBILL_OIDC_CLIENT_ID: 'waybill', WAYBILL_OIDC_CLIENT_SECRET: 'geheim-55', WAYBILL_OIDC_ROLE_MAP: '{"dock": {"roles": ["clerk"], "sites": ["dc-1"]}}' };
    const ask = async (issuer: string, more: NodeJS.ProcessEnv = {}) => await runDoctor(['--home', home, '--json'], { ...env, WAYBILL_OIDC_ISSUER: issuer, ...more });
    const good = await ask(`http://127.0.0.1:${port}`);
    assert.match(of(good, 'oidc', 'ok'), /answers as its issuer/);
    assert.match(of(good, 'oidc', 'warn'), /WAYBILL_PUBLIC_URL is not set/);
    assert.match(of(await ask(`http://127.0.0.1:${port}/other`), 'oidc', 'fail'), /calls itself http:\/\/127\.0\.0\.1:\d+\/third/);
    assert.match(of(await ask(`http://127.0.0.1:${await nobodysPort()}`), 'oidc', 'fail'), /nothing listens there/);
    assert.match(of(await ask(`http://127.0.0.1:${port}`, { WAYBILL_OIDC_ROLE_MAP: '{broken' }), 'oidc', 'fail'), /WAYBILL_OIDC_ROLE_MAP/);
    assert.doesNotMatch(good.out, /geheim/);
  });

  it('judges the clock by the ledger and by a time server', async () => {
    const server = createSocket('udp4');
    const ahead = 90_000;
    server.on('message', (_request, from) => {
      const answer = Buffer.alloc(48);
      answer[0] = 0x24;
      answer[1] = 2;
      const seconds = (Date.now() + ahead) / 1_000 + 2_208_988_800;
      for (const at of [32, 40]) {
        answer.writeUInt32BE(Math.floor(seconds), at);
        answer.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
      }
      server.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => { server.bind(0, '127.0.0.1', resolve); });
    try {
      const offset = await askNtp('127.0.0.1', AbortSignal.timeout(3_000), server.address().port);
      assert.ok(Math.abs(offset - ahead) < 2_000, String(offset));
    } finally {
      server.close();
    }
    await assert.rejects(askNtp('127.0.0.1', AbortSignal.timeout(200), await nobodysPort()));
  });

  it('finds keys that lie in a git work tree', async function () {
    if (spawnSync('git', ['--version']).error !== undefined) this.skip();
    const tree = join(dir, 'tree');
    mkdirSync(join(tree, 'w/keys'), { recursive: true, mode: 0o700 });
    writeFileSync(join(tree, 'w/keys/pseudonym.key'), 'x', { mode: 0o600 });
    chmodSync(join(tree, 'w/keys'), 0o700);
    assert.equal(spawnSync('git', ['init', '-q'], { cwd: tree }).status, 0);
    const env = { PORT: String(await nobodysPort()) };
    assert.match(of(await runDoctor(['--home', join(tree, 'w'), '--json'], env), 'keys', 'fail'), /lies in the git work tree .* → Add w\/ to/);
    writeFileSync(join(tree, '.gitignore'), 'w/\n');
    assert.match(of(await runDoctor(['--home', join(tree, 'w'), '--json'], env), 'keys', 'ok'), /readable by their owner only/);
    assert.equal(spawnSync('git', ['add', '-f', 'w'], { cwd: tree }).status, 0);
    assert.match(of(await runDoctor(['--home', join(tree, 'w'), '--json'], env), 'keys', 'fail'), /are committed/);
  });

  it('looks at a Node-RED of the user\'s own by its settings.js', async () => {
    const userDir = join(dir, 'user');
    mkdirSync(userDir);
    const port = await nobodysPort();
    writeFileSync(join(userDir, 'settings.js'), `console.log('noise');\nmodule.exports = { uiHost: '127.0.0.1', uiPort: ${port}, httpNodeRoot: '/red', waybill: { home: 'w', site: 'dc-3', mqttUrl: 'mqtt://127.0.0.1:${await nobodysPort()}' }, credentialSecret: 'geheim-11' };\n`);
    const run = await runDoctor(['--user-dir', userDir, '--json']);
    assert.equal((JSON.parse(run.out) as { home: string }).home, join(userDir, 'w'));
    assert.match(of(run, 'package', 'fail'), /not installed in .* npm install @waybill\/node-red/);
    assert.match(of(run, 'ports', 'ok'), new RegExp(`127\\.0\\.0\\.1:${port} is free`));
    assert.match(of(run, 'scanner', 'fail'), /nothing listens there/);
    assert.doesNotMatch(run.out, /geheim/);
    writeFileSync(join(userDir, 'settings.js'), 'module.exports = {\n  a: 1\n  b: 2 };\n');
    assert.match(of(await runDoctor(['--user-dir', userDir, '--json']), 'package', 'fail'), /settings\.js does not load: SyntaxError/);
  });

  it('shows people a table without colours where there is no terminal, and a QR code when asked', async () => {
    const env = { PORT: String(await nobodysPort()), WAYBILL_PUBLIC_URL: 'http://127.0.0.1:9' };
    const { out, code } = await runDoctor(['--home', home, '--qr'], env);
    assert.equal(code, 1);
    assert.ok(!out.includes('\u001b'));
    assert.match(out, /^ {2}ok {4}Versions/m);
    assert.match(out, /^ +→ /m);
    assert.match(out, /The inbox on a phone: http:\/\/127\.0\.0\.1:9\/waybill\/\n\n +[█▀▄]/);
    assert.match(out, /thing(s do| does) not work/);
    assert.doesNotMatch((await runDoctor(['--home', home], env)).out, /█/);
  });

  it('says its usage', async () => {
    assert.equal((await runDoctor(['--nonsense'])).code, 2);
    assert.match((await runDoctor(['--help'])).out, /^Usage: waybill doctor/);
  });

  it('takes secrets out of whatever is printed', () => {
    const redact = redactor({ WAYBILL_ADMIN_PASSWORD: 'open sesame', X: 'mqtt://u:p%40ss@h', EMPTY_TOKEN: '' }, ['https://u:key-1@erp']);
    assert.equal(redact('open sesame p@ss p%40ss key-1 fine'), '••• ••• ••• ••• fine');
  });

  it('ends a check whose time is over, and keeps what it had found', async () => {
    const found = await runChecks([
      { name: 'a', title: 'A', run: async (_machine, findings) => { findings.ok('one'); await new Promise(() => undefined); } },
      { name: 'b', title: 'B', run: () => { throw new Error('broken'); } },
    ], {} as Machine, 50);
    assert.deepEqual(found.map(({ check, level, found: text }) => [check, level, text]), [
      ['a', 'ok', 'one'], ['a', 'fail', 'could not be looked at to the end: no answer in time'], ['b', 'fail', 'could not be looked at to the end: broken'],
    ]);
  });

  it('measures fsyncs and leaves nothing behind', async () => {
    const folder = join(dir, 'fsync');
    mkdirSync(folder);
    const durations = await measureFsync(folder, 5, 10_000);
    assert.equal(durations.length, 5);
    assert.ok(durations.every((ms, i) => ms >= (durations[i - 1] ?? 0)));
    assert.deepEqual(readdirSync(folder), []);
  });
});
