import { commitmentOf, isSaltedText } from './commitment.ts';
import { parseLeaf } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import { claimOf, isCosigned, openCheckpoint } from './log-keys.ts';
import type { LogKey } from './log-keys.ts';
import { appendLeafHash, createFrontier, frontierRoot, leafHash, tileHead, tilesOf, TILE_WIDTH } from './transparency/index.ts';
import type { Checkpoint } from './transparency/index.ts';

/** An event exactly as it is stored. */
export interface StoredEvent {
  readonly position: number;
  readonly streamId: string;
  readonly version: number;
  readonly type: string;
  readonly leaf: Uint8Array;
  readonly content: string | null;
  readonly personal: string | null;
}

/** What there is to verify, as one moment of a ledger shows it. An engine provides it. */
export interface LedgerSource {
  readonly ledgerId: string;
  readonly keys: readonly LogKey[];
  /** In position order. */
  events(): Iterable<StoredEvent>;
  /** Bytes of a stored tile, which may be wider than at an older size. */
  tile(level: number, index: number): Uint8Array | undefined;
  /** In the order of their sizes. */
  checkpoints(): Iterable<{ readonly size: number; readonly note: string; readonly signedAt: string }>;
  /** Streams whose versions are not 1, 2, 3… */
  streamGaps(): Iterable<{ readonly streamId: string; readonly count: number; readonly first: number; readonly last: number }>;
  /** Newest checkpoint known outside of the database. */
  readonly loggedCheckpoint: string | undefined;
}

export type FindingCode =
  | 'leaf-changed' | 'row-missing' | 'row-moved' | 'column-changed' | 'leaf-unreadable' | 'foreign-leaf' | 'content-changed' | 'content-unexpected'
  | 'stream-gap' | 'time-decreased' | 'tile-changed' | 'tile-missing' | 'checkpoint-invalid' | 'checkpoint-root' | 'behind-checkpoint' | 'projection-differs' | 'file-damaged'
  | 'attachment-missing' | 'attachment-changed';

/** Something that is not as it must be. `message` names it for a person. */
export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly position?: number;
  readonly streamId?: string;
  readonly table?: string;
}

export interface VerifyReport {
  readonly events: number;
  readonly checkpoints: number;
  /** Events that the newest good checkpoint covers. */
  readonly signed: number;
  /** Parts (content or personal content) that were erased; their commitments still stand. */
  readonly erased: number;
  readonly findings: readonly Finding[];
  /** Findings beyond the first {@link namedFindings}. */
  readonly more: number;
  /** Since when nobody but the log itself vouches for it; undefined when the newest checkpoint is cosigned, or there is no event. */
  readonly unwitnessedSince?: string;
}

/** So many findings are named. */
export const namedFindings = 100;

interface Mismatch { readonly event: StoredEvent; readonly hash: Uint8Array; readonly inTile: Uint8Array }

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const nameOf = (event: StoredEvent): string => `event ${event.position} (${event.type}, version ${event.version} of case ${event.streamId})`;

/**
 * Verifies a ledger: every leaf's hash, commitments, columns against leaves, stream versions, tiles, and every checkpoint's
 * signature and root (RFC 6962 §2.1). Does no I/O of its own.
 *
 * A leaf and the tile that lists its hash are told apart by what was signed: whichever of the two leads to the signed root is right.
 */
export function verifyLedger(source: LedgerSource): VerifyReport {
  return new Verification(source).run();
}

class Verification {
  readonly #source: LedgerSource;
  readonly #findings: Finding[] = [];
  #more = 0;
  #erased = 0;
  #count = 0;
  #lastTime = '';
  #firstTime: string | undefined;
  readonly #byLeaves = createFrontier();
  readonly #byTiles = createFrontier();
  readonly #mismatches: Mismatch[] = [];
  /** Events after a gap beyond the newest checkpoint: perhaps one of those that are missing. */
  readonly #strays: { readonly event: StoredEvent; readonly hash: Uint8Array }[] = [];
  #gaps = false;
  readonly #missing: { position: number; inTile: Uint8Array | undefined }[] = [];
  /** Newest sizes at which leaves, or tiles, led to the signed root. */
  #leavesGood = 0;
  #tilesGood = 0;
  #tile: { index: number; bytes: Uint8Array | undefined } | undefined;

  constructor(source: LedgerSource) {
    this.#source = source;
  }

  run(): VerifyReport {
    const checkpoints = this.#openCheckpoints();
    const next = checkpoints[Symbol.iterator]();
    let upcoming = next.next();
    const signed = checkpoints.at(-1)?.size ?? 0;
    const judge = (): void => {
      while (!upcoming.done && upcoming.value.size <= this.#byLeaves.size) {
        this.#judgeRoot(upcoming.value);
        upcoming = next.next();
      }
    };
    judge();
    let expected = 1;
    for (const event of this.#source.events()) {
      for (; expected < event.position && expected <= signed; expected += 1) {
        this.#skip(expected);
        judge();
      }
      if (expected < event.position) this.#gap(expected, event.position - 1);
      this.#event(event, signed);
      judge();
      expected = event.position + 1;
    }
    for (; expected <= signed; expected += 1) {
      this.#skip(expected);
      judge();
    }
    this.#judgeMismatches();
    this.#streams();
    this.#tiles(signed);
    const since = this.#unwitnessedSince();
    return {
      events: this.#count, checkpoints: checkpoints.filter((checkpoint) => !checkpoint.outside).length, signed: Math.max(this.#leavesGood, this.#tilesGood), erased: this.#erased, findings: this.#findings, more: this.#more,
      ...(since === undefined ? {} : { unwitnessedSince: since }),
    };
  }

