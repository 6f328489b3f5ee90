import { ReachError } from './reach-error.ts';

/** WAYBILL_PUBLIC_URL as the product uses it. */
export interface PublicUrl {
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string;
  /** Host with its port, as in a `Host` header. */
  readonly host: string;
  /** Path in front of the editor's and `/waybill`'s, without a slash at the end; empty when there is none. */
  readonly prefix: string;
  /** All of it, without a slash at the end. */
  readonly href: string;
}

const example = 'write it like https://waybill.example.com';

/** What is wrong with a WAYBILL_PUBLIC_URL, in one sentence; undefined when it can be used. */
export function publicUrlProblem(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return `WAYBILL_PUBLIC_URL: "${text}" is no web address; ${example}.`;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return `WAYBILL_PUBLIC_URL must not hold a name or password; ${example}.`;
  if (url.search !== '' || url.hash !== '') return `WAYBILL_PUBLIC_URL: take away what follows "${url.search === '' ? '#' : '?'}"; ${example}.`;
  if (/\/waybill\/*$/.test(url.pathname)) return `WAYBILL_PUBLIC_URL is the address in front of /waybill/: leave /waybill off; ${example}.`;
  if (!/^[/A-Za-z0-9._~-]*$/.test(url.pathname) || /\/\//.test(url.pathname)) return `WAYBILL_PUBLIC_URL: its path may hold letters, digits and . _ ~ - only; ${example}/warehouse.`;
  return undefined;
}

/** Reads it; undefined for no text. @throws ReachError `public-url` */
export function publicUrl(text: string | undefined): PublicUrl | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const wrong = publicUrlProblem(text.trim());
  if (wrong !== undefined) throw new ReachError('public-url', wrong);
  const url = new URL(text.trim());
  const prefix = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, host: url.host, prefix, href: `${url.origin}${prefix}` };
}
