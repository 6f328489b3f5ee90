import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import process from 'node:process';
import { recoverLedger } from '../../ledger/sqlite/recover.ts';
import { homeFolder } from '../accounts.ts';
import { existingLedger } from './options.ts';
import type { LedgerArguments } from './options.ts';

/** `waybill ledger recover`. */
export async function recoverCommand({ values }: LedgerArguments): Promise<number> {
  existingLedger(values.home);
  const recovered = await recoverLedger({
    home: homeFolder(values.home), site: values.site ?? process.env['WAYBILL_SITE'] ?? 'site', actor: { kind: 'person', id: `os-user-${userInfo().uid}`, role: 'operator' },
    now: Date.now, newId: randomUUID,
  });
  if (recovered === undefined) {
    process.stdout.write('The ledger is not behind any checkpoint that is known here; there is nothing to recover.\n');
    return 0;
  }
  const { knownSize, foundSize, incarnation, origin, verifierKey } = recovered;
  process.stdout.write(`A checkpoint over ${knownSize} events was known, ${foundSize} are here: what came after is lost.
Incarnation ${incarnation} is open and recorded. Checkpoints are signed as ${origin} from now on; give the new key to those who verify:
${verifierKey}
Start Waybill: effects whose outcome is not known are reconciled before anything goes out.\n`);
  return 0;
}
