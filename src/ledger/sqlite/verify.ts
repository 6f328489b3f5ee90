import { dirname } from 'node:path';
import { verifyAttachments } from '../attachments/verify.ts';
import { verifyLedger } from '../verify.ts';
import type { Finding, VerifyReport } from '../verify.ts';
import { ledgerErrorOf, resultCode } from './database.ts';
import type { LedgerFiles } from './files.ts';
import { ShadowProjections } from './shadow.ts';
import { SqliteSource } from './source.ts';

export interface VerifyOptions {
  /** Also compare the projections with what the events say. */
  readonly projections: boolean;
}

/** A file that cannot be read to its end gives a finding; everything else that goes wrong is thrown. */
function damage(error: unknown): Finding {
  if (resultCode(error) === undefined && ledgerErrorOf(error).code !== 'corrupt') throw error;
  return { code: 'file-damaged', message: `the database file is damaged: ${(error as Error).message}` };
}

/**
 * Verifies a ledger file: its structure, and everything that {@link verifyLedger} verifies. Only reads; may run beside an instance.
 * @throws LedgerError `path`, `corrupt` (no ledger at all), `unavailable`
 */
export function verifyFile(files: LedgerFiles, options: VerifyOptions): VerifyReport {
  const source = new SqliteSource(files);
  const findings: Finding[] = [];
  let report: VerifyReport = { events: 0, checkpoints: 0, signed: 0, erased: 0, findings: [], more: 0 };
  try {
    try {
      findings.push(...source.fileProblems().map((line): Finding => ({ code: 'file-damaged', message: `the database file is damaged: ${line}` })));
      report = verifyLedger(source);
      findings.push(...verifyAttachments(dirname(files.database), source.events()));
    } catch (error) {
      findings.push(damage(error));
    }
    if (options.projections) findings.push(...projectionFindings(files));
  } finally {
    source.close();
  }
  return { ...report, findings: [...report.findings, ...findings] };
}

function projectionFindings(files: LedgerFiles): Finding[] {
  let shadow: ShadowProjections | undefined;
  try {
    shadow = new ShadowProjections(files.database);
    if (!shadow.comparable) return [{ code: 'projection-differs', message: 'the projections are those of another version; starting Waybill, or "waybill ledger rebuild", makes them anew' }];
    shadow.build();
    return shadow.differences().map(({ table, key, kind, columns }): Finding => ({
      code: 'projection-differs', table,
      message: `row ${key} of ${table} ${kind === 'missing' ? 'is missing' : kind === 'unexpected' ? 'follows from no event' : `differs from what the events say in ${columns.join(', ')}`}; "waybill ledger rebuild" mends it`,
    }));
  } catch (error) {
    return [damage(error)];
  } finally {
    shadow?.close();
  }
}
