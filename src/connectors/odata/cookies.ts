/** So many cookies and characters of one system are kept. */
const most = { cookies: 50, characters: 4096 };

interface Cookie { readonly value: string; readonly path: string; readonly ends: number }

/**
 * Cookies of one system, in memory. They go back to that system only, since a driver's requests have no host; one that
 * its `Domain` would send to others as well is kept for this host (RFC 6265 §5.3, narrowed).
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** @param header `Set-Cookie` headers, joined by commas when there were several */
  take(header: string | undefined, requestPath: string, now: number): void {
    if (header === undefined) return;
    // A comma in a date (Expires=Wed, 01 Jan) parts nothing; the next cookie begins with its name and "=".
    for (const line of header.split(/,(?=\s*[!#$%&'*+.^_`|~\w-]+=)/)) this.#one(line, requestPath, now);
  }

  #one(line: string, requestPath: string, now: number): void {
    const [pair = '', ...rest] = line.split(';');
    const equals = pair.indexOf('=');
    if (equals < 1 || line.length > most.characters) return;
    const [name, value] = [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    const attributes = new Map(rest.map((each) => [each.split('=')[0]!.trim().toLowerCase(), each.slice(each.indexOf('=') + 1).trim()]));
    const age = attributes.get('max-age');
    const expires = Date.parse(attributes.get('expires') ?? '');
    const ends = age !== undefined && /^-?\d+$/.test(age) ? now + Number(age) * 1000 : Number.isNaN(expires) ? Infinity : expires;
    const path = attributes.get('path');
    const key = `${name};${path ?? ''}`;
    this.#cookies.delete(key);
    if (ends <= now) return;
    this.#cookies.set(key, { value, path: path?.startsWith('/') === true ? path : requestPath.slice(0, Math.max(1, requestPath.split('?')[0]!.lastIndexOf('/'))), ends });
    if (this.#cookies.size > most.cookies) this.#cookies.delete(this.#cookies.keys().next().value ?? '');
  }

  /** The `Cookie` header for a request; undefined when there is none. */
  header(requestPath: string, now: number): string | undefined {
    const path = requestPath.split('?')[0] ?? '/';
    const fitting = [...this.#cookies].filter(([, cookie]) => cookie.ends > now && (path === cookie.path || path.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`)));
    return fitting.length === 0 ? undefined : fitting.map(([key, { value }]) => `${key.slice(0, key.indexOf(';'))}=${value}`).join('; ');
  }

  clear(): void {
    this.#cookies.clear();
  }
}
