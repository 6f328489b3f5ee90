import { OUTCOMES } from './request-row.ts';
import type { RequestRow } from './request-row.ts';

/** A label's value as the text format 0.0.4 wants it. */
const label = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`);

/** Who calls what, for Prometheus. Labels are of the catalogue and the list of callers, never of a request; there are no more rows than the book keeps. */
export function requestMetrics(rows: readonly RequestRow[]): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.flatMap(({ service, operation, caller, total }) => OUTCOMES.filter((outcome) => total[outcome] > 0).map((outcome) => [
    `service_in_requests{endpoint="${label([service, operation].filter((each) => each !== '').join(' '))}",caller="${label(caller)}",outcome="${outcome}"}`, total[outcome],
  ])));
}
