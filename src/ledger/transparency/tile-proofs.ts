/**
 * Roots and proofs from stored tiles. The reader does the I/O; what it returns is
 * checked for its length only, so a client that does not trust the source verifies
 * the result against a verified checkpoint (`verify.ts`).
 */
import { TransparencyError } from './errors.ts';
import { foldSubtrees, type Frontier } from './frontier.ts';
import { HASH_BYTES, requireSize } from './hash.ts';
import {
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  type NodeCoordinate,
  rangeNodes,
  requireIndex,
} from './merkle.ts';
import { subtreeHead, TILE_HEIGHT, TILE_WIDTH, tileHashes, tileWidth } from './tiles.ts';

/**
 * Gives the bytes of one hash tile, exactly `width` * 32 of them. `width` is what
 * the tile holds in the tree that is asked about; a source that has only the full
 * tile by now cuts it.
 */
export type TileReader = (level: number, index: number, width: number) => Promise<Uint8Array>;

/** The leaf hash at an index of the tree of `size` leaves. @throws TransparencyError, or what the reader throws */
export async function leafHashFromTiles(read: TileReader, index: number, size: number): Promise<Uint8Array> {
  requireIndex(index, size);
  const [hash] = await readNodes(read, [{ level: 0, index }], size);
  return hash!;
}

/** The head of the first `size` leaves. @throws TransparencyError, or what the reader throws */
export async function treeHeadFromTiles(read: TileReader, size: number): Promise<Uint8Array> {
  return foldSubtrees((await frontierFromTiles(read, size)).nodes);
}

/** The right edge of the first `size` leaves, to go on appending from. */
export async function frontierFromTiles(read: TileReader, size: number): Promise<Frontier> {
  requireSize(size, 'size');
  return { size, nodes: await readNodes(read, rangeNodes({ start: 0, end: size }), size) };
}

/** PATH(index, D[size]) of RFC 6962 §2.1.1. @throws TransparencyError, or what the reader throws */
export async function inclusionProofFromTiles(read: TileReader, index: number, size: number): Promise<Uint8Array[]> {
  return readRanges(read, inclusionRanges(index, size), size);
}

/** PROOF(oldSize, D[size]) of RFC 6962 §2.1.2. @throws TransparencyError, or what the reader throws */
export async function consistencyProofFromTiles(
  read: TileReader,
  oldSize: number,
  size: number,
): Promise<Uint8Array[]> {
  return readRanges(read, consistencyRanges(oldSize, size), size);
}

async function readRanges(read: TileReader, ranges: readonly LeafRange[], size: number): Promise<Uint8Array[]> {
  const nodes = ranges.map(rangeNodes);
  const hashes = await readNodes(read, nodes.flat(), size);
  let next = 0;
  return nodes.map(({ length }) => foldSubtrees(hashes.slice(next, (next += length))));
}

/** The heads of perfect subtrees; each tile that they lie in is read once, all at the same time. */
async function readNodes(read: TileReader, nodes: readonly NodeCoordinate[], size: number): Promise<Uint8Array[]> {
  const tiles = new Map<string, Promise<Uint8Array[]>>();
  const heads = nodes.map(async (node) => {
    const level = Math.floor(node.level / TILE_HEIGHT);
    const span = 2 ** (node.level % TILE_HEIGHT);
    const first = node.index * span;
    const index = Math.floor(first / TILE_WIDTH);
    const key = `${level}/${index}`;
    let tile = tiles.get(key);
    if (tile === undefined) {
      tile = readTile(read, level, index, tileWidth(level, index, size));
      tiles.set(key, tile);
    }
    const offset = first - index * TILE_WIDTH;
    return subtreeHead((await tile).slice(offset, offset + span));
  });
  return Promise.all(heads);
}

async function readTile(read: TileReader, level: number, index: number, width: number): Promise<Uint8Array[]> {
  const bytes = await read(level, index, width);
  if (bytes.length !== width * HASH_BYTES) {
    throw new TransparencyError(
      'tile-malformed',
      `tile ${level}/${index} has ${bytes.length} bytes, not ${width} hashes`,
    );
  }
  return tileHashes(bytes);
}
