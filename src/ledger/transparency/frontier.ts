/**
 * The right edge of a growing tree ("compact range"): the heads of the perfect
 * subtrees that the leaves 0..size-1 fall into, largest first, one for each bit
 * that is set in the size. It is all that appending and the root need.
 */
import { TransparencyError } from './errors.ts';
import { emptyRoot, HASH_BYTES, nodeHash, requireHash } from './hash.ts';

/** Mutable on purpose: `appendLeafHash` runs once per leaf. Copy with `cloneFrontier` before a try that may fail. */
export interface Frontier {
  /** Number of leaves. */
  size: number;
  /** Subtree heads of 32 bytes, largest subtree first; as many as the size has bits set. */
  nodes: Uint8Array[];
}

/** Is told each node that an append completes: level 0 is the leaf hash, `index` counts within the level. */
export type NodeListener = (level: number, index: number, hash: Uint8Array) => void;

const SIZE_BYTES = 8;

/** The right edge of the empty tree. */
export function createFrontier(): Frontier {
  return { size: 0, nodes: [] };
}

/** An independent copy (the hashes themselves are shared and never changed). */
export function cloneFrontier(frontier: Frontier): Frontier {
  return { size: frontier.size, nodes: frontier.nodes.slice() };
}

/**
 * Appends one leaf hash in place; amortised one node hash per leaf.
 * The hash is kept, not copied: do not reuse its buffer.
 * @throws TransparencyError `hash-malformed`, `argument-out-of-range` (the tree is full)
 */
export function appendLeafHash(frontier: Frontier, leafHash: Uint8Array, onNode?: NodeListener): void {
  requireHash(leafHash, 'leaf hash');
  if (frontier.size >= Number.MAX_SAFE_INTEGER) {
    throw new TransparencyError('argument-out-of-range', 'the tree is full');
  }
  const { nodes } = frontier;
  let hash = leafHash;
  let index = frontier.size;
  let level = 0;
  onNode?.(level, index, hash);
  // A right child (odd index) completes its parent: RFC 6962 §2.1 read upwards.
  while (index % 2 === 1) {
    hash = nodeHash(nodes.pop()!, hash);
    index = (index - 1) / 2;
    level += 1;
    onNode?.(level, index, hash);
  }
  nodes.push(hash);
  frontier.size += 1;
}

/** The tree head MTH(D[size]) of RFC 6962 §2.1, 32 bytes. */
export function frontierRoot(frontier: Frontier): Uint8Array {
  return foldSubtrees(frontier.nodes);
}

/** Joins the heads of adjacent perfect subtrees, largest first, into the head of their range. */
export function foldSubtrees(nodes: readonly Uint8Array[]): Uint8Array {
  let hash = nodes.at(-1);
  if (hash === undefined) return emptyRoot();
  for (let i = nodes.length - 2; i >= 0; i -= 1) hash = nodeHash(nodes[i]!, hash);
  return hash;
}

/** Size as 8 bytes big-endian, then the subtree heads, largest first. */
export function serializeFrontier(frontier: Frontier): Uint8Array {
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeBigUInt64BE(BigInt(frontier.size));
  return Buffer.concat([size, ...frontier.nodes]);
}

/**
 * Reads what `serializeFrontier` wrote, into memory of its own.
 * @throws TransparencyError `frontier-malformed`
 */
export function parseFrontier(bytes: Uint8Array): Frontier {
  const buffer = Buffer.from(bytes);
  const size = buffer.length < SIZE_BYTES ? -1 : Number(buffer.readBigUInt64BE(0));
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new TransparencyError('frontier-malformed', 'the frontier holds no usable size');
  }
  const count = countOnes(size);
  if (buffer.length !== SIZE_BYTES + count * HASH_BYTES) {
    throw new TransparencyError('frontier-malformed', `a frontier of size ${size} has ${count} hashes`);
  }
  const nodes = Array.from({ length: count }, (_, i) =>
    buffer.subarray(SIZE_BYTES + i * HASH_BYTES, SIZE_BYTES + (i + 1) * HASH_BYTES),
  );
  return { size, nodes };
}

function countOnes(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
