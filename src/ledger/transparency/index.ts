/**
 * The transparency log: tree, tiles, notes, checkpoints, proofs. Pure code; keys,
 * times and readers are arguments. What is not listed here is private.
 */
export { TRANSPARENCY_ERROR_CODES, TransparencyError, type TransparencyErrorCode } from './errors.ts';
export { emptyRoot, HASH_BYTES, leafHash, nodeHash } from './hash.ts';
export {
  appendLeafHash,
  cloneFrontier,
  createFrontier,
  type Frontier,
  frontierRoot,
  type NodeListener,
  parseFrontier,
  serializeFrontier,
} from './frontier.ts';
export { consistencyProof, inclusionProof, treeHead } from './merkle.ts';
export { type ConsistencyClaim, type InclusionClaim, verifyConsistency, verifyInclusion } from './verify.ts';
export {
  entriesPath,
  parseTilePath,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileCoordinate,
  tileHead,
  tileHashes,
  tilePath,
  type TileResource,
  tilesForGrowth,
  tilesOf,
  tileWidth,
} from './tiles.ts';
export {
  createTileEdge,
  growTiles,
  partialTilesOf,
  type Tile,
  type TileEdge,
  tileEdgeOf,
  tileEdgeRoot,
} from './tile-edge.ts';
export { decodeEntryBundle, encodeEntryBundle, MAX_LEAF_BYTES, requireLeafLength } from './entry-bundle.ts';
export {
  consistencyProofFromTiles,
  frontierFromTiles,
  inclusionProofFromTiles,
  leafHashFromTiles,
  type TileReader,
  treeHeadFromTiles,
} from './tile-proofs.ts';
export {
  formatVerifierKey,
  generateNoteKey,
  type NoteKeyPair,
  type NoteSigner,
  type NoteVerifier,
  parseSignerKey,
  parseVerifierKey,
} from './note-key.ts';
export { type NoteSignature, type OpenedNote, openNote, parseNote, signNote, type UnverifiedNote } from './note.ts';
export {
  type Checkpoint,
  type CheckpointClaim,
  formatCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts';
export { cosignatureTime, cosigner, parseCosignerKey } from './cosignature.ts';
export {
  type ProofBundle,
  proofBundleFromJson,
  type ProofBundleJson,
  proofBundleToJson,
  verifyProofBundle,
} from './proof-bundle.ts';
