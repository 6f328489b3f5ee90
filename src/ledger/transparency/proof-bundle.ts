/**
 * The file that hands a log's claims to an auditor (test/go/README.md): a
 * checkpoint with leaves, inclusion and consistency proofs, binary fields in
 * base64. `test/go/verify` checks the same file with Go's public packages.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { verifyCheckpoint, type VerifiedCheckpoint } from './checkpoint.ts';
import { TransparencyError } from './errors.ts';
import { leafHash } from './hash.ts';
import { treeHead } from './merkle.ts';
import type { NoteVerifier } from './note-key.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

export interface ProofBundle {
  /** As the log claims it; who verifies has it from somewhere else. */
  readonly verifierKey: string;
  /** Signed checkpoint that everything below is proved against. */
  readonly checkpoint: string;
  /** Either nothing, or all leaves of the tree in order, so that the root can be computed again. */
  readonly leaves: readonly Uint8Array[];
  readonly inclusion: readonly { readonly index: number; readonly leaf: Uint8Array; readonly proof: readonly Uint8Array[] }[];
  readonly consistency: readonly { readonly oldCheckpoint: string; readonly proof: readonly Uint8Array[] }[];
}

/** The same with every binary field in standard base64: what stands in the file. */
export interface ProofBundleJson {
  readonly verifierKey: string;
  readonly checkpoint: string;
  readonly leaves: readonly string[];
  readonly inclusion: readonly { readonly index: number; readonly leaf: string; readonly proof: readonly string[] }[];
  readonly consistency: readonly { readonly oldCheckpoint: string; readonly proof: readonly string[] }[];
}

/** The bundle as a value for `JSON.stringify`. */
export function proofBundleToJson(bundle: ProofBundle): ProofBundleJson {
  return {
    verifierKey: bundle.verifierKey,
    checkpoint: bundle.checkpoint,
    leaves: bundle.leaves.map(encodeBase64),
    inclusion: bundle.inclusion.map(({ index, leaf, proof }) => ({
      index,
      leaf: encodeBase64(leaf),
      proof: proof.map(encodeBase64),
    })),
    consistency: bundle.consistency.map(({ oldCheckpoint, proof }) => ({
      oldCheckpoint,
      proof: proof.map(encodeBase64),
    })),
  };
}

/**
 * Reads what `JSON.parse` gave for a bundle; fields it does not know are left alone.
 * @throws TransparencyError `proof-bundle-malformed`
 */
export function proofBundleFromJson(json: unknown): ProofBundle {
  const bundle = recordOf(json, 'the bundle');
  return {
    verifierKey: stringOf(bundle['verifierKey'], 'verifierKey'),
    checkpoint: stringOf(bundle['checkpoint'], 'checkpoint'),
    leaves: listOf(bundle['leaves'], 'leaves').map((leaf) => bytesOf(leaf, 'leaves')),
    inclusion: listOf(bundle['inclusion'], 'inclusion').map((item) => {
      const { index, leaf, proof } = recordOf(item, 'inclusion');
      if (typeof index !== 'number') throw malformed('inclusion.index', 'a number');
      return { index, leaf: bytesOf(leaf, 'inclusion.leaf'), proof: proofOf(proof, 'inclusion.proof') };
    }),
    consistency: listOf(bundle['consistency'], 'consistency').map((item) => {
      const { oldCheckpoint, proof } = recordOf(item, 'consistency');
      return {
        oldCheckpoint: stringOf(oldCheckpoint, 'consistency.oldCheckpoint'),
        proof: proofOf(proof, 'consistency.proof'),
      };
    }),
  };
}

/**
 * Accepts every claim of a bundle, or throws at the first that does not hold. The
 * key inside the bundle is not believed: origin and keys come from the caller.
 * @throws TransparencyError
 */
export function verifyProofBundle(
  bundle: ProofBundle,
  trust: { readonly origin: string; readonly keys: readonly NoteVerifier[]; readonly witnesses?: readonly NoteVerifier[] },
): VerifiedCheckpoint {
  const verified = verifyCheckpoint({ text: bundle.checkpoint, ...trust });
  const { size, root } = verified.checkpoint;
  if (bundle.leaves.length > 0) {
    if (bundle.leaves.length !== size) {
      throw new TransparencyError('proof-malformed', `${bundle.leaves.length} leaves are not the ${size} of the tree`);
    }
    const head = treeHead(bundle.leaves.map(leafHash));
    if (Buffer.compare(head, root) !== 0) throw new TransparencyError('proof-mismatch', 'the leaves have another root');
  }
  for (const { index, leaf, proof } of bundle.inclusion) {
    verifyInclusion({ index, size, leafHash: leafHash(leaf), proof, root });
  }
  for (const { oldCheckpoint, proof } of bundle.consistency) {
    const old = verifyCheckpoint({ text: oldCheckpoint, ...trust }).checkpoint;
    verifyConsistency({ oldSize: old.size, oldRoot: old.root, size, root, proof });
  }
  return verified;
}

function recordOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw malformed(field, 'an object');
  return value as Record<string, unknown>;
}

function listOf(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw malformed(field, 'a list');
  return value;
}

function stringOf(value: unknown, field: string): string {
  if (typeof value !== 'string') throw malformed(field, 'a string');
  return value;
}

function bytesOf(value: unknown, field: string): Uint8Array {
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  if (bytes === undefined) throw malformed(field, 'base64');
  return bytes;
}

function proofOf(value: unknown, field: string): Uint8Array[] {
  return listOf(value, field).map((hash) => bytesOf(hash, field));
}

function malformed(field: string, wanted: string): TransparencyError {
  return new TransparencyError('proof-bundle-malformed', `${field} is not ${wanted}`);
}
