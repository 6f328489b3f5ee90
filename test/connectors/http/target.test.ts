import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { guardedLookup } from '../../../src/connectors/http/addresses.ts';
import { isThisMachine, pathBelow, readAddress, readBase } from '../../../src/connectors/http/target.ts';

describe('where a request may go', () => {
  const base = readBase('https://erp.example:8443/api/v1/');

  it('takes the address of a system apart', () => {
    assert.deepEqual(base, { origin: 'https://erp.example:8443', scheme: 'https', secure: true, host: 'erp.example', port: 8443, path: '/api/v1' });
    assert.deepEqual(readBase('http://[::1]:99').host, '::1');
  });

  for (const [address, why] of [
    ['erp.example', /no address/], ['ftp://erp.example', /"ftp:" is not supported here; use https or http/], ['amqp://erp.example', /use https or http/], ['https://me:secret@erp.example', /user or a password/], ['https://erp.example/?a=1', /query/], ['https://erp.example/a%2e%2e%2f%252e%252e/b', /steps upwards/],
  ] as const) it(`refuses ${address} as an address`, () => { assert.throws(() => readBase(address), why); });

  it('takes an address in numbers by what the network makes of it, however it is written', () => {
    for (const address of ['http://2130706433', 'http://0x7f.1', 'http://0177.0.0.1', 'http://[::ffff:127.0.0.1]', 'amqp://2130706433', 'postgresql://0x7f.1', 'mariadb://[::1]']) assert.ok(isThisMachine(readAddress(address)), address);
    assert.ok(!isThisMachine(readAddress('http://localhost.evil.example')));
    assert.equal(readAddress('amqps://RABBIT.example').host, 'rabbit.example');
  });

  for (const host of ['169.254.169.254', '2852039166', '0xa9.0xfea9fe', '[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]', '[fe80::1]', '[fd00:ec2::254]', '0.0.0.0', '0', '[::]', '255.255.255.255', '224.0.0.1', '[ff02::1]']) {
    for (const scheme of ['https', 'amqps', 'postgresql']) it(`refuses ${scheme}://${host}: no system is there`, () => { assert.throws(() => readAddress(`${scheme}://${host}`), /No system is at .*write the system's name/); });
  }

  it('leads no name to where no system can be, nor in the clear to this machine, whatever is answered for it the next time', async () => {
    const answers = [['192.0.2.7'], ['169.254.169.254'], ['::ffff:169.254.169.254', '192.0.2.7'], ['127.0.0.1'], ['::ffff:7f00:1'], []];
    const ask = (encrypted: boolean, host = 'erp.example'): Promise<string> => {
      const find = (_host: string, _options: unknown, found: (error: null, addresses: { address: string; family: number }[]) => void): void => found(null, (answers.shift() ?? []).map((address) => ({ address, family: 4 })));
      return new Promise((resolve) => { guardedLookup(encrypted, find as never)(host, { all: true }, (error, found) => resolve(error === null ? (found as readonly { address: string }[]).map(({ address }) => address).join() : error.message)); });
    };
    assert.equal(await ask(false), '192.0.2.7');
    assert.match(await ask(true), /^The name erp\.example leads to 169\.254\.169\.254, where no system can be, so nothing was sent; have the name mended/);
    assert.equal(await ask(true), '192.0.2.7');
    assert.match(await ask(false), /leads to this machine \(127\.0\.0\.1\), so nothing was sent in the clear; write localhost/);
    assert.equal(await ask(true), '::ffff:7f00:1', 'the certificate tells who is there');
    assert.match(await ask(true), /no address/);
    for (const own of ['localhost', 'erp.localhost', hostname().toUpperCase()]) {
      answers.push(['127.0.0.1']);
      assert.equal(await ask(false, own), '127.0.0.1');
    }
  });

  it('puts paths below the base, with their query', () => {
    for (const path of ['/', '/orders/45%2F7', '/orders?$filter=a%20eq%20%27..%2F%27', '/a%25b', "/Orders('x')/Items(po='4',line=1)", '/a..b/..c', '/x%E2%82%AC']) assert.equal(pathBelow(base, path), `/api/v1${path}`);
  });

  for (const path of [
    'https://evil.example/', '//evil.example/', '/\\evil.example', 'orders', '', '/..', '/../admin', '/a/../../admin', '/a/./b', '/%2e%2e/admin', '/%2E%2e%2fadmin', '/%252e%252e/admin', '/%25252e%25252e/admin',
    '/..;/admin', '/a/..;x=1/b', '/a%5c..%5cadmin', '/a\r\nHost: evil', '/a%0d%0aHost:%20evil', '/a%00', '/a?b=1\r\nX: y', '/a b', '/a#b', '/ä',
  ]) it(`does not send ${JSON.stringify(path)}`, () => { assert.throws(() => pathBelow(base, path), RangeError); });
});
