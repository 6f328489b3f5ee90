/** Checkpoints of a log (C2SP tlog-checkpoint): the text, and the signed note around it. */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { TransparencyError } from './errors.ts';
import { emptyRoot, HASH_BYTES, sameHash } from './hash.ts';
import type { NoteSigner, NoteVerifier } from './note-key.ts';
import { type NoteSignature, openNote, sameKey, signNote } from './note.ts';

/** A tree head with the name of its log. */
export interface Checkpoint {
  /** Unique name of the log, by custom a URL without scheme. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** Tree head MTH(D[size]) of RFC 6962 §2.1, 32 bytes. */
  readonly root: Uint8Array;
  /** Opaque further lines, without newline. The specification advises against them. */
  readonly extensions?: readonly string[];
}

/** What `verifyCheckpoint` found out. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Required<Checkpoint>;
  /** The note text that was signed, with its final newline. */
  readonly body: string;
  /** Good signatures of the log's own keys, at least one. */
  readonly signatures: readonly NoteSignature[];
  /** Good cosignatures of the witnesses that were passed in. */
  readonly cosignatures: readonly NoteSignature[];
  /** Signatures of keys that are not known here, not checked. */
  readonly unverified: readonly NoteSignature[];
}

/**
 * The note text of a checkpoint ("Note text").
 * @throws TransparencyError `checkpoint-malformed`
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  const body = `${[origin, String(size), encodeBase64(root), ...extensions].join('\n')}\n`;
  const again = parseCheckpoint(body);
  if (again.origin !== origin || again.extensions.length !== extensions.length) {
    throw malformed('a line of it holds a newline');
  }
  return body;
}

/**
 * Reads the note text of a checkpoint, strictly. Nothing has been verified.
 * @throws TransparencyError `checkpoint-malformed`
 */
export function parseCheckpoint(body: string): Required<Checkpoint> {
  if (!body.endsWith('\n')) throw malformed('it does not end with a newline');
  const lines = body.slice(0, -1).split('\n');
  const [origin, decimal, base64, ...extensions] = lines;
  if (origin === undefined || decimal === undefined || base64 === undefined || lines.includes('')) {
    throw malformed('it is not three or more lines with something in each');
  }
  const size = /^(?:0|[1-9]\d*)$/.test(decimal) ? Number(decimal) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw malformed('its second line is no tree size');
  const root = decodeBase64(base64);
  if (root?.length !== HASH_BYTES) throw malformed(`its third line is not the base64 of ${HASH_BYTES} bytes`);
  if (size === 0 && !sameHash(root, emptyRoot())) throw malformed('the empty tree has another root');
  return { origin, size, root, extensions };
}

/**
 * The checkpoint as a note signed by the log. "A log MUST NOT sign any checkpoint
 * which is inconsistent with any checkpoint it previously signed": that is up to
 * the caller.
 * @throws TransparencyError `checkpoint-malformed`, `note-malformed`, `key-name-invalid`
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): string {
  return signNote(formatCheckpoint(checkpoint), signers);
}

export interface CheckpointClaim {
  /** The signed note. */
  readonly text: string | Uint8Array;
  /** The log that the checkpoint must be of. */
  readonly origin: string;
  /** Keys of the log itself, at least one of which must have signed (several during a change of keys). */
  readonly keys: readonly NoteVerifier[];
  /** Keys of witnesses. Theirs never stand in for the log's own; how many are enough is the caller's policy. */
  readonly witnesses?: readonly NoteVerifier[];
}

/**
 * Accepts a signed checkpoint of the given log, or throws.
 * @throws TransparencyError `note-malformed`, `key-ambiguous`, `signature-invalid`,
 *   `signature-missing`, `checkpoint-malformed`, `origin-mismatch`
 */
export function verifyCheckpoint(claim: CheckpointClaim): VerifiedCheckpoint {
  const { text, origin, keys, witnesses = [] } = claim;
  const note = openNote(text, [...keys, ...witnesses]);
  const signatures = note.verified.filter((signature) => keys.some((key) => sameKey(key, signature)));
  if (signatures.length === 0) {
    throw new TransparencyError('signature-missing', 'no key of the log itself has signed the checkpoint');
  }
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== origin) {
    throw new TransparencyError('origin-mismatch', `the checkpoint is of ${checkpoint.origin}, not of ${origin}`);
  }
  const cosignatures = note.verified.filter((signature) => !signatures.includes(signature));
  return { checkpoint, body: note.text, signatures, cosignatures, unverified: note.unverified };
}

function malformed(message: string): TransparencyError {
  return new TransparencyError('checkpoint-malformed', `this is no checkpoint: ${message}`);
}
