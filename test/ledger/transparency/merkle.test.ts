import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  appendLeafHash,
  consistencyProof,
  createFrontier,
  emptyRoot,
  inclusionProof,
  leafHash,
  nodeHash,
  treeHead,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/ledger/transparency/index.ts';
import { foldSubtrees } from '../../../src/ledger/transparency/frontier.ts';
import {
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  rangeNodes,
} from '../../../src/ledger/transparency/merkle.ts';
import { EVERY_COMBINATION } from '../../support/every-combination.ts';
import { referenceHead, referencePath, referenceProof } from './reference.ts';
import { corruptions, flip, hex, hexes, makeLeaves, refused } from './support.ts';

const MAX_SIZE = 300;
const leaves = makeLeaves(MAX_SIZE);
const hashes = leaves.map(leafHash);
const roots = Array.from({ length: MAX_SIZE + 1 }, (_, size) => treeHead(hashes, 0, size));

/** A tree of 1 to 300 leaves with one of them. */
const leafOfTree = fc
  .integer({ min: 1, max: MAX_SIZE })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));

/** A tree of 2 to 300 leaves with a smaller one that is not empty. */
const twoTrees = fc
  .integer({ min: 2, max: MAX_SIZE })
  .chain((size) => fc.record({ size: fc.constant(size), oldSize: fc.integer({ min: 1, max: size - 1 }) }));

describe('ledger/transparency: Merkle tree (RFC 6962 §2.1)', () => {
  it('hashes leaves and nodes in separate domains', () => {
    assert.equal(hex(leafHash(Buffer.alloc(0))), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    const node = Buffer.concat([Buffer.of(0), hashes[0]!, hashes[1]!]);
    assert.notEqual(hex(nodeHash(hashes[0]!, hashes[1]!)), hex(leafHash(node.subarray(1))));
  });

  it('hashes leaves of every length', () => {
    for (const length of [0, 1, 31, 32, 33, 65_534, 65_535, 65_536, 70_000]) {
      const leaf = Buffer.alloc(length, length % 251);
      assert.equal(hex(leafHash(leaf)), hex(referenceHead([leaf])), `length ${length}`);
    }
  });

  it('has the head of the reference for every size from 0 to 300', () => {
    assert.equal(hex(emptyRoot()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (let size = 0; size <= MAX_SIZE; size += 1) {
      assert.equal(hex(roots[size]!), hex(referenceHead(leaves.slice(0, size))), `size ${size}`);
    }
  });
});

describe('ledger/transparency: inclusion proofs (RFC 6962 §2.1.1)', () => {
  it('proves every leaf of every tree up to 65 leaves as the reference does, and verifies', () => {
    for (let size = 1; size <= 65; size += 1) {
      const part = leaves.slice(0, size);
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(hashes, index, size);
        assert.deepEqual(hexes(proof), hexes(referencePath(index, part)), `leaf ${index} of ${size}`);
        verifyInclusion({ index, size, leafHash: hashes[index]!, proof, root: roots[size]! });
      }
    }
  });

  it('agrees with the reference, and refuses every corruption', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(leafOfTree, fc.nat(255), ({ size, index }, seed) => {
        const proof = inclusionProof(hashes, index, size);
        assert.deepEqual(hexes(proof), hexes(referencePath(index, leaves.slice(0, size))));
        const claim = { index, size, leafHash: hashes[index]!, proof, root: roots[size]! };
        verifyInclusion(claim);
        for (const wrong of corruptions(proof)) {
          if (hexes(wrong).join() === hexes(proof).join()) continue;
          refused(() => verifyInclusion({ ...claim, proof: wrong }), 'proof-malformed', 'proof-mismatch');
        }
        refused(() => verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, seed) }), 'proof-mismatch');
        refused(() => verifyInclusion({ ...claim, root: flip(claim.root, seed) }), 'proof-mismatch');
        const other = (index + 1 + (seed % Math.max(1, size - 1))) % size;
        if (other !== index) {
          refused(() => verifyInclusion({ ...claim, index: other }), 'proof-malformed', 'proof-mismatch');
        }
        refused(() => verifyInclusion({ ...claim, index: size }), 'argument-out-of-range');
      }),
      { numRuns: 150 },
    );
  });

  it('refuses what is no index, size or hash', () => {
    const claim = { index: 0, size: 2, leafHash: hashes[0]!, proof: [hashes[1]!], root: roots[2]! };
    verifyInclusion(claim);
    for (const index of [-1, 0.5, 2, Number.NaN, 2 ** 53]) {
      refused(() => verifyInclusion({ ...claim, index }), 'argument-out-of-range');
      refused(() => inclusionProof(hashes, index, 2), 'argument-out-of-range');
    }
    for (const size of [-1, 0, 1.5, Number.NaN, 2 ** 53]) {
      refused(() => verifyInclusion({ ...claim, size }), 'argument-out-of-range');
    }
    const short = hashes[1]!.subarray(1);
    refused(() => verifyInclusion({ ...claim, proof: [short] }), 'hash-malformed');
    refused(() => verifyInclusion({ ...claim, root: short }), 'hash-malformed');
    refused(() => verifyInclusion({ ...claim, leafHash: Buffer.concat([short, short]) }), 'hash-malformed');
    refused(() => inclusionProof(hashes, 0, MAX_SIZE + 1), 'argument-out-of-range');
  });
});

