import { isIP } from 'node:net';

/** Host name of a `Host` header or an authority, without the port and brackets, in small letters. */
export function hostName(host: string): string {
  const lower = host.trim().toLowerCase();
  if (lower.startsWith('[')) return lower.slice(1, lower.indexOf(']') < 0 ? undefined : lower.indexOf(']'));
  return isIP(lower) === 6 ? lower : lower.replace(/:\d*$/, '').replace(/\.$/, '');
}

/** True for names and addresses that never leave this machine (RFC 6761 §6.3 for `localhost`). */
export function isLoopbackHost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
