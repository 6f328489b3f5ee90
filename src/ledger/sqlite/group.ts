import type { DatabaseSync } from 'node:sqlite';
import { decodeLeaf } from '../leaf.ts';
import type { Condition } from '../port.ts';
import { project, typesWithContentInRows } from '../projections.ts';
import type { EventType } from '../../domain/events.ts';
import { StatementCache, storageReason } from './database.ts';
import type { CommitAnswer, CommitMessage } from './messages.ts';
import { RowExecutor } from './statements.ts';

/** Streams whose version is remembered. */
const rememberedStreams = 20_000;

type Refusal = Exclude<CommitAnswer, { ok: true }>;

/** What a group came to. */
export interface GroupResult {
  readonly answers: CommitAnswer[];
  /** Leaves that are durable now, in position order. */
  readonly leaves: Uint8Array[];
}

/**
 * Writes groups of commits: one transaction and one fsync for all, each commit checked on its own. Runs in the writer's thread.
 */
export class GroupWriter {
  readonly #db: DatabaseSync;
  readonly #cache: StatementCache;
  readonly #rows: RowExecutor;
  readonly #versions = new Map<string, number>();
  #lastPosition: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#cache = new StatementCache(db);
    this.#rows = new RowExecutor(this.#cache);
    this.#lastPosition = this.#positionOnDisk();
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  /**
   * Writes a group. A commit whose conditions do not hold is answered alone; one that fails unexpectedly (a row that is there
   * already, a leaf that cannot be read) is found by doing the group over with a savepoint for each commit.
   * @param again look first whether a commit is on disk already, because its outcome is not known
   * @throws SQLite's storage errors; nothing is acknowledged then and the connection has to be given up
   */
  write(commits: readonly CommitMessage[], again: boolean): GroupResult {
    try {
      return this.#transaction(() => this.#inOne(commits, again));
    } catch (error) {
      if (storageReason(error) !== undefined) throw error;
      return this.#transaction(() => this.#oneByOne(commits, again));
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

  #inOne(commits: readonly CommitMessage[], again: boolean): GroupResult {
    const leaves: Uint8Array[] = [];
    const answers = commits.map((commit) => this.#commit(commit, again, leaves));
    return { answers, leaves };
  }

  #oneByOne(commits: readonly CommitMessage[], again: boolean): GroupResult {
    const leaves: Uint8Array[] = [];
    const answers = commits.map((commit): CommitAnswer => {
      const before = this.#lastPosition;
      const own: Uint8Array[] = [];
      this.#db.exec('SAVEPOINT one');
      try {
        const answer = this.#commit(commit, again, own);
        this.#rows.flushCounts();
        this.#db.exec('RELEASE one');
        leaves.push(...own);
        return answer;
      } catch (error) {
        if (storageReason(error) !== undefined) throw error;
        this.#db.exec('ROLLBACK TO one; RELEASE one');
        this.#forget(before);
        return { ok: false, reason: 'error', code: 'bad-event', message: `A commit of stream ${commit.streamId} cannot be taken: ${(error as Error).message}` };
      }
    });
    return { answers, leaves };
  }

  #commit(commit: CommitMessage, again: boolean, leaves: Uint8Array[]): CommitAnswer {
    const count = commit.parts.length / 3;
    if (again) {
      const found = this.#durable(commit, count);
      if (found !== undefined) return { ok: true, lastPosition: found };
    }
    const refusal = this.#refusal(commit);
    if (refusal !== undefined) return refusal;
    for (let i = 0; i < count; i += 1) {
      leaves.push(this.#event(commit.streamId, commit.expectedVersion + i + 1, commit.parts[3 * i]!, commit.parts[3 * i + 1] ?? null, commit.parts[3 * i + 2] ?? null));
    }
    const version = commit.expectedVersion + count;
    if (commit.commandKey !== undefined) {
      this.#cache.prepare('INSERT INTO commands(command_key, stream_id, version) VALUES (?, ?, ?)').run(commit.commandKey, commit.streamId, version);
    }
    this.#remember(commit.streamId, version);
    return { ok: true, lastPosition: this.#lastPosition };
  }

  #event(streamId: string, version: number, text: string, content: string | null, personal: string | null): Uint8Array {
    const leaf = Buffer.from(text);
    const bare = decodeLeaf(text, null, null);
    const event = content !== null && typesWithContentInRows.has(bare.type as EventType) ? decodeLeaf(text, content, null) : bare;
    this.#lastPosition += 1;
    this.#cache.prepare('INSERT INTO events(position, stream_id, version, type, leaf, content, personal) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(this.#lastPosition, streamId, version, event.type, leaf, content, personal);
    for (const op of project(event)) this.#rows.apply(op);
    return leaf;
  }

  /** Position of the commit's last event when exactly these bytes are there. */
  #durable(commit: CommitMessage, count: number): number | undefined {
    const row = this.#cache.get('SELECT position, leaf FROM events WHERE stream_id = ? AND version = ?', commit.streamId, commit.expectedVersion + count);
    if (row === undefined || Buffer.compare(row['leaf'] as Uint8Array, Buffer.from(commit.parts.at(-3)!)) !== 0) return undefined;
    return Number(row['position']);
  }

  #refusal(commit: CommitMessage): Refusal | undefined {
    if (commit.commandKey !== undefined) {
      const row = this.#cache.get('SELECT stream_id, version FROM commands WHERE command_key = ?', commit.commandKey);
      if (row !== undefined) return { ok: false, reason: 'duplicate-command', streamId: String(row['stream_id']), version: Number(row['version']) };
    }
    const actualVersion = this.#version(commit.streamId);
    if (actualVersion !== commit.expectedVersion) return { ok: false, reason: 'version-conflict', actualVersion };
    for (const condition of commit.conditions ?? []) {
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

  #remember(streamId: string, version: number): void {
    this.#versions.delete(streamId);
    this.#versions.set(streamId, version);
    if (this.#versions.size > rememberedStreams) this.#versions.delete(this.#versions.keys().next().value!);
  }
}
