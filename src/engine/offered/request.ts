import type { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A client certificate as the connection, or a declared proxy, showed it. */
export interface ShownCertificate {
  /** SHA-256 of its DER form, hexadecimal in small letters. */
  readonly sha256: string;
  /** RFC 4514, as `CN=tms,O=Carrier`; only when an authority that this site trusts vouches for it. */
  readonly subject: string | undefined;
  readonly validTo: number;
  readonly validFrom: number;
}

export function shownCertificate(certificate: X509Certificate, trusted: boolean): ShownCertificate {
  return {
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(), subject: trusted ? certificate.subject.split('\n').reverse().join(',') : undefined,
    validTo: Date.parse(certificate.validTo), validFrom: Date.parse(certificate.validFrom),
  };
}

/** A request to an offered service, as the web server has it. */
export interface ServiceRequest {
  readonly method: string;
  /** Below `/services/`, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly certificate: ShownCertificate | undefined;
  /** Where services are reached, without a slash at the end: `/waybill/services`. */
  readonly base: string;
  /** The body; `too-large` when it has more bytes, `too-slow` when it does not end in time, or before `hurry`. */
  body(maxBytes: number, hurry?: AbortSignal): Promise<Uint8Array | 'too-large' | 'too-slow' | 'broken'>;
  /** Resolves when the caller has hung up. */
  readonly gone: Promise<unknown>;
}
