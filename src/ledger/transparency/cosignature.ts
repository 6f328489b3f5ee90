/**
 * Timestamped Ed25519 cosignatures of a witness (C2SP tlog-cosignature,
 * `cosignature/v1`, signature type 0x04). A cosignature states that at that time
 * this was the largest consistent tree head that the witness had seen of the log.
 */
import { sign, verify } from 'node:crypto';

import { TransparencyError } from './errors.ts';
import {
  decodeVerifierKey,
  ed25519FromSeed,
  formatVerifierKey,
  noteKeyId,
  type NoteSigner,
  type NoteVerifier,
  publicKeyObject,
  requireKeyName,
  SIGNATURE_TYPE,
} from './note-key.ts';

const TIMESTAMP_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

/**
 * A signer for one cosignature. Its verifier key has type 0x04; the same seed must
 * not serve another witness, nor sign notes ("Ed25519 signed message").
 * @param time when the witness saw the checkpoint, whole seconds since 1970
 * @throws TransparencyError `key-name-invalid`, `key-malformed`, `argument-out-of-range`
 */
export function cosigner(name: string, seed: Uint8Array, time: number): NoteSigner {
  requireKeyName(name);
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new TransparencyError('argument-out-of-range', `${time} is no number of whole seconds since 1970`);
  }
  const { privateKey, publicKey } = ed25519FromSeed(seed);
  return {
    name,
    keyId: noteKeyId(name, SIGNATURE_TYPE.cosignatureV1, publicKey),
    verifierKey: formatVerifierKey(name, publicKey, SIGNATURE_TYPE.cosignatureV1),
    sign(text) {
      const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
      timestamp.writeBigUInt64BE(BigInt(time));
      return Buffer.concat([timestamp, sign(null, cosignedMessage(text, BigInt(time)), privateKey)]);
    },
  };
}

/**
 * Reads a witness' verifier key of type 0x04, for `witnesses` of `verifyCheckpoint`.
 * @throws TransparencyError `key-malformed`, `key-id-mismatch`, `key-algorithm-unknown`
 */
export function parseCosignerKey(verifierKey: string): NoteVerifier {
  const { name, keyId, publicKey } = decodeVerifierKey(verifierKey, SIGNATURE_TYPE.cosignatureV1);
  const key = publicKeyObject(publicKey);
  return {
    name,
    keyId,
    verifierKey,
    verify(text, signature) {
      const time = timestampOf(signature);
      return (
        time !== undefined && verify(null, cosignedMessage(text, time), key, signature.subarray(TIMESTAMP_BYTES))
      );
    },
  };
}

/**
 * The time of a cosignature in whole seconds since 1970; verify the cosignature first.
 * @throws TransparencyError `note-malformed` (it is no `timestamped_signature`)
 */
export function cosignatureTime(signature: Uint8Array): number {
  const time = timestampOf(signature);
  if (time === undefined) throw new TransparencyError('note-malformed', 'this is no timestamped signature');
  return Number(time);
}

/** `undefined` unless it is a `timestamped_signature` with a time of at most 2^63 - 1 ("Format"). */
function timestampOf(signature: Uint8Array): bigint | undefined {
  if (signature.length !== TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return time < 2n ** 63n ? time : undefined;
}

function cosignedMessage(text: Uint8Array, time: bigint): Uint8Array {
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${time}\n`, 'utf8'), text]);
}
