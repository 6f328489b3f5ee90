import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../port.ts';
import { claimOf, openCheckpoint } from '../log-keys.ts';
import type { LogKey } from '../log-keys.ts';
import { createTileEdge, growTiles, leafHash, partialTilesOf, signCheckpoint, tileEdgeOf, tileEdgeRoot, TILE_WIDTH } from '../transparency/index.ts';
import type { NoteSigner, Tile, TileEdge } from '../transparency/index.ts';
import { logCheckpoint, newestLoggedCheckpoint } from './checkpoint-log.ts';
import { StatementCache } from './database.ts';
import type { Row } from './database.ts';

/** While events come, a checkpoint is signed at the latest after so many ms or events (PROTOCOL §6). */
export const checkpointEvery = { ms: 1_000, events: 4_096 } as const;

/** What a ledger is behind: the newest checkpoint that is known outside of the database. */
export interface Behind { readonly knownSize: number; readonly foundSize: number; readonly reason: string }

/** All keys of the log, oldest incarnation first. */
export function logKeys(db: DatabaseSync): LogKey[] {
  const rows = db.prepare('SELECT incarnation, origin, verifier_key FROM log_keys ORDER BY incarnation').all() as Row[];
  return rows.map((row) => ({ incarnation: Number(row['incarnation']), origin: String(row['origin']), verifierKey: String(row['verifier_key']) }));
}

/**
 * The sequencer: takes committed events into the Merkle tree in position order (tree index = position - 1) and signs
 * checkpoints. Tiles and checkpoints are written in a transaction of their own, so that an event's acknowledgement never
 * waits for the tree.
 */
export class TreeSequencer {
  readonly #db: DatabaseSync;
  readonly #cache: StatementCache;
  readonly #logPath: string;
  #edge: TileEdge = createTileEdge();
  #pending: Uint8Array[] = [];
  #checkpointSize = 0;
  #firstPendingAt = 0;

