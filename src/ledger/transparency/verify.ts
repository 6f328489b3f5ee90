/**
 * Verifying inclusion and consistency proofs over the tree of RFC 6962 §2.1, in
 * the iterative form of RFC 9162 §2.1.3.2 and §2.1.4.2. No I/O; a claim is
 * accepted by returning and refused by throwing.
 */
import { TransparencyError } from './errors.ts';
import { emptyRoot, nodeHash, requireHash, sameHash } from './hash.ts';
import { requireIndex, requireSizes, splitPoint } from './merkle.ts';

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  /** RFC 6962 leaf hash, 32 bytes. */
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
  /** Head of the tree of `size` leaves, from a checkpoint that was verified. */
  readonly root: Uint8Array;
}

/**
 * Accepts the claim or throws (RFC 9162 §2.1.3.2). The size is bound by the
 * checkpoint, not by the proof: take both from the same verified checkpoint.
 * @throws TransparencyError `argument-out-of-range`, `hash-malformed`, `proof-malformed`, `proof-mismatch`
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { index, size, proof, root } = claim;
  requireIndex(index, size);
  requireHashes([claim.leafHash, root, ...proof]);
  let node = index;
  let last = size - 1;
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (last === 0) throw wrongLength('inclusion');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw wrongLength('inclusion');
  requireSame(hash, root, `leaf ${index} is not in the tree of size ${size}`);
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Accepts that the old tree is a prefix of the new one, or throws (RFC 9162 §2.1.4.2).
 * @throws TransparencyError `argument-out-of-range`, `hash-malformed`, `proof-malformed`, `proof-mismatch`
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { oldSize, oldRoot, size, root, proof } = claim;
  requireSizes(oldSize, size);
  requireHashes([oldRoot, root, ...proof]);
  if (oldSize === 0 || oldSize === size) {
    if (proof.length !== 0) throw wrongLength('consistency');
    const expected = oldSize === 0 ? emptyRoot() : root;
    requireSame(oldRoot, expected, `the old root is not the root of ${oldSize} leaves`);
    if (size === 0) requireSame(root, expected, 'the empty tree has another root');
    return;
  }
  const path = splitPoint(oldSize + 1) === oldSize ? [oldRoot, ...proof] : proof;
  const first = path[0];
  if (proof.length === 0 || first === undefined) throw wrongLength('consistency');
  const heads = climb(path.slice(1), first, oldSize, size);
  requireSame(heads.oldRoot, oldRoot, `the proof does not lead to the old root of size ${oldSize}`);
  requireSame(heads.root, root, `the tree of size ${size} does not extend the one of size ${oldSize}`);
}

/** Steps 3 to 6 of RFC 9162 §2.1.4.2: both heads that the rest of the path leads to. */
function climb(
  path: readonly Uint8Array[],
  first: Uint8Array,
  oldSize: number,
  size: number,
): { oldRoot: Uint8Array; root: Uint8Array } {
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let oldRoot = first;
  let root = first;
  for (const sibling of path) {
    if (last === 0) throw wrongLength('consistency');
    if (node % 2 === 1 || node === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw wrongLength('consistency');
  return { oldRoot, root };
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function requireHashes(hashes: readonly Uint8Array[]): void {
  for (const hash of hashes) requireHash(hash, 'hash');
}

function requireSame(actual: Uint8Array, expected: Uint8Array, message: string): void {
  if (!sameHash(actual, expected)) throw new TransparencyError('proof-mismatch', message);
}

function wrongLength(kind: 'inclusion' | 'consistency'): TransparencyError {
  return new TransparencyError('proof-malformed', `the ${kind} proof has the wrong number of hashes`);
}
