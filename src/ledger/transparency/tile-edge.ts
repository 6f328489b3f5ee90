/**
 * Growing the tiles of a log: the partial tile of every level is all that has to
 * be kept to go on. The tree head follows from it too, so that a sequencer needs
 * this or a `Frontier`, not both.
 */
import { foldSubtrees } from './frontier.ts';
import { HASH_BYTES, requireHash } from './hash.ts';
import { perfectHeads, subtreeHead, TILE_WIDTH, tileWidth, type TileCoordinate } from './tiles.ts';
import { TransparencyError } from './errors.ts';

/** The right edge of the tiles; a value, never changed in place. */
export interface TileEdge {
  /** Number of leaves. */
  readonly size: number;
  /** For each tile level the hashes of its partial tile, 0 to 255 of 32 bytes. */
  readonly levels: readonly (readonly Uint8Array[])[];
}

/** A tile with its content: `width` hashes, one after the other. */
export interface Tile extends TileCoordinate {
  readonly bytes: Uint8Array;
}

/** The edge of the empty tree. */
export function createTileEdge(): TileEdge {
  return { size: 0, levels: [] };
}

/**
 * Appends leaf hashes and gives the new edge with the tiles that
 * `tilesForGrowth(edge.size, edge.size + leafHashes.length)` lists, each with its
 * bytes. The upper levels are computed from the full tiles below.
 * @throws TransparencyError `hash-malformed`, `argument-out-of-range` (the tree is full)
 */
export function growTiles(
  edge: TileEdge,
  leafHashes: readonly Uint8Array[],
): { readonly edge: TileEdge; readonly tiles: Tile[] } {
  const size = edge.size + leafHashes.length;
  if (!Number.isSafeInteger(size)) throw new TransparencyError('argument-out-of-range', 'the tree is full');
  for (const hash of leafHashes) requireHash(hash, 'leaf hash');
  const levels: Uint8Array[][] = [];
  const tiles: Tile[] = [];
  let added: readonly Uint8Array[] = leafHashes;
  for (let level = 0; added.length > 0; level += 1) {
    const row = (edge.levels[level] ?? []).concat(added);
    const firstTile = Math.floor(edge.size / TILE_WIDTH ** (level + 1));
    const heads: Uint8Array[] = [];
    let done = 0;
    for (; done + TILE_WIDTH <= row.length; done += TILE_WIDTH) {
      const hashes = row.slice(done, done + TILE_WIDTH);
      tiles.push(tileOf(level, firstTile + done / TILE_WIDTH, hashes));
      heads.push(subtreeHead(hashes));
    }
    const partial = row.slice(done);
    if (partial.length > 0) tiles.push(tileOf(level, firstTile + done / TILE_WIDTH, partial));
    levels.push(partial);
    added = heads;
  }
  return { edge: { size, levels: [...levels, ...edge.levels.slice(levels.length)] }, tiles };
}

/** The tree head MTH(D[size]) of RFC 6962 §2.1, from at most 255 hashes a level. */
export function tileEdgeRoot(edge: TileEdge): Uint8Array {
  return foldSubtrees(edge.levels.toReversed().flatMap(perfectHeads));
}

/**
 * Puts an edge together again from the stored partial tiles of a tree: bytes of
 * tile level 0, 1, …, with an empty array where the tree has no partial tile.
 * @throws TransparencyError `tile-malformed`
 */
export function tileEdgeOf(size: number, partials: readonly Uint8Array[]): TileEdge {
  const levels = partialTilesOf(size).map(({ level, width }) => {
    const bytes = partials[level] ?? new Uint8Array();
    if (bytes.length !== width * HASH_BYTES) {
      throw new TransparencyError('tile-malformed', `the partial tile of level ${level} is not ${width} hashes`);
    }
    return Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  });
  return { size, levels };
}

/**
 * The rightmost tile of every level of a tree, where `width` 0 says that the level
 * has only full tiles: what has to be read to make a `TileEdge` at start-up.
 */
export function partialTilesOf(size: number): TileCoordinate[] {
  const tiles: TileCoordinate[] = [];
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level += 1) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    tiles.push({ level, index, width: tileWidth(level, index, size) });
  }
  return tiles;
}

function tileOf(level: number, index: number, hashes: readonly Uint8Array[]): Tile {
  return { level, index, width: hashes.length, bytes: Buffer.concat(hashes) };
}
