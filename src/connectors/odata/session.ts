import type { DriverMemory, WireRequest, WireResult } from '../driver.ts';
import { CookieJar } from './cookies.ts';

interface Remembered { readonly cookies: CookieJar; token: string | undefined }

/** What a system with CSRF protection keeps: cookies and the token of their session, shared by all calls to one service. */
export class Session {
  readonly #remembered: Remembered;
  readonly #servicePath: string;
  readonly #csrf: boolean;
  readonly #now: number;
  readonly #basePath: string;
  readonly #root: string;

  /** @param basePath path of the system's own address, which cookies count from */
  constructor(memory: DriverMemory, servicePath: string, csrf: boolean, now: number, basePath: string, root: string) {
    this.#basePath = basePath;
    this.#root = root;
    const key = `odata ${servicePath}`;
    const remembered = memory.get(key) as Remembered | undefined ?? { cookies: new CookieJar(), token: undefined };
    memory.set(key, remembered);
    this.#remembered = remembered;
    this.#servicePath = servicePath;
    this.#csrf = csrf;
    this.#now = now;
  }

  /** One exchange, with the session's cookies and, when it changes something, with its token; fetched when there is none, and once anew when the system asks for it. */
  * send(request: WireRequest): Generator<WireRequest, WireResult, WireResult> {
    if (!this.#csrf || request.safe) return yield* this.#exchange(request, {});
    if (this.#remembered.token === undefined) {
      const failed = yield* this.#fetchToken();
      if (failed !== undefined) return failed;
    }
    const result = yield* this.#exchange(request, this.#tokenHeader());
    if (result.kind !== 'response' || result.status !== 403 || result.headers['x-csrf-token']?.toLowerCase() !== 'required') return result;
    // The session has ended: nothing was done, so a new one and the same request again.
    this.#remembered.token = undefined;
    this.#remembered.cookies.clear();
    const failed = yield* this.#fetchToken();
    return failed ?? (yield* this.#exchange(request, this.#tokenHeader()));
  }

  #tokenHeader(): { readonly [name: string]: string } {
    return this.#remembered.token === undefined ? {} : { 'x-csrf-token': this.#remembered.token };
  }

  /** By HEAD, as SAP recommends; by GET where HEAD is not known. What failed is the call's outcome: nothing was sent yet. */
  * #fetchToken(): Generator<WireRequest, WireResult | undefined, WireResult> {
    for (const method of ['HEAD', 'GET']) {
      const result = yield* this.#exchange({ method, path: this.#root, headers: { accept: 'application/json' }, body: undefined, safe: true }, { 'x-csrf-token': 'Fetch' });
      if (result.kind === 'failure') return { ...result, sent: false };
      const token = result.headers['x-csrf-token'];
      if (token !== undefined && token !== '' && token.toLowerCase() !== 'required') {
        this.#remembered.token = token;
        return undefined;
      }
      if (result.status === 401 || result.status === 407 || result.status === 429 || result.status === 503) return result;
    }
    // Some services of such systems want none: then the request goes without.
    return undefined;
  }

  * #exchange(request: WireRequest, headers: { readonly [name: string]: string }): Generator<WireRequest, WireResult, WireResult> {
    const cookie = this.#remembered.cookies.header(this.#basePath + request.path, this.#now);
    const result = yield { ...request, headers: { ...request.headers, ...headers, ...(cookie === undefined ? {} : { cookie }) } };
    if (result.kind === 'response') this.#remembered.cookies.take(result.headers['set-cookie'], this.#basePath + this.#servicePath, this.#now);
    return result;
  }
}
