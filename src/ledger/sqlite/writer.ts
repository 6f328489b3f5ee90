import type { DatabaseSync } from 'node:sqlite';
import { parseLeaf } from '../leaf.ts';
import { LedgerError } from '../port.ts';
import { defaultQueueLimits } from '../queue.ts';
import { ledgerErrorOf, openWriter, storageReason } from './database.ts';
import type { Row } from './database.ts';
import { ledgerFiles } from './files.ts';
import { GroupWriter } from './group.ts';
import { identify, nextIncarnation } from './identity.ts';
import type { LedgerIdentity } from './identity.ts';
import type { BatchMessage } from './batch.ts';
import type { FromWriter, ToWriter, WriterData } from './messages.ts';
import { renewProjections } from './project-all.ts';
import type { StatementText } from './statements.ts';
import { logKeys, TreeSequencer } from './tree.ts';

/** How long to wait before the storage is tried again. */
const retryMs = 1_000;

interface Open {
  readonly db: DatabaseSync;
  readonly group: GroupWriter;
  readonly tree: TreeSequencer;
  readonly identity: LedgerIdentity;
}

/**
 * The writer's thread: groups, tree and checkpoints over one connection. When the storage fails it acknowledges nothing, gives
 * the connection up (an fsync is never tried again on the same one: https://wiki.postgresql.org/wiki/Fsync_Errors), opens
 * another every second, and does the batch over after looking whether it had become durable.
 */
export class Writer {
  readonly #data: WriterData;
  readonly #post: (message: FromWriter) => void;
  #open: Open | undefined;
  /** In the order in which they came; the first is the one that is being written. */
  #batches: BatchMessage[] = [];
  /** By number, as the main thread told them. */
  readonly #statements: StatementText[] = [];
  readonly #seals: number[] = [];
  #closing = false;
  #reason: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sealTimer: NodeJS.Timeout | undefined;
  /** Set by a recovery: the newest checkpoint outside is passed over until one of the new incarnation is there. */
  #recovering: boolean;
  #incarnationOpened = false;

  constructor(data: WriterData, post: (message: FromWriter) => void) {
    this.#data = data;
    this.#post = post;
    this.#recovering = data.recover;
  }

