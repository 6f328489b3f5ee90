import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';
import type { Caller } from '../../../src/engine/offered/callers/caller.ts';
import { IdentityProviders, isIssuer } from '../../../src/engine/offered/callers/identity-provider.ts';

const AUDIENCE = 'https://waybill.example/services';

describe('tokens of an identity provider', () => {
  let server: Server;
  let issuer: string;
  let handle: ReturnType<Provider['callback']>;
  let down = false;
  let keysDown = false;
  let asked: string[] = [];
  const key = (): JWK => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() }) as JWK;
  const begin = (): void => {
    handle = new Provider(issuer, {
      jwks: { keys: [key()] }, cookies: { keys: ['a key of the tests'] }, scopes: ['call'],
      clients: [{ client_id: 'tms', client_secret: 'a secret of the tests', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
      features: {
        devInteractions: { enabled: false }, clientCredentials: { enabled: true },
        resourceIndicators: { enabled: true, defaultResource: () => AUDIENCE, getResourceServerInfo: (_ctx, resource) => ({ scope: 'call', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 120, jwt: { sign: { alg: 'RS256' } } }) },
      },
    }).callback();
  };
  const token = async (resource = AUDIENCE): Promise<string> => {
    const response = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from('tms:a%20secret%20of%20the%20tests').toString('base64')}` }, body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'call', resource }) });
    const answer = await response.json() as { access_token?: string };
    assert.ok(answer.access_token !== undefined, JSON.stringify(answer));
    return answer.access_token;
  };
  const caller = (value = 'tms'): { readonly caller: Caller; readonly identity: Caller['identities'][number] } => {
    const identity = { issuer, audience: AUDIENCE, claim: 'client_id', value };
    return { caller: { name: value, services: ['*'], tokens: [], secrets: [], certificates: [], identities: [identity] }, identity };
  };

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (down || (keysDown && request.url === '/jwks')) response.writeHead(503).end();
      else void handle(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    begin();
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => { asked = []; });

  it('are known by issuer, audience and claim; keys are fetched once for all', async () => {
    const providers = new IdentityProviders();
    const mine = await token();
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => providers.verify(mine, [caller('other'), caller()], Date.now())));
    assert.deepEqual(verdicts.map((verdict) => (verdict.kind === 'caller' ? verdict.caller.name : verdict)), Array.from({ length: 5 }, () => 'tms'));
    assert.deepEqual(asked.filter((url) => url !== '/token').sort(), ['/.well-known/openid-configuration', '/jwks']);
    const refused = async (given: string, candidates = [caller()], now = Date.now()): Promise<string> => {
      const verdict = await providers.verify(given, candidates, now);
      return verdict.kind === 'refused' ? verdict.detail : verdict.kind;
    };
    assert.match(await refused(mine, [caller('other')]), /stands for nobody who may call/);
    assert.match(await refused(mine, [{ ...caller(), identity: { ...caller().identity, issuer: 'https://elsewhere.example' } }]), /No caller of this service signs in by the issuer/);
    assert.match(await refused(await token('https://other.example/')), /A claim of the token does not fit .*"aud"/);
    assert.match(await refused(mine, [caller()], Date.now() + 200_000), /has expired/);
    assert.match(await refused(`${mine.split('.').slice(0, 2).join('.')}.${'A'.repeat(342)}`), /does not fit a key of its issuer/);
    assert.match(await refused('a.b.c'), /neither one of this site nor a JWT/);
  });

  it('signed otherwise are refused: with a shared secret, and unsigned', async () => {
    const providers = new IdentityProviders();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const claims = { client_id: 'tms' };
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setAudience(AUDIENCE).setExpirationTime('2m').sign(Buffer.from(JSON.stringify(await exportJWK(publicKey))));
    const bare = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ iss: issuer, aud: AUDIENCE, exp: 9_999_999_999, ...claims })).toString('base64url')}.`;
    for (const each of [forged, bare]) assert.equal((await providers.verify(each, [caller()], Date.now())).kind, 'refused', each);
  });

  it('cannot be checked while the issuer is away, and can when it is back', async () => {
    const providers = new IdentityProviders();
    const mine = await token();
    down = true;
    const verdict = await providers.verify(mine, [caller()], Date.now());
    assert.deepEqual([verdict.kind, verdict.kind === 'unavailable' && /it answers 503.*try again/.test(verdict.detail)], ['unavailable', true]);
    down = false;
    keysDown = true;
    const without = await providers.verify(mine, [caller()], Date.now());
    assert.deepEqual([without.kind, without.kind === 'unavailable' && /cannot be fetched/.test(without.detail)], ['unavailable', true], 'the keys alone are away: that says nothing of the token');
    keysDown = false;
    assert.equal((await providers.verify(mine, [caller()], Date.now())).kind, 'caller');
  });

  it('issuers are addresses that cannot be listened to', () => {
    assert.deepEqual(['https://login.example/realms/a', 'http://127.0.0.1:8080', 'http://login.example', 'https://a b', 'https://x@y', 'ftp://x', 'http://127.0.0.1.evil.example'].map(isIssuer), [true, true, false, false, false, false, false]);
  });
});
