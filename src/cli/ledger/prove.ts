import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { proveCase, tileReader } from '../../ledger/prove.ts';
import type { CaseProof } from '../../ledger/prove.ts';
import { LedgerError } from '../../ledger/port.ts';
import type { LedgerFiles } from '../../ledger/sqlite/files.ts';
import { SqliteSource } from '../../ledger/sqlite/source.ts';
import { checkpointEvery } from '../../ledger/sqlite/tree.ts';
import { UsageError } from '../accounts.ts';
import { WithoutExchanges } from './exchanges.ts';
import { existingLedger, writeOut } from './options.ts';
import type { LedgerArguments } from './options.ts';

async function prove(files: LedgerFiles, caseId: string, personal: boolean): Promise<CaseProof> {
  const source = new SqliteSource(files);
  try {
    const events = source.streamEvents(caseId);
    if (events.length === 0) throw new LedgerError('path', `The ledger knows no case ${caseId}.`);
    const checkpoint = source.reader.checkpoint();
    if (checkpoint === undefined) throw new LedgerError('unavailable', 'No checkpoint was signed yet; start Waybill, or wait a second.');
    const { ledgerId, keys } = source;
    const proof = await proveCase(caseId, { ledgerId, keys, checkpoint, events, readTile: tileReader((level, index) => source.tile(level, index)) }, personal);
    const exchanges = new WithoutExchanges();
    return personal ? proof : { ...proof, events: proof.events.map((event) => exchanges.event(event)) };
  } finally {
    source.close();
  }
}

/** `waybill ledger prove <case>`. A case that is being worked on may be a checkpoint ahead: that one is waited for. */
export async function proveCommand({ values, positionals }: LedgerArguments): Promise<number> {
  const [caseId, ...rest] = positionals;
  if (caseId === undefined || rest.length > 0) throw new UsageError('Say which case: waybill ledger prove <case>.');
  const files = existingLedger(values.home);
  let proof = await prove(files, caseId, values.personal === true);
  if (proof.unsigned.length > 0) {
    await sleep(2 * checkpointEvery.ms);
    proof = await prove(files, caseId, values.personal === true);
  }
  await writeOut(values.out, [`${JSON.stringify(proof, null, 2)}\n`]);
  if (proof.unsigned.length === 0) return 0;
  process.stderr.write(`waybill ledger prove: ${proof.unsigned.length} events of the case are under no checkpoint yet; start Waybill and prove again.\n`);
  return 1;
}
