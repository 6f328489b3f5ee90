import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { X509Certificate } from 'node:crypto';
import { chainOf, describeCertificate, readCertificate, thumbprintOf } from './certificate.ts';
import type { CertificateView } from './certificate.ts';
import { problemsOf } from './certificate-problems.ts';
import type { CertificateProblem } from './certificate-problems.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { store } from './own-certificate.ts';
import { derOf } from './pem.ts';

/** A certificate that a person trusts at one address, with what they saw of it that did not fit. */
export interface TrustRecord {
  /** `host:port`. */
  readonly address: string;
  readonly thumbprint: string;
  /** RFC 3339. */
  readonly at: string;
  /** Pseudonym of the person. */
  readonly by: string;
  readonly accepted: readonly CertificateProblem[];
}

/** What is thought of a server's certificate. */
export interface TrustVerdict {
  readonly address: string;
  readonly certificate: CertificateView;
  readonly trusted: boolean;
  /**
   * `pinned`: a person trusts this very certificate here; `issuer`: an authority of ours signed it and all fits. Refused: `unknown`;
   * `changed`: another one is trusted here; `problem`: something does not fit that nobody has seen when it was trusted.
   */
  readonly because: 'pinned' | 'issuer' | 'unknown' | 'changed' | 'problem';
  /** All that does not fit, whether a person accepted it or not. */
  readonly problems: readonly CertificateProblem[];
  readonly trustedAt?: string;
}

export interface Judged {
  readonly address: string;
  readonly host: string;
  readonly applicationUri: string;
  /** The server's certificate with those of its issuers behind it, DER. */
  readonly chain: Uint8Array;
}

/** Certificates of strangers that are kept for a person to look at. */
const MOST_REJECTED = 100;
const THUMBPRINT = /^[0-9A-F]{40}$/;

