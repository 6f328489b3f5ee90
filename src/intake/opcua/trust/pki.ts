import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { StatusCode } from 'node-opcua-client';
import { addressOf } from '../session/address.ts';
import { describeCertificate } from './certificate.ts';
import { OpcUaIntakeError } from '../errors.ts';
import { loadOpcUa } from '../load.ts';
import type { OpcUaCertificateStore, OpcUaPki } from '../session/options.ts';
import { derOf } from './pem.ts';
import { ownCertificateFile, ownIdentity } from './own-certificate.ts';
import type { OwnIdentity } from './own-certificate.ts';
import { TrustStore } from './trust.ts';
import type { TrustVerdict } from './trust.ts';
import { refusedSentence } from './trust-texts.ts';

export interface PkiOptions {
  /** `<home>/pki/opcua`. */
  readonly folder: string;
  readonly enterprise: string;
  readonly site: string;
  /** Epoch milliseconds by the clock of this machine: certificates go by it. */
  readonly now?: () => number;
  readonly host?: string;
}

/** Certificates of this application, and of the servers that it trusts: one folder for all endpoints of a home. */
export class PkiFolder {
  readonly trust: TrustStore;
  readonly #options: PkiOptions;
  readonly #now: () => number;
  readonly #host: string;
  #own: Promise<OwnIdentity> | undefined;

  constructor(options: PkiOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#host = options.host ?? hostname();
    this.trust = new TrustStore(options.folder, this.#now);
  }

  /** The name that servers know us by: as our certificate has it, else the one that it will have. */
  get applicationUri(): string {
    const file = ownCertificateFile(path.join(this.#options.folder, 'own'));
    if (!existsSync(file)) return this.#newUri;
    try {
      return describeCertificate(derOf(readFileSync(file))).applicationUri || this.#newUri;
    } catch (error) {
      if (error instanceof RangeError) return this.#newUri; // `own` says what is wrong with it
      throw error;
    }
  }

  get #newUri(): string {
    const { enterprise, site } = this.#options;
    return `urn:${word(this.#host)}:waybill:${word(enterprise)}:${word(site)}`;
  }

  /** What we show to servers. Read again each time, so that a renewed certificate is used by the next connection. */
  own(): Promise<OwnIdentity> {
    const { folder, site } = this.#options;
    this.#own ??= ownIdentity({ folder: path.join(folder, 'own'), name: `Waybill ${site}`, host: this.#host, applicationUri: this.#newUri, now: this.#now })
      .finally(() => { this.#own = undefined; });
    return this.#own;
  }

  /** What a connection to the server at this address asks; it remembers what was refused, for a person to see. */
  at(url: string): EndpointPki {
    return new EndpointPki(this, url);
  }

  get now(): number {
    return this.#now();
  }
}

/** The certificates as one connection needs them. */
export class EndpointPki implements OpcUaPki {
  readonly #pki: PkiFolder;
  readonly #url: string;
  #verdict: TrustVerdict | undefined;

  constructor(pki: PkiFolder, url: string) {
    this.#pki = pki;
    this.#url = url;
  }

  /** What was thought of the certificate that the server showed last. */
  get verdict(): TrustVerdict | undefined {
    return this.#verdict;
  }

  async own(_applicationUri?: string): Promise<{ readonly certificateFile: string; readonly privateKeyFile: string }> {
    const { view, certificateFile, privateKeyFile } = await this.#pki.own();
    if (Date.parse(view.validTo) <= this.#pki.now) throw new OpcUaIntakeError('config', `Our own certificate (${certificateFile}) expired on ${view.validTo.slice(0, 10)}; put a new one there, or remove it with its key: a new one is made, which every server has to trust again.`);
    return { certificateFile, privateKeyFile };
  }

  async store(): Promise<OpcUaCertificateStore> {
    const { StatusCodes } = await loadOpcUa();
    return certificateStore(StatusCodes.Good, async (chain) => {
      const verdict = await this.judge(chain);
      // the library passes on what is thrown, and a status code of its own would say less
      if (!verdict.trusted) throw new OpcUaIntakeError('status', refusedSentence(verdict));
    });
  }

  async judge(chain: Uint8Array, applicationUri = ''): Promise<TrustVerdict> {
    const { host, address } = addressOf(this.#url);
    this.#verdict = await this.#pki.trust.judge({ address, host, applicationUri, chain });
    return this.#verdict;
  }

  /** Why the server was refused, in one sentence; undefined when it was not. */
  refusal(): string | undefined {
    return this.#verdict === undefined || this.#verdict.trusted ? undefined : refusedSentence(this.#verdict);
  }
}

/** What the library asks. Only a person trusts and withdraws, and authorities are put into their folder. */
function certificateStore(good: StatusCode, judge: (chain: Uint8Array) => Promise<void>): OpcUaCertificateStore {
  const check = async (certificate: Uint8Array | readonly Uint8Array[]): Promise<StatusCode> => {
    await judge(certificate instanceof Uint8Array ? certificate : Buffer.concat(certificate));
    return good;
  };
  const forPeople = (): Promise<never> => Promise.reject(new Error('Certificates are trusted and withdrawn in the form of the endpoint only.'));
  return {
    referenceCounter: 0,
    initialize: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
    checkCertificate: check, getTrustStatus: check,
    // asked about our own certificate, which `own` has judged
    verifyCertificate: () => Promise.resolve('Good'),
    trustCertificate: forPeople, rejectCertificate: forPeople, addIssuer: forPeople, addRevocationList: forPeople,
  };
}

const word = (name: string): string => name.trim().replace(/[^A-Za-z0-9._-]+/g, '-') || 'site';
