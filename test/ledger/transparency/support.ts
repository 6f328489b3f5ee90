import assert from 'node:assert/strict';

import {
  createTileEdge,
  growTiles,
  leafHash,
  type Tile,
  TransparencyError,
  type TransparencyErrorCode,
  type TileReader,
} from '../../../src/ledger/transparency/index.ts';

/** Leaves that differ in bytes and in length. */
export function makeLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i} `.repeat((i % 3) + 1)));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function hexes(list: readonly Uint8Array[]): string[] {
  return list.map(hex);
}

/** Every single-step corruption of a list of hashes: a flipped bit, a missing, a doubled, a swapped, an added one. */
export function corruptions(proof: readonly Uint8Array[]): Uint8Array[][] {
  const flipped = proof.map((hash, i) => proof.with(i, flip(hash, i)));
  const missing = proof.map((_, i) => proof.toSpliced(i, 1));
  const doubled = proof.map((hash, i) => proof.toSpliced(i, 0, hash));
  const swapped = proof.slice(1).map((hash, i) => proof.with(i, hash).with(i + 1, proof[i]!));
  return [...flipped, ...missing, ...doubled, ...swapped, [...proof, Buffer.alloc(32)], [Buffer.alloc(32), ...proof]];
}

/** A copy with one bit turned over. */
export function flip(bytes: Uint8Array, seed = 0): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = seed % copy.length;
  copy[at] = copy[at]! ^ (1 << seed % 8);
  return copy;
}

/** Asserts that the action is refused with one of the codes. */
export function refused(action: () => unknown, ...codes: readonly TransparencyErrorCode[]): void {
  assert.throws(action, (error) => error instanceof TransparencyError && codes.includes(error.code), codes.join(' or '));
}

/** The same for a promise. */
export async function refusedLater(action: Promise<unknown>, code: TransparencyErrorCode): Promise<void> {
  await assert.rejects(action, (error) => error instanceof TransparencyError && error.code === code, code);
}

/** A tile store that keeps every tile that the growth of a log publishes, and counts reads. */
export function tileStore(leaves: readonly Uint8Array[], groups: readonly number[] = [leaves.length]) {
  const tiles = new Map<string, Tile>();
  let edge = createTileEdge();
  for (const group of groups) {
    const grown = growTiles(edge, leaves.slice(edge.size, edge.size + group).map(leafHash));
    edge = grown.edge;
    for (const tile of grown.tiles) tiles.set(`${tile.level}/${tile.index}`, tile);
  }
  const reads: string[] = [];
  const read: TileReader = async (level, index, width) => {
    reads.push(`${level}/${index}`);
    const tile = tiles.get(`${level}/${index}`);
    assert.ok(tile !== undefined && tile.width >= width, `tile ${level}/${index} of width ${width} exists`);
    return tile.bytes.subarray(0, width * 32);
  };
  return { tiles, edge, reads, read };
}
