import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parsed, UsageError } from '../options.ts';
import { checkText, compare } from './check.ts';
import { tallyOfLedger } from './ledger-tally.ts';
import { TALLY_FORMAT } from './tally.ts';
import type { TallyFile } from './tally.ts';

const OPTIONS = { tally: { type: 'string' }, home: { type: 'string' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } } as const;

/** The book that a run has written. @throws UsageError when it is none */
export function readTally(path: string): TallyFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--tally ${path}: ${error instanceof SyntaxError ? 'the file is not JSON' : 'there is no such file'}; give the file that "waybill simulate day --tally" has written`);
  }
  if ((value as Partial<TallyFile> | null)?.format !== TALLY_FORMAT) throw new UsageError(`--tally ${path}: this is no tally of this version (${TALLY_FORMAT})`);
  return value as TallyFile;
}

/** Exit code 0 when all counts agree, else 1. @throws UsageError, LedgerError */
export function checkCommand(args: string[], help: string): number {
  const { values } = parsed(args, OPTIONS);
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (values.tally === undefined) throw new UsageError('check needs --tally <file>, the book that "waybill simulate day --tally" has written');
  const tally = readTally(values.tally);
  const now = tallyOfLedger(values.home, tally.sites);
  const rows = compare(tally, now);
  const agrees = rows.every((row) => row.agrees);
  process.stdout.write(values.json ? `${JSON.stringify({ agrees, rows, ledger: now })}\n` : `${checkText(tally, now, rows)}\n`);
  return agrees ? 0 : 1;
}
