import assert from 'node:assert/strict';

import {
  appendLeafHash,
  cloneFrontier,
  createFrontier,
  frontierRoot,
  leafHash,
  parseFrontier,
  serializeFrontier,
} from '../../../src/ledger/transparency/index.ts';
import { referenceHead } from './reference.ts';
import { hex, makeLeaves, refused } from './support.ts';

const leaves = makeLeaves(300);

describe('ledger/transparency: frontier', () => {
  it('has the head of the reference after every append, also through storage and back', () => {
    let frontier = createFrontier();
    assert.equal(hex(frontierRoot(frontier)), hex(referenceHead([])));
    for (const [i, leaf] of leaves.entries()) {
      appendLeafHash(frontier, leafHash(leaf));
      frontier = parseFrontier(serializeFrontier(frontier));
      assert.equal(frontier.size, i + 1);
      assert.equal(hex(frontierRoot(frontier)), hex(referenceHead(leaves.slice(0, i + 1))), `size ${i + 1}`);
    }
  });

  it('tells of every node that an append completes, with its head', () => {
    const frontier = createFrontier();
    const seen = new Set<string>();
    for (const leaf of leaves) {
      appendLeafHash(frontier, leafHash(leaf), (level, index, hash) => {
        const span = 2 ** level;
        assert.equal(hex(hash), hex(referenceHead(leaves.slice(index * span, (index + 1) * span))));
        seen.add(`${level}/${index}`);
      });
    }
    // 300 leaves, then 150, 75, 37, 18, 9, 4, 2 and 1 perfect subtrees above them.
    assert.equal(seen.size, 300 + 150 + 75 + 37 + 18 + 9 + 4 + 2 + 1);
  });

  it('does not change a copy', () => {
    const frontier = createFrontier();
    for (const leaf of leaves.slice(0, 7)) appendLeafHash(frontier, leafHash(leaf));
    const copy = cloneFrontier(frontier);
    appendLeafHash(frontier, leafHash(leaves[7]!));
    assert.equal(hex(frontierRoot(copy)), hex(referenceHead(leaves.slice(0, 7))));
    assert.equal(hex(frontierRoot(frontier)), hex(referenceHead(leaves.slice(0, 8))));
  });

  it('keeps sizes beyond 32 bits', () => {
    const size = 2 ** 40 + 5;
    const bytes = Buffer.alloc(8 + 3 * 32, 7);
    bytes.writeBigUInt64BE(BigInt(size));
    const frontier = parseFrontier(bytes);
    appendLeafHash(frontier, leafHash(leaves[0]!));
    assert.equal(frontier.size, size + 1);
    assert.equal(frontier.nodes.length, 3);
    assert.equal(parseFrontier(serializeFrontier(frontier)).size, size + 1);
  });

  it('refuses bytes that do not fit their size', () => {
    const frontier = createFrontier();
    for (const leaf of leaves.slice(0, 3)) appendLeafHash(frontier, leafHash(leaf));
    const bytes = serializeFrontier(frontier);
    refused(() => parseFrontier(bytes.subarray(0, 7)), 'frontier-malformed');
    refused(() => parseFrontier(bytes.subarray(0, bytes.length - 1)), 'frontier-malformed');
    refused(() => parseFrontier(bytes.subarray(0, bytes.length - 32)), 'frontier-malformed');
    refused(() => parseFrontier(Buffer.concat([bytes, Buffer.alloc(32)])), 'frontier-malformed');
    refused(() => parseFrontier(Buffer.alloc(8, 0xff)), 'frontier-malformed');
  });

  it('refuses what is no hash', () => {
    refused(() => appendLeafHash(createFrontier(), Buffer.alloc(31)), 'hash-malformed');
  });
});
