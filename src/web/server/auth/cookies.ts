import type { Request } from '../http.ts';

/** Value of a cookie of the request (RFC 6265 §5.4); undefined when it is not there. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/**
 * True when the browser reaches us by https: directly, through a declared proxy that says so, or, when the
 * proxy is not declared, under the host of an https WAYBILL_PUBLIC_URL.
 */
export function isSecure(request: Request, publicUrl: string | undefined): boolean {
  if (request.waybillClient?.secure ?? 'encrypted' in request.socket) return true;
  if (publicUrl === undefined || !publicUrl.startsWith('https://') || !URL.canParse(publicUrl)) return false;
  return (request.waybillClient?.host ?? request.headers.host) === new URL(publicUrl).host;
}

/**
 * Name of a cookie of ours. Without https it carries the port, because browsers share the cookies of
 * one host between its ports and a site and a hub on one machine would sign each other out.
 */
export function cookieName(base: string, request: Request, secure: boolean): string {
  return secure ? `__Secure-waybill-${base}` : `waybill-${base}-${request.socket.localPort ?? 0}`;
}

/** A `Set-Cookie` value; `maxAge` in seconds, 0 takes the cookie away. */
export function setCookie(
  name: string, value: string,
  attributes: { readonly path: string; readonly maxAge: number; readonly secure: boolean; /** Strict by default; Lax for what must survive the way back from a sign-in provider. */ readonly sameSite?: 'Strict' | 'Lax' },
): string {
  return [`${name}=${value}`, `Path=${attributes.path}`, `Max-Age=${attributes.maxAge}`, 'HttpOnly', `SameSite=${attributes.sameSite ?? 'Strict'}`, ...(attributes.secure ? ['Secure'] : [])].join('; ');
}