describe('ledger/transparency: consistency proofs (RFC 6962 §2.1.2)', () => {
  it('proves every pair of sizes up to 65 as the reference does, and verifies', () => {
    for (let size = 1; size <= 65; size += 1) {
      const part = leaves.slice(0, size);
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const proof = consistencyProof(hashes, oldSize, size);
        assert.deepEqual(hexes(proof), hexes(referenceProof(oldSize, part)), `${oldSize} to ${size}`);
        verifyConsistency({ oldSize, oldRoot: roots[oldSize]!, size, root: roots[size]!, proof });
      }
    }
  });

  it('agrees with the reference, and refuses every corruption', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(twoTrees, fc.nat(255), ({ size, oldSize }, seed) => {
        const proof = consistencyProof(hashes, oldSize, size);
        assert.deepEqual(hexes(proof), hexes(referenceProof(oldSize, leaves.slice(0, size))));
        const claim = { oldSize, oldRoot: roots[oldSize]!, size, root: roots[size]!, proof };
        verifyConsistency(claim);
        for (const wrong of corruptions(proof)) {
          if (hexes(wrong).join() === hexes(proof).join()) continue;
          refused(() => verifyConsistency({ ...claim, proof: wrong }), 'proof-malformed', 'proof-mismatch');
        }
        refused(() => verifyConsistency({ ...claim, oldRoot: flip(claim.oldRoot, seed) }), 'proof-mismatch');
        refused(() => verifyConsistency({ ...claim, root: flip(claim.root, seed) }), 'proof-mismatch');
        const other = 1 + (seed % (size - 1));
        if (other !== oldSize) {
          refused(() => verifyConsistency({ ...claim, oldSize: other }), 'proof-malformed', 'proof-mismatch');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('refuses a tree in which one old leaf was changed', () => {
    fc.assert(
      fc.property(twoTrees, fc.nat(), ({ size, oldSize }, pick) => {
        const changed = hashes.slice(0, size);
        changed[pick % oldSize] = leafHash(Buffer.from('rewritten'));
        const claim = { oldSize, oldRoot: roots[oldSize]!, size, root: treeHead(changed) };
        const proof = consistencyProof(changed, oldSize);
        refused(() => verifyConsistency({ ...claim, proof }), 'proof-mismatch');
      }),
    );
  });

  it('takes every tree as an extension of the empty one, and of itself, with an empty proof', () => {
    for (const size of [0, 1, 2, 3, 300]) {
      const root = roots[size]!;
      assert.deepEqual(consistencyProof(hashes, 0, size), []);
      assert.deepEqual(consistencyProof(hashes, size, size), []);
      verifyConsistency({ oldSize: 0, oldRoot: emptyRoot(), size, root, proof: [] });
      verifyConsistency({ oldSize: size, oldRoot: root, size, root, proof: [] });
      refused(() => verifyConsistency({ oldSize: 0, oldRoot: flip(emptyRoot()), size, root, proof: [] }), 'proof-mismatch');
      refused(() => verifyConsistency({ oldSize: size, oldRoot: flip(root), size, root, proof: [] }), 'proof-mismatch');
      refused(() => verifyConsistency({ oldSize: 0, oldRoot: emptyRoot(), size, root, proof: [root] }), 'proof-malformed');
    }
    const claim = { oldSize: 0, oldRoot: emptyRoot(), size: 0, root: roots[1]!, proof: [] };
    refused(() => verifyConsistency(claim), 'proof-mismatch');
  });

  it('refuses a tree that shrank', () => {
    refused(() => consistencyProof(hashes, 3, 2), 'argument-out-of-range');
    const claim = { oldSize: 3, oldRoot: roots[3]!, size: 2, root: roots[2]!, proof: [] };
    refused(() => verifyConsistency(claim), 'argument-out-of-range');
  });
});

/** Trees of up to 65 leaves, and of these sizes above; prime to the powers of two, on which their forms depend. */
const STEP = EVERY_COMBINATION ? 1 : 7;
const sizes = Array.from({ length: MAX_SIZE }, (_, n) => n + 1).filter((size) => size <= 65 || size % STEP === 0);

describe(`ledger/transparency: every proof of ${sizes.length} trees from 1 to 300 leaves`, () => {
  // Subtree heads by coordinate, so that 90,000 proofs do not hash every leaf again.
  const nodes = new Map<string, Uint8Array>();
  const frontier = createFrontier();
  for (const hash of hashes) appendLeafHash(frontier, hash, (level, index, node) => nodes.set(`${level}/${index}`, node));
  const headsOf = (ranges: readonly LeafRange[]) =>
    ranges.map((range) => foldSubtrees(rangeNodes(range).map(({ level, index }) => nodes.get(`${level}/${index}`)!)));

  it('verifies for inclusion, and does not with a bit of its proof, leaf or root turned over', function () {
    this.timeout(120_000);
    for (const size of sizes) {
      for (let index = 0; index < size; index += 1) {
        const claim = { index, size, leafHash: hashes[index]!, proof: headsOf(inclusionRanges(index, size)), root: roots[size]! };
        verifyInclusion(claim);
        refused(() => verifyInclusion({ ...claim, proof: [...claim.proof, claim.root] }), 'proof-malformed');
        refused(() => verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, index) }), 'proof-mismatch');
        if (size === 1) continue;
        const at = index % claim.proof.length;
        const wrong = claim.proof.with(at, flip(claim.proof[at]!, index));
        refused(() => verifyInclusion({ ...claim, proof: wrong }), 'proof-mismatch');
        refused(() => verifyInclusion({ ...claim, proof: claim.proof.slice(1) }), 'proof-malformed');
      }
    }
  });

  it('verifies for consistency, and does not with a bit of its proof or a root turned over', function () {
    this.timeout(120_000);
    for (const size of sizes) {
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const proof = headsOf(consistencyRanges(oldSize, size));
        const claim = { oldSize, oldRoot: roots[oldSize]!, size, root: roots[size]!, proof };
        verifyConsistency(claim);
        refused(() => verifyConsistency({ ...claim, proof: [...proof, claim.root] }), 'proof-malformed');
        refused(() => verifyConsistency({ ...claim, oldRoot: flip(claim.oldRoot, oldSize) }), 'proof-mismatch');
        if (oldSize === size) continue;
        const at = oldSize % proof.length;
        const wrong = proof.with(at, flip(proof[at]!, oldSize));
        refused(() => verifyConsistency({ ...claim, proof: wrong }), 'proof-mismatch');
        refused(() => verifyConsistency({ ...claim, proof: proof.slice(0, -1) }), 'proof-malformed');
      }
    }
  });
});