/** Which servers' certificates are trusted, in a folder: `trusted`, `rejected`, `issuers`, and `trust.json`, which says what is trusted where. */
export class TrustStore {
  readonly #folder: string;
  readonly #now: () => number;
  #records: readonly TrustRecord[] | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Keeps what is refused in `rejected`. @throws RangeError when the bytes are no certificate. */
  async judge({ address, host, applicationUri, chain }: Judged): Promise<TrustVerdict> {
    const [own, ...issuers] = chainOf(chain);
    if (own === undefined) throw new RangeError('The server shows no certificate.');
    const certificate = describeCertificate(own);
    const problems = problemsOf(certificate, { now: this.#now(), host, applicationUri });
    const here = (await this.#read()).filter((record) => record.address === address);
    const pin = here.find(({ thumbprint }) => thumbprint === certificate.thumbprint);
    const verdict = (because: TrustVerdict['because']): TrustVerdict => ({
      address, certificate, trusted: because === 'pinned' || because === 'issuer', because, problems, ...(pin === undefined ? {} : { trustedAt: pin.at }),
    });
    if (pin !== undefined && problems.every((problem) => pin.accepted.includes(problem))) return verdict('pinned');
    if (pin === undefined && problems.length === 0 && await this.#issuedByOurs(own, issuers)) return verdict('issuer');
    await this.#keep('rejected', own);
    if (pin !== undefined) return verdict('problem');
    return verdict(here.length > 0 ? 'changed' : 'unknown');
  }

  /** The certificate that was refused, or is trusted, under a thumbprint. */
  async find(thumbprint: string): Promise<Buffer | undefined> {
    if (!THUMBPRINT.test(thumbprint)) return undefined;
    for (const place of ['rejected', 'trusted'] as const) {
      try {
        return await readFile(this.#file(place, thumbprint));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return undefined;
  }

  /** Trusts this certificate at this address, with what does not fit about it; others that were trusted there are no longer. */
  async trust(record: TrustRecord): Promise<void> {
    const der = await this.find(record.thumbprint);
    if (der === undefined) throw new OpcUaIntakeError('config', 'This certificate is not known here any more; look at the server again.');
    await this.#keep('trusted', der);
    await this.#change((records) => [...records.filter(({ address }) => address !== record.address), record]);
    await rm(this.#file('rejected', record.thumbprint), { force: true });
  }

  /** @returns whether anything was trusted there. */
  async withdraw(address: string, thumbprint: string): Promise<boolean> {
    let found = false;
    await this.#change((records) => records.filter((record) => {
      const is = record.address === address && record.thumbprint === thumbprint;
      found ||= is;
      return !is;
    }));
    const still = (await this.#read()).some((record) => record.thumbprint === thumbprint);
    if (found && !still) await rm(this.#file('trusted', thumbprint), { force: true });
    return found;
  }

  async records(): Promise<readonly TrustRecord[]> {
    return this.#read();
  }

  #file(place: 'trusted' | 'rejected', thumbprint: string): string {
    return path.join(this.#folder, place, `${thumbprint}.der`);
  }

  async #keep(place: 'trusted' | 'rejected', der: Buffer): Promise<void> {
    const folder = path.join(this.#folder, place);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = this.#file(place, thumbprintOf(der));
    if (await exists(file)) return;
    if (place === 'rejected') await this.#makeRoom(folder);
    await store(file, der);
  }

  async #makeRoom(folder: string): Promise<void> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.der'));
    if (names.length < MOST_REJECTED) return;
    const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(path.join(folder, name))).mtimeMs })));
    for (const { name } of aged.sort((a, b) => a.at - b.at).slice(0, names.length - MOST_REJECTED + 1)) await rm(path.join(folder, name), { force: true });
  }

  async #read(): Promise<readonly TrustRecord[]> {
    if (this.#records !== undefined) return this.#records;
    const file = path.join(this.#folder, 'trust.json');
    try {
      this.#records = recordsIn(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#records = [];
      else if (error instanceof SyntaxError) throw new OpcUaIntakeError('config', `${file} is damaged, so no server is trusted. Put it back from the backup, or remove it and trust the servers again.`, { cause: error });
      else throw error;
    }
    return this.#records;
  }

  /** One after the other, each whole or not at all. */
  #change(next: (records: readonly TrustRecord[]) => readonly TrustRecord[]): Promise<void> {
    const change = async (): Promise<void> => {
      const records = next(await this.#read());
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await store(path.join(this.#folder, 'trust.json'), Buffer.from(`${JSON.stringify({ version: 1, trusted: records }, null, 2)}\n`));
      this.#records = records;
    };
    const done = this.#writing.then(change, change);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Whether an authority in `issuers` signed it, by way of those that the server sent (OPC UA Part 4, 6.1.3). */
  async #issuedByOurs(own: Buffer, sent: readonly Buffer[]): Promise<boolean> {
    const ours = await this.#issuers();
    if (ours.length === 0) return false;
    let last = readCertificate(own);
    for (const next of [...sent.map((each) => readCertificate(each)), undefined]) {
      if (ours.some((issuer) => issued(issuer, last, this.#now()))) return true;
      if (next === undefined || !issued(next, last, this.#now())) return false;
      last = next;
    }
    return false;
  }

  async #issuers(): Promise<readonly X509Certificate[]> {
    const folder = path.join(this.#folder, 'issuers');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = (await readdir(folder)).filter((name) => /\.(der|cer|crt|pem)$/i.test(name));
    return Promise.all(files.map(async (name) => readCertificate(derOf(await readFile(path.join(folder, name))))));
  }
}

function issued(issuer: X509Certificate, certificate: X509Certificate, now: number): boolean {
  return issuer.ca && Date.parse(issuer.validTo) > now && Date.parse(issuer.validFrom) <= now && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** What `trust.json` says, as far as it can be read. */
function recordsIn(value: unknown): readonly TrustRecord[] {
  const { trusted } = (value ?? {}) as { readonly trusted?: unknown };
  if (!Array.isArray(trusted)) throw new SyntaxError('trust.json names nothing that is trusted');
  return trusted.filter((each): each is TrustRecord => typeof each === 'object' && each !== null && typeof (each as TrustRecord).address === 'string'
    && THUMBPRINT.test(String((each as TrustRecord).thumbprint)) && Array.isArray((each as TrustRecord).accepted));
}
