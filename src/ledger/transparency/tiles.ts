/**
 * Tiles of a log (C2SP tlog-tiles, height 8): which ones a tree has, what a growth
 * of the tree changes, and their paths. Tile (level, index) lists up to 256 heads
 * of subtrees with 256^level leaves each, 32 bytes a head.
 */
import { TransparencyError } from './errors.ts';
import { foldSubtrees } from './frontier.ts';
import { HASH_BYTES, nodeHash, requireSize } from './hash.ts';
import { requireSizes } from './merkle.ts';

/** Tree levels that one tile spans. */
export const TILE_HEIGHT = 8;
/** Hashes, or entries, in a full tile or bundle. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;
/** Highest tile level of the specification ("Merkle Tree"). */
const MAX_TILE_LEVEL = 63;

/** A hash tile. An entry bundle has the index and width of the level 0 tile over the same leaves. */
export interface TileCoordinate {
  /** 0 for leaf hashes. */
  readonly level: number;
  readonly index: number;
  /** 1 to 256; 256 is a full tile. */
  readonly width: number;
}

/** What a tile path names. */
export type TileResource = TileCoordinate & { readonly kind: 'hashes' | 'entries' };

/** `tile/<L>/<N>[.p/<W>]`. @throws TransparencyError `tile-malformed` */
export function tilePath(tile: TileCoordinate): string {
  requireTile(tile);
  return `tile/${tile.level}/${indexPath(tile.index)}${partialSuffix(tile.width)}`;
}

/** `tile/entries/<N>[.p/<W>]`. @throws TransparencyError `tile-malformed` */
export function entriesPath(bundle: { readonly index: number; readonly width: number }): string {
  requireTile({ level: 0, ...bundle });
  return `tile/entries/${indexPath(bundle.index)}${partialSuffix(bundle.width)}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/**
 * Reads a tile or bundle path, in its one canonical form only.
 * @throws TransparencyError `tile-path-malformed`
 */
export function parseTilePath(path: string): TileResource {
  const match = PATH.exec(path);
  if (match === null) throw malformedPath(path);
  const [, place, groups, tail, partial] = match;
  const index = Number(`${groups!.replace(/[x/]/g, '')}${tail!}`);
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const kind = place === 'entries' ? 'entries' : 'hashes';
  const level = kind === 'entries' ? 0 : Number(place);
  const canonical =
    Number.isSafeInteger(index) &&
    level <= MAX_TILE_LEVEL &&
    (partial === undefined || width < TILE_WIDTH) &&
    `${groups!}${tail!}` === indexPath(index);
  if (!canonical) throw malformedPath(path);
  return { kind, level, index, width };
}

/**
 * How many hashes tile (level, index) holds in a tree of `size` leaves: 256 when
 * full, 0 when the tree has no such tile ("Partial Tiles").
 */
export function tileWidth(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(TILE_WIDTH, Math.max(0, hashes - index * TILE_WIDTH));
}

/** All tiles of a tree of `size` leaves, lowest level first. */
export function tilesOf(size: number): TileCoordinate[] {
  return tilesForGrowth(0, size);
}

/**
 * The tiles to publish when the tree grows from `oldSize` to `size`: those that
 * became full, and at each level the partial one when it changed; lowest level
 * first, ascending. Those of level 0 are also the entry bundles to publish.
 * @throws TransparencyError `argument-out-of-range`
 */
export function tilesForGrowth(oldSize: number, size: number): TileCoordinate[] {
  requireSizes(oldSize, size);
  const tiles: TileCoordinate[] = [];
  for (let level = 0; ; level += 1) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    if (hashes === 0) return tiles;
    const oldHashes = Math.floor(oldSize / TILE_WIDTH ** level);
    if (hashes === oldHashes) return tiles;
    for (let index = Math.floor(oldHashes / TILE_WIDTH); index * TILE_WIDTH < hashes; index += 1) {
      tiles.push({ level, index, width: tileWidth(level, index, size) });
    }
  }
}

/**
 * The head over the hashes of a tile, full or partial. That of a full tile is its
 * entry in the tile above ("Merkle Tree"); partial tiles are never hashed upwards.
 * @throws TransparencyError `tile-malformed`
 */
export function tileHead(bytes: Uint8Array): Uint8Array {
  return subtreeHead(tileHashes(bytes));
}

/** Splits the bytes of a tile into its 1 to 256 hashes. @throws TransparencyError `tile-malformed` */
export function tileHashes(bytes: Uint8Array): Uint8Array[] {
  const width = bytes.length / HASH_BYTES;
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new TransparencyError('tile-malformed', `${bytes.length} bytes are no tile`);
  }
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** MTH over 1 or more hashes that are themselves heads of equally large subtrees. */
export function subtreeHead(hashes: readonly Uint8Array[]): Uint8Array {
  return foldSubtrees(perfectHeads(hashes));
}

/** The heads of the perfect subtrees that a row of such hashes falls into, largest first. */
export function perfectHeads(hashes: readonly Uint8Array[]): Uint8Array[] {
  const heads: Uint8Array[] = [];
  let row = hashes;
  while (row.length > 0) {
    if (row.length % 2 === 1) heads.push(row.at(-1)!);
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) next.push(nodeHash(row[i]!, row[i + 1]!));
    row = next;
  }
  return heads.reverse();
}

function requireTile({ level, index, width }: TileCoordinate): void {
  requireSize(index, 'tile index');
  const levelFits = Number.isInteger(level) && level >= 0 && level <= MAX_TILE_LEVEL;
  const widthFits = Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH;
  if (!levelFits || !widthFits) {
    throw new TransparencyError('tile-malformed', `there is no tile of level ${level} and width ${width}`);
  }
}

/** Three digits a path element, all but the last marked with `x`: 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
}

function partialSuffix(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}

function malformedPath(path: string): TransparencyError {
  return new TransparencyError('tile-path-malformed', `${JSON.stringify(path)} is no tile path`);
}
