import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Condition } from '../port.ts';
import { partsPerEvent } from './batch.ts';
import type { BatchMessage } from './batch.ts';
import { StatementCache, storageReason } from './database.ts';
import type { GroupAnswer, Refusal } from './messages.ts';
import { MultiInsert } from './multi-insert.ts';
import { RememberedVersions } from './remembered.ts';
import { RowExecutor } from './statements.ts';
import type { StatementText } from './statements.ts';

/** Streams whose version is remembered. */
const rememberedStreams = 20_000;

/** What a group came to. */
export interface GroupResult extends GroupAnswer {
  /** Leaves that are durable now, in position order. */
  readonly leaves: readonly Uint8Array[];
}

interface Outcome {
  readonly positions: number[];
  readonly refusals: [number, Refusal][];
  readonly leaves: Uint8Array[];
}

/**
 * Writes groups of commits: one transaction and one fsync for all, each commit checked on its own. Runs in the writer's thread.
 */
export class GroupWriter {
  readonly #db: DatabaseSync;
  readonly #cache: StatementCache;
  readonly #rows: RowExecutor;
  readonly #versions = new RememberedVersions(rememberedStreams);
  readonly #insertEvents: MultiInsert;
  #lastPosition: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#cache = new StatementCache(db);
    this.#rows = new RowExecutor(this.#cache);
    this.#insertEvents = new MultiInsert(this.#cache, 'INSERT INTO events(position, stream_id, version, type, leaf, content, personal) VALUES', 7);
    this.#lastPosition = this.#positionOnDisk();
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  /**
   * Writes a group. A commit whose conditions do not hold is answered alone; one that fails unexpectedly (a row that is there
   * already, a leaf that cannot be read) is found by doing the group over with a savepoint for each commit.
   * A batch that comes `again` may be on disk already, so each commit is looked for first.
   * @param statements all statement texts that rows may name
   * @throws SQLite's storage errors; nothing is acknowledged then and the connection has to be given up
   */
  write(batch: BatchMessage, statements: readonly StatementText[]): GroupResult {
    this.#rows.learn(statements);
    try {
      return this.#transaction(() => this.#inOne(batch));
    } catch (error) {
      if (storageReason(error) !== undefined) throw error;
      return this.#transaction(() => this.#oneByOne(batch));
    }
  }

  #positionOnDisk(): number {
    return Number(this.#cache.get('SELECT coalesce(max(position), 0) AS last FROM events')?.['last']);
  }

