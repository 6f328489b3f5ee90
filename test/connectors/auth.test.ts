import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClientCredentials, SecretError, Secrets, signerFor, TokenUnavailable } from '../../src/connectors/auth/index.ts';
import type { WireRequest, WireResult } from '../../src/connectors/driver.ts';

const request: WireRequest = { method: 'POST', path: '/a?b=1', headers: { accept: 'x' }, body: '{}', safe: false };
const answer = (status: number, body: object): WireResult => ({ kind: 'response', status, headers: {}, body: Buffer.from(JSON.stringify(body)), truncated: false });

describe('signing in to a system', () => {
  const secrets = new Secrets({ user: 'ü', password: 'p', token: 't', apiKey: 'k&' });

  it('puts each kind where it belongs', async () => {
    const signed = async (authentication: Parameters<typeof signerFor>[0]): Promise<readonly unknown[]> => {
      const { path: at, headers } = await signerFor(authentication, secrets, undefined).sign(request);
      return [at, headers['authorization'] ?? headers['x-key']];
    };
    assert.deepEqual(await signed({ kind: 'bearer' }), ['/a?b=1', 'Bearer t']);
    assert.deepEqual(await signed({ kind: 'basic' }), ['/a?b=1', `Basic ${Buffer.from('ü:p').toString('base64')}`]);
    assert.deepEqual(await signed({ kind: 'api-key', in: 'header', name: 'X-Key' }), ['/a?b=1', 'k&']);
    assert.deepEqual(await signed({ kind: 'api-key', in: 'query', name: 'key' }), ['/a?b=1&key=k%26', undefined]);
    assert.deepEqual(await signed({ kind: 'none' }), ['/a?b=1', undefined]);
  });

  it('takes a secret from a variable or a file, and from a changed file the new one', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-secret-'));
    try {
      const file = path.join(folder, 'token');
      writeFileSync(file, 'one\n');
      const outside = new Secrets({ token: 'form' }, { token: { from: 'file', name: file }, password: { from: 'env', name: 'ERP' } }, (name) => (name === 'ERP' ? 'p2' : undefined));
      const signer = signerFor({ kind: 'bearer' }, outside, undefined);
      const first = await signer.sign(request);
      assert.deepEqual([first.headers['authorization'], outside.get('password')], ['Bearer one', 'p2']);
      assert.equal(await signer.again(request, first), undefined, 'the same again is no use');
      writeFileSync(file, 'second');
      assert.equal((await signer.again(request, first))?.headers['authorization'], 'Bearer second');
      rmSync(file);
      assert.throws(() => outside.get('token'), /token is not there/);
      assert.throws(() => new Secrets({}, { token: { from: 'env', name: 'NONE' } }, () => undefined).get('token'), /The variable NONE is not set/);
      assert.throws(() => new Secrets({ token: 'a\r\nX: y' }).need('token'), SecretError);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe('by client credentials', () => {
    let now = 0;
    let asked: WireRequest[];
    let give: () => WireResult;
    const client = (more: ConstructorParameters<typeof ClientCredentials>[0] = {}): ClientCredentials => new ClientCredentials(more, new Secrets({ clientId: 'a:b', clientSecret: 'c d' }), (each) => {
      asked.push(each);
      return Promise.resolve(give());
    }, () => now);
    beforeEach(() => {
      [now, asked] = [0, []];
      give = () => answer(200, { access_token: `t${asked.length}`, expires_in: 600, token_type: 'Bearer' });
    });

    it('fetches a token once for all that wait, ahead of its end, and never one that is over', async () => {
      const tokens = client({ scope: 'x y', audience: 'erp' });
      assert.deepEqual(await Promise.all([tokens.token(), tokens.token(), tokens.token()]), ['t1', 't1', 't1']);
      assert.equal(asked[0]?.body, 'grant_type=client_credentials&scope=x+y&audience=erp');
      assert.equal(asked[0]?.headers['authorization'], `Basic ${Buffer.from('a%3Ab:c+d').toString('base64')}`, 'RFC 6749 §2.3.1');
      now = 541_000;
      assert.equal(await tokens.token(), 't1', 'the old one still counts while the next is fetched');
      await new Promise((resolve) => { setImmediate(resolve); });
      assert.equal(await tokens.token(), 't2');
      now += 599_000;
      assert.equal(await tokens.token(), 't3');
    });

    it('fetches once more for all whose token was refused', async () => {
      const tokens = client({ clientAuthentication: 'body' });
      const old = await tokens.token();
      assert.deepEqual(await Promise.all([tokens.renew(old), tokens.renew(old)]), ['t2', 't2']);
      assert.equal(await tokens.renew(old), 't2', 'somebody has done so meanwhile');
      assert.match(String(asked[0]?.body), /client_id=a%3Ab&client_secret=c\+d/);
    });

    for (const [what, result, kind, said] of [
      ['a wrong secret', answer(401, { error: 'invalid_client' }), SecretError, /invalid_client\); look at client id, secret and scope/],
      ['a server in trouble', answer(503, {}), TokenUnavailable, /HTTP 503/], ['an answer without a token', answer(200, {}), TokenUnavailable, /without one/],
      ['a server that is away', { kind: 'failure', sent: false, errorClass: 'ECONNREFUSED', message: 'Nobody listens.' }, TokenUnavailable, /Nobody listens/], ['another type of token', answer(200, { access_token: 'x', token_type: 'mac' }), SecretError, /of the type "mac"/],
    ] as const) {
      it(`says what is wrong: ${what}`, async () => {
        give = () => result as WireResult;
        await assert.rejects(client().token(), (error: Error) => error instanceof kind && said.test(error.message) && !error.message.includes('c d'));
      });
    }
  });
});
