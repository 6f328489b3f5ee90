import type { CertificateView } from './certificate.ts';

/** What does not fit about a server's certificate. */
export type CertificateProblem =
  | 'expired' | 'not-yet-valid' | 'host-differs' | 'uri-differs' | 'no-uri' | 'weak-key' | 'weak-signature';

export interface CertificateExpectation {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Host of the address that the endpoint node has. */
  readonly host: string;
  /** As the server's endpoint description names it; '' when it is not known. */
  readonly applicationUri: string;
}

/** Shorter keys are broken with the means of today (NIST SP 800-131A). */
const SHORTEST_RSA = 2_048;
const SHORTEST_EC = 224;

/** What a certificate should be and is not (OPC UA Part 4, Table 100); none of it by itself, all of it for a person to judge. */
export function problemsOf(certificate: CertificateView, { now, host, applicationUri }: CertificateExpectation): readonly CertificateProblem[] {
  const problems: CertificateProblem[] = [];
  if (Date.parse(certificate.validTo) <= now) problems.push('expired');
  if (Date.parse(certificate.validFrom) > now) problems.push('not-yet-valid');
  if (!certificate.hostNames.some((name) => sameHost(name, host))) problems.push('host-differs');
  if (certificate.applicationUri === '') problems.push('no-uri');
  else if (applicationUri !== '' && certificate.applicationUri !== applicationUri) problems.push('uri-differs');
  if (certificate.keyBits > 0 && certificate.keyBits < (certificate.keyType === 'RSA' ? SHORTEST_RSA : SHORTEST_EC)) problems.push('weak-key');
  if (certificate.weakSignature) problems.push('weak-signature');
  return problems;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/** A server names itself by its short or its full name; both are the same machine, and so are all names of this one. */
function sameHost(name: string, host: string): boolean {
  const [one, other] = [bare(name), bare(host)];
  if (one === other || (LOOPBACK.has(one) && LOOPBACK.has(other))) return true;
  return isNamed(one) && isNamed(other) && (one.startsWith(`${other}.`) || other.startsWith(`${one}.`));
}

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '').replace(/^(0+:)+0*1$/, '::1').replace(/\.$/, '');
const isNamed = (host: string): boolean => !/^[\d.]+$/.test(host) && !host.includes(':');
