import type { KnownService, ServiceSource } from '../../services/source.ts';
import { operationsHere } from '../places.ts';
import type { RequestBook } from './request-book.ts';
import { lastDay, noOutcomes, OUTCOMES } from './request-row.ts';
import type { Outcomes, RequestRow } from './request-row.ts';

/** Codes that a row tells. */
const MOST_CODES = 8;

/** An operation that this site offers, and one of its callers; figures of the last 24 hours. */
export interface ServiceRequestRow extends Readonly<Outcomes> {
  readonly service: string;
  readonly operation: string;
  /** '': nobody who is known. */
  readonly caller: string;
  readonly title: string | null;
  /** null: the catalogue does not have it. */
  readonly status: KnownService['status'] | null;
  readonly sunset: string | null;
  readonly successor: string | null;
  /** A node of the running flows answers it. */
  readonly answered: boolean;
  readonly calls: number;
  /** What was refused and why, most first. */
  readonly why: readonly { readonly code: string; readonly count: number }[];
  /** null: nobody has called it since it was counted first. */
  readonly lastAt: string | null;
}

export interface ServiceRequestList { readonly at: string; readonly rows: readonly ServiceRequestRow[] }

/** Who calls what this site offers: versions on their way out that are still called first, then what is refused most. */
export function serviceRequests({ book, services, now }: { readonly book: RequestBook; readonly services: ServiceSource; readonly now: number }): ServiceRequestList {
  const here = operationsHere();
  const row = ({ service, operation, caller }: Pick<RequestRow, 'service' | 'operation' | 'caller'>, counted?: RequestRow): ServiceRequestRow => {
    const known = services.service(service);
    const { outcomes, why } = counted === undefined ? { outcomes: noOutcomes(), why: new Map<string, number>() } : lastDay(counted, now);
    return {
      service, operation, caller, title: known?.definition.title ?? null, status: known?.status ?? null, sunset: known?.sunset ?? null, successor: known?.successor ?? null,
      answered: here.some((each) => each.reference === service && each.operation === operation), calls: OUTCOMES.reduce((sum, each) => sum + outcomes[each], 0), ...outcomes,
      why: [...why].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count || a.code.localeCompare(b.code)).slice(0, MOST_CODES), lastAt: counted?.lastAt ?? null,
    };
  };
  const counted = book.rows();
  const silent = here.filter(({ reference, operation }) => !counted.some((each) => each.service === reference && each.operation === operation));
  const rows = [...counted.map((each) => row(each, each)), ...silent.map(({ reference, operation }) => row({ service: reference, operation, caller: '' }))];
  const ends = ({ status, calls }: ServiceRequestRow): number => (calls > 0 && (status === 'deprecated' || status === 'retired') ? 1 : 0);
  const amiss = ({ limited, unknown, refused, failed }: ServiceRequestRow): number => limited + unknown + refused + failed;
  rows.sort((a, b) => ends(b) - ends(a) || amiss(b) - amiss(a) || a.service.localeCompare(b.service) || a.operation.localeCompare(b.operation) || a.caller.localeCompare(b.caller));
  return { at: new Date(now).toISOString(), rows };
}
