import { existsSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import process from 'node:process';
import { finished } from 'node:stream/promises';
import { LedgerError } from '../../ledger/port.ts';
import { ledgerFiles } from '../../ledger/sqlite/files.ts';
import type { LedgerFiles } from '../../ledger/sqlite/files.ts';
import { homeFolder } from '../accounts.ts';

/** What follows `waybill ledger <command>`. */
export interface LedgerArguments {
  readonly values: {
    readonly home?: string | undefined; readonly out?: string | undefined; readonly from?: string | undefined; readonly site?: string | undefined;
    readonly personal?: boolean | undefined; readonly 'no-projections'?: boolean | undefined; readonly json?: boolean | undefined;
  };
  readonly positionals: readonly string[];
}

/** The files of an existing ledger. @throws LedgerError `path` when there is none */
export function existingLedger(home: string | undefined): LedgerFiles {
  const files = ledgerFiles({ home: homeFolder(home) });
  if (!existsSync(files.database)) throw new LedgerError('path', `There is no ledger ${files.database}. Say where with --home or WAYBILL_HOME.`);
  return files;
}

/** Writes text pieces to a file, or to standard output, as fast as it takes them. */
export async function writeOut(path: string | undefined, pieces: Iterable<string>): Promise<void> {
  const out = path === undefined ? process.stdout : createWriteStream(path, { mode: 0o600 });
  for (const piece of pieces) {
    if (!out.write(piece)) await once(out, 'drain');
  }
  if (path === undefined) return;
  out.end();
  await finished(out);
}
