import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../port.ts';
import { resultCode } from './database.ts';

/** A ledger held by this process. */
export interface LedgerLock { release(): void }

const busy = 5;

function holderOf(pidPath: string): string {
  try {
    const pid = readFileSync(pidPath, 'utf8').trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'another process';
    throw new LedgerError('path', `Cannot read ${pidPath}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Holds a ledger for this process: an exclusive transaction, open for life, on a small database beside it. The kernel
 * releases such a lock however the process ends, SIGKILL included, so there is no stale lock to clear. (The process id stands
 * in a file of its own: reading the locked file here would drop the lock, fcntl(2) "F_SETLK".)
 * @param path of the ledger; `<path>.lock` and `<path>.pid` are used
 * @throws LedgerError `held` naming the other process, or `path`
 */
export function holdLedger(path: string): LedgerLock {
  const pidPath = `${path}.pid`;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(`${path}.lock`);
    db.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    db?.close();
    if (resultCode(error) === busy) {
      throw new LedgerError('held', `The ledger ${path} is in use by ${holderOf(pidPath)}. Stop it first; one process writes a ledger.`, { cause: error });
    }
    throw new LedgerError('path', `Cannot lock the ledger ${path}: ${(error as Error).message}`, { cause: error });
  }
  const held = db;
  return { release: () => { if (held.isOpen) held.close(); } };
}
