import { isRefusing } from '../../governance/gate/judge.ts';
import type { FindingsReport } from './port.ts';

/** What editors hear of the gate's findings; the whole list is at `GET findings`. */
export interface FindingsSummary {
  readonly at: string;
  readonly way: string;
  readonly refused: boolean;
  readonly errors: number;
  readonly warnings: number;
  readonly admitted: number;
  readonly note?: string;
}

/** Counts of a report. */
export function findingsSummary({ at, way, refused, note, findings }: FindingsReport): FindingsSummary {
  const errors = findings.filter(isRefusing).length;
  const admitted = findings.filter((finding) => finding.admitted !== undefined).length;
  return { at, way, refused, errors, admitted, warnings: findings.length - errors - admitted, ...(note === undefined ? {} : { note }) };
}
