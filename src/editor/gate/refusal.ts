import type { JudgedFinding, Verdict } from '../../engine/governance/port.ts';

/** Findings that an answer carries; all of them are at `GET findings`. */
const MOST = 50;

export interface RefusalBody { readonly code: 'waybill-refused'; readonly message: string; readonly remote: { readonly findings: readonly JudgedFinding[]; readonly truncated: boolean } }

/** What whoever deploys gets: never 409, which opens the editor's merge dialog. Its text is shown as HTML, so it is escaped. */
export function refusalBody({ message, findings }: Verdict): RefusalBody {
  return { code: 'waybill-refused', message: escaped(message), remote: { findings: findings.slice(0, MOST), truncated: findings.length > MOST } };
}

export const REFUSED_STATUS = 422;

/** As an error that Node-RED's admin API makes that answer from. */
export function refusalError(verdict: Verdict): Error {
  const { code, message, remote } = refusalBody(verdict);
  return Object.assign(new Error(message), { code, status: REFUSED_STATUS, remote });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