  /**
   * Puts the tree's right edge together from the stored tiles and checks it against the newest checkpoint, then takes in
   * what was committed after that.
   * @throws LedgerError `corrupt` when the disk does not hold what was signed
   */
  constructor(db: DatabaseSync, logPath: string) {
    this.#db = db;
    this.#cache = new StatementCache(db);
    this.#logPath = logPath;
    const note = this.newestCheckpoint();
    if (note !== undefined) this.#restore(note);
    for (const row of this.#cache.prepare('SELECT leaf FROM events WHERE position > ? ORDER BY position').iterate(this.#edge.size)) {
      this.#pending.push(leafHash(row['leaf'] as Uint8Array));
    }
    if (this.#pending.length > 0) this.#firstPendingAt = Date.now();
  }

  /** Number of leaves, signed or not. */
  get size(): number { return this.#edge.size + this.#pending.length; }
  get checkpointSize(): number { return this.#checkpointSize; }

  newestCheckpoint(): string | undefined {
    const row = this.#cache.get('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1');
    return row === undefined ? undefined : String(row['note']);
  }

  /** Takes in leaves that are durable. */
  add(leaves: readonly Uint8Array[], now: number): void {
    if (leaves.length === 0) return;
    if (this.#pending.length === 0) this.#firstPendingAt = now;
    for (const leaf of leaves) this.#pending.push(leafHash(leaf));
  }

  /** Milliseconds until a checkpoint has to be signed; undefined when there is nothing to sign. */
  dueIn(now: number, batchRows: number): number | undefined {
    if (this.size === this.#checkpointSize) return undefined;
    if (this.size - this.#checkpointSize + batchRows > checkpointEvery.events) return 0;
    return Math.max(0, this.#firstPendingAt + checkpointEvery.ms - now);
  }

  /** Signs a checkpoint of everything that was taken in and makes it durable, in the database and in the log outside. */
  checkpoint(signer: NoteSigner, at: string): { readonly note: string; readonly size: number } {
    const { edge, tiles } = growTiles(this.#edge, this.#pending);
    const note = signCheckpoint({ origin: signer.name, size: edge.size, root: tileEdgeRoot(edge) }, [signer]);
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      this.#saveTiles(tiles);
      this.#cache.prepare('INSERT INTO checkpoints(size, note, signed_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET note = excluded.note, signed_at = excluded.signed_at')
        .run(edge.size, note, at);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#edge = edge;
    this.#pending = [];
    this.#checkpointSize = edge.size;
    logCheckpoint(this.#logPath, note);
    return { note, size: edge.size };
  }

  /**
   * Compares with the newest checkpoint known outside of the database.
   * @returns why the ledger is behind it, or undefined when it holds everything that checkpoint witnessed
   */
  behind(keys: readonly LogKey[]): Behind | undefined {
    const note = newestLoggedCheckpoint(this.#logPath);
    if (note === undefined) return undefined;
    const foundSize = this.size;
    const known = openCheckpoint(note, keys);
    if (known === undefined) {
      const { origin, size } = claimOf(note);
      return { knownSize: size, foundSize, reason: `a checkpoint of ${origin} over ${size} events was issued here, which this ledger does not know` };
    }
    if (known.size > foundSize) return { knownSize: known.size, foundSize, reason: `a checkpoint over ${known.size} events was issued, but the ledger holds ${foundSize}` };
    if (Buffer.compare(known.root, this.#rootAt(known.size)) === 0) return undefined;
    return { knownSize: known.size, foundSize, reason: `the first ${known.size} events are not those that a checkpoint was issued over` };
  }

  #rootAt(size: number): Uint8Array {
    if (size >= this.#edge.size) return tileEdgeRoot(growTiles(this.#edge, this.#pending.slice(0, size - this.#edge.size)).edge);
    const partials = partialTilesOf(size).map(({ level, index, width }) => this.#tile(level, index, width));
    return tileEdgeRoot(tileEdgeOf(size, partials));
  }

  #restore(note: string): void {
    const checkpoint = openCheckpoint(note, logKeys(this.#db));
    if (checkpoint === undefined) throw new LedgerError('corrupt', 'The ledger\'s newest checkpoint is of another ledger. Run `waybill ledger verify`.');
    const { size } = checkpoint;
    const events = Number(this.#cache.get('SELECT coalesce(max(position), 0) AS last FROM events')?.['last']);
    if (events < size) throw new LedgerError('corrupt', `The ledger holds ${events} events, but its own newest checkpoint covers ${size}: rows are missing. Run \`waybill ledger verify\`.`);
    const edge = tileEdgeOf(size, partialTilesOf(size).map(({ level, index, width }) => this.#tile(level, index, width)));
    const inTiles = edge.levels[0] ?? [];
    const inEvents = this.#leafHashes(size - (size % TILE_WIDTH), size);
    const same = inTiles.length === inEvents.length && inTiles.every((hash, i) => Buffer.compare(hash, inEvents[i]!) === 0);
    if (!same || Buffer.compare(tileEdgeRoot(edge), checkpoint.root) !== 0) {
      throw new LedgerError('corrupt', `The ledger's events or tiles are not those that its checkpoint over ${size} events was signed for. Run \`waybill ledger verify\`.`);
    }
    this.#edge = edge;
    this.#checkpointSize = size;
  }

  #leafHashes(from: number, to: number): Uint8Array[] {
    return this.#cache.all('SELECT leaf FROM events WHERE position > ? AND position <= ? ORDER BY position', from, to).map((row) => leafHash(row['leaf'] as Uint8Array));
  }

  #tile(level: number, index: number, width: number): Uint8Array {
    if (width === 0) return new Uint8Array();
    const row = this.#cache.get('SELECT bytes FROM tiles WHERE level = ? AND idx = ?', level, index);
    const bytes = row === undefined ? new Uint8Array() : row['bytes'] as Uint8Array;
    if (bytes.length < width * 32) throw new LedgerError('corrupt', `Tile ${level}/${index} of the ledger's tree is missing or cut short. Run \`waybill ledger verify\`.`);
    return bytes.subarray(0, width * 32);
  }

  #saveTiles(tiles: readonly Tile[]): void {
    const save = this.#cache.prepare('INSERT INTO tiles(level, idx, bytes) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes');
    for (const { level, index, bytes } of tiles) save.run(level, index, bytes);
  }
}
