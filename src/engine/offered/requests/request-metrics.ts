import { metricLabel } from '../../support/metric-label.ts';
import { OUTCOMES } from './request-row.ts';
import type { RequestRow } from './request-row.ts';

/** Who calls what, for Prometheus. Labels are of the catalogue and the list of callers, never of a request; there are no more rows than the book keeps. */
export function requestMetrics(rows: readonly RequestRow[]): Readonly<Record<string, number>> {
  return Object.fromEntries(rows.flatMap(({ service, operation, caller, total }) => OUTCOMES.filter((outcome) => total[outcome] > 0).map((outcome) => [
    `service_in_requests{endpoint="${metricLabel([service, operation].filter((each) => each !== '').join(' '))}",caller="${metricLabel(caller)}",outcome="${outcome}"}`, total[outcome],
  ])));
}
