import { exportEvent } from '../../ledger/prove.ts';
import { SqliteSource } from '../../ledger/sqlite/source.ts';
import { UsageError } from '../accounts.ts';
import { WithoutExchanges } from './exchanges.ts';
import { existingLedger, writeOut } from './options.ts';
import type { LedgerArguments } from './options.ts';

function* lines(source: SqliteSource, from: number, personal: boolean): Iterable<string> {
  const exchanges = personal ? undefined : new WithoutExchanges();
  for (const event of source.events(from)) {
    const exported = exportEvent(event, personal);
    yield `${JSON.stringify(exchanges?.event(exported) ?? exported)}\n`;
  }
}

/** `waybill ledger export`: JSON Lines, in ledger order. */
export async function exportCommand({ values }: LedgerArguments): Promise<number> {
  const from = Number(values.from ?? 1);
  if (!Number.isSafeInteger(from) || from < 1) throw new UsageError('--from takes a position: a whole number from 1.');
  const source = new SqliteSource(existingLedger(values.home));
  try {
    await writeOut(values.out, lines(source, from, values.personal === true));
    return 0;
  } finally {
    source.close();
  }
}
