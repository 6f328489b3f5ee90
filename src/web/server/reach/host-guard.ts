import { headerOf, send, type Request, type Response } from '../http.ts';
import { hostName, isLoopbackHost } from './hosts.ts';
import type { PublicUrl } from './public-url.ts';

/**
 * On loopback a page of any web site can make a browser ask us, under a name that it lets point here (DNS
 * rebinding). So a server that listens on loopback answers only to loopback names and to the host of
 * WAYBILL_PUBLIC_URL. Answers 421 and false for others. Off loopback any name is taken: there TLS and
 * sign-in are asked for, and cookies belong to one name.
 */
export function hostIsOurs(request: Request, publicAddress: PublicUrl | undefined): boolean {
  const names = [headerOf(request, 'host'), request.waybillClient?.host].filter((host) => host !== undefined).map(hostName);
  return names.every((name) => isLoopbackHost(name) || (publicAddress !== undefined && name === hostName(publicAddress.host)));
}

/** The answer for a name that is not ours. */
export function refuseHost(request: Request, response: Response, listensAt: string): void {
  const asked = (request.waybillClient?.host ?? headerOf(request, 'host') ?? '').replace(/[^\w.:[\]-]/g, '').slice(0, 100);
  send(request, response, {
    status: 421, contentType: 'text/plain; charset=utf-8', headers: { Connection: 'close' },
    body: `Waybill does not answer under the name "${asked}". Open ${listensAt}/ on this machine, or set WAYBILL_PUBLIC_URL to the address that people use (docs/reach.md).\n`,
  });
}
