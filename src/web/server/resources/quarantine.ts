import type { QuarantineRow } from '../../../ledger/port.ts';
import { masksAnything } from '../../../engine/services/exchange-veil.ts';
import type { Caller } from '../auth/authenticate.ts';
import { maskerOf } from '../case-masking.ts';
import { accepted, operation, type Schema, type Services } from '../operation.ts';
import { pick, quarantineView } from '../rows.ts';
import { array, choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

/** Of what a service masks the bytes are covered as a whole from who may not read it: where it stands in them nobody can tell of what is damaged. */
async function shown(services: Pick<Services, 'masks' | 'waybill'>, caller: Caller, row: QuarantineRow) {
  const view = quarantineView(row);
  const { active } = maskerOf(services, caller);
  const personal = caller.permissions.has('personal.read');
  if (view.kind === 'message' || (!active && (personal || !masksAnything(services.waybill.services)))) return view;
  const origin = (await services.waybill.quarantineDetail(row.quarantine_id))?.origin;
  const definition = services.waybill.services.service(origin?.service ?? '')?.definition;
  const masks = definition === undefined || definition.classification === 'restricted' || (definition.masked ?? []).length > 0;
  return active || (!personal && masks) ? { ...view, head: '', covered: true } : view;
}

type QuarantineListQuery = PageQuery & { readonly status?: QuarantineRow['status']; readonly site?: string };

export const listQuarantine = operation<object, QuarantineListQuery>({
  id: 'listQuarantine', method: 'get', path: '/quarantine', tag: 'Quarantine', access: 'quarantine.read',
  summary: 'Messages that could not be read, held ones by default',
  query: { ...pageQuery, site, status: { ...choice('held', 'admitted', 'discarded'), default: 'held' } },
  success: { status: 200, description: 'A page of messages.', schema: pageOf(schemas.quarantined) },
  handle: async ({ query, ledger, services }, caller) => {
    const filter = query.status === undefined ? {} : { status: query.status };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listQuarantine({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: await Promise.all(page.items.map((row) => shown(services, caller, row))) } };
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

export const getQuarantined = operation<{ quarantineId: string }>({
  id: 'getQuarantined', method: 'get', path: '/quarantine/{quarantineId}', tag: 'Quarantine', access: 'quarantine.read',
  summary: 'A message in quarantine, with what may be done with it',
  description: '`text` is null when the bytes are no UTF-8. `editable` is false when the message was dealt with, or more came than was kept. `suggestion` is a message that could be admitted. `origin`: of a file or a message of a queue, which is taken again as it came; `notTaken` says why that cannot be.',
  params: { quarantineId: id },
  success: {
    status: 200, description: 'The message.',
    schema: object({
      ...(schemas.quarantined['properties'] as Record<string, typeof id>), text: nullable({ type: 'string' }), editable: { type: 'boolean' }, suggestion: nullable({ type: 'string' }),
      notTaken: nullable({ type: 'string' }),
      origin: nullable(object({ kind: choice('file', 'queue'), system: { type: 'string' }, place: { type: 'string', description: 'Folder or queue.' }, service: { type: 'string' }, name: { type: 'string' }, answered: { type: 'boolean', description: 'Its sender was told that it is refused.' } })),
    }, ['covered']),
  },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getQuarantine(params.quarantineId));
    const detail = await services.waybill.quarantineDetail(row.quarantine_id);
    const { origin = null, ...more } = detail ?? { text: null, editable: false, suggestion: null, notTaken: null };
    const view = await shown(services, caller, row);
    const covered = 'covered' in view ? { text: null, suggestion: null, editable: false } : {};
    return { status: 200, json: { ...view, ...more, ...covered, origin: origin === null ? null : pick(origin, 'kind', 'system', 'place', 'service', 'name', 'answered') } };
  },
});

const message: Schema = { type: 'string', minLength: 1, maxLength: 65_536, description: 'The message as it should have come; absent, of a document: as it came.' };
const topic = text(1024, 'Topic of the station, when it is another than the message\'s own.');

export const previewQuarantine = operation<{ quarantineId: string }, object, { readonly message?: string; readonly topic?: string }>({
  id: 'previewQuarantine', method: 'post', path: '/quarantine/{quarantineId}/preview', tag: 'Quarantine', access: 'quarantine.discard',
  summary: 'What an admission of this message would do',
  description: 'Reads the message as the scan in node would that takes its topic, a document as the node that put it aside; records nothing. `kind` `repeats`: a case holds the business key already; `reported`: it is told to cases that are there.',
  params: { quarantineId: id },
  body: object({ message, topic }, ['message', 'topic']),
  success: {
    status: 200, description: 'What would happen.',
    schema: object({
      ok: { type: 'boolean' }, kind: choice('opens', 'repeats', 'reported', 'refused'), cases: { type: 'integer' }, code: { type: 'string' }, title: { type: 'string' }, keys: array(schemas.businessKey), caseId: id,
      problem: { type: 'string' },
    }, ['cases', 'code', 'title', 'keys', 'caseId', 'problem']),
  },
  handle: async ({ params, body, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getQuarantine(params.quarantineId));
    const { admissible, ...preview } = accepted(await services.waybill.previewQuarantine({ quarantineId: row.quarantine_id, by: caller.identity, ...body }));
    return { status: 200, json: { ok: admissible, ...preview } };
  },
});

export const admitQuarantine = operation<{ quarantineId: string }, object, { readonly message?: string; readonly topic?: string; readonly reason: string }>({
  id: 'admitQuarantine', method: 'post', path: '/quarantine/{quarantineId}/admission', tag: 'Quarantine', access: 'quarantine.discard', command: true,
  summary: 'Admit a message as a person has mapped it, or take a document again',
  description: 'A document (`origin`) without `message` is taken again as it came, by the node that put it aside: all of it or nothing. Opens a case, or records a repeat on the case that holds the business key; once for each message: later ones are a conflict that names the case in `caseId`. The case records who mapped it, why, and the SHA-256 of the original; who edited the message has touched the case and does not decide its tasks.',
  params: { quarantineId: id },
  body: object({ message, topic, reason: text(500) }, ['message', 'topic']),
  success: { status: 200, description: 'The case has it.', schema: object({ caseId: nullable(id), cases: { type: 'integer' }, kind: choice('opens', 'repeats', 'reported') }) },
  handle: async ({ params, body, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getQuarantine(params.quarantineId));
    const { caseId, cases, kind } = accepted(await services.waybill.admitQuarantine({ quarantineId: row.quarantine_id, by: caller.identity, ...body }));
    return { status: 200, json: { caseId, cases, kind } };
  },
});

export const quarantineResource = [listQuarantine, getQuarantined, previewQuarantine, admitQuarantine, discardQuarantine];
