import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { service } from '../../src/cli/commands/service.ts';
import { callersFile, readCallers } from '../../src/engine/offered/callers/caller-book.ts';
import { tokenHash } from '../../src/engine/offered/callers/secrets.ts';

describe('waybill service caller', () => {
  let home: string;
  let said: string;
  const write = { out: process.stdout.write.bind(process.stdout), err: process.stderr.write.bind(process.stderr) };
  beforeEach(() => { home = mkdtempSync(path.join(tmpdir(), 'waybill-callers-')); });
  afterEach(() => { rmSync(home, { recursive: true, force: true }); });

  async function run(...args: string[]): Promise<number> {
    said = '';
    const hear = ((text: string) => { said += text; return true; }) as typeof process.stdout.write;
    [process.stdout.write, process.stderr.write] = [hear, hear];
    try {
      return await service([...args, '--home', home]);
    } finally {
      [process.stdout.write, process.stderr.write] = [write.out, write.err];
    }
  }

  it('makes callers, what they prove themselves by, and takes it back', async () => {
    assert.equal(await run('callers'), 0);
    assert.match(said, /Nobody may call/);
    assert.equal(await run('caller', 'add', 'dhl', '--service', 'carrier/*', '--service', 'sales/orders'), 0, said);
    assert.equal(await run('token', 'dhl', '--until', '2099-06-30', '--quiet'), 0, said);
    const token = said.trim();
    assert.equal(await run('secret', 'dhl'), 0);
    const [secret = ''] = /whsec_\S+/.exec(said) ?? [];
    const pem = path.join(home, 'dhl.pem');
    writeFileSync(pem, (await generate([{ name: 'commonName', value: 'dhl' }], { keySize: 2_048 })).cert);
    assert.equal(await run('certificate', 'dhl', pem), 0, said);
    assert.equal(await run('certificate', 'dhl', '--subject', 'CN=dhl,O=DHL'), 0, said);
    assert.equal(await run('oidc', 'dhl', '--issuer', 'https://login.example', '--audience', 'waybill', '--value', 'tms'), 0, said);
    const [caller] = readCallers(home);
    assert.deepEqual([caller?.services, caller?.tokens.map(({ id, sha256, until }) => [id, sha256, until?.slice(0, 10)]), caller?.secrets.map((each) => each.secret), caller?.certificates.length, caller?.identities], [
      ['carrier/*', 'sales/orders'], [['t1', tokenHash(token), '2099-06-30']], [secret], 2, [{ issuer: 'https://login.example', audience: 'waybill', claim: 'sub', value: 'tms' }],
    ]);
    if (process.platform !== 'win32') assert.equal(statSync(callersFile(home)).mode & 0o777, 0o600);
    assert.ok(!readFileSync(callersFile(home), 'utf8').includes(token));
    assert.equal(await run('callers', '--json'), 0);
    assert.ok(!said.includes(secret) && !said.includes(tokenHash(token)) && said.includes('"dhl"'));
    for (const id of ['t1', 's1', 'CN=dhl,O=DHL', 'https://login.example']) assert.equal(await run('revoke', 'dhl', id), 0, said);
    assert.equal(await run('token', 'dhl'), 0);
    assert.match(said, /Token t1 of dhl, until it is taken back/);
    assert.equal(await run('caller', 'remove', 'dhl'), 0);
    assert.deepEqual(readCallers(home), []);
  });

  it('says what is wrong, and writes nothing then', async () => {
    for (const [code, sentence, ...args] of [
      [1, /There is no caller dhl; make it with/, 'token', 'dhl'], [2, /is no name of a caller/, 'caller', 'add', 'D H L', '--service', 'a/b'], [2, /Say what it may call/, 'caller', 'add', 'dhl'],
      [2, /names no service/, 'caller', 'add', 'dhl', '--service', 'everything'], [2, /Say "waybill service caller add/, 'caller', 'change', 'dhl'], [2, /Say which caller/, 'token'],
    ] as const) {
      assert.equal(await run(...args), code, said);
      assert.match(said, sentence);
    }
    assert.deepEqual(readCallers(home), []);
    await run('caller', 'add', 'dhl', '--service', 'a/b');
    for (const [code, sentence, ...args] of [
      [2, /has passed/, 'token', 'dhl', '--until', '2020-01-01'], [2, /is no day/, 'token', 'dhl', '--until', 'tomorrow'], [2, /neither a file nor a SHA-256/, 'certificate', 'dhl', 'nothing'], [2, /Say which certificate/, 'certificate', 'dhl'],
      [2, /begins with https/, 'oidc', 'dhl', '--issuer', 'http://login.example', '--audience', 'a', '--value', 'b'], [2, /Say --issuer/, 'oidc', 'dhl'], [1, /dhl has no "t9"/, 'revoke', 'dhl', 't9'], [2, /Say which token/, 'revoke', 'dhl'],
    ] as const) {
      assert.equal(await run(...args), code, said);
      assert.match(said, sentence);
    }
    writeFileSync(callersFile(home), '{"callers":1}');
    assert.equal(await run('callers'), 1);
    assert.match(said, /is damaged; put back a copy of it/);
  });
});