  /** Opens the ledger for the first time. @throws LedgerError */
  start(): void {
    const { open, recovered } = this.#openLedger();
    this.#open = open;
    const { db, group, identity } = open;
    const last = db.prepare('SELECT CAST(leaf AS TEXT) AS leaf FROM events ORDER BY position DESC LIMIT 1').get() as Row | undefined;
    this.#post({
      kind: 'ready', ledgerId: identity.ledgerId, origin: identity.origin, verifierKey: identity.signer.verifierKey, lastPosition: group.lastPosition,
      lastRecordedAt: last === undefined ? '' : parseLeaf(String(last['leaf'])).recordedAt, ...(recovered === undefined ? {} : { recovered }),
    });
    const { checkpointSize } = open.tree;
    const signed = db.prepare('SELECT signed_at FROM checkpoints WHERE size = ?').get(checkpointSize) as Row | undefined;
    if (signed !== undefined) this.#post({ kind: 'checkpoint', size: checkpointSize, at: String(signed['signed_at']) });
    this.#planCheckpoint();
  }

  handle(message: ToWriter): void {
    if (message.kind === 'batch') {
      this.#statements.splice(message.statementsFrom, Infinity, ...message.statements);
      this.#batches.push(message);
    }
    if (message.kind === 'seal') this.#seals.push(message.id);
    if (message.kind === 'close') this.#closing = true;
    if (this.#open !== undefined) this.#work();
    else if (this.#closing) this.#retry();
  }

  #openLedger(): { open: Open; recovered?: { knownSize: number; foundSize: number; incarnation: number } } {
    const { path, site, origin, maxPages } = this.#data;
    const files = ledgerFiles({ path });
    const db = openWriter(path, maxPages === undefined ? {} : { maxPages });
    try {
      renewProjections(db);
      let identity = identify(db, files.keys, site, origin);
      const tree = new TreeSequencer(db, files.checkpoints);
      const behind = tree.behind(logKeys(db));
      if (behind !== undefined && !this.#recovering) {
        throw new LedgerError('behind-checkpoint', `The ledger is behind: ${behind.reason} (a restored backup?). Nothing was started. If the newer ledger is lost, run \`waybill ledger recover\`.`);
      }
      const recover = behind !== undefined;
      if (recover && !this.#incarnationOpened) {
        identity = nextIncarnation(db, files.keys, identity);
        this.#incarnationOpened = true;
      }
      return {
        open: { db, group: new GroupWriter(db), tree, identity },
        ...(recover ? { recovered: { knownSize: behind.knownSize, foundSize: behind.foundSize, incarnation: identity.incarnation } } : {}),
      };
    } catch (error) {
      db.close();
      throw ledgerErrorOf(error);
    }
  }

  #work(): void {
    const open = this.#open!;
    try {
      this.#writeBatches(open);
      if (this.#seals.length > 0 || this.#closing) this.#seal(open);
      else this.#checkpointIfDue(open);
    } catch (error) {
      this.#suspend(error);
      return;
    }
    if (this.#closing) this.#close();
  }

  #writeBatches(open: Open): void {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      const started = performance.now();
      const { leaves, positions, refusals } = open.group.write(batch, this.#statements);
      this.#batches.shift();
      this.#post({ kind: 'done', result: { positions, refusals }, lastPosition: open.group.lastPosition, ms: performance.now() - started });
      // After the answer: an acknowledgement never waits for the tree.
      open.tree.add(leaves, Date.now());
    }
  }

  #seal(open: Open): void {
    const current = open.tree.size === open.tree.checkpointSize ? open.tree.newestCheckpoint() : undefined;
    const note = current ?? (open.tree.size === 0 && this.#seals.length === 0 ? undefined : this.#checkpoint(open));
    for (const id of this.#seals.splice(0)) this.#post({ kind: 'sealed', id, note: note! });
  }

  #checkpointIfDue(open: Open): void {
    if (open.tree.dueIn(Date.now(), defaultQueueLimits.batchRows) === 0) this.#checkpoint(open);
    else this.#planCheckpoint();
  }

  #checkpoint(open: Open): string {
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    const at = new Date().toISOString();
    const { note, size } = open.tree.checkpoint(open.identity.signer, at);
    this.#recovering = false;
    this.#post({ kind: 'checkpoint', size, at });
    return note;
  }

  #planCheckpoint(): void {
    if (this.#sealTimer !== undefined || this.#open === undefined) return;
    const dueIn = this.#open.tree.dueIn(Date.now(), 0);
    if (dueIn === undefined) return;
    this.#sealTimer = setTimeout(() => {
      this.#sealTimer = undefined;
      if (this.#open !== undefined) this.#work();
    }, dueIn);
  }

  #suspend(error: unknown): void {
    clearTimeout(this.#sealTimer);
    this.#sealTimer = undefined;
    const failed = this.#open;
    this.#open = undefined;
    this.#batches = this.#batches.map((batch) => ({ ...batch, again: true }));
    this.#say(error);
    try {
      failed?.db.close();
    } catch (closeError) {
      // The connection is given up either way; a lock it may still hold shows when the next one is opened.
      this.#say(closeError);
    }
    if (this.#closing) this.#giveUp();
    else this.#timer ??= setTimeout(() => { this.#timer = undefined; this.#retry(); }, retryMs);
  }

  #say(error: unknown): void {
    const reason = storageReason(error) ?? (error instanceof Error ? error.message : String(error));
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#post({ kind: 'suspended', reason });
  }

  #retry(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#open = this.#openLedger().open;
      this.#writeBatches(this.#open);
    } catch (error) {
      this.#suspend(error);
      return;
    }
    this.#reason = undefined;
    this.#post({ kind: 'resumed' });
    this.#work();
  }

  #giveUp(): void {
    for (const id of this.#seals.splice(0)) this.#post({ kind: 'sealed', id, code: 'unavailable', message: this.#reason ?? 'The ledger is closed.' });
    this.#post({ kind: 'closed', pending: this.#batches.length > 0 });
  }

  #close(): void {
    clearTimeout(this.#sealTimer);
    const { db } = this.#open!;
    this.#open = undefined;
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
    } catch (error) {
      this.#say(error);
    }
    this.#giveUp();
  }
}
