/** Hashing of leaves and nodes: RFC 6962 §2.1, with SHA-256. */
import { hash as digest } from 'node:crypto';

import { TransparencyError } from './errors.ts';

/** Bytes of a leaf hash, a node hash and a root. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// Hashing is synchronous, so one scratch area each saves an allocation per hash.
const leafInput = Buffer.alloc(1 + 0xffff);
leafInput[0] = LEAF_PREFIX;
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX;

/** SHA-256. A digest as text and back costs a third of a digest as a buffer, and hashing is most of what a leaf costs. */
function sha256(input: Uint8Array | string): Uint8Array {
  return Buffer.from(digest('sha256', input, 'binary'), 'latin1');
}

/** The head of the empty tree: SHA-256 of nothing (RFC 6962 §2.1). */
export function emptyRoot(): Uint8Array {
  return sha256('');
}

/** `SHA-256(0x00 || leaf)` (RFC 6962 §2.1). Takes the exact stored bytes of a leaf, of any length. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  if (leaf.length >= leafInput.length) {
    return sha256(Buffer.concat([leafInput.subarray(0, 1), leaf]));
  }
  leafInput.set(leaf, 1);
  return sha256(leafInput.subarray(0, 1 + leaf.length));
}

/** `SHA-256(0x01 || left || right)` (RFC 6962 §2.1). Both are 32 bytes; callers have checked that. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** Whether two hashes hold the same bytes. Roots are public, so no constant time is needed. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Refuses anything but 32 bytes with `hash-malformed`. `what` names the hash in the message. */
export function requireHash(hash: Uint8Array, what: string): void {
  if (hash.length !== HASH_BYTES) {
    throw new TransparencyError('hash-malformed', `${what} has ${hash.length} bytes, not ${HASH_BYTES}`);
  }
}

/** Refuses a tree size that is no safe, non-negative integer with `argument-out-of-range`. */
export function requireSize(size: number, what: string): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TransparencyError('argument-out-of-range', `${what} ${size} is no tree size`);
  }
}
