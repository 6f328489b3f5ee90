import type { Json } from '../../../domain/json.ts';
import { LONGEST_KEPT_MS } from '../../../engine/events/event-problem.ts';
import type { SignalRow } from '../../../ledger/port.ts';
import { accepted, operation } from '../operation.ts';
import { signalView } from '../rows.ts';
import { choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage } from '../scope.ts';

type EventListQuery = PageQuery & { readonly status?: SignalRow['status']; readonly site?: string; readonly name?: string };
interface EventBody { readonly name: string; readonly key: string; readonly data?: Json; readonly id?: string; readonly keepSeconds?: number; readonly broadcast?: boolean; readonly site?: string }

/** A week, when the sender does not say. */
const KEPT_SECONDS = 7 * 86_400;

export const listEvents = operation<object, EventListQuery>({
  id: 'listEvents', method: 'get', path: '/events', tag: 'Events', access: 'events.read',
  summary: 'Events that were reported, kept ones by default',
  description: '`kept`: no case has taken it yet, or it is for every case and not over. `expired`: its time was over; with `taken` 0 nobody ever took it.',
  query: { ...pageQuery, site, status: { ...choice('kept', 'taken', 'expired'), default: 'kept' }, name: text(64, 'Only events of this name.') },
  success: { status: 200, description: 'A page of events.', schema: pageOf(schemas.reported) },
  handle: async ({ query, ledger }, caller) => {
    const filter = { ...(query.status === undefined ? {} : { status: query.status }), ...(query.name === undefined ? {} : { name: query.name }) };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listSignals({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: page.items.map(signalView) } };
  },
});

export const reportEvent = operation<object, object, EventBody>({
  id: 'reportEvent', method: 'post', path: '/events', tag: 'Events', access: 'events.report', command: true, pin: 'never',
  summary: 'Report an event that cases wait for',
  description: 'Goes to the case that has waited longest for this name and key at the site, or with `broadcast` to every one. It may come before its case waits: it is kept for `keepSeconds`. With `id`, or else an Idempotency-Key, a second report is the first one\'s.',
  body: object({
    name: text(64, 'What happened, for example `asn-arrived`.'), key: text(256, 'What it is about, for example a delivery\'s number.'), data: { description: 'What the case gets; at most 65,536 characters of JSON.' },
    id: text(256, 'An id that its sender never uses again.'), keepSeconds: { type: 'number', minimum: 0, maximum: LONGEST_KEPT_MS / 1_000, description: 'How long it is kept; a week by default, 0 only for who waits now.' },
    broadcast: { type: 'boolean' }, site: { ...text(64), description: 'The site of the case; this instance\'s by default.' },
  }, ['data', 'id', 'keepSeconds', 'broadcast', 'site']),
  success: {
    status: 200, description: 'The event is in the ledger.',
    schema: object({ eventId: id, status: choice('taken', 'kept', 'expired'), repeated: { type: 'boolean' }, taken: { type: 'integer' }, caseId: nullable(id) }),
  },
  handle: async ({ body, services, commandKey }, caller) => {
    const eventKey = body.id ?? (commandKey === undefined ? undefined : `key:${commandKey}`.slice(0, 256));
    const { signalId, status, repeated, taken, caseId } = accepted(await services.waybill.reportEvent({
      site: body.site ?? services.waybill.settings.site, name: body.name, key: body.key, data: body.data ?? null, keepMs: (body.keepSeconds ?? KEPT_SECONDS) * 1_000,
      broadcast: body.broadcast === true, by: caller.identity, ...(eventKey === undefined ? {} : { id: eventKey }),
    }));
    return { status: 200, json: { eventId: signalId, status, repeated, taken, caseId } };
  },
});

export const eventsResource = [listEvents, reportEvent];
