/** Signed notes (C2SP signed-note): signing a text, and opening one with trusted keys. */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { TransparencyError } from './errors.ts';
import { hexId, isKeyName, type NoteSigner, type NoteVerifier, requireKeyName } from './note-key.ts';

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** Unsigned 32-bit key id. */
  readonly keyId: number;
  /** What the key made, without the key id; its form depends on the key's type. */
  readonly signature: Uint8Array;
}

/** A note taken apart. Nothing in it has been verified. */
export interface UnverifiedNote {
  /** With its final newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note that at least one trusted key has signed. */
export interface OpenedNote {
  /** With its final newline. */
  readonly text: string;
  /** Signatures of trusted keys, all of them good; one a key. */
  readonly verified: readonly NoteSignature[];
  /** Signatures of keys that are not known here, not checked. */
  readonly unverified: readonly NoteSignature[];
}

/** "MUST accept at least up to 16 signatures"; Go's sumdb/note stops at 100, and so do we. */
const MAX_SIGNATURES = 100;
const LINE_START = '\u2014 ';
const KEY_ID_BYTES = 4;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Signs a text, which ends with a newline. Signatures that the note has already
 * are kept in front, except those that a signer here makes again.
 * @returns the whole note
 * @throws TransparencyError `note-malformed`, `key-name-invalid`
 */
export function signNote(text: string, signers: readonly NoteSigner[], existing: readonly NoteSignature[] = []): string {
  requireNoteText(text);
  const bytes = Buffer.from(text, 'utf8');
  const made = signers.map((signer) => {
    requireKeyName(signer.name);
    return { name: signer.name, keyId: signer.keyId, signature: signer.sign(bytes) };
  });
  const kept = existing.filter((old) => !made.some((fresh) => sameKey(old, fresh)));
  const lines = [...kept, ...made].map(formatSignature);
  if (lines.length < 1 || lines.length > MAX_SIGNATURES) {
    throw new TransparencyError('note-malformed', `a note has 1 to ${MAX_SIGNATURES} signatures, not ${lines.length}`);
  }
  return `${text}\n${lines.join('')}`;
}

/**
 * Takes a note apart without verifying it, say to find out whose key is needed.
 * The text "MUST be ignored" until `openNote` has accepted it.
 * @throws TransparencyError `note-malformed`
 */
export function parseNote(note: string | Uint8Array): UnverifiedNote {
  const whole = typeof note === 'string' ? note : decodeUtf8(note);
  const end = whole.lastIndexOf('\n\n');
  if (end < 0) throw malformed('no blank line stands before the signatures');
  const text = whole.slice(0, end + 1);
  requireNoteText(text);
  const block = whole.slice(end + 2);
  if (!block.endsWith('\n')) throw malformed('the signature lines do not end with a newline');
  const lines = block.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignature) };
}

/**
 * Opens a note: every signature of a trusted key must be good, and there must be
 * at least one; signatures of other keys are ignored ("Signatures"). Repeated
 * lines of one key count once, the first.
 * @throws TransparencyError `note-malformed`, `key-ambiguous`, `signature-invalid`, `signature-missing`
 */
export function openNote(note: string | Uint8Array, keys: readonly NoteVerifier[]): OpenedNote {
  const trusted = keysById(keys);
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text, 'utf8');
  const seen = new Set<string>();
  const verified: NoteSignature[] = [];
  const unverified: NoteSignature[] = [];
  for (const signature of signatures) {
    const id = keyLabel(signature);
    const key = trusted.get(id);
    const line = key === undefined ? formatSignature(signature) : id;
    if (seen.has(line)) continue;
    seen.add(line);
    if (key === undefined) {
      unverified.push(signature);
    } else if (key.verify(bytes, signature.signature)) {
      verified.push(signature);
    } else {
      throw new TransparencyError('signature-invalid', `the signature of ${id} does not fit the text`);
    }
  }
  if (verified.length === 0) throw new TransparencyError('signature-missing', 'no trusted key has signed the note');
  return { text, verified, unverified };
}

/** Whether a signature was made by the key, going by name and id. */
export function sameKey(
  a: { readonly name: string; readonly keyId: number },
  b: { readonly name: string; readonly keyId: number },
): boolean {
  return a.name === b.name && a.keyId === b.keyId;
}

function keysById(keys: readonly NoteVerifier[]): Map<string, NoteVerifier> {
  const byId = new Map<string, NoteVerifier>();
  for (const key of keys) {
    const id = keyLabel(key);
    const other = byId.get(id);
    if (other !== undefined && other.verifierKey !== key.verifierKey) {
      throw new TransparencyError('key-ambiguous', `two trusted keys are called ${id}`);
    }
    byId.set(id, key);
  }
  return byId;
}

function keyLabel({ name, keyId }: { readonly name: string; readonly keyId: number }): string {
  return `${name}+${hexId(keyId)}`;
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  requireKeyName(name);
  const id = Buffer.alloc(KEY_ID_BYTES);
  id.writeUInt32BE(keyId);
  return `${LINE_START}${name} ${encodeBase64(Buffer.concat([id, signature]))}\n`;
}

function parseSignature(line: string): NoteSignature {
  const [name, base64, ...rest] = line.startsWith(LINE_START) ? line.slice(LINE_START.length).split(' ') : [];
  const bytes = base64 === undefined ? undefined : decodeBase64(base64);
  if (name === undefined || bytes === undefined || rest.length > 0 || !isKeyName(name) || bytes.length <= KEY_ID_BYTES) {
    throw malformed('a signature line is not "— <name> <base64>"');
  }
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.subarray(KEY_ID_BYTES) };
}

function requireNoteText(text: string): void {
  if (!text.endsWith('\n')) throw malformed('the text does not end with a newline');
  // eslint-disable-next-line no-control-regex -- "MUST NOT contain any ASCII control characters … other than newline"
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw malformed('the text holds control characters');
  if (!text.isWellFormed()) throw malformed('the text is not valid Unicode');
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new TransparencyError('note-malformed', 'the note is not valid UTF-8', { cause });
  }
}

function malformed(message: string): TransparencyError {
  return new TransparencyError('note-malformed', message);
}
