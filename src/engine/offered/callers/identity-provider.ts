import type { JWTVerifyGetKey } from 'jose';
import type { Caller, CallerIdentity } from './caller.ts';

/** What a token of an identity provider came to. */
export type TokenVerdict =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

interface Candidate { readonly caller: Caller; readonly identity: CallerIdentity }

/** How long an issuer's description is used before it is read again, and how long one answer of it may take, ms. */
const DISCOVERY_MS = 10 * 60_000;
const TIMEOUT_MS = 5_000;
const LARGEST_DESCRIPTION = 256 * 1024;
/** By how much the issuer's clock may differ from ours, s. */
const TOLERANCE_SECONDS = 60;
/** No algorithm with a shared secret: a public key would be taken for one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/** The issuer has not said its keys: no answer in time, none that is 200, none that holds keys. It says nothing of the token. */
const KEYS_AWAY: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']);

const LOOPBACK = /^http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:\/|$)/i;

/** Keys are fetched over https, or from this machine. */
export function isIssuer(url: string): boolean {
  return (/^https:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/i.test(url) || (LOOPBACK.test(url) && !/[\s?#@]/.test(url)));
}

/** Bearer tokens of identity providers (OpenID Connect Discovery 1.0, RFC 7519): keys are fetched once and kept, and fetched anew for a key that is not known. */
export class IdentityProviders {
  readonly #keys = new Map<string, { readonly until: number; readonly keys: Promise<JWTVerifyGetKey> }>();

  /** @param now ms since 1970 */
  async verify(token: string, candidates: readonly Candidate[], now: number): Promise<TokenVerdict> {
    const jose = await import('jose');
    let issuer: string | undefined;
    try {
      issuer = jose.decodeJwt(token).iss;
    } catch {
      return { kind: 'refused', detail: 'The token is neither one of this site nor a JWT; send one of the two as "Authorization: Bearer …".' };
    }
    const ofIssuer = candidates.filter(({ identity }) => identity.issuer === issuer);
    if (ofIssuer.length === 0) return { kind: 'refused', detail: 'No caller of this service signs in by the issuer of the token; ask whoever looks after this site to register it.' };
    let keys: JWTVerifyGetKey;
    try {
      keys = await this.#keysOf(issuer!, now, jose);
    } catch (error) {
      return { kind: 'unavailable', detail: `The keys of the issuer cannot be fetched (${(error as Error).message}), so the token cannot be checked; try again in a moment.` };
    }
    let refused = 'The token does not fit.';
    for (const { caller, identity } of ofIssuer) {
      try {
        const { payload } = await jose.jwtVerify(token, keys, { issuer: identity.issuer, audience: identity.audience, algorithms: ALGORITHMS, clockTolerance: TOLERANCE_SECONDS, currentDate: new Date(now), requiredClaims: ['exp'] });
        if (payload[identity.claim] === identity.value) return { kind: 'caller', caller };
        refused = 'The token stands for nobody who may call this service; ask whoever looks after this site to register its subject.';
      } catch (error) {
        const { code, message } = error as Error & { readonly code?: string };
        if (KEYS_AWAY.has(code ?? '') || !(error instanceof jose.errors.JOSEError)) return { kind: 'unavailable', detail: `The keys of the issuer cannot be fetched (${message}), so the token cannot be checked; try again in a moment.` };
        refused = code === 'ERR_JWT_EXPIRED' ? 'The token has expired; ask the issuer for a new one.'
          : code === 'ERR_JWT_CLAIM_VALIDATION_FAILED' ? `A claim of the token does not fit (${message}); ask the issuer for a token for this service.` : 'The signature of the token does not fit a key of its issuer; ask the issuer for a new one.';
      }
    }
    return { kind: 'refused', detail: refused };
  }

  #keysOf(issuer: string, now: number, jose: typeof import('jose')): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer);
    if (known !== undefined && known.until > now) return known.keys;
    const keys = discovered(issuer).then((url) => jose.createRemoteJWKSet(url, { timeoutDuration: TIMEOUT_MS, cacheMaxAge: DISCOVERY_MS, cooldownDuration: 10_000 }));
    this.#keys.set(issuer, { until: now + DISCOVERY_MS, keys });
    // What failed is asked for again with the next token.
    keys.catch(() => { if (this.#keys.get(issuer)?.keys === keys) this.#keys.delete(issuer); });
    return keys;
  }
}

/** Where an issuer has its keys (OpenID Connect Discovery 1.0 §4). */
async function discovered(issuer: string): Promise<URL> {
  if (!isIssuer(issuer)) throw new Error('its address is not https');
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  const { issuer: said, jwks_uri: keys } = JSON.parse(await limited(response)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  if (said !== issuer) throw new Error('it says that it is another one');
  if (typeof keys !== 'string' || !isIssuer(keys.split('?')[0] ?? '')) throw new Error('it names no address of keys that is https');
  return new URL(keys);
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > LARGEST_DESCRIPTION) throw new Error('its description does not end');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}
