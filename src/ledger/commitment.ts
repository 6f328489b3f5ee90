import { hash, randomFillSync } from 'node:crypto';

/** Bytes of a salt: 128 bit, so that short content cannot be guessed from its commitment (PROTOCOL §6). */
export const saltBytes = 16;
const saltHex = 2 * saltBytes;

/** Gives 16 fresh random bytes as 32 hex digits. */
export type SaltSource = () => string;

/**
 * Salts cut from a pool that is filled from the system's generator, because a call for each salt costs more than the salt.
 * @param fill fills a buffer with random bytes; `crypto.randomFillSync` unless a test wants known ones
 */
export function saltPool(fill: (buffer: Buffer) => void = (buffer) => { randomFillSync(buffer); }): SaltSource {
  const pool = Buffer.alloc(256 * saltBytes);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      fill(pool);
      used = 0;
    }
    used += saltBytes;
    return pool.toString('hex', used - saltBytes, used);
  };
}

/** What is stored of an erasable part: the salt as 32 hex digits, then the JSON text. Erasing both leaves no trace. */
export function saltedText(salt: string, json: string): string {
  return salt + json;
}

/** Hashing is synchronous, so one scratch area saves an allocation for each part; what may be longer gets a buffer of its own. */
const scratch = Buffer.alloc(8_192);

/** Base64 of SHA-256(salt ‖ UTF-8 bytes of the JSON text) of a stored part. */
export function commitmentOf(stored: string): string {
  // A character is at most three bytes of UTF-8.
  const input = stored.length * 3 <= scratch.length ? scratch : Buffer.allocUnsafe(saltBytes + Buffer.byteLength(stored));
  input.write(stored.slice(0, saltHex), 0, saltBytes, 'hex');
  const end = saltBytes + input.write(stored.slice(saltHex), saltBytes, 'utf8');
  return hash('sha256', input.subarray(0, end), 'base64');
}

/** Whether a stored part has the form that {@link saltedText} gives it. */
export function isSaltedText(stored: string): boolean {
  return /^[0-9a-f]{32}[^]/.test(stored);
}

/** The JSON text of a stored part. */
export function jsonOf(stored: string): string {
  return stored.slice(saltHex);
}
