import type { HandoverRow } from '../../../ledger/port.ts';
import { directory } from '../names.ts';
import { accepted, operation } from '../operation.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';
import { choice, id, nullable, object, pageOf, pageQuery, site, text, time, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

type HandoverQuery = PageQuery & { readonly status?: HandoverRow['status']; readonly site?: string };

const person = object({ id: { type: 'string' }, name: { type: 'string' } }, ['name']);
const note = object({ noteId: id, site: { type: 'string' }, text: { type: 'string' }, author: person, notedAt: time, status: choice('open', 'settled'), settledAt: nullable(time), settledBy: nullable(person) });

function noteView(row: HandoverRow, nameOf: (pseudonym: string) => string | undefined): object {
  const who = (pseudonym: string): object => {
    const name = nameOf(pseudonym);
    return { id: pseudonym, ...(name === undefined ? {} : { name }) };
  };
  return {
    noteId: row.note_id, site: row.site, text: row.text, author: who(row.author), notedAt: row.noted_at, status: row.status,
    settledAt: row.settled_at, settledBy: row.settled_by === null ? null : who(row.settled_by),
  };
}

export const listHandover = operation<object, HandoverQuery>({
  id: 'listHandoverNotes', method: 'get', path: '/handover-notes', tag: 'Hand-over', access: 'handover.read',
  summary: 'Notes that shifts leave for the next one, open ones by default, newest first',
  query: { ...pageQuery, site, status: { ...choice('open', 'settled'), default: 'open' } },
  success: { status: 200, description: 'A page of notes.', schema: pageOf(note) },
  handle: async ({ query, ledger, services }, caller) => {
    const nameOf = await directory(services);
    const page = await scopedPage(caller, query.site, (sites) => ledger().listHandover({ ...(query.status === undefined ? {} : { status: query.status }), ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: page.items.map((row) => noteView(row, nameOf)) } };
  },
});

export const noteHandover = operation<object, object, { readonly site: string; readonly text: string }>({
  id: 'noteHandover', method: 'post', path: '/handover-notes', tag: 'Hand-over', access: 'handover.write', command: true,
  summary: 'Leave a note for the next shift',
  body: object({ site: text(64), text: text(2000) }),
  success: { status: 201, description: 'The note is in the ledger.', schema: object({ noteId: id }) },
  handle: async ({ body, services, commandKey }, caller) => {
    if (!inScope(caller.identity.sites, body.site)) throw problem('not-found');
    const { noteId } = accepted(await services.waybill.noteHandover({ site: body.site, text: body.text, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 201, json: { noteId } };
  },
});

export const settleHandover = operation<{ noteId: string }>({
  id: 'settleHandover', method: 'post', path: '/handover-notes/{noteId}/settlement', tag: 'Hand-over', access: 'handover.write', command: true,
  summary: 'Say that somebody has seen to a note',
  params: { noteId: id },
  success: { status: 204, description: 'Recorded.' },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getHandover(params.noteId));
    accepted(await services.waybill.settleHandover({ noteId: row.note_id, by: caller.identity }));
    return { status: 204 };
  },
});

export const handoverResource = [listHandover, noteHandover, settleHandover];
