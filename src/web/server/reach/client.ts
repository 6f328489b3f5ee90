import { isIP } from 'node:net';
import { headerOf, type Request } from '../http.ts';
import { plainAddress, type TrustedProxies } from './proxies.ts';

/** How the client reaches us, seen past the proxies that the operator declared. */
export interface Client {
  /** Address of the client, or of the last machine that nobody declared. */
  readonly address: string;
  /** The client speaks https, to us or to a declared proxy. */
  readonly secure: boolean;
  /** Host with port as the client asked for it; undefined when it named none. */
  readonly host: string | undefined;
  /** A declared proxy handed the request on. */
  readonly proxied: boolean;
}

/** One hop as a proxy describes it. */
interface Hop { readonly address: string; readonly secure?: boolean; readonly host?: string }

/**
 * Reads who asks. Headers of a proxy count only when the peer of the connection is a declared one, and the
 * chain is followed from our end: the client is the first address that is no declared proxy. What a client
 * writes into these headers itself stands further left and is never reached; where `Forwarded` and
 * `X-Forwarded-For` name different clients, one of them is the client's own, and neither counts.
 */
export function readClient(request: Request, proxies: TrustedProxies): Client {
  const peer = plainAddress(request.socket.remoteAddress ?? '') || 'unknown';
  const secure = 'encrypted' in request.socket;
  const host = headerOf(request, 'host');
  if (!proxies.has(peer)) return { address: peer, secure, host, proxied: false };
  const usual = xForwarded(request);
  const standard = forwarded(request);
  const hops = usual.length > 0 ? usual : standard;
  const address = firstStranger(hops, peer, proxies);
  // A proxy writes one of the two and hands on the other as the client wrote it; when they differ, nobody knows which.
  const differ = usual.length > 0 && standard.length > 0 && firstStranger(standard, peer, proxies) !== address;
  const nearest = hops.at(-1);
  return { address: differ ? peer : address, secure: nearest?.secure ?? secure, host: nearest?.host ?? host, proxied: true };
}

/** The first address, seen from our end, that is no declared proxy; else the last that can be read. */
function firstStranger(hops: readonly Hop[], peer: string, proxies: TrustedProxies): string {
  let address = peer;
  for (const hop of [...hops].reverse()) {
    if (isIP(hop.address) === 0) break;
    address = hop.address;
    if (!proxies.has(address)) break;
  }
  return address;
}

/** Address of the client: behind declared proxies the one that they saw. For the throttle and the ledger. */
export function clientAddress(request: Request): string {
  return request.waybillClient?.address ?? (plainAddress(request.socket.remoteAddress ?? '') || 'unknown');
}

function list(request: Request, name: string): string[] {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(',') : value ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '');
}

/** The usual three headers. Scheme and host are those that the nearest proxy names last. */
function xForwarded(request: Request): readonly Hop[] {
  const proto = list(request, 'x-forwarded-proto').at(-1)?.toLowerCase();
  const host = list(request, 'x-forwarded-host').at(-1);
  const said = { ...(proto === undefined ? {} : { secure: proto === 'https' }), ...(host === undefined ? {} : { host }) };
  const addresses = list(request, 'x-forwarded-for').map(node);
  if (addresses.length === 0) return Object.keys(said).length === 0 ? [] : [{ address: '', ...said }];
  return addresses.map((address, index) => (index === addresses.length - 1 ? { address, ...said } : { address }));
}

/** `Forwarded` (RFC 7239 §4). */
function forwarded(request: Request): readonly Hop[] {
  return list(request, 'forwarded').map((element) => {
    const pairs = new Map(element.split(';').map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim().replace(/^"(.*)"$/, '$1')] as const;
    }));
    const proto = pairs.get('proto');
    const host = pairs.get('host');
    return { address: node(pairs.get('for') ?? ''), ...(proto === undefined ? {} : { secure: proto.toLowerCase() === 'https' }), ...(host === undefined ? {} : { host }) };
  });
}

/** The address of a node identifier (RFC 7239 §6): `1.2.3.4:567`, `[2001:db8::1]:567` or either without the port. */
function node(text: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(text)?.[1];
  return plainAddress(bracketed ?? (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(text) ? text.replace(/:\d+$/, '') : text));
}
