import type { LedgerCounts, Page, PageRequest } from '../../../ledger/port.ts';
import { operation, type Schema } from '../operation.ts';
import { siteFilter } from '../permissions.ts';
import { MAX_LIMIT, object } from '../schemas.ts';
import { scopedPage } from '../scope.ts';

/** How far the counts of single sites go. */
const COUNT_LIMIT = 1000;

const count: Schema = { type: ['integer', 'null'], minimum: 0 };
const names = [
  'casesOpen', 'casesClosed', 'tasksOpen', 'exceptionsOpen', 'deadLettersOpen', 'quarantineHeld', 'tokensLive', 'stepsOpen', 'timers', 'events',
] as const satisfies readonly (keyof LedgerCounts)[];

async function countUpTo<T>(read: (page: PageRequest) => Promise<Page<T>>): Promise<number> {
  let total = 0;
  let cursor: string | undefined;
  do {
    const page = await read({ limit: MAX_LIMIT, ...(cursor === undefined ? {} : { cursor }) });
    total += page.items.length;
    cursor = page.next;
  } while (cursor !== undefined && total < COUNT_LIMIT);
  return Math.min(total, COUNT_LIMIT);
}

export const getKpis = operation({
  id: 'getKpis', method: 'get', path: '/kpis', tag: 'Insight', access: 'kpis.read',
  summary: 'Counts of what is open',
  description: 'Of the whole ledger for callers with all sites. For others of their sites only: each count goes up to `countedUpTo`, and what is not kept per site is null.',
  success: {
    status: 200, description: 'The counts.',
    schema: object({
      ...Object.fromEntries(names.map((name) => [name, count])),
      scope: { type: 'string', enum: ['ledger', 'sites'] }, countedUpTo: count,
    }),
  },
  handle: async ({ ledger }, caller) => {
    const { sites } = caller.identity;
    if (siteFilter(sites) === undefined) {
      const counts = await ledger().counts();
      return { status: 200, json: { ...Object.fromEntries(names.map((name) => [name, counts[name]])), scope: 'ledger', countedUpTo: null } };
    }
    const list = <T>(read: (filter: { readonly sites?: readonly string[] }, page: PageRequest) => Promise<Page<T>>): Promise<number> =>
      countUpTo((page) => scopedPage(caller, undefined, (filter) => read(filter, page)));
    const [casesOpen, tasksOpen, exceptionsOpen, deadLettersOpen, quarantineHeld] = await Promise.all([
      list((filter, page) => ledger().listCases({ ...filter, status: 'open' }, page)),
      list((filter, page) => ledger().listTasks({ ...filter, status: 'open' }, page)),
      list((filter, page) => ledger().listExceptions({ ...filter, status: 'open' }, page)),
      list((filter, page) => ledger().listDeadLetters({ ...filter, status: 'open' }, page)),
      list((filter, page) => ledger().listQuarantine({ ...filter, status: 'held' }, page)),
    ]);
    return {
      status: 200,
      json: {
        casesOpen, tasksOpen, exceptionsOpen, deadLettersOpen, quarantineHeld,
        casesClosed: null, tokensLive: null, stepsOpen: null, timers: null, events: null, scope: 'sites', countedUpTo: COUNT_LIMIT,
      },
    };
  },
});

export const insightResource = [getKpis];
