import process from 'node:process';
import type { Request, Response } from '../http.ts';
import { readClient } from './client.ts';
import { hostName, isLoopbackHost } from './hosts.ts';
import { trustedProxies, type TrustedProxies } from './proxies.ts';

export { hostIsOurs, refuseHost } from './host-guard.ts';
export { isLoopbackHost } from './hosts.ts';
export { publicUrl, publicUrlProblem, type PublicUrl } from './public-url.ts';
export { trustedProxies, type TrustedProxies } from './proxies.ts';
export { ReachError } from './reach-error.ts';

/** A year, in seconds; no subdomains, which are not ours. */
const HSTS = 'max-age=31536000';

/** Proxies that WAYBILL_TRUSTED_PROXIES declares. @throws ReachError `trusted-proxies` */
export function proxiesFromEnvironment(env: NodeJS.ProcessEnv = process.env): TrustedProxies {
  return trustedProxies(env['WAYBILL_TRUSTED_PROXIES']);
}

/**
 * Notes on the request how its client reaches us. Tells browsers that came by https to come by https for
 * ever (RFC 6797), but for loopback names, which other programs of the machine use too.
 */
export function noteClient(request: Request, response: Response, proxies: TrustedProxies): void {
  request.waybillClient ??= readClient(request, proxies);
  const { secure, host } = request.waybillClient;
  if (secure && host !== undefined && !isLoopbackHost(hostName(host))) response.setHeader('Strict-Transport-Security', HSTS);
}
