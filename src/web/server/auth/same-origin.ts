import { headerOf, type Request } from '../http.ts';
import { problem } from '../problems.ts';

/**
 * Refuses a browser's write that another site started: the order of checks is the one of Go's
 * `http.CrossOriginProtection`. `Sec-Fetch-Site` decides when it is there (browsers send it to https and
 * localhost), else `Origin` must name the host that was asked. With neither it is no browser; the CSRF
 * token still has to come for a session's cookie to count.
 * @throws WebError `cross-site`
 */
export function requireSameOrigin(request: Request, publicUrl: string | undefined): void {
  const site = headerOf(request, 'sec-fetch-site');
  if (site === 'same-origin' || site === 'none') return;
  const origin = headerOf(request, 'origin');
  if (site === undefined && origin === undefined) return;
  if (site === undefined && origin !== undefined && isOurs(origin, request.waybillClient?.host ?? headerOf(request, 'host'), publicUrl)) return;
  throw problem('cross-site');
}

function isOurs(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { host: from, origin: whole } = new URL(origin);
  return from === host || (publicUrl !== undefined && URL.canParse(publicUrl) && new URL(publicUrl).origin === whole);
}
