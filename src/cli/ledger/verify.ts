import process from 'node:process';
import { verifyFile } from '../../ledger/sqlite/verify.ts';
import type { VerifyReport } from '../../ledger/verify.ts';
import { existingLedger } from './options.ts';
import type { LedgerArguments } from './options.ts';

function summary(report: VerifyReport, database: string): string {
  const { events, checkpoints, signed, erased, findings, more, unwitnessedSince } = report;
  const lines = [
    `${database}: ${events} events, ${signed} of them under a good checkpoint (${checkpoints} checkpoints).`,
    ...(erased === 0 ? [] : [`${erased} parts were erased; their commitments stand.`]),
    ...(unwitnessedSince === undefined ? [] : [`Unwitnessed since ${unwitnessedSince}: nobody outside this site has cosigned a checkpoint after that. Keep checkpoints where the site cannot alter them.`]),
    ...findings.map(({ code, message }) => `FOUND ${code}: ${message}`),
    ...(more === 0 ? [] : [`…and ${more} findings more.`]),
    findings.length === 0 ? 'OK: nothing was changed, lost or moved.' : `NOT OK: ${findings.length + more} finding${findings.length + more === 1 ? '' : 's'}.`,
  ];
  return `${lines.join('\n')}\n`;
}

/** `waybill ledger verify`; exit code 1 with findings. */
export async function verifyCommand({ values }: LedgerArguments): Promise<number> {
  const files = existingLedger(values.home);
  const report = verifyFile(files, { projections: values['no-projections'] !== true });
  process.stdout.write(values.json === true ? `${JSON.stringify(report)}\n` : summary(report, files.database));
  return Promise.resolve(report.findings.length === 0 ? 0 : 1);
}
