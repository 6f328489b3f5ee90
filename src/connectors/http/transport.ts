import type { LookupFunction } from 'node:net';
import tls from 'node:tls';
import type { Dispatcher, Pool as PoolClass, ProxyAgent as ProxyAgentClass } from 'undici';
import type { WireRequest, WireResult } from '../driver.ts';
import { guardedLookup } from './addresses.ts';
import { exchange } from './exchange.ts';
import type { Bounds, TransportClock } from './exchange.ts';
import { pathBelow } from './target.ts';
import type { Base } from './target.ts';
import { TlsStore } from './tls-files.ts';
import type { TlsFiles, TlsMaterial } from './tls-files.ts';

interface Undici { readonly Pool: typeof PoolClass; readonly ProxyAgent: typeof ProxyAgentClass }

export interface TransportOptions {
  readonly base: Base;
  readonly tls?: TlsFiles;
  /** `token`: the value of `Proxy-Authorization`. */
  readonly proxy?: { readonly url: string; readonly token?: string };
  /** By whose time answers are waited for. */
  readonly clock: TransportClock;
  /** Finds addresses of names; default those of the platform, {@link guardedLookup guarded}. */
  readonly lookup?: LookupFunction;
}

/** Loaded with the first request: an older Node.js, on which Waybill says that it does not work, cannot load it. */
let loaded: Undici | undefined;

/** Headers that are the transport's own business, or would let a request leave its frame. */
const ownHeaders = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'keep-alive', 'proxy-authorization', 'expect']);
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** A connection that nobody needs for so long is closed, unless the other side says less; shorter than what servers keep them by default. */
const idleMs = 4_000;

/**
 * The connections to one system: kept alive and used again, encrypted for its host only. Requests go below its base and
 * nowhere else; a redirect is an answer.
 */
export class HttpTransport {
  readonly base: Base;
  readonly #options: TransportOptions;
  readonly #tls: TlsStore;
  #material: TlsMaterial | undefined;
  #dispatcher: Dispatcher | undefined;
  #closed = false;

  constructor(options: TransportOptions) {
    this.base = options.base;
    this.#options = options;
    this.#tls = new TlsStore(options.tls ?? {});
  }

  /** Sends one request and reads the answer, as far as the bounds let it. Never rejects. */
  async send(request: WireRequest, bounds: Bounds): Promise<WireResult> {
    const refused = (errorClass: string, message: string): WireResult => ({ kind: 'failure', sent: false, errorClass, message });
    // By its default: of a CommonJS library, the bundle has no other name.
    const undici = loaded ??= (await import('undici')).default;
    if (this.#closed) return refused('closed', 'The system is being deployed anew.');
    let dispatcher: Dispatcher;
    let path: string;
    try {
      path = pathBelow(this.base, request.path);
      checkHeaders(request.headers);
    } catch (error) {
      if (error instanceof RangeError) return refused('bad-request', error.message);
      throw error;
    }
    try {
      dispatcher = this.#current(undici);
    } catch (error) {
      // The document is not to blame for a certificate that is not there: it may go when it is.
      if (error instanceof RangeError) return refused('tls-files', error.message);
      throw error;
    }
    return exchange(dispatcher, { ...request, path }, { base: this.base, proxy: this.#options.proxy?.url }, bounds, this.#options.clock);
  }

  /** Ends the connections; what is under way may come to its end. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#dispatcher?.close();
  }

  /** The connections with the certificates as the files have them now. */
  #current(undici: Undici): Dispatcher {
    const material = this.#tls.current();
    if (this.#dispatcher !== undefined && material === this.#material) return this.#dispatcher;
    void this.#dispatcher?.close();
    this.#material = material;
    this.#dispatcher = this.#open(undici, material);
    return this.#dispatcher;
  }

  #open({ Pool, ProxyAgent }: Undici, material: TlsMaterial): Dispatcher {
    const { base, proxy } = this.#options;
    const secured = { ...tlsOptions(material), timeout: longestConnectMs };
    // Times are the exchange's, by its clock. HTTP/1.1 only: there it is known what has left when a connection ends.
    const shared = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs, pipelining: 1, allowH2: false };
    if (proxy === undefined) return new Pool(base.origin, { ...shared, connect: { ...secured, allowH2: false, lookup: this.#options.lookup ?? guardedLookup(base.secure) } });
    return new ProxyAgent({ ...shared, uri: proxy.url, ...(proxy.token === undefined ? {} : { token: proxy.token }), requestTls: { ...secured, allowH2: false }, proxyTls: { ...secured, allowH2: false } });
  }
}

/** Behind the exchange's own limit, so that no attempt to connect stays for ever. */
const longestConnectMs = 120_000;

function tlsOptions({ ca, cert, key }: TlsMaterial): { ca?: string[]; cert?: string; key?: string } {
  return { ...(ca === undefined ? {} : { ca: [...tls.getCACertificates('default'), ca] }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

function checkHeaders(headers: WireRequest['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name)) throw new RangeError('A header has a name that HTTP does not know; mend the operation.');
    if (ownHeaders.has(name.toLowerCase())) throw new RangeError(`The header "${name}" is the connection's own and is not sent; take it out of the operation.`);
    if (!headerValue.test(value)) throw new RangeError(`The header "${name}" holds a line break or a character that HTTP does not carry.`);
  }
}
