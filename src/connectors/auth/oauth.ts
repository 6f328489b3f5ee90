import type { WireRequest, WireResult } from '../driver.ts';
import type { Secrets } from './secrets.ts';
import { SecretError } from './secrets.ts';

export interface OAuthSettings { readonly scope?: string; readonly audience?: string; readonly clientAuthentication?: 'basic' | 'body' }

interface Token { readonly value: string; readonly fetchedAt: number; readonly expiresAt: number }

/** How long a token counts whose server does not say, ms (RFC 6749 §5.1 leaves it open). */
const unsaidLifeMs = 300_000;
/** A token is fetched ahead when this part of its life is left, at most a minute, and is not used in its last seconds. */
const aheadPart = 0.1;
const mostAheadMs = 60_000;
const lastMs = 2_000;

/** Tokens by OAuth 2 client credentials (RFC 6749 §4.4): one for all callers, fetched ahead of its end, and once for all that wait. */
export class ClientCredentials {
  readonly #settings: OAuthSettings;
  readonly #secrets: Secrets;
  readonly #send: (request: WireRequest) => Promise<WireResult>;
  readonly #now: () => number;
  #token: Token | undefined;
  #fetching: Promise<Token> | undefined;

  /** @param send brings a request to the token endpoint; its path is the endpoint's own */
  constructor(settings: OAuthSettings, secrets: Secrets, send: (request: WireRequest) => Promise<WireResult>, now: () => number) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.#send = send;
    this.#now = now;
  }

  /** @throws SecretError when none is to be had, in one sentence; what only waits for the server has the class `TokenUnavailable` */
  async token(): Promise<string> {
    const { value, fetchedAt, expiresAt } = this.#token ?? { value: '', fetchedAt: 0, expiresAt: 0 };
    const left = expiresAt - this.#now();
    if (left <= lastMs) return (await this.#fetch()).value;
    if (left < Math.min(mostAheadMs, (expiresAt - fetchedAt) * aheadPart)) {
      // The old one still counts: nobody waits, and a failure is found by who needs the next.
      this.#fetch().catch(() => undefined);
    }
    return value;
  }

  /** The system did not take this token: another one is fetched, unless somebody has done so meanwhile. */
  async renew(refused: string): Promise<string> {
    if (this.#token !== undefined && this.#token.value !== refused) return this.#token.value;
    this.#token = undefined;
    return (await this.#fetch()).value;
  }

  #fetch(): Promise<Token> {
    this.#fetching ??= this.#ask().finally(() => { this.#fetching = undefined; });
    return this.#fetching;
  }

  async #ask(): Promise<Token> {
    const { scope, audience, clientAuthentication = 'basic' } = this.#settings;
    const [id, secret] = [this.#secrets.need('clientId'), this.#secrets.need('clientSecret')];
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }), ...(audience === undefined ? {} : { audience }) });
    const headers: { [name: string]: string } = { 'accept': 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    if (clientAuthentication === 'body') {
      form.set('client_id', id);
      form.set('client_secret', secret);
    } else headers['authorization'] = `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;
    const result = await this.#send({ method: 'POST', path: '/', headers, body: form.toString(), safe: true });
    if (result.kind === 'failure') throw new TokenUnavailable(`The server that gives tokens could not be reached: ${result.message}`);
    const answer = parsed(result.body);
    if (result.status !== 200) {
      const why = typeof answer['error'] === 'string' ? answer['error'].slice(0, 80) : `HTTP ${result.status}`;
      // RFC 6749 §5.2: these say that asking again is no use before somebody mends something.
      if (result.status === 400 || result.status === 401 || result.status === 403) throw new SecretError(`The server that gives tokens refused us (${why}); look at client id, secret and scope.`);
      throw new TokenUnavailable(`The server that gives tokens answered HTTP ${result.status}.`);
    }
    const { access_token: value, expires_in: seconds, token_type: type } = answer;
    if (typeof value !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(value)) throw new TokenUnavailable('The server that gives tokens answered without one.');
    if (typeof type === 'string' && type.toLowerCase() !== 'bearer') throw new SecretError(`The server gives tokens of the type "${type.slice(0, 40)}"; only bearer tokens are used here.`);
    const life = Number(seconds);
    this.#token = { value, fetchedAt: this.#now(), expiresAt: this.#now() + (seconds !== undefined && Number.isFinite(life) && life > 0 ? life * 1_000 : unsaidLifeMs) };
    return this.#token;
  }
}

/** No token now; the same may be asked again later. */
export class TokenUnavailable extends SecretError {}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2);
}

function parsed(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
