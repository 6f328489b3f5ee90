import { createPrivateKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeCertificate, readCertificate } from './certificate.ts';
import type { CertificateView } from './certificate.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { loadOpcUa } from '../load.ts';
import { derOf, pemOf } from './pem.ts';

/** What we are to a server: certificate, key, and the name that both sides know us by. */
export interface OwnIdentity {
  readonly applicationUri: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly view: CertificateView;
  /** The certificate that takes over, once it is made; the owner of a server may trust it before. */
  readonly next?: { readonly certificate: Buffer; readonly view: CertificateView; readonly from: string };
}

export interface OwnCertificateOptions {
  /** Folder for certificate and key; made when it is missing. */
  readonly folder: string;
  /** Name that stands in the certificate. */
  readonly name: string;
  readonly host: string;
  readonly applicationUri: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const DAY = 86_400_000;
/** A server's owner has to trust each new certificate by hand, so it is valid long. */
const VALID_DAYS = 3_650;
/** Its successor is made this long before its end, for the servers' owners to trust it, … */
const NEXT_DAYS = 90;
/** … and takes over this long before. */
const SWITCH_DAYS = 14;

/** CertificatePurpose of the library, which exports no value of it. */
const FOR_APPLICATION = 2;

const FILES = { certificate: 'certificate.pem', next: 'next-certificate.pem', key: 'private-key.pem' } as const;

/** Where the certificate is, PEM. */
export function ownCertificateFile(folder: string): string {
  return path.join(folder, FILES.certificate);
}

/**
 * Reads what we show to servers, and makes it on first use: a self-signed application instance certificate (OPC UA Part 6, 6.2.2).
 * The successor keeps the key. A certificate that somebody put there and that is not self-signed is never replaced.
 * @throws OpcUaIntakeError when the files do not fit together or cannot be written.
 */
export async function ownIdentity(options: OwnCertificateOptions): Promise<OwnIdentity> {
  const { folder } = options;
  const file = (name: keyof typeof FILES): string => path.join(folder, FILES[name]);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const privateKey = await readOr(file('key'), () => makeKey(file('key')));
    const key = createPrivateKey(privateKey);
    let certificate = derOf(await readOr(file('certificate'), () => makeCertificate(file('certificate'), key, options)));
    if (!readCertificate(certificate).checkPrivateKey(key)) throw new OpcUaIntakeError('config', `The certificate in ${folder} does not belong to the key beside it. Put both back from the backup, or remove both: new ones are made, which every server has to trust again.`);
    const kept = await read(file('next'));
    let next = kept === undefined ? undefined : derOf(kept);
    const left = (Date.parse(describeCertificate(certificate).validTo) - options.now()) / DAY;
    const ours = describeCertificate(certificate).selfSigned;
    if (ours && left <= NEXT_DAYS) next ??= derOf(await makeCertificate(file('next'), key, options));
    if (ours && left <= SWITCH_DAYS && next !== undefined) {
      await rename(file('next'), file('certificate'));
      [certificate, next] = [next, undefined];
    }
    const view = describeCertificate(certificate);
    return {
      applicationUri: view.applicationUri || options.applicationUri, certificate, view,
      certificateFile: file('certificate'), privateKeyFile: file('key'),
      ...(next === undefined ? {} : { next: { certificate: next, view: describeCertificate(next), from: new Date(Date.parse(view.validTo) - SWITCH_DAYS * DAY).toISOString() } }),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new OpcUaIntakeError('config', `A certificate in ${folder} cannot be read. Put it back from the backup, or remove it and the key: new ones are made, which every server has to trust again.`, { cause: error });
    throw error;
  }
}

async function makeKey(file: string): Promise<Buffer> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  return store(file, Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })));
}

async function makeCertificate(file: string, key: KeyObject, { name, host, applicationUri, now }: OwnCertificateOptions): Promise<Buffer> {
  const { crypto_utils: tools } = await loadOpcUa();
  const notBefore = new Date(now() - DAY); // a server whose clock is behind shall not find it not yet valid
  const made = await tools.createSelfSignedCertificate({
    privateKey: await tools.pemToPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    notBefore, notAfter: new Date(now() + VALID_DAYS * DAY), subject: `/CN=${plain(name)}`, dns: [host], applicationUri,
    purpose: FOR_APPLICATION,
  });
  return store(file, Buffer.from(pemOf('CERTIFICATE', Buffer.from(made.der.rawData))));
}

const plain = (name: string): string => name.replace(/[^\p{L}\p{N} .@-]/gu, ' ').trim() || 'Waybill';

/** Writes it whole or not at all, for its owner only. */
export async function store(file: string, bytes: Buffer): Promise<Buffer> {
  const half = `${file}.new`;
  const handle = await open(half, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(half, { force: true });
    throw error;
  }
  await handle.close();
  await chmod(half, 0o600);
  await rename(half, file);
  return bytes;
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readOr(file: string, make: () => Promise<Buffer>): Promise<Buffer> {
  return await read(file) ?? await make();
}
