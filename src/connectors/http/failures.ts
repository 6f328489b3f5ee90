import type { WireResult } from '../driver.ts';
import { ADDRESS_REFUSED } from './addresses.ts';
import type { Base } from './target.ts';

type Failure = WireResult & { readonly kind: 'failure' };

const notTrusted = new Set(['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'CERT_REVOKED']);
/** No connection came about. */
const unreached = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
/** Alerts with which a server ends the handshake over our certificate: in TLS 1.3 they come after we may send, and it has not read what we sent (RFC 8446 §4.4.2.4). */
const certificateAlert = /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|CERTIFICATE_UNKNOWN|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE)/;

/**
 * A failure of the transport as a value: its class, one sentence, and whether the other side may have acted.
 * @param proxy through which it goes: who cannot be reached then is the proxy
 */
export function failureOf(error: unknown, base: Base, sent: boolean, proxy?: string): Failure {
  const { code = '', name, message } = rootOf(error);
  const host = base.host;
  const make = (errorClass: string, text: string, may = sent): Failure => ({ kind: 'failure', sent: may, errorClass, message: text });
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return make('tls-other-host', `The certificate that ${host} shows is for another host, so nothing was sent; write the name that the certificate has into the system's address, or have the certificate mended.`, false);
  if (notTrusted.has(code)) return make('tls-not-trusted', `Nobody whom we trust has signed the certificate of ${host}; give the system the certificate of its authority.`, false);
  if (code === 'CERT_HAS_EXPIRED') return make('tls-expired', `The certificate of ${host} has expired; have it renewed.`, false);
  if (code === 'CERT_NOT_YET_VALID') return make('tls-expired', `The certificate of ${host} is not valid yet; compare the clocks of both machines.`, false);
  if (code === ADDRESS_REFUSED) return make('address-refused', message, false);
  if (code.startsWith('ERR_OSSL_')) return make('tls-files', `Certificate and key of the system cannot be used (${message.split(':').at(-1) ?? ''}); name a certificate, the key that belongs to it and an authority, all as PEM.`, false);
  if (certificateAlert.test(code)) return make('tls-client-certificate', `${host} did not take our certificate; look at certificate and key of the system.`, false);
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return make('tls', `No encrypted connection with ${host} came about (${message}); is it https that it speaks at this port?`);
  if (proxy !== undefined && unreached.has(code)) return make('proxy', `The system's proxy ${proxy} cannot be reached (${code}); look at its address, or whether it runs.`, false);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return make('name-not-found', `The name ${host} is not known; look at the system's address.`, false);
  if (code === 'ECONNREFUSED') return make('ECONNREFUSED', `Nobody listens at ${base.origin}.`, false);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return make('connect-timeout', `No connection with ${base.origin} in time.`, false);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return make('bad-request', `The request cannot be sent: ${message}.`, false);
  if (name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW') return make('malformed-answer', `What ${host} answers is no HTTP (${message}).`);
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return make('aborted', `The answer of ${host} broke off.`);
  const refusal = /Proxy response \((\d+)\)/.exec(message);
  if (refusal !== null) return make('proxy', `The proxy does not let us through to ${host} (HTTP ${refusal[1] ?? ''}); look at the system's proxy and its sign-in.`, false);
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') return make('ECONNRESET', sent ? `${host} closed the connection without an answer.` : `${host} closed the connection at once.`);
  return make(code === '' ? 'error' : code, message === '' ? code : message);
}

/** undici wraps what the network said; a name with several addresses fails with an error of errors, whose own message is empty. */
function rootOf(error: unknown): { readonly code?: string; readonly name: string; readonly message: string } {
  let at = error as NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[]; readonly cause?: unknown };
  for (let depth = 0; depth < 4; depth++) {
    const inner = at.errors?.[0] ?? (at.code === undefined || at.code === 'UND_ERR' || (at.code === 'UND_ERR_SOCKET' && at.cause instanceof Error && 'code' in at.cause) ? at.cause : undefined);
    if (!(inner instanceof Error)) break;
    at = inner;
  }
  return { ...(at.code === undefined ? {} : { code: at.code }), name: at.name ?? '', message: at.message ?? String(at) };
}
