import assert from 'node:assert/strict';
import { pathBelow, readBase } from '../../../src/connectors/http/target.ts';

describe('where a request may go', () => {
  const base = readBase('https://erp.example:8443/api/v1/');

  it('takes the address of a system apart', () => {
    assert.deepEqual(base, { origin: 'https://erp.example:8443', scheme: 'https', secure: true, host: 'erp.example', port: 8443, path: '/api/v1' });
    assert.deepEqual(readBase('http://[::1]:99').host, '::1');
  });

  for (const [address, why] of [
    ['erp.example', /no address/], ['ftp://erp.example', /not supported/], ['https://me:secret@erp.example', /user or a password/], ['https://erp.example/?a=1', /query/], ['https://erp.example/a%2e%2e%2f%252e%252e/b', /steps upwards/],
  ] as const) it(`refuses ${address} as an address`, () => { assert.throws(() => readBase(address), why); });

  it('puts paths below the base, with their query', () => {
    for (const path of ['/', '/orders/45%2F7', '/orders?$filter=a%20eq%20%27..%2F%27', '/a%25b', "/Orders('x')/Items(po='4',line=1)", '/a..b/..c', '/x%E2%82%AC']) assert.equal(pathBelow(base, path), `/api/v1${path}`);
  });

  for (const path of [
    'https://evil.example/', '//evil.example/', '/\\evil.example', 'orders', '', '/..', '/../admin', '/a/../../admin', '/a/./b', '/%2e%2e/admin', '/%2E%2e%2fadmin', '/%252e%252e/admin', '/%25252e%25252e/admin',
    '/..;/admin', '/a/..;x=1/b', '/a%5c..%5cadmin', '/a\r\nHost: evil', '/a%0d%0aHost:%20evil', '/a%00', '/a?b=1\r\nX: y', '/a b', '/a#b', '/ä',
  ]) it(`does not send ${JSON.stringify(path)}`, () => { assert.throws(() => pathBelow(base, path), RangeError); });
});
