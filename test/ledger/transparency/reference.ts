/**
 * RFC 6962 §2.1 written down as it stands in the text: recursive, slow, and
 * without a line in common with `src/ledger/transparency`.
 */
import { createHash } from 'node:crypto';

/** MTH(D[n]) of §2.1 over the leaves themselves. */
export function referenceHead(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  const k = split(leaves.length);
  return sha256(Buffer.of(1), referenceHead(leaves.slice(0, k)), referenceHead(leaves.slice(k)));
}

/** PATH(m, D[n]) of §2.1.1. */
export function referencePath(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...referencePath(m, leaves.slice(0, k)), referenceHead(leaves.slice(k))]
    : [...referencePath(m - k, leaves.slice(k)), referenceHead(leaves.slice(0, k))];
}

/** PROOF(m, D[n]) of §2.1.2. */
export function referenceProof(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [referenceHead(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), referenceHead(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), referenceHead(leaves.slice(0, k))];
}

function split(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
