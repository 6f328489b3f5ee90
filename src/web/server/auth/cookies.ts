import type { Request } from '../http.ts';

/** Value of a cookie of the request (RFC 6265 §5.4); undefined when it is not there. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** True when the browser reaches us by https: directly, or through the proxy that WAYBILL_PUBLIC_URL names. */
export function isSecure(request: Request, publicUrl: string | undefined): boolean {
  return 'encrypted' in request.socket || (publicUrl?.startsWith('https://') ?? false);
}

/**
 * Name of a cookie of ours. Without https it carries the port, because browsers share the cookies of
 * one host between its ports and a site and a hub on one machine would sign each other out.
 */
export function cookieName(base: string, request: Request, secure: boolean): string {
  return secure ? `__Secure-waybill-${base}` : `waybill-${base}-${request.socket.localPort ?? 0}`;
}

/** A `Set-Cookie` value; `maxAge` in seconds, 0 takes the cookie away. */
export function setCookie(name: string, value: string, attributes: { readonly path: string; readonly maxAge: number; readonly secure: boolean }): string {
  return [`${name}=${value}`, `Path=${attributes.path}`, `Max-Age=${attributes.maxAge}`, 'HttpOnly', 'SameSite=Strict', ...(attributes.secure ? ['Secure'] : [])].join('; ');
}
