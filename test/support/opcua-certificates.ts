import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crypto_utils as tools } from 'node-opcua-client';

export interface MadeCertificate {
  readonly der: Buffer;
  /** PEM and DER files of certificate and key. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificateDerFile: string;
  readonly keyDerFile: string;
}

export interface CertificateWish {
  readonly name?: string;
  readonly applicationUri?: string;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly bits?: number;
}

const DAY = 86_400_000;

/** A self-signed application certificate as a server or a person would have it, in a folder of its own. */
export async function makeCertificate({
  name = 'line 4', applicationUri = 'urn:line-4:plc', dns = ['localhost'], ip = ['127.0.0.1'], notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + 365 * DAY), bits = 2_048,
}: CertificateWish = {}): Promise<MadeCertificate> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-opcua-certificate-'));
  mkdirSync(folder, { recursive: true });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const made = await tools.createSelfSignedCertificate({
    privateKey: await tools.pemToPrivateKey(pem), notBefore, notAfter, subject: `/CN=${name}`, dns: [...dns], ip: [...ip], applicationUri, purpose: 2,
  });
  const der = Buffer.from(made.der.rawData);
  const file = (leaf: string, content: string | Buffer): string => {
    writeFileSync(path.join(folder, leaf), content);
    return path.join(folder, leaf);
  };
  return {
    der, certificateFile: file('certificate.pem', made.cert), keyFile: file('key.pem', pem), certificateDerFile: file('certificate.der', der),
    keyDerFile: file('key.der', createPrivateKey(pem).export({ type: 'pkcs1', format: 'der' })),
  };
}
