import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of a ledger; all lie beside its database. */
export interface LedgerFiles {
  readonly database: string;
  /** Newest checkpoints, outside of the database, so that a restored database is noticed. */
  readonly checkpoints: string;
  /** Private keys, mode 0600. */
  readonly keys: string;
}

export function ledgerFiles(where: { readonly home: string } | { readonly path: string }): LedgerFiles {
  const database = 'path' in where ? where.path : join(where.home, 'ledger.db');
  const folder = dirname(database);
  return { database, checkpoints: join(folder, 'checkpoints.log'), keys: join(folder, 'keys') };
}

/** Makes a new or renamed file's name durable. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
