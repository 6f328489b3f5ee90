/**
 * Entry bundles (C2SP tlog-tiles, "Log entries"): up to 256 leaves, each behind
 * its length as a big-endian uint16. Their hashes are those of the level 0 tile
 * with the same index and width.
 */
import { TransparencyError } from './errors.ts';
import { TILE_WIDTH } from './tiles.ts';

/** Bytes of the longest leaf: the length is a uint16 (PROTOCOL: a leaf is at most 65,535 bytes). */
export const MAX_LEAF_BYTES = 0xffff;

const LENGTH_BYTES = 2;

/** Refuses a leaf that no entry bundle can hold, with `leaf-too-long`. Call it before a leaf is stored. */
export function requireLeafLength(leaf: Uint8Array): void {
  if (leaf.length > MAX_LEAF_BYTES) {
    throw new TransparencyError('leaf-too-long', `a leaf of ${leaf.length} bytes is over ${MAX_LEAF_BYTES}`);
  }
}

/**
 * The bytes of a bundle of 1 to 256 leaves, in order.
 * @throws TransparencyError `leaf-too-long`, `bundle-malformed`
 */
export function encodeEntryBundle(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length < 1 || leaves.length > TILE_WIDTH) {
    throw new TransparencyError('bundle-malformed', `a bundle holds 1 to ${TILE_WIDTH} entries, not ${leaves.length}`);
  }
  const parts = leaves.flatMap((leaf) => {
    requireLeafLength(leaf);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(leaf.length);
    return [length, leaf];
  });
  return Buffer.concat(parts);
}

/**
 * The leaves of a bundle, as views into its bytes. `width`, when given, is how
 * many the path of the bundle announced.
 * @throws TransparencyError `bundle-malformed`
 */
export function decodeEntryBundle(bytes: Uint8Array, width?: number): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES;
    // A missing second length byte reads as 0 and is caught by the comparison below.
    const end = start + (bytes[at]! << 8) + (bytes[at + 1] ?? 0);
    if (end > bytes.length) throw new TransparencyError('bundle-malformed', 'the bundle ends inside an entry');
    leaves.push(bytes.subarray(start, end));
    at = end;
  }
  if (leaves.length < 1 || leaves.length > TILE_WIDTH || (width !== undefined && leaves.length !== width)) {
    throw new TransparencyError('bundle-malformed', `the bundle holds ${leaves.length} entries, not ${width ?? '1 to 256'}`);
  }
  return leaves;
}
