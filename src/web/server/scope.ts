import type { Page, PageRequest } from '../../ledger/port.ts';
import type { Caller } from './auth/authenticate.ts';
import { inScope, siteFilter } from './permissions.ts';
import { problem } from './problems.ts';

/** Marks a list of which the caller may see nothing. */
const NOTHING = Symbol('nothing');

/**
 * Sites to filter a list by: undefined for all, {@link NOTHING} when none is left (an empty list must
 * not reach the ledger, where it could read as "no filter").
 */
function sitesToList(caller: Caller, asked: string | undefined): readonly string[] | undefined | typeof NOTHING {
  const mine = caller.identity.sites;
  if (asked !== undefined) return inScope(mine, asked) ? [asked] : NOTHING;
  const filter = siteFilter(mine);
  return filter?.length === 0 ? NOTHING : filter;
}

/** A page of a list narrowed to the caller's sites; a site that is not among them gives an empty page. */
export async function scopedPage<T>(
  caller: Caller, asked: string | undefined, read: (filter: { readonly sites?: readonly string[] }) => Promise<Page<T>>,
): Promise<Page<T>> {
  const sites = sitesToList(caller, asked);
  if (sites === NOTHING) return { items: [] };
  return await read(sites === undefined ? {} : { sites });
}

/** The row when it is there and in the caller's sites. @throws WebError `not-found` for both, so that ids tell nothing */
export function visible<T extends { readonly site: string }>(caller: Caller, row: T | undefined): T {
  if (row === undefined || !inScope(caller.identity.sites, row.site)) throw problem('not-found');
  return row;
}

/** Reads of one search; each looks at a bounded number of rows, so that others get their turn in between. */
const MAX_READS = 100;
/** As many where every row costs a look at its case. */
export const MAX_MASKED_READS = 20;

/** A page of a list that is searched row by row: reads on until it is full or the list ends, within bounds. */
export async function searchedPage<T>(page: PageRequest, read: (page: PageRequest) => Promise<Page<T>>, maxReads: number = MAX_READS): Promise<Page<T>> {
  const found: T[] = [];
  let cursor = page.cursor;
  for (let reads = 0; reads < maxReads; reads++) {
    const { items, next } = await read({ limit: page.limit - found.length, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...items);
    cursor = next;
    if (found.length >= page.limit || next === undefined) break;
  }
  return { items: found, ...(cursor === undefined ? {} : { next: cursor }) };
}

/** Words of a search beyond these are not looked for. */
const MAX_WORDS = 10;

/** The words of a search, as they were written. */
export function searchWords(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '').slice(0, MAX_WORDS);
}

/** What a list asks the ledger for. */
export function pageRequest(query: { readonly limit: number; readonly cursor?: string }): PageRequest {
  return { limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
}

/** A page of a list that is made anew each time, so that a position is enough to go on from. @throws WebError `cursor-invalid` */
export function pageAt<T>(all: readonly T[], { limit, cursor = '0' }: PageRequest): Page<T> {
  if (!/^\d{1,9}$/.test(cursor)) throw problem('cursor-invalid');
  const from = Number(cursor);
  const to = from + limit;
  return { items: all.slice(from, to), ...(to < all.length ? { next: String(to) } : {}) };
}
