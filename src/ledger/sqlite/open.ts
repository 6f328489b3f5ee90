import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RecordedEvent } from '../../domain/envelope.ts';
import type { EventType } from '../../domain/events.ts';
import { saltPool } from '../commitment.ts';
import type { SaltSource } from '../commitment.ts';
import { decodeLeaf, encodeEvent } from '../leaf.ts';
import { LedgerError } from '../port.ts';
import type { AppendResult, Commit, Ledger, LedgerHealth } from '../port.ts';
import { proveCase } from '../prove.ts';
import type { CaseProof } from '../prove.ts';
import type { TileReader } from '../transparency/index.ts';
import { CommitQueue, defaultQueueLimits } from '../queue.ts';
import type { BatchAnswer, QueueLimits } from '../queue.ts';
import { encodeBatch } from './batch.ts';
import type { EncodedCommit } from './batch.ts';
import { ledgerFiles } from './files.ts';
import { HealthMonitor } from './health.ts';
import { holdLedger } from './lock.ts';
import type { LedgerLock } from './lock.ts';
import type { GroupAnswer } from './messages.ts';
import { ReaderClient } from './reader-client.ts';
import type { EventTuple, ReaderMethod, SqliteReader } from './reader.ts';
import { RowEncoder } from './statements.ts';
import { WriterClient } from './writer-client.ts';
import type { WriterReady } from './writer-client.ts';

/** How to open a ledger. */
export type SqliteLedgerOptions = ({ readonly home: string } | { readonly path: string }) & {
  /** Site id, for the origin of a new ledger. Default `site`. */
  readonly site?: string;
  /** Origin line of a new ledger's checkpoints; with a final slash the ledger's id is added. Default `waybill/<site>/<id>`. */
  readonly origin?: string;
  /** Ledger time in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Source of salts. Default: the system's random generator. */
  readonly salt?: SaltSource;
  readonly limits?: Partial<QueueLimits>;
  /** Opens a ledger although it is behind a checkpoint that was issued; only for `waybill ledger recover`. */
  readonly recover?: boolean;
  /** Test hook: `PRAGMA max_page_count`, a disk that is full at so many pages. */
  readonly maxPages?: number;
};

/** A ledger in a SQLite file; see {@link Ledger}. */
export class SqliteLedger implements Ledger {
  readonly ledgerId: string;
  readonly verifierKey: string;
  readonly origin: string;
  /** Set when the ledger was opened with `recover` and was behind: what was known, what was found, the incarnation to record. */
  readonly recovered: WriterReady['recovered'];
  readonly #writer: WriterClient;
  readonly #reader: ReaderClient;
  readonly #lock: LedgerLock;
  readonly #queue: CommitQueue<EncodedCommit>;
  readonly #health: HealthMonitor;
  readonly #now: () => number;
  readonly #salt: SaltSource;
  readonly #encoder: RowEncoder;
  #lastRecordedAt: string;
  #closing: Promise<void> | undefined;

  constructor(parts: { ready: WriterReady; writer: WriterClient; reader: ReaderClient; lock: LedgerLock; health: HealthMonitor; encoder: RowEncoder }, options: SqliteLedgerOptions) {
    const { ready } = parts;
    this.ledgerId = ready.ledgerId;
    this.verifierKey = ready.verifierKey;
    this.origin = ready.origin;
    this.recovered = ready.recovered;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#lock = parts.lock;
    this.#health = parts.health;
    this.#encoder = parts.encoder;
    this.#now = options.now ?? Date.now;
    this.#salt = options.salt ?? saltPool();
    this.#lastRecordedAt = ready.lastRecordedAt;
    this.#queue = new CommitQueue((commits) => this.#write(commits), { ...defaultQueueLimits, ...options.limits });
  }

