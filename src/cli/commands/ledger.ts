import process from 'node:process';
import { UsageError } from '../accounts.ts';
import { actionOf, parseAction } from '../arguments.ts';
import { exportCommand } from '../ledger/export.ts';
import type { LedgerArguments } from '../ledger/options.ts';
import { proveCommand } from '../ledger/prove.ts';
import { rebuildCommand } from '../ledger/rebuild.ts';
import { recoverCommand } from '../ledger/recover.ts';
import { verifyCommand } from '../ledger/verify.ts';

const usage = `Usage:
  waybill ledger verify [--no-projections] [--json]        check every leaf, commitment, tile and checkpoint; exit code 1 with findings
  waybill ledger export [--out <file>] [--from <position>] [--personal]   all events, one JSON object a line
  waybill ledger prove <case> [--out <file>] [--personal]  the case's events with inclusion proofs and checkpoint
  waybill ledger rebuild                                   make the projections anew from the events
  waybill ledger recover [--site <site>]                   go on after a backup was restored: open a new incarnation

Common option: --home <folder> (WAYBILL_HOME, ./.waybill)
verify, export and prove only read and may run beside Waybill; rebuild and recover need it stopped.
Personal content, and what was said to governed services and answered by them, is left out unless --personal asks for it.
`;

const options = {
  home: { type: 'string' }, out: { type: 'string' }, from: { type: 'string' }, site: { type: 'string' }, personal: { type: 'boolean' },
  'no-projections': { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
} as const;

const commands: Readonly<Record<string, (args: LedgerArguments) => Promise<number>>> = {
  verify: verifyCommand, export: exportCommand, prove: proveCommand, rebuild: rebuildCommand, recover: recoverCommand,
};

/** `waybill ledger …`; answers the exit code: 0 done, 1 findings or failure, 2 wrong usage. */
export async function ledger(args: string[]): Promise<number> {
  try {
    const parsed = parseAction(args, options);
    if (parsed.values.help === true) {
      process.stdout.write(usage);
      return 0;
    }
    const command = actionOf(commands, parsed.name);
    if (command === undefined) throw new UsageError(parsed.name === undefined ? 'Say what to do with the ledger.' : `There is no "waybill ledger ${parsed.name}".`);
    return await command(parsed);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`waybill ledger: ${error.message}\n\n${usage}`);
    return 2;
  }
}
