/**
 * Writes the fixed proof bundles beside this file: `node test/vectors/tlog/generate.ts`.
 * Everything follows from fixed seeds, so that a second run changes nothing.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  consistencyProof,
  generateNoteKey,
  inclusionProof,
  leafHash,
  parseSignerKey,
  type ProofBundle,
  proofBundleToJson,
  signCheckpoint,
  treeHead,
} from '../../../src/ledger/transparency/index.ts';

export const VECTOR_ORIGIN = 'waybill.example/vectors';
const keys = generateNoteKey(VECTOR_ORIGIN, Buffer.from('waybill vectors: a public seed..'));
const signer = parseSignerKey(keys.signerKey);

export interface BundlePlan {
  readonly size: number;
  readonly oldSizes: readonly number[];
  readonly indices: readonly number[];
  readonly withLeaves: boolean;
}

/** The vectors by file name. 70,000 is the size of the example in C2SP tlog-tiles: three tile levels. */
export const VECTOR_PLANS: Readonly<Record<string, BundlePlan>> = {
  'bundle-0.json': { size: 0, oldSizes: [0], indices: [], withLeaves: true },
  'bundle-1.json': { size: 1, oldSizes: [0, 1], indices: [0], withLeaves: true },
  'bundle-8.json': { size: 8, oldSizes: [0, 1, 2, 3, 4, 5, 6, 7, 8], indices: [0, 1, 2, 3, 4, 5, 6, 7], withLeaves: true },
  'bundle-257.json': { size: 257, oldSizes: [1, 255, 256, 257], indices: [0, 128, 255, 256], withLeaves: true },
  'bundle-70000.json': { size: 70_000, oldSizes: [256, 65_535, 65_536, 69_999], indices: [0, 65_535, 65_536, 69_999], withLeaves: false },
};

/** The bundle of a plan. Leaf i is the text `leaf i`, but the first one is empty. */
export function vectorBundle(plan: BundlePlan): ProofBundle {
  const leaves = Array.from({ length: plan.size }, (_, i) => Buffer.from(i === 0 ? '' : `leaf ${i}`));
  const hashes = leaves.map(leafHash);
  const checkpointAt = (size: number) =>
    signCheckpoint({ origin: VECTOR_ORIGIN, size, root: treeHead(hashes, 0, size) }, [signer]);
  return {
    verifierKey: keys.verifierKey,
    checkpoint: checkpointAt(plan.size),
    leaves: plan.withLeaves ? leaves : [],
    inclusion: plan.indices.map((index) => ({ index, leaf: leaves[index]!, proof: inclusionProof(hashes, index) })),
    consistency: plan.oldSizes.map((oldSize) => ({
      oldCheckpoint: checkpointAt(oldSize),
      proof: consistencyProof(hashes, oldSize),
    })),
  };
}

if (import.meta.main) {
  for (const [name, plan] of Object.entries(VECTOR_PLANS)) {
    const text = `${JSON.stringify(proofBundleToJson(vectorBundle(plan)), null, 2)}\n`;
    writeFileSync(path.join(import.meta.dirname, name), text);
  }
}
