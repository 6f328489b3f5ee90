import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  appendLeafHash,
  consistencyProof,
  consistencyProofFromTiles,
  frontierFromTiles,
  frontierRoot,
  inclusionProof,
  inclusionProofFromTiles,
  leafHash,
  leafHashFromTiles,
  nodeHash,
  treeHead,
  treeHeadFromTiles,
  type TileReader,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/ledger/transparency/index.ts';
import { hex, hexes, makeLeaves, refusedLater, tileStore } from './support.ts';

const COUNT = 1200;
const leaves = makeLeaves(COUNT);
const hashes = leaves.map(leafHash);

describe('ledger/transparency: proofs from tiles', () => {
  const { read } = tileStore(leaves, [1, 254, 1, 300, 644]);

  it('has the head of every earlier tree', async () => {
    for (const size of [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 1023, 1024, COUNT]) {
      assert.equal(hex(await treeHeadFromTiles(read, size)), hex(treeHead(hashes, 0, size)), `size ${size}`);
    }
  });

  it('makes the same proofs as the leaf hashes do', async () => {
    const pick = fc.tuple(fc.nat(), fc.integer({ min: 1, max: COUNT }));
    await fc.assert(
      fc.asyncProperty(pick, async ([random, size]) => {
        const index = random % size;
        assert.equal(hex(await leafHashFromTiles(read, index, size)), hex(hashes[index]!));
        const path = await inclusionProofFromTiles(read, index, size);
        assert.deepEqual(hexes(path), hexes(inclusionProof(hashes, index, size)));
        const proof = await consistencyProofFromTiles(read, index, size);
        assert.deepEqual(hexes(proof), hexes(consistencyProof(hashes, index, size)));
      }),
      { numRuns: 150 },
    );
  });

  it('gives a right edge to go on from', async () => {
    const frontier = await frontierFromTiles(read, 777);
    for (const hash of hashes.slice(777)) appendLeafHash(frontier, hash);
    assert.equal(hex(frontierRoot(frontier)), hex(treeHead(hashes)));
  });

  it('reads each tile once', async () => {
    const store = tileStore(leaves);
    await inclusionProofFromTiles(store.read, 1100, COUNT);
    assert.deepEqual(store.reads.toSorted(), ['0/4', '1/0']);
  });

  it('proves trees of more than 2^32 leaves', async () => {
    // All leaves are alike, so that the head of a subtree depends on its level only.
    const byLevel = [leafHash(Buffer.from('same'))];
    for (let level = 1; level <= 53; level += 1) byLevel.push(nodeHash(byLevel.at(-1)!, byLevel.at(-1)!));
    const uniform: TileReader = async (level, _index, width) => Buffer.concat(Array(width).fill(byLevel[8 * level]));
    for (const size of [2 ** 33 + 12_345, 2 ** 40, 2 ** 45 - 1, Number.MAX_SAFE_INTEGER]) {
      const root = await treeHeadFromTiles(uniform, size);
      for (const index of [0, 1, 2 ** 31, 2 ** 32 + 77, size - 2, size - 1]) {
        const proof = await inclusionProofFromTiles(uniform, index, size);
        verifyInclusion({ index, size, leafHash: byLevel[0]!, proof, root });
      }
      for (const oldSize of [1, 3, 2 ** 31 + 1, 2 ** 32, 2 ** 33 - 1, size - 1]) {
        const oldRoot = await treeHeadFromTiles(uniform, oldSize);
        const proof = await consistencyProofFromTiles(uniform, oldSize, size);
        verifyConsistency({ oldSize, oldRoot, size, root, proof });
      }
    }
  });

  it('refuses tiles of another length, and what lies outside the tree', async () => {
    const short: TileReader = async (level, index, width) => (await read(level, index, width)).subarray(1);
    await refusedLater(treeHeadFromTiles(short, 300), 'tile-malformed');
    const wide: TileReader = async () => Buffer.alloc(256 * 32);
    await refusedLater(treeHeadFromTiles(wide, 300), 'tile-malformed');
    await refusedLater(inclusionProofFromTiles(read, 10, 10), 'argument-out-of-range');
    await refusedLater(consistencyProofFromTiles(read, 11, 10), 'argument-out-of-range');
    await refusedLater(leafHashFromTiles(read, -1, 10), 'argument-out-of-range');
  });

  it('passes on what the reader throws', async () => {
    const broken: TileReader = async () => {
      throw new RangeError('disk');
    };
    await assert.rejects(treeHeadFromTiles(broken, 5), RangeError);
  });
});
