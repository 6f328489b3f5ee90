import type { ServiceReply } from '../reply.ts';

/**
 * What a request came to: done; asked again under its key; recorded, and its answer takes longer; faster than allowed; from nobody
 * who is known; refused for what it is; not taken or answered by the fault of the site.
 */
export const OUTCOMES = ['done', 'again', 'pending', 'limited', 'unknown', 'refused', 'failed'] as const;
export type RequestOutcome = (typeof OUTCOMES)[number];
export type Outcomes = { [outcome in RequestOutcome]: number };

/** An hour since 1970, and what came in it. */
export interface RequestHour { readonly at: number; readonly outcomes: Outcomes; readonly why: { [code: string]: number } }

/** Requests of one caller to one operation of one version. */
export interface RequestRow {
  /** `family/name@1.2.0`; '': an address that means no service here. */
  readonly service: string;
  /** Of the service; `/openapi.json` and `/requests` for what it answers by itself; '': none of it. */
  readonly operation: string;
  /** '': nobody who is known. */
  readonly caller: string;
  readonly since: string;
  lastAt: string;
  readonly total: Outcomes;
  /** Of the last day, oldest first. */
  hours: RequestHour[];
}

export const HOUR_MS = 3_600_000;
const HOURS = 25;
/** Codes of refusals that are told apart in an hour. A flow may make its own. */
const MOST_CODES = 20;
const OTHER = 'other';

export const noOutcomes = (): Outcomes => ({ done: 0, again: 0, pending: 0, limited: 0, unknown: 0, refused: 0, failed: 0 });

export function outcomeOf({ status, headers = {} }: Pick<ServiceReply, 'status' | 'headers'>): RequestOutcome {
  if (status === 202) return 'pending';
  if (status < 400) return headers['Idempotent-Replayed'] === 'true' ? 'again' : 'done';
  if (status === 429) return 'limited';
  if (status === 401 || status === 403) return 'unknown';
  return status < 500 ? 'refused' : 'failed';
}

/** @param code why it was refused; undefined when it was not */
export function countRequest(row: RequestRow, outcome: RequestOutcome, code: string | undefined, now: number): void {
  const at = Math.floor(now / HOUR_MS);
  let hour = row.hours.at(-1);
  if (hour?.at !== at) {
    hour = { at, outcomes: noOutcomes(), why: {} };
    row.hours = [...row.hours.filter((each) => each.at > at - HOURS && each.at < at), hour];
  }
  row.total[outcome] += 1;
  hour.outcomes[outcome] += 1;
  row.lastAt = new Date(now).toISOString();
  if (code === undefined) return;
  const name = Object.hasOwn(hour.why, code) || Object.keys(hour.why).length < MOST_CODES ? code : OTHER;
  hour.why[name] = (Object.hasOwn(hour.why, name) ? hour.why[name]! : 0) + 1;
}

/** Of the last 24 hours, to the hour. */
export function lastDay({ hours }: RequestRow, now: number): { readonly outcomes: Outcomes; readonly why: ReadonlyMap<string, number> } {
  const outcomes = noOutcomes();
  const why = new Map<string, number>();
  for (const hour of hours.filter(({ at }) => at > Math.floor(now / HOUR_MS) - 24)) {
    for (const each of OUTCOMES) outcomes[each] += hour.outcomes[each];
    for (const [code, count] of Object.entries(hour.why)) why.set(code, (why.get(code) ?? 0) + count);
  }
  return { outcomes, why };
}
