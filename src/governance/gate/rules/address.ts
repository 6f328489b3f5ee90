/** Where a node connects to. */
export interface NetAddress {
  /** Lower case, without the colon; '' when none was said. */
  readonly scheme: string;
  readonly host: string;
  /** The one of the scheme when none was said; '' when nobody knows. */
  readonly port: string;
}

const PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443', mqtt: '1883', mqtts: '8883', ftp: '21', ftps: '990' };

/** Longer texts are no addresses; an authority ends long before. */
const LONGEST = 2_000;

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch (error) {
    // `URL.canParse` takes some hosts that the constructor then refuses.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** An address from a URL, from `host:port` or from a host alone; undefined when it is none. */
export function addressIn(text: string, port = ''): NetAddress | undefined {
  const trimmed = text.slice(0, LONGEST).trim();
  const schemed = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  // A scheme that the parser does not know keeps an authority of any form; http reads hosts strictly.
  const url = parsed(schemed ? trimmed.replace(/^[a-z][a-z0-9+.-]*:/i, 'http:') : `http://${trimmed}`);
  // What a message or a variable is to fill in later is no address yet.
  if (trimmed === '' || url === undefined || url.hostname === '' || /[{}$<>]|%7b/i.test(url.hostname)) return undefined;
  const scheme = schemed ? trimmed.slice(0, trimmed.indexOf(':')).toLowerCase() : '';
  const said = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(trimmed)?.[1];
  return { scheme, host: url.hostname.toLowerCase().replace(/\.$/, ''), port: said ?? (port === '' ? PORTS[scheme] ?? '' : port) };
}

/** Hosts that are this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(host) || host === '[::1]' || host === '::1' || host === '0.0.0.0' || host === '[::]';
}

/** Whether two addresses are the same system: by host, and by port where both say one. */
export function isSameSystem(a: NetAddress, b: NetAddress): boolean {
  const [left, right] = [a.host, b.host].map((host) => (isLoopback(host) ? 'localhost' : host));
  return left === right && (a.port === '' || b.port === '' || a.port === b.port);
}

/** Addresses that stand as URLs in a text, as in an expression or a function. */
export function urlsIn(text: string): readonly NetAddress[] {
  return [...text.matchAll(/\b(?:https?|wss?|mqtts?|tcp):\/\/[^\s"'`\\<>)]+/gi)].flatMap(([url]) => addressIn(url.replace(/\$\{.*$/, '')) ?? []);
}
