import { isLoopback, isNobodys } from './addresses.ts';

/** Where a system is: nothing leaves but to its origin, and there only below its base path. */
export interface Base {
  /** `https://erp.example:8443`. */
  readonly origin: string;
  /** Such as `https`, without the colon. */
  readonly scheme: string;
  readonly secure: boolean;
  /** Without brackets, as a certificate names it. */
  readonly host: string;
  /** Where the address names one. */
  readonly port?: number;
  /** `/api/v1`, or blank; never with a slash at its end. */
  readonly path: string;
}

/** The address of a system as a person wrote it. @throws RangeError with one sentence that says what to do */
export function readBase(address: string): Base {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') throw new RangeError(`"${shown(scheme)}:" is not supported here; use https or http.`);
  return readAddress(address);
}

/** Schemes of systems that are not reached over HTTP, with whether they say themselves that the way is encrypted. */
const lines: Readonly<Record<string, 'encrypted' | 'in the clear' | 'as the system says'>> = { postgresql: 'as the system says', mariadb: 'as the system says', amqp: 'in the clear', amqps: 'encrypted' };

/** Whether it is this machine: what is sent there crosses no network. */
export function isThisMachine({ host }: Pick<Base, 'host'>): boolean {
  return host === 'localhost' || isLoopback(host);
}

/** The address of a system, over HTTP or not. @throws RangeError with one sentence that says what to do */
export function readAddress(address: string): Base {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    throw new RangeError(`"${shown(address)}" is no address; write one such as https://erp.example/api.`);
  }
  const scheme = url.protocol.slice(0, -1);
  const line = Object.hasOwn(lines, scheme) ? lines[scheme] : undefined;
  if (line === undefined && scheme !== 'http' && scheme !== 'https') throw new RangeError(`"${url.protocol}" is not supported; use ${['https', 'http', ...Object.keys(lines)].join(', ')}.`);
  if (url.username !== '' || url.password !== '') throw new RangeError('The address holds a user or a password; put them into the fields for them: addresses are shown and logged.');
  if (url.search !== '' || url.hash !== '') throw new RangeError('The address ends with a query or a fragment; leave away what begins with "?" or "#".');
  const path = url.pathname.replace(/\/+$/, '');
  const wrong = wrongPath(path === '' ? '/' : path);
  if (wrong !== undefined) throw new RangeError(`The address has a path that is not used: ${wrong}.`);
  const host = hostOf(url, line !== undefined);
  if (isNobodys(host)) throw new RangeError(`No system is at ${host}: it is an address of no machine, of many, or of whatever hangs on the same wire; write the system's name or its own address.`);
  if (host === '') throw new RangeError(`"${shown(address)}" names no host; write one such as ${scheme}://wms.example.`);
  const port = url.port === '' ? {} : { port: Number(url.port) };
  if (line === undefined) return { origin: url.origin, scheme, secure: scheme === 'https', host, ...port, path };
  return { origin: `${scheme}://${url.host.toLowerCase()}`, scheme, secure: line === 'encrypted' || (line === 'as the system says' && !isThisMachine({ host })), host, ...port, path };
}

/** Without brackets. Of schemes that URLs do not know, numbers are brought into their one form as well: the network reads `2130706433` and `0x7f.1` as addresses. */
function hostOf(url: URL, isLine: boolean): string {
  const plain = url.hostname.toLowerCase();
  const normal = isLine && plain !== '' ? URL.parse(`http://${plain}`)?.hostname : plain;
  if (normal === undefined) throw new RangeError(`"${shown(plain)}" is no name of a host; look at the system's address.`);
  return normal.replace(/^\[|\]$/g, '');
}

/**
 * Path and query on the wire for a request of a driver, below the base.
 * @throws RangeError for what could lead elsewhere: another host, a step upwards however it is encoded, a line break
 */
export function pathBelow(base: Base, path: string): string {
  if (!path.startsWith('/')) throw new RangeError(`"${shown(path)}" is no path below the system's address; it has to begin with a slash.`);
  const end = path.search(/[?#]/);
  const wrong = wrongPath(end < 0 ? path : path.slice(0, end)) ?? (path.includes('#') ? 'it has a fragment' : undefined) ?? (/[^\x21-\x7e]/.test(path) ? 'it has characters that have to be encoded' : undefined);
  if (wrong !== undefined) throw new RangeError(`The path "${shown(path)}" is not sent: ${wrong}.`);
  return base.path + path;
}

/** What makes a path one that is not sent; looks through several layers of percent-encoding, as some servers decode twice. */
function wrongPath(path: string): string | undefined {
  if (path.startsWith('//') || path.startsWith('/\\')) return 'it begins like the address of another host';
  let text = path;
  for (let layer = 0; layer < 4; layer++) {
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[\x00-\x1f\x7f]/.test(text)) return 'it holds a control character';
    if (text.includes('\\')) return 'it holds a backslash';
    // A segment may carry parameters after a semicolon, which some servers cut away before they look.
    if (text.split('/').some((segment) => /^\.{1,2}(;|$)/.test(segment))) return 'it steps upwards';
    const decoded = decodedOnce(text);
    if (decoded === undefined) return 'its encoding is broken';
    if (decoded === text) return undefined;
    text = decoded;
  }
  return 'it is encoded many times over';
}

function decodedOnce(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    // A percent sign that was itself encoded stands alone after the first layer, and is harmless there.
    return /%(?![0-9A-Fa-f]{2})/.test(text) ? text : undefined;
  }
}

/** Short, and on one line, for a message. */
function shown(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\x00-\x1f\x7f]/g, '·').slice(0, 120);
}