  #find(finding: Finding): void {
    if (this.#findings.length < namedFindings) this.#findings.push(finding);
    else this.#more += 1;
  }

  /** Good checkpoints by size, the one outside of the database among them. */
  #openCheckpoints(): (Checkpoint & { readonly outside: boolean })[] {
    const good: (Checkpoint & { outside: boolean })[] = [];
    const open = (note: string, what: string, outside: boolean): void => {
      try {
        const checkpoint = openCheckpoint(note, this.#source.keys);
        if (checkpoint !== undefined) good.push({ ...checkpoint, outside });
        else if (outside) this.#find({ code: 'behind-checkpoint', message: `${what} is of ${claimOf(note).origin} over ${claimOf(note).size} events, which this ledger does not know: it is a restored backup or another ledger` });
        else this.#find({ code: 'checkpoint-invalid', table: 'checkpoints', message: `${what} is of ${claimOf(note).origin}, another log` });
      } catch (error) {
        this.#find({ code: 'checkpoint-invalid', table: 'checkpoints', message: `${what} is no good: ${(error as Error).message}` });
      }
    };
    for (const { size, note } of this.#source.checkpoints()) open(note, `the checkpoint stored for size ${size}`, false);
    if (this.#source.loggedCheckpoint !== undefined) open(this.#source.loggedCheckpoint, 'the newest checkpoint outside of the database', true);
    return good.sort((a, b) => a.size - b.size);
  }

  #judgeRoot(checkpoint: Checkpoint & { readonly outside: boolean }): void {
    const { size, root, outside } = checkpoint;
    const leaves = same(root, frontierRoot(this.#byLeaves));
    const tiles = same(root, frontierRoot(this.#byTiles));
    const before = Math.max(this.#leavesGood, this.#tilesGood);
    if (leaves) this.#leavesGood = size;
    if (tiles) this.#tilesGood = size;
    if (leaves || tiles) return;
    this.#find({
      code: outside && size > this.#count ? 'behind-checkpoint' : 'checkpoint-root', table: 'events',
      message: `the ${outside ? 'checkpoint outside of the database' : 'checkpoint'} over ${size} events was signed for others: something in events ${before + 1} to ${size} was changed after it was signed`,
    });
  }

  #skip(position: number): void {
    const inTile = this.#hashInTile(position - 1);
    this.#missing.push({ position, inTile });
    appendLeafHash(this.#byLeaves, new Uint8Array(32));
    appendLeafHash(this.#byTiles, inTile ?? new Uint8Array(32));
  }

  /** Positions beyond the newest checkpoint that are not there. */
  #gap(from: number, to: number): void {
    this.#gaps = true;
    this.#find({ code: 'row-missing', position: from, table: 'events', message: from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing` });
  }

  #event(event: StoredEvent, signed: number): void {
    this.#count += 1;
    const hash = leafHash(event.leaf);
    const inTile = event.position <= signed ? this.#hashInTile(event.position - 1) : undefined;
    if (inTile !== undefined && !same(hash, inTile)) this.#mismatches.push({ event, hash, inTile });
    if (event.position <= signed) {
      appendLeafHash(this.#byLeaves, hash);
      appendLeafHash(this.#byTiles, inTile ?? hash);
    } else if (this.#gaps && this.#strays.length < namedFindings) {
      this.#strays.push({ event, hash });
    }
    let leaf: Leaf;
    try {
      leaf = parseLeaf(Buffer.from(event.leaf).toString('utf8'));
    } catch (error) {
      this.#find({ code: 'leaf-unreadable', position: event.position, streamId: event.streamId, table: 'events', message: `${nameOf(event)}: ${(error as Error).message}` });
      return;
    }
    this.#columns(event, leaf);
    this.#commitments(event, leaf);
  }

  #columns(event: StoredEvent, leaf: Leaf): void {
    const at = { position: event.position, streamId: event.streamId, table: 'events' };
    const columns: [string, unknown, unknown][] = [['stream_id', event.streamId, leaf.streamId], ['version', event.version, leaf.version], ['type', event.type, leaf.type.split('@')[0]]];
    for (const [column, stored, inLeaf] of columns) {
      if (stored !== inLeaf) this.#find({ code: 'column-changed', ...at, message: `${nameOf(event)}: column ${column} says ${String(stored)}, the leaf says ${String(inLeaf)}` });
    }
    if (leaf.ledgerId !== this.#source.ledgerId) this.#find({ code: 'foreign-leaf', ...at, message: `${nameOf(event)} is of ledger ${leaf.ledgerId}, not of this one` });
    if (leaf.recordedAt < this.#lastTime) this.#find({ code: 'time-decreased', ...at, message: `${nameOf(event)} was recorded at ${leaf.recordedAt}, before its predecessor (${this.#lastTime})` });
    this.#lastTime = leaf.recordedAt;
    this.#firstTime ??= leaf.recordedAt;
  }

  #commitments(event: StoredEvent, leaf: Leaf): void {
    const at = { position: event.position, streamId: event.streamId, table: 'events' };
    for (const [column, stored, commitment] of [['content', event.content, leaf.commit?.business], ['personal', event.personal, leaf.commit?.personal]] as const) {
      if (stored === null) {
        if (commitment !== undefined) this.#erased += 1;
      } else if (commitment === undefined) {
        this.#find({ code: 'content-unexpected', ...at, message: `${nameOf(event)}: column ${column} holds something that the leaf does not commit to` });
      } else if (!isSaltedText(stored) || commitmentOf(stored) !== commitment) {
        this.#find({ code: 'content-changed', ...at, message: `${nameOf(event)}: column ${column} was changed, it does not fit its commitment in the leaf` });
      }
    }
  }

  #judgeMismatches(): void {
    const places = new Map<string, number>();
    const key = (hash: Uint8Array): string => Buffer.from(hash).toString('base64');
    for (const { inTile, event } of this.#mismatches) places.set(key(inTile), event.position);
    for (const { inTile, position } of this.#missing) if (inTile !== undefined) places.set(key(inTile), position);
    const found = new Set<number>();
    for (const { event, hash } of this.#strays) {
      const place = places.get(key(hash));
      if (place === undefined) continue;
      found.add(place);
      this.#moved(event, place);
    }
    for (const { event, hash } of this.#mismatches) {
      const place = places.get(key(hash));
      const at = { position: event.position, streamId: event.streamId };
      if (place !== undefined) {
        found.add(place);
        this.#moved(event, place);
      } else if (this.#leavesGood >= event.position) {
        this.#find({ code: 'tile-changed', ...at, table: 'tiles', message: `tile 0/${Math.floor((event.position - 1) / TILE_WIDTH)} was changed: its hash of ${nameOf(event)} is wrong, the event itself is what was signed` });
      } else {
        this.#find({ code: 'leaf-changed', ...at, table: 'events', message: `${nameOf(event)}: its leaf was changed after it was signed` });
      }
    }
    for (const { position } of this.#missing) {
      this.#find({ code: 'row-missing', position, table: 'events', message: `event ${position} is missing${found.has(position) ? ' from its place' : ''}` });
    }
  }

  #moved(event: StoredEvent, place: number): void {
    this.#find({ code: 'row-moved', position: event.position, streamId: event.streamId, table: 'events', message: `${nameOf(event)} was moved: it was signed at position ${place}` });
  }

  #streams(): void {
    for (const { streamId, count, first, last } of this.#source.streamGaps()) {
      this.#find({ code: 'stream-gap', streamId, table: 'events', message: `case ${streamId} holds ${count} events with versions ${first} to ${last}: ${last - count} missing or numbered wrongly` });
    }
  }

  #tiles(size: number): void {
    for (const { level, index, width } of tilesOf(size)) {
      const bytes = this.#source.tile(level, index);
      if (bytes === undefined || bytes.length < width * 32) {
        this.#find({ code: 'tile-missing', table: 'tiles', message: `tile ${level}/${index} is ${bytes === undefined ? 'missing' : 'cut short'}` });
        continue;
      }
      for (let i = 0; level > 0 && i < width; i += 1) {
        const below = this.#source.tile(level - 1, index * TILE_WIDTH + i);
        if (below?.length === TILE_WIDTH * 32 && !same(tileHead(below), bytes.subarray(i * 32, i * 32 + 32))) {
          this.#find({ code: 'tile-changed', table: 'tiles', message: `tile ${level}/${index} does not fit tile ${level - 1}/${index * TILE_WIDTH + i} below it: one of the two was changed` });
        }
      }
    }
  }

  #hashInTile(index: number): Uint8Array | undefined {
    const tile = Math.floor(index / TILE_WIDTH);
    if (this.#tile?.index !== tile) this.#tile = { index: tile, bytes: this.#source.tile(0, tile) };
    const offset = (index % TILE_WIDTH) * 32;
    const { bytes } = this.#tile;
    return bytes === undefined || bytes.length < offset + 32 ? undefined : bytes.slice(offset, offset + 32);
  }

  #unwitnessedSince(): string | undefined {
    let since = this.#firstTime;
    for (const { note, signedAt } of this.#source.checkpoints()) {
      try {
        if (isCosigned(note, this.#source.keys)) since = signedAt;
      } catch (error) {
        // It was named by the checkpoint's own check; here it only cannot count as cosigned.
        if (!(error instanceof Error)) throw error;
      }
    }
    return since;
  }
}

