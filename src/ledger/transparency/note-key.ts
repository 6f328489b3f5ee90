/**
 * Keys of signed notes (C2SP signed-note, "Verifier keys" and "Ed25519
 * signatures") and their private form, which is that of Go's
 * `sumdb/note.GenerateKey`: `PRIVATE+KEY+<name>+<id>+<base64(0x01 || seed)>`.
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

import { decodeBase64, encodeBase64 } from './base64.ts';
import { TransparencyError } from './errors.ts';

/** Checks signatures of one key. A witness' cosignature key is another implementation (`cosignature.ts`). */
export interface NoteVerifier {
  readonly name: string;
  /** Unsigned 32-bit key id. */
  readonly keyId: number;
  /** Encoded public key `<name>+<hex id>+<base64(type || key)>`. */
  readonly verifierKey: string;
  /** Whether `signature` (without the key id) is one of this key over the note text. */
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

/** Makes signatures of one key. */
export interface NoteSigner {
  readonly name: string;
  /** Unsigned 32-bit key id. */
  readonly keyId: number;
  /** Encoded public key, to be given to those who verify. */
  readonly verifierKey: string;
  /** The signature over the note text, without the key id. */
  sign(text: Uint8Array): Uint8Array;
}

/** Signature type identifier bytes that this log knows ("Signature types"). */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignatureV1: 0x04 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

/** Bytes of an Ed25519 seed and of an Ed25519 public key (RFC 8032 §5.1.5). */
export const ED25519_KEY_BYTES = 32;

// RFC 8410 §7 and §4: what stands before the seed in PKCS#8 and before the key in SPKI.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** "Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus"; control characters break a note. */
export function isKeyName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- the specification forbids exactly these
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** `SHA-256(name || 0x0A || type || public key)[:4]`, big-endian ("Signatures"). */
export function noteKeyId(name: string, type: SignatureType, publicKey: Uint8Array): number {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(type), publicKey]);
  return hash('sha256', input, 'buffer').readUInt32BE(0);
}

/**
 * The encoded verifier key of an Ed25519 public key of 32 bytes.
 * @throws TransparencyError `key-name-invalid`, `key-malformed`
 */
export function formatVerifierKey(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = SIGNATURE_TYPE.ed25519,
): string {
  requireKeyName(name);
  requireKeyBytes(publicKey);
  return `${name}+${hexId(noteKeyId(name, type, publicKey))}+${typedKey(type, publicKey)}`;
}

/**
 * Reads a verifier key for plain Ed25519 note signatures (type 0x01).
 * @throws TransparencyError `key-malformed`, `key-id-mismatch`, `key-algorithm-unknown`
 */
export function parseVerifierKey(verifierKey: string): NoteVerifier {
  const { name, keyId, publicKey } = decodeVerifierKey(verifierKey, SIGNATURE_TYPE.ed25519);
  const key = publicKeyObject(publicKey);
  return { name, keyId, verifierKey, verify: (text, signature) => verify(null, text, key, signature) };
}

/**
 * The parts of a verifier key of the given type.
 * @throws TransparencyError `key-malformed`, `key-id-mismatch`, `key-algorithm-unknown`
 */
export function decodeVerifierKey(
  verifierKey: string,
  type: SignatureType,
): { readonly name: string; readonly keyId: number; readonly publicKey: Uint8Array } {
  const { name, keyId, publicKey } = splitKey(verifierKey, type, 'verifier key');
  if (noteKeyId(name, type, publicKey) !== keyId) throw idMismatch(name);
  return { name, keyId, publicKey };
}

/**
 * Reads a private signer key.
 * @throws TransparencyError `key-malformed`, `key-id-mismatch`, `key-algorithm-unknown`
 */
export function parseSignerKey(signerKey: string): NoteSigner {
  const prefix = 'PRIVATE+KEY+';
  if (!signerKey.startsWith(prefix)) throw new TransparencyError('key-malformed', 'this is no private signer key');
  const { name, keyId, publicKey: seed } = splitKey(
    signerKey.slice(prefix.length),
    SIGNATURE_TYPE.ed25519,
    'signer key',
  );
  const signer = signerFromSeed(name, seed);
  if (signer.keyId !== keyId) throw idMismatch(name);
  return signer;
}

/** A new key pair in the two encodings. The signer key is secret. */
export interface NoteKeyPair {
  readonly signerKey: string;
  readonly verifierKey: string;
}

/**
 * The key pair of a name and 32 bytes of randomness (say, `randomBytes(32)`).
 * @throws TransparencyError `key-name-invalid`, `key-malformed` (the seed is not 32 bytes)
 */
export function generateNoteKey(name: string, seed: Uint8Array): NoteKeyPair {
  const { keyId, verifierKey } = signerFromSeed(name, seed);
  return { signerKey: `PRIVATE+KEY+${name}+${hexId(keyId)}+${typedKey(SIGNATURE_TYPE.ed25519, seed)}`, verifierKey };
}

/** The eight hex digits of a key id. */
export function hexId(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}

/** Refuses a name that signed-note forbids with `key-name-invalid`. */
export function requireKeyName(name: string): void {
  if (!isKeyName(name)) throw new TransparencyError('key-name-invalid', `${JSON.stringify(name)} is no key name`);
}

/** An Ed25519 private key from its seed (RFC 8032 §5.1.5), with the 32 bytes of its public key. */
export function ed25519FromSeed(seed: Uint8Array): { readonly privateKey: KeyObject; readonly publicKey: Uint8Array } {
  requireKeyBytes(seed);
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(SPKI_PREFIX.length) };
}

/** The key object of 32 bytes of an Ed25519 public key. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}

function signerFromSeed(name: string, seed: Uint8Array): NoteSigner {
  requireKeyName(name);
  const { privateKey, publicKey } = ed25519FromSeed(seed);
  return {
    name,
    keyId: noteKeyId(name, SIGNATURE_TYPE.ed25519, publicKey),
    verifierKey: formatVerifierKey(name, publicKey),
    sign: (text) => sign(null, text, privateKey),
  };
}

/** `<name>+<hex id>+<base64>`: names hold no plus sign, base64 may. Never quotes the key: it may be secret. */
function splitKey(
  text: string,
  type: SignatureType,
  what: string,
): { readonly name: string; readonly keyId: number; readonly publicKey: Uint8Array } {
  const match = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/u.exec(text);
  const bytes = match === null ? undefined : decodeBase64(match[3]!);
  if (match === null || bytes === undefined || bytes.length < 1 || !isKeyName(match[1]!)) {
    throw new TransparencyError('key-malformed', `the ${what} is not <name>+<hex id>+<base64>`);
  }
  if (bytes[0] !== type) {
    throw new TransparencyError('key-algorithm-unknown', `the ${what} is of signature type ${bytes[0]}, not ${type}`);
  }
  const publicKey = bytes.subarray(1);
  requireKeyBytes(publicKey);
  return { name: match[1]!, keyId: Number.parseInt(match[2]!, 16), publicKey };
}

function typedKey(type: SignatureType, key: Uint8Array): string {
  return encodeBase64(Buffer.concat([Buffer.of(type), key]));
}

function requireKeyBytes(key: Uint8Array): void {
  if (key.length !== ED25519_KEY_BYTES) {
    throw new TransparencyError('key-malformed', `an Ed25519 key has ${ED25519_KEY_BYTES} bytes, not ${key.length}`);
  }
}

function idMismatch(name: string): TransparencyError {
  return new TransparencyError('key-id-mismatch', `the id in the key of ${name} is not the id of that key`);
}
