import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerError } from '../port.ts';
import { generateNoteKey, parseSignerKey, parseVerifierKey } from '../transparency/index.ts';
import type { NoteSigner } from '../transparency/index.ts';
import { syncFolder } from './files.ts';

const keyFileForm = /^ledger-[0-9a-f]{8}\.key$/;

/** File of the private key that belongs to a verifier key. */
export function signerKeyPath(folder: string, verifierKey: string): string {
  return join(folder, `ledger-${parseVerifierKey(verifierKey).keyId.toString(16).padStart(8, '0')}.key`);
}

/** How many signing keys of ledgers lie in the folder. */
export function countSignerKeys(folder: string): number {
  return readdirSync(folder).filter((name) => keyFileForm.test(name)).length;
}

/**
 * Makes a signing key for an origin and writes it, readable by its owner only, under a name of its own: no key is ever overwritten.
 * @throws LedgerError `key`
 */
export function createSignerKey(folder: string, origin: string): NoteSigner {
  const { signerKey, verifierKey } = generateNoteKey(origin, randomBytes(32));
  const path = signerKeyPath(folder, verifierKey);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeSync(fd, `${signerKey}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncFolder(folder);
  } catch (error) {
    throw new LedgerError('key', `Cannot write the ledger's signing key ${path}: ${(error as Error).message}`, { cause: error });
  }
  return parseSignerKey(signerKey);
}

/**
 * Reads the signing key and checks that it is the one that the ledger knows.
 * @throws LedgerError `key`
 */
export function loadSigner(folder: string, verifierKey: string): NoteSigner {
  const path = signerKeyPath(folder, verifierKey);
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new LedgerError('key', `Cannot read the ledger's signing key ${path}: ${(error as Error).message}. Put it back, or mend its permissions.`, { cause: error });
  }
  let signer: NoteSigner;
  try {
    signer = parseSignerKey(text);
  } catch (error) {
    throw new LedgerError('key', `${path} holds no signing key: ${(error as Error).message}`, { cause: error });
  }
  if (signer.verifierKey !== verifierKey) throw new LedgerError('key', `${path} is not the key that signs this ledger (${verifierKey}). Put the right key back.`);
  return signer;
}