  #transaction(work: () => GroupResult): GroupResult {
    const before = this.#lastPosition;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#rows.flushCounts();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#forget(before);
      // Some errors roll back by themselves (https://www.sqlite.org/lang_transaction.html §3).
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #forget(position: number): void {
    this.#lastPosition = position;
    this.#versions.clear();
    this.#rows.discardCounts();
  }

  #inOne(batch: BatchMessage): GroupResult {
    const outcome: Outcome = { positions: [], refusals: [], leaves: [] };
    const extras = extrasOf(batch);
    for (let i = 0; i < batch.streamIds.length;) {
      const alike = this.#alike(batch, i, extras);
      if (alike > i + 1) {
        i = this.#together(batch, i, alike, extras, outcome);
      } else {
        this.#commit(batch, i, extras, outcome);
        i += 1;
      }
    }
    return outcome;
  }

  /**
   * Where a run of commits ends that all begin a stream and write the same kinds of rows, inserts only: openings of cases, one
   * after the other. What only inserts can be written statement by statement.
   */
  #alike(batch: BatchMessage, first: number, extras: Extras): number {
    const from = first === 0 ? 0 : batch.rowsTo[first - 1]!;
    const to = batch.rowsTo[first]!;
    const parts = batch.partsTo[first]! - (first === 0 ? 0 : batch.partsTo[first - 1]!);
    if (!this.#opens(batch, first, extras) || !this.#rows.onlyInserts(batch.rows, from, to)) return first;
    let end = first + 1;
    while (end < batch.streamIds.length && this.#opens(batch, end, extras) && batch.partsTo[end]! - batch.partsTo[end - 1]! === parts
      && batch.rowsTo[end]! - batch.rowsTo[end - 1]! === to - from && this.#rows.sameStatements(batch.rows, from, to, batch.rowsTo[end - 1]!)) end += 1;
    return end;
  }

  #opens(batch: BatchMessage, index: number, extras: Extras): boolean {
    return !batch.again && batch.expectedVersions[index] === 0 && !extras.commandKeys.has(index)
      && (extras.conditions.get(index)?.every(({ kind }) => kind === 'free') ?? true);
  }

  /**
   * Writes the commits from `first` on that are alike. Each is checked on its own; one that wants what another of them is about to
   * claim ends the run, so that it is checked when that one is written.
   * @returns where to go on
   */
  #together(batch: BatchMessage, first: number, alike: number, extras: Extras, outcome: Outcome): number {
    const claims = new Set<string>();
    const accepted: number[] = [];
    let end = first;
    for (; end < alike; end += 1) {
      const conditions = extras.conditions.get(end) ?? [];
      const keys = conditions.map(({ scope, keyHash }) => `${scope}\0${keyHash}`);
      if (keys.some((key) => claims.has(key))) break;
      const streamId = batch.streamIds[end]!;
      const refusal = this.#refusal(streamId, 0, conditions, undefined);
      if (refusal !== undefined) {
        refuse(outcome, end, refusal);
        continue;
      }
      for (const key of keys) claims.add(key);
      accepted.push(end);
      // What comes after it finds its stream taken.
      this.#versions.set(streamId, (batch.partsTo[end]! - (end === 0 ? 0 : batch.partsTo[end - 1]!)) / partsPerEvent);
    }
    const values: SQLInputValue[] = [];
    for (const index of accepted) this.#eventsOf(batch, index, values, outcome);
    this.#insertEvents.run(values);
    const starts = accepted.map((index) => (index === 0 ? 0 : batch.rowsTo[index - 1]!));
    this.#rows.runAlike(batch.rows, first === 0 ? 0 : batch.rowsTo[first - 1]!, batch.rowsTo[first]!, starts);
    return end;
  }

  #oneByOne(batch: BatchMessage): GroupResult {
    const outcome: Outcome = { positions: [], refusals: [], leaves: [] };
    const extras = extrasOf(batch);
    for (let i = 0; i < batch.streamIds.length; i += 1) {
      const before = { position: this.#lastPosition, leaves: outcome.leaves.length };
      this.#db.exec('SAVEPOINT one');
      try {
        this.#commit(batch, i, extras, outcome);
        this.#rows.flushCounts();
        this.#db.exec('RELEASE one');
      } catch (error) {
        if (storageReason(error) !== undefined) throw error;
        this.#db.exec('ROLLBACK TO one; RELEASE one');
        this.#forget(before.position);
        outcome.leaves.length = before.leaves;
        refuse(outcome, i, { ok: false, reason: 'error', code: 'bad-event', message: `A commit of stream ${batch.streamIds[i]!} cannot be taken: ${(error as Error).message}` });
      }
    }
    return outcome;
  }

  #commit(batch: BatchMessage, index: number, extras: Extras, outcome: Outcome): void {
    const streamId = batch.streamIds[index]!;
    const from = index === 0 ? 0 : batch.partsTo[index - 1]!;
    const to = batch.partsTo[index]!;
    const expected = batch.expectedVersions[index]!;
    const version = expected + (to - from) / partsPerEvent;
    const found = batch.again ? this.#durable(streamId, version, batch.parts[to - partsPerEvent + 1]!) : undefined;
    if (found !== undefined) {
      outcome.positions[index] = found;
      return;
    }
    const commandKey = extras.commandKeys.get(index);
    const refusal = this.#refusal(streamId, expected, extras.conditions.get(index) ?? [], commandKey);
    if (refusal !== undefined) return refuse(outcome, index, refusal);
    const values: SQLInputValue[] = [];
    this.#eventsOf(batch, index, values, outcome);
    this.#insertEvents.run(values);
    this.#rows.run(batch.rows, index === 0 ? 0 : batch.rowsTo[index - 1]!, batch.rowsTo[index]!);
    if (commandKey !== undefined) this.#cache.prepare('INSERT INTO commands(command_key, stream_id, version) VALUES (?, ?, ?)').run(commandKey, streamId, version);
    this.#versions.set(streamId, version);
  }

  /** Adds the rows of a commit's events, and gives it its positions. */
  #eventsOf(batch: BatchMessage, index: number, values: SQLInputValue[], outcome: Outcome): void {
    const { parts } = batch;
    const streamId = batch.streamIds[index]!;
    let version = batch.expectedVersions[index]!;
    for (let at = index === 0 ? 0 : batch.partsTo[index - 1]!; at < batch.partsTo[index]!; at += partsPerEvent) {
      const leaf = Buffer.from(parts[at + 1]!);
      this.#lastPosition += 1;
      version += 1;
      values.push(this.#lastPosition, streamId, version, parts[at]!, leaf, parts[at + 2]!, parts[at + 3]!);
      outcome.leaves.push(leaf);
    }
    outcome.positions[index] = this.#lastPosition;
  }

  /** Position of a commit's last event when exactly these bytes are there. */
  #durable(streamId: string, version: number, leaf: string): number | undefined {
    const row = this.#cache.get('SELECT position, leaf FROM events WHERE stream_id = ? AND version = ?', streamId, version);
    if (row === undefined || Buffer.compare(row['leaf'] as Uint8Array, Buffer.from(leaf)) !== 0) return undefined;
    return Number(row['position']);
  }

  #refusal(streamId: string, expectedVersion: number, conditions: readonly Condition[], commandKey: string | undefined): Refusal | undefined {
    if (commandKey !== undefined) {
      const row = this.#cache.get('SELECT stream_id, version FROM commands WHERE command_key = ?', commandKey);
      if (row !== undefined) return { ok: false, reason: 'duplicate-command', streamId: String(row['stream_id']), version: Number(row['version']) };
    }
    const actualVersion = this.#version(streamId);
    if (actualVersion !== expectedVersion) return { ok: false, reason: 'version-conflict', actualVersion };
    for (const condition of conditions) {
      const refusal = this.#conditionRefusal(condition);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #conditionRefusal(condition: Condition): Refusal | undefined {
    const { scope, keyHash } = condition;
    const row = this.#cache.get('SELECT holder, version FROM reservations WHERE scope = ? AND key_hash = ?', scope, keyHash);
    if (condition.kind === 'free') return row === undefined ? undefined : { ok: false, reason: 'reserved', scope, keyHash, holder: String(row['holder']) };
    const version = row === undefined ? 0 : Number(row['version']);
    return version === condition.version ? undefined : { ok: false, reason: 'reservation-moved', scope, keyHash, version };
  }

  #version(streamId: string): number {
    const known = this.#versions.get(streamId);
    if (known !== undefined) return known;
    return Number(this.#cache.get('SELECT coalesce(max(version), 0) AS version FROM events WHERE stream_id = ?', streamId)?.['version']);
  }
}

/** Conditions and command keys by commit. */
interface Extras {
  readonly conditions: ReadonlyMap<number, readonly Condition[]>;
  readonly commandKeys: ReadonlyMap<number, string>;
}

function extrasOf(batch: BatchMessage): Extras {
  return { conditions: new Map(batch.conditions), commandKeys: new Map(batch.commandKeys) };
}

function refuse(outcome: Outcome, index: number, refusal: Refusal): void {
  outcome.positions[index] = 0;
  outcome.refusals.push([index, refusal]);
}
