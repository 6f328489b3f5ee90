import type { QuarantineRow } from '../../../ledger/port.ts';
import { accepted, operation } from '../operation.ts';
import { quarantineView } from '../rows.ts';
import { choice, id, object, pageOf, pageQuery, schemas, site, text, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

type QuarantineListQuery = PageQuery & { readonly status?: QuarantineRow['status']; readonly site?: string };

export const listQuarantine = operation<object, QuarantineListQuery>({
  id: 'listQuarantine', method: 'get', path: '/quarantine', tag: 'Quarantine', access: 'quarantine.read',
  summary: 'Messages that could not be read, held ones by default',
  query: { ...pageQuery, site, status: { ...choice('held', 'admitted', 'discarded'), default: 'held' } },
  success: { status: 200, description: 'A page of messages.', schema: pageOf(schemas.quarantined) },
  handle: async ({ query, ledger }, caller) => {
    const filter = query.status === undefined ? {} : { status: query.status };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listQuarantine({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: page.items.map(quarantineView) } };
  },
});

export const discardQuarantine = operation<{ quarantineId: string }, object, { readonly reason: string }>({
  id: 'discardQuarantine', method: 'post', path: '/quarantine/{quarantineId}/discard', tag: 'Quarantine', access: 'quarantine.discard', command: true,
  summary: 'Discard a message for a reason',
  params: { quarantineId: id },
  body: object({ reason: text(500) }),
  success: { status: 204, description: 'The decision is in the ledger.' },
  handle: async ({ params, body, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getQuarantine(params.quarantineId));
    accepted(await services.waybill.discardQuarantine({ quarantineId: row.quarantine_id, by: caller.identity, reason: body.reason }));
    return { status: 204 };
  },
});

export const quarantineResource = [listQuarantine, discardQuarantine];
