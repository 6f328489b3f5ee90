import { hash } from 'node:crypto';

/** Bytes of a block of SHA-256 and of its result (RFC 2104 §2: B and L). */
const blockBytes = 64;
const digestBytes = 32;
/** Texts of up to so many bytes are hashed without a buffer of their own. */
const scratchBytes = 1_024;

/**
 * HMAC-SHA-256 (RFC 2104) under one key, of UTF-8 text, as base64url. Two hashes in one go each, which takes half the time of
 * `createHmac`: that makes an object for every text.
 */
export function hmacSha256(key: Uint8Array): (text: string) => string {
  const block = Buffer.alloc(blockBytes);
  block.set(key.length > blockBytes ? hash('sha256', key, 'buffer') : key);
  const inner = Buffer.alloc(blockBytes + scratchBytes);
  const outer = Buffer.alloc(blockBytes + digestBytes);
  for (let i = 0; i < blockBytes; i += 1) {
    inner[i] = block[i]! ^ 0x36;
    outer[i] = block[i]! ^ 0x5c;
  }
  const innerHash = (text: string): string => {
    // A character is at most three bytes of UTF-8.
    if (text.length * 3 > scratchBytes) return hash('sha256', Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(text)]), 'binary');
    return hash('sha256', inner.subarray(0, blockBytes + inner.write(text, blockBytes)), 'binary');
  };
  return (text) => {
    outer.write(innerHash(text), blockBytes, 'binary');
    return hash('sha256', outer, 'base64url');
  };
}
