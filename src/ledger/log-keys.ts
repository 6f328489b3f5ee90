import { parseCheckpoint, parseNote, parseVerifierKey, verifyCheckpoint } from './transparency/index.ts';
import type { Checkpoint } from './transparency/index.ts';

/** Origin and public key of an incarnation of the ledger: a recovery opens a new one (PROTOCOL §6). */
export interface LogKey { readonly incarnation: number; readonly origin: string; readonly verifierKey: string }

/** What an unverified checkpoint says of itself. @throws TransparencyError */
export function claimOf(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}

/**
 * Verifies a checkpoint with the key of the incarnation that it names.
 * @returns undefined when its origin is none of this ledger's
 * @throws TransparencyError when the signature or the form is bad
 */
export function openCheckpoint(note: string, keys: readonly LogKey[]): Checkpoint | undefined {
  const { origin } = claimOf(note);
  const key = keys.find((candidate) => candidate.origin === origin);
  if (key === undefined) return undefined;
  return verifyCheckpoint({ text: note, origin, keys: [parseVerifierKey(key.verifierKey)] }).checkpoint;
}

/** Whether somebody else than the log signed too. Who it was and whether the signature is good is not looked at. */
export function isCosigned(note: string, keys: readonly LogKey[]): boolean {
  const own = new Set(keys.map((key) => key.origin));
  return parseNote(note).signatures.some((signature) => !own.has(signature.name));
}
