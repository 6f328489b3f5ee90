import { jsonOf } from './commitment.ts';
import { parseLeaf } from './leaf.ts';
import { openCheckpoint } from './log-keys.ts';
import type { LogKey } from './log-keys.ts';
import { LedgerError } from './port.ts';
import { inclusionProofFromTiles, proofBundleToJson, TILE_WIDTH } from './transparency/index.ts';
import type { ProofBundleJson, TileReader } from './transparency/index.ts';
import type { StoredEvent } from './verify.ts';

/** A stored part opened: SHA-256 over salt and UTF-8 text is the commitment in the leaf. */
export interface OpenedPart { readonly salt: string; readonly text: string }

/** An event as proofs and exports show it. */
export interface ExportedEvent {
  readonly position: number;
  /** What the leaf says, readable. */
  readonly leaf: unknown;
  /** The exact bytes of the leaf, base64. */
  readonly leafBytes: string;
  /** Absent when the event has none, or it was erased. */
  readonly content?: OpenedPart;
  readonly personal?: OpenedPart;
}

/** What `waybill ledger prove` writes: a proof bundle (test/go/README.md) with the events that it is about. */
export interface CaseProof extends ProofBundleJson {
  readonly caseId: string;
  readonly ledgerId: string;
  readonly origin: string;
  readonly events: readonly ExportedEvent[];
  /** Positions that no checkpoint covers yet. */
  readonly unsigned: readonly number[];
}

/** What is needed to prove. */
export interface ProofSource {
  readonly ledgerId: string;
  readonly keys: readonly LogKey[];
  /** Newest signed checkpoint. */
  readonly checkpoint: string;
  readonly events: readonly StoredEvent[];
  readonly readTile: TileReader;
}

function opened(stored: string | null): OpenedPart | undefined {
  return stored === null ? undefined : { salt: stored.slice(0, stored.length - jsonOf(stored).length), text: jsonOf(stored) };
}

/** @param withPersonal also show personal content */
export function exportEvent(event: StoredEvent, withPersonal: boolean): ExportedEvent {
  const content = opened(event.content);
  const personal = withPersonal ? opened(event.personal) : undefined;
  const bytes = Buffer.from(event.leaf);
  return {
    position: event.position, leaf: parseLeaf(bytes.toString('utf8')), leafBytes: bytes.toString('base64'),
    ...(content === undefined ? {} : { content }), ...(personal === undefined ? {} : { personal }),
  };
}

/**
 * Proves that the events of a case are in the log.
 * @throws LedgerError `corrupt` when the checkpoint is none of this ledger's; TransparencyError
 */
export async function proveCase(caseId: string, source: ProofSource, withPersonal: boolean): Promise<CaseProof> {
  const checkpoint = openCheckpoint(source.checkpoint, source.keys);
  const key = source.keys.find((candidate) => candidate.origin === checkpoint?.origin);
  if (checkpoint === undefined || key === undefined) throw new LedgerError('corrupt', 'The newest checkpoint is not of this ledger. Run `waybill ledger verify`.');
  const { size, origin } = checkpoint;
  const signed = source.events.filter((event) => event.position <= size);
  const inclusion = [];
  for (const event of signed) {
    inclusion.push({ index: event.position - 1, leaf: event.leaf, proof: await inclusionProofFromTiles(source.readTile, event.position - 1, size) });
  }
  return {
    caseId, ledgerId: source.ledgerId, origin,
    ...proofBundleToJson({ verifierKey: key.verifierKey, checkpoint: source.checkpoint, leaves: [], inclusion, consistency: [] }),
    events: source.events.map((event) => exportEvent(event, withPersonal)),
    unsigned: source.events.filter((event) => event.position > size).map((event) => event.position),
  };
}

/** Cuts stored tiles to the width that is asked for. */
export function tileReader(tile: (level: number, index: number) => Uint8Array | undefined): TileReader {
  return (level, index, width) => {
    const bytes = tile(level, index);
    if (bytes === undefined || bytes.length < width * 32 || width > TILE_WIDTH) {
      return Promise.reject(new LedgerError('corrupt', `Tile ${level}/${index} is missing. Run \`waybill ledger verify\`.`));
    }
    return Promise.resolve(bytes.subarray(0, width * 32));
  };
}
