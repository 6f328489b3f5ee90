import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LedgerError } from '../port.ts';
import { syncFolder } from './files.ts';

/** From this size on the file is cut down to its newest lines. */
const cutAtBytes = 4 * 1_048_576;
const keptLines = 1_000;

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LedgerError('path', `Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function writeLines(path: string, flag: 'a' | 'w', text: string): void {
  const fd = openSync(path, flag, 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * The newest signed checkpoint of a `checkpoints.log` (one JSON string a line), or undefined. A last line that was cut short
 * by a crash is passed over.
 * @throws LedgerError `path`
 */
export function newestLoggedCheckpoint(path: string): string | undefined {
  for (const line of linesOf(path).reverse()) {
    if (!line.startsWith('"') || !line.endsWith('"')) continue;
    try {
      return JSON.parse(line) as string;
    } catch (error) {
      if (error instanceof SyntaxError) continue;
      throw error;
    }
  }
  return undefined;
}

/** Adds a signed checkpoint and syncs it to the disk. Throws the file system's error. */
export function logCheckpoint(path: string, note: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size > cutAtBytes) {
    writeLines(`${path}.new`, 'w', `${linesOf(path).filter((line) => line !== '').slice(-keptLines).join('\n')}\n`);
    renameSync(`${path}.new`, path);
  }
  // A line that was cut short must not swallow this one: empty lines do no harm.
  writeLines(path, 'a', `\n${JSON.stringify(note)}\n`);
  if (size === undefined || size > cutAtBytes) syncFolder(dirname(path));
}