  async append(commit: Commit): Promise<AppendResult> {
    checkCommit(commit);
    const events = commit.events.map((event) => encodeEvent(event, this.ledgerId, this.#salt));
    return this.#queue.push({ commit: { commit, events }, rows: events.length, bytes: events.reduce((sum, event) => sum + event.bytes, 0) });
  }

  /** Not asynchronous: that would hold the commits until they are answered. */
  #write(commits: readonly EncodedCommit[]): Promise<readonly BatchAnswer[]> {
    const recordedAt = this.#recordedAt();
    return this.#writer.write(encodeBatch(commits, recordedAt, this.#encoder)).then((answer) => toResults(answer, recordedAt));
  }

  /** Ledger time never decreases (PROTOCOL §7). */
  #recordedAt(): string {
    const now = new Date(this.#now()).toISOString();
    if (now > this.#lastRecordedAt) this.#lastRecordedAt = now;
    return this.#lastRecordedAt;
  }

  async #events(tuples: Promise<EventTuple[]>): Promise<readonly RecordedEvent[]> {
    return (await tuples).map(([position, leaf, content, personal]) => decodeLeaf(leaf, content, personal, position));
  }

  readStream(streamId: string, fromVersion = 1): Promise<readonly RecordedEvent[]> {
    return this.#events(this.#reader.call('readStream', streamId, fromVersion));
  }

  async lastOfStream(streamId: string): Promise<RecordedEvent | undefined> {
    return (await this.#events(this.#reader.call('lastOfStream', streamId)))[0];
  }

  readAll(fromPosition: number, limit: number): Promise<readonly RecordedEvent[]> {
    return this.#events(this.#reader.call('readAll', fromPosition, limit));
  }

  readType(type: EventType, fromPosition: number, toPosition: number, limit: number): Promise<readonly RecordedEvent[]> {
    return this.#events(this.#reader.call('readType', type, fromPosition, toPosition, limit));
  }

  readonly getCase: Ledger['getCase'] = (caseId) => this.#reader.call('getCase', caseId);
  readonly getTask: Ledger['getTask'] = (taskId) => this.#reader.call('getTask', taskId);
  readonly getException: Ledger['getException'] = (exceptionId) => this.#reader.call('getException', exceptionId);
  readonly getDeadLetter: Ledger['getDeadLetter'] = (deadLetterId) => this.#reader.call('getDeadLetter', deadLetterId);
  readonly getQuarantine: Ledger['getQuarantine'] = (quarantineId) => this.#reader.call('getQuarantine', quarantineId);
  readonly findCommand: Ledger['findCommand'] = (commandKey) => this.#reader.call('findCommand', commandKey);
  readonly accumulatedSince: Ledger['accumulatedSince'] = (scope, keyHash, since) => this.#reader.call('accumulatedSince', scope, keyHash, since);
  readonly getReservation: Ledger['getReservation'] = (scope, keyHash) => this.#reader.call('getReservation', scope, keyHash);
  readonly getToken: Ledger['getToken'] = (tokenId) => this.#reader.call('getToken', tokenId);
  readonly caseKeys: Ledger['caseKeys'] = (caseId) => this.#reader.call('caseKeys', caseId);
  readonly listCases: Ledger['listCases'] = (filter, page) => this.#reader.call('listCases', filter, page);
  readonly listTasks: Ledger['listTasks'] = (filter, page) => this.#reader.call('listTasks', filter, page);
  readonly listExceptions: Ledger['listExceptions'] = (filter, page) => this.#reader.call('listExceptions', filter, page);
  readonly listDeadLetters: Ledger['listDeadLetters'] = (filter, page) => this.#reader.call('listDeadLetters', filter, page);
  readonly circuits: Ledger['circuits'] = () => this.#reader.call('circuits');
  readonly getReplayBatch: Ledger['getReplayBatch'] = (batchId) => this.#reader.call('getReplayBatch', batchId);
  readonly listReplayBatches: Ledger['listReplayBatches'] = (filter, page) => this.#reader.call('listReplayBatches', filter, page);
  readonly listReplayItems: Ledger['listReplayItems'] = (filter, page) => this.#reader.call('listReplayItems', filter, page);
  readonly countReplayItems: Ledger['countReplayItems'] = (batchId) => this.#reader.call('countReplayItems', batchId);
  readonly retryingTokens: Ledger['retryingTokens'] = () => this.#reader.call('retryingTokens');
  readonly admissionsToFinish: Ledger['admissionsToFinish'] = () => this.#reader.call('admissionsToFinish');
  readonly countExceptions: Ledger['countExceptions'] = (now) => this.#reader.call('countExceptions', now);
  readonly linkedExceptions: Ledger['linkedExceptions'] = (exceptionId) => this.#reader.call('linkedExceptions', exceptionId);
  readonly mergedToResolve: Ledger['mergedToResolve'] = (limit) => this.#reader.call('mergedToResolve', limit);
  readonly attachmentsWith: Ledger['attachmentsWith'] = (sha256) => this.#reader.call('attachmentsWith', sha256);
  readonly attachmentsOf: Ledger['attachmentsOf'] = (caseId) => this.#reader.call('attachmentsOf', caseId);
  readonly countTasks: Ledger['countTasks'] = (now, limit) => this.#reader.call('countTasks', now, limit);
  readonly listHandover: Ledger['listHandover'] = (filter, page) => this.#reader.call('listHandover', filter, page);
  readonly getHandover: Ledger['getHandover'] = (noteId) => this.#reader.call('getHandover', noteId);
  readonly listQuarantine: Ledger['listQuarantine'] = (filter, page) => this.#reader.call('listQuarantine', filter, page);
  readonly getChange: Ledger['getChange'] = (changeId) => this.#reader.call('getChange', changeId);
  readonly listChanges: Ledger['listChanges'] = (filter, page) => this.#reader.call('listChanges', filter, page);
  readonly getWaiver: Ledger['getWaiver'] = (waiverId) => this.#reader.call('getWaiver', waiverId);
  readonly listWaivers: Ledger['listWaivers'] = (filter, page) => this.#reader.call('listWaivers', filter, page);
  readonly getDelegation: Ledger['getDelegation'] = (delegationId) => this.#reader.call('getDelegation', delegationId);
  readonly listDelegations: Ledger['listDelegations'] = (filter, page) => this.#reader.call('listDelegations', filter, page);
  readonly devicesAfter: Ledger['devicesAfter'] = (site, deviceId, limit) => this.#reader.call('devicesAfter', site, deviceId, limit);
  readonly deviceWatches: Ledger['deviceWatches'] = () => this.#reader.call('deviceWatches');
  readonly deviceSilences: Ledger['deviceSilences'] = () => this.#reader.call('deviceSilences');
  readonly livingDelegations: Ledger['livingDelegations'] = (at, limit, to) => this.#reader.call('livingDelegations', at, limit, to);
  readonly tokensBefore: Ledger['tokensBefore'] = (epoch, afterId, limit) => this.#reader.call('tokensBefore', epoch, afterId, limit);
  readonly stepsBefore: Ledger['stepsBefore'] = (epoch, afterId, limit) => this.#reader.call('stepsBefore', epoch, afterId, limit);
  readonly addressCounts: Ledger['addressCounts'] = () => this.#reader.call('addressCounts');
  readonly stepsAt: Ledger['stepsAt'] = (address, afterId, limit) => this.#reader.call('stepsAt', address, afterId, limit);
  readonly tokensFrom: Ledger['tokensFrom'] = (address, afterId, limit) => this.#reader.call('tokensFrom', address, afterId, limit);
  readonly timersDue: Ledger['timersDue'] = (until, limit, kind) => this.#reader.call('timersDue', until, limit, kind);
  readonly getSignal: Ledger['getSignal'] = (signalId) => this.#reader.call('getSignal', signalId);
  readonly listSignals: Ledger['listSignals'] = (filter, page) => this.#reader.call('listSignals', filter, page);
  readonly signalsKept: Ledger['signalsKept'] = (site, name, keyHash, limit) => this.#reader.call('signalsKept', site, name, keyHash, limit);
  readonly waitsFor: Ledger['waitsFor'] = (site, name, keyHash, after, limit) => this.#reader.call('waitsFor', site, name, keyHash, after, limit);
  readonly signalsAwaited: Ledger['signalsAwaited'] = (afterId, limit) => this.#reader.call('signalsAwaited', afterId, limit);
  readonly nextTimerAt: Ledger['nextTimerAt'] = (address) => this.#reader.call('nextTimerAt', address);
  readonly nextTimerDue: Ledger['nextTimerDue'] = (after) => this.#reader.call('nextTimerDue', after);
  readonly counts: Ledger['counts'] = () => this.#reader.call('counts');
  readonly lastEpoch: Ledger['lastEpoch'] = () => this.#reader.call('lastEpoch');
  readonly checkpoint: Ledger['checkpoint'] = () => this.#reader.call('checkpoint');
  readonly tile: Ledger['tile'] = (level, index, width) => this.#reader.call('tile', level, index, width);

  readonly checkpoints: Ledger['checkpoints'] = (limit) => this.#reader.call('checkpoints', limit);

  async unwitnessedSince(): Promise<string | undefined> {
    const cosigned = await this.#reader.call('cosignedAt');
    if (cosigned.newest === true) return undefined;
    return cosigned.at ?? (await this.readAll(1, 1))[0]?.recordedAt;
  }

  async prove(caseId: string, withPersonal: boolean): Promise<CaseProof | undefined> {
    let parts = await this.#reader.call('proofParts', caseId);
    if (parts.events.length === 0) return undefined;
    // What was committed a moment ago is under no checkpoint yet.
    const size = this.#health.read(0, 0).checkpointSize;
    if (parts.events.some((event) => event.position > size) && !this.#health.isSuspended) {
      await this.seal();
      parts = await this.#reader.call('proofParts', caseId);
    }
    const { events, keys, checkpoint } = parts;
    if (checkpoint === undefined) throw new LedgerError('unavailable', 'No checkpoint was signed yet; wait a second.');
    const readTile: TileReader = async (level, index, width) => {
      const bytes = await this.tile(level, index, width);
      if (bytes === undefined) throw new LedgerError('corrupt', `Tile ${level}/${index} is missing. Run \`waybill ledger verify\`.`);
      return bytes;
    };
    return proveCase(caseId, { ledgerId: this.ledgerId, keys, checkpoint, events, readTile }, withPersonal);
  }

  async seal(): Promise<string> {
    if (this.#closing !== undefined) throw new LedgerError('closed', 'The ledger is closed.');
    await this.#queue.drained();
    return this.#writer.seal();
  }

  health(): LedgerHealth {
    return this.#health.read(this.#queue.commits, this.#queue.bytes);
  }

  onHealth(listener: (health: LedgerHealth) => void): () => void {
    return this.#health.onChange(() => listener(this.health()));
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#queue.close();
    // While the storage fails nothing drains; the writer tries once more and what is left is rejected.
    if (this.#health.isSuspended) this.#queue.rejectWaiting(new LedgerError('unavailable', 'The ledger was closed before this could be written. It is not on disk.'));
    else await Promise.race([this.#queue.drained(), this.#health.whenSuspended()]);
    // The writer goes last: only a connection that may write can take the WAL in and remove it.
    await this.#reader.close();
    await this.#writer.close();
    this.#queue.rejectWaiting(new LedgerError('unavailable', 'The ledger was closed before this could be written. It is not on disk.'));
    this.#lock.release();
    this.#health.closed();
  }
}

function checkCommit({ streamId, expectedVersion, events }: Commit): void {
  if (events.length === 0) throw new LedgerError('bad-event', `A commit of stream ${streamId} has no events.`);
  events.forEach((event, i) => {
    if (event.streamId !== streamId || event.version !== expectedVersion + i + 1) {
      throw new LedgerError('bad-event', `${event.type} is ${event.streamId}@${event.version}, but stands in a commit as ${streamId}@${expectedVersion + i + 1}.`);
    }
  });
}

function toResults({ positions, refusals }: GroupAnswer, recordedAt: string): BatchAnswer[] {
  const results: BatchAnswer[] = positions.map((lastPosition) => ({ ok: true, lastPosition, recordedAt }));
  for (const [index, refusal] of refusals) results[index] = refusal.reason === 'error' ? new LedgerError(refusal.code, refusal.message) : refusal;
  return results;
}

/** A new database file is readable by its owner only; its WAL gets the same mode from SQLite. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    // An existing file must not be opened here: closing it would drop SQLite's locks in this process.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new LedgerError('path', `Cannot make the ledger ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Opens `<home>/ledger.db`, or an explicit path, and makes it when it is not there. The ledger is held against any second process
 * until it is closed or this process ends.
 * @throws LedgerError `path`, `held`, `key`, `corrupt`, `behind-checkpoint`, `unavailable`
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<SqliteLedger> {
  const path = resolve(ledgerFiles(options).database);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LedgerError('path', `Cannot make the ledger's folder ${dirname(path)}: ${(error as Error).message}`, { cause: error });
  }
  const lock = holdLedger(path);
  const health = new HealthMonitor();
  const encoder = new RowEncoder();
  const writer = new WriterClient({
    role: 'writer', path, site: options.site ?? 'site', recover: options.recover ?? false,
    ...(options.origin === undefined ? {} : { origin: options.origin }), ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  }, health, encoder.texts);
  const reader = new ReaderClient(path);
  try {
    createPrivately(path);
    const ready = await writer.start();
    health.committed(ready.lastPosition);
    await reader.start();
    return new SqliteLedger({ ready, writer, reader, lock, health, encoder }, options);
  } catch (error) {
    await reader.close();
    await writer.close();
    lock.release();
    throw error;
  }
}

export type { ReaderMethod, SqliteReader };
