/**
 * Proofs over the Merkle tree of RFC 6962 §2.1: which subtree heads a proof
 * consists of, and building one from leaf hashes. `verify.ts` is the other side.
 * Sizes and indices are plain numbers up to 2^53 - 1.
 */
import { TransparencyError } from './errors.ts';
import { appendLeafHash, createFrontier, frontierRoot } from './frontier.ts';
import { requireSize } from './hash.ts';

/** The leaves `start` to `end - 1`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A perfect subtree: its 2^level leaves begin at index * 2^level. */
export interface NodeCoordinate {
  readonly level: number;
  readonly index: number;
}

/** MTH(D[start:end]) over the given leaf hashes (RFC 6962 §2.1). */
export function treeHead(leafHashes: readonly Uint8Array[], start = 0, end = leafHashes.length): Uint8Array {
  const frontier = createFrontier();
  for (let i = start; i < end; i += 1) appendLeafHash(frontier, leafHashes[i]!);
  return frontierRoot(frontier);
}

/**
 * The ranges whose heads make up PATH(index, D[size]), leaf to root (RFC 6962 §2.1.1).
 * @throws TransparencyError `argument-out-of-range`
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  requireIndex(index, size);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges whose heads make up PROOF(oldSize, D[size]), in the order of RFC 6962 §2.1.2.
 * Empty for `oldSize` 0 (RFC 6962 leaves that open: every tree extends the empty one) and for equal sizes.
 * @throws TransparencyError `argument-out-of-range`
 */
export function consistencyRanges(oldSize: number, size: number): LeafRange[] {
  requireSizes(oldSize, size);
  if (oldSize === 0) return [];
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (oldSize < end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // SUBPROOF with b = true sends nothing: the verifier has the old root itself.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/**
 * The perfect subtrees that a range falls into, left to right. For a range of a
 * proof, or one that begins at 0, they are also largest first, so that
 * `foldSubtrees` makes the head of the range from theirs.
 */
export function rangeNodes(range: LeafRange): NodeCoordinate[] {
  const nodes: NodeCoordinate[] = [];
  let start = range.start;
  while (start < range.end) {
    let width = 1;
    let level = 0;
    while (start % (width * 2) === 0 && start + width * 2 <= range.end) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

/** PATH(index, D[size]) from the leaf hashes of the whole tree (RFC 6962 §2.1.1). */
export function inclusionProof(
  leafHashes: readonly Uint8Array[],
  index: number,
  size = leafHashes.length,
): Uint8Array[] {
  requireLeaves(leafHashes, size);
  return inclusionRanges(index, size).map(({ start, end }) => treeHead(leafHashes, start, end));
}

/** PROOF(oldSize, D[size]) from the leaf hashes of the whole tree (RFC 6962 §2.1.2). */
export function consistencyProof(
  leafHashes: readonly Uint8Array[],
  oldSize: number,
  size = leafHashes.length,
): Uint8Array[] {
  requireLeaves(leafHashes, size);
  return consistencyRanges(oldSize, size).map(({ start, end }) => treeHead(leafHashes, start, end));
}

/** k of RFC 6962 §2.1: the largest power of two smaller than n, for n of 2 or more. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Refuses a leaf index outside a tree of `size` leaves with `argument-out-of-range`. */
export function requireIndex(index: number, size: number): void {
  requireSize(size, 'size');
  requireSize(index, 'index');
  if (index >= size) {
    throw new TransparencyError('argument-out-of-range', `leaf ${index} lies outside a tree of size ${size}`);
  }
}

/** Refuses an old size larger than the new one with `argument-out-of-range`. */
export function requireSizes(oldSize: number, size: number): void {
  requireSize(oldSize, 'old size');
  requireSize(size, 'size');
  if (oldSize > size) {
    throw new TransparencyError('argument-out-of-range', `a tree of size ${size} extends none of size ${oldSize}`);
  }
}

function requireLeaves(leafHashes: readonly Uint8Array[], size: number): void {
  if (leafHashes.length < size) {
    throw new TransparencyError('argument-out-of-range', `size ${size} needs more than ${leafHashes.length} leaves`);
  }
}
