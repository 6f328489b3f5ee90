import process from 'node:process';
import { rebuild } from '../../ledger/sqlite/rebuild.ts';
import { homeFolder } from '../accounts.ts';
import { existingLedger } from './options.ts';
import type { LedgerArguments } from './options.ts';

/** `waybill ledger rebuild`. */
export async function rebuildCommand({ values }: LedgerArguments): Promise<number> {
  existingLedger(values.home);
  const { events, differences, replaced } = rebuild({ home: homeFolder(values.home) });
  for (const { table, key, kind, columns } of differences) process.stdout.write(`${table} ${key}: ${kind}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}\n`);
  process.stdout.write(`${events} events projected; ${replaced ? `${differences.length} or more rows differed and were put right.` : 'the projections were what the events say.'}\n`);
  return Promise.resolve(0);
}
