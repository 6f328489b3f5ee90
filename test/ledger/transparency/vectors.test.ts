import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  parseVerifierKey,
  proofBundleFromJson,
  proofBundleToJson,
  treeHead,
  verifyConsistency,
  verifyInclusion,
  verifyProofBundle,
} from '../../../src/ledger/transparency/index.ts';
import { VECTOR_ORIGIN, VECTOR_PLANS, vectorBundle } from '../../vectors/tlog/generate.ts';
import { hex, hexes } from './support.ts';

const FOLDER = path.join(import.meta.dirname, '../../vectors/tlog');

interface ReferenceSet {
  readonly emptyRoot: string;
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { readonly index: number; readonly size: number; readonly proof: readonly string[] }[];
  readonly consistency: readonly { readonly oldSize: number; readonly size: number; readonly proof: readonly string[] }[];
}

function readVector(name: string): unknown {
  return JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));
}

describe('ledger/transparency: reference set of Certificate Transparency', () => {
  const set = readVector('certificate-transparency.json') as ReferenceSet;
  const hashes = set.leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
  const rootOf = (size: number) => Buffer.from(size === 0 ? set.emptyRoot : set.roots[size - 1]!, 'hex');

  it('has the known heads', () => {
    assert.equal(hex(emptyRoot()), set.emptyRoot);
    assert.deepEqual(hexes(set.roots.map((_, i) => treeHead(hashes, 0, i + 1))), set.roots);
  });

  for (const { index, size, proof } of set.inclusion) {
    it(`makes and verifies the known path of leaf ${index} in ${size}`, () => {
      assert.deepEqual(hexes(inclusionProof(hashes, index, size)), proof);
      const path = proof.map((hash) => Buffer.from(hash, 'hex'));
      verifyInclusion({ index, size, leafHash: hashes[index]!, proof: path, root: rootOf(size) });
    });
  }

  for (const { oldSize, size, proof } of set.consistency) {
    it(`makes and verifies the known proof from ${oldSize} to ${size}`, () => {
      assert.deepEqual(hexes(consistencyProof(hashes, oldSize, size)), proof);
      const path = proof.map((hash) => Buffer.from(hash, 'hex'));
      verifyConsistency({ oldSize, oldRoot: rootOf(oldSize), size, root: rootOf(size), proof: path });
    });
  }
});

describe('ledger/transparency: fixed proof bundles', () => {
  for (const [name, plan] of Object.entries(VECTOR_PLANS)) {
    it(`verifies ${name}, and would write it again`, function () {
      this.timeout(30_000);
      const json = readVector(name);
      const bundle = proofBundleFromJson(json);
      const trust = { origin: VECTOR_ORIGIN, keys: [parseVerifierKey(bundle.verifierKey)] };
      assert.equal(verifyProofBundle(bundle, trust).checkpoint.size, plan.size);
      assert.deepEqual(proofBundleToJson(vectorBundle(plan)), json);
    });
  }
});
