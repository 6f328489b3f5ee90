import { createHash, X509Certificate } from 'node:crypto';

/** What a person has to see of a certificate before they trust it. */
export interface CertificateView {
  /** SHA-1 of the certificate in capital hexadecimal: the name that OPC UA gives it (Part 4, 7.4). */
  readonly thumbprint: string;
  /** SHA-256, for those who compare it by telephone. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly validFrom: string;
  readonly validTo: string;
  readonly selfSigned: boolean;
  /** `RSA` or `EC`, with its length; 0 where it is not known. */
  readonly keyType: string;
  readonly keyBits: number;
  /** Signed with SHA-1 or MD5, which can be forged. */
  readonly weakSignature: boolean;
  /** `''` when the certificate names none. */
  readonly applicationUri: string;
  readonly hostNames: readonly string[];
}

/** Object identifiers of signatures by SHA-1 and MD5 (RFC 3279, 2.2.1 and 2.2.3), as they stand in a certificate. */
const WEAK_SIGNATURES: readonly Buffer[] = ['06092a864886f70d010104', '06092a864886f70d010105', '06072a8648ce3d0401'].map((hex) => Buffer.from(hex, 'hex'));

/** The certificate's thumbprint, without reading it. */
export function thumbprintOf(der: Uint8Array): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}

/**
 * The certificates of a chain as OPC UA sends it: one DER after the other, the server's own first (Part 6, 6.2.6).
 * @throws RangeError when the bytes are no certificates.
 */
export function chainOf(bytes: Uint8Array): readonly Buffer[] {
  const chain: Buffer[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length > 0) {
    const length = derLength(rest);
    if (length === undefined || length > rest.length) throw new RangeError('These bytes are no certificate.');
    chain.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return chain;
}

/** Length of the first DER sequence with its head (X.690, 8.1.3); undefined when it is none. */
function derLength(bytes: Buffer): number | undefined {
  const [tag, first] = bytes;
  if (tag !== 0x30 || first === undefined) return undefined;
  if (first < 0x80) return first + 2;
  const size = first & 0x7f;
  if (size === 0 || size > 4 || bytes.length < 2 + size) return undefined;
  return bytes.readUIntBE(2, size) + 2 + size;
}

/** @throws RangeError when the bytes are no certificate. */
export function describeCertificate(der: Uint8Array): CertificateView {
  const read = readCertificate(der);
  const { asymmetricKeyType, asymmetricKeyDetails } = read.publicKey;
  const names = alternativeNames(read.subjectAltName ?? '');
  const curve = asymmetricKeyDetails?.namedCurve ?? '';
  return {
    thumbprint: thumbprintOf(der),
    fingerprint: read.fingerprint256.replaceAll(':', ''),
    subject: nameLine(read.subject), issuer: nameLine(read.issuer),
    validFrom: instant(read.validFrom), validTo: instant(read.validTo),
    selfSigned: read.subject === read.issuer && read.verify(read.publicKey),
    keyType: (asymmetricKeyType ?? 'unknown').toUpperCase(),
    keyBits: asymmetricKeyDetails?.modulusLength ?? (Number(/\d{3}/.exec(curve)?.[0]) || 0),
    weakSignature: WEAK_SIGNATURES.some((oid) => Buffer.from(der).includes(oid)),
    applicationUri: names.find(({ kind }) => kind === 'URI')?.value ?? '',
    hostNames: names.filter(({ kind }) => kind === 'DNS' || kind === 'IP Address').map(({ value }) => value),
  };
}

/** @throws RangeError when the bytes are no certificate. */
export function readCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(der));
  } catch (error) {
    throw new RangeError('These bytes are no certificate.', { cause: error });
  }
}

const instant = (text: string): string => new Date(text).toISOString();

/** `CN=press 4, O=Example`, the most telling part first. */
function nameLine(name: string | undefined): string {
  const parts = (name ?? '').split('\n').filter((part) => part !== '');
  return [...parts.filter((part) => part.startsWith('CN=')), ...parts.filter((part) => !part.startsWith('CN='))].join(', ');
}

/** Node.js writes `URI:urn:x, DNS:a`, and a value with a comma or a control character as a JSON string. */
function alternativeNames(text: string): readonly { readonly kind: string; readonly value: string }[] {
  return [...text.matchAll(/(URI|DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind, value]) => ({ kind: kind!, value: value!.startsWith('"') ? unquoted(value!) : value! }));
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
