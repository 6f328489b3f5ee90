import type { RecordedEvent } from '../../../domain/envelope.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { ExceptionFilter, ExceptionRow, Ledger } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hiddenIn, hiddenInCase, maskerOf } from '../case-masking.ts';
import { directory } from '../names.ts';
import { operation, type Services } from '../operation.ts';
import { inScope } from '../permissions.ts';
import { exceptionView, photoView, type ExceptionContext } from '../rows.ts';
import { anyObject, array, choice, flag, id, nullable, object, pageOf, pageQuery, schemas, site, text, time, type PageQuery } from '../schemas.ts';
import { MAX_MASKED_READS, pageRequest, scopedPage, searchedPage, searchWords, visible } from '../scope.ts';

type ExceptionListQuery = PageQuery & {
  readonly status?: ExceptionRow['status']; readonly queue?: string; readonly caseId?: string; readonly site?: string; readonly class?: string; readonly severity?: string;
  readonly assignee?: string; readonly olderThanHours?: number; readonly q?: string; readonly sort?: 'urgency' | 'oldest'; readonly merged?: 'hide' | 'show'; readonly mergedInto?: string;
};

/** Like exceptions that are suggested. */
const MAX_LIKE = 50;

/** What the view of an exception needs besides its row. */
async function contextOf(services: Services, caller: Caller): Promise<ExceptionContext> {
  return { nameOf: await directory(services), me: services.waybill.pseudonym(caller.identity.userId), now: services.waybill.clock.now() };
}

async function shownTo(caller: Caller, services: Services, ledger: Ledger, row: ExceptionRow, context: ExceptionContext): Promise<ReturnType<typeof exceptionView> & { readonly masked?: readonly string[] }> {
  const view = exceptionView(row, context);
  const hidden = await hiddenInCase(services, ledger, caller, row.case_id, row.system !== null || row.effect_id !== null);
  return hidden === undefined ? view : { ...view, message: hidden.text(view.message), masked: hidden.pointers };
}

function filterOf(query: ExceptionListQuery, context: ExceptionContext): ExceptionFilter {
  const { status, queue, caseId, severity, assignee, olderThanHours, mergedInto } = query;
  return {
    ...(status === undefined ? {} : { status }), ...(queue === undefined ? {} : { queue }), ...(caseId === undefined ? {} : { caseId }),
    ...(query.class === undefined ? {} : { class: query.class }), ...(severity === undefined ? {} : { severity }),
    ...(assignee === undefined ? {} : { assignee: assignee === 'me' ? context.me : assignee === 'none' ? '' : assignee }),
    ...(olderThanHours === undefined ? {} : { raisedBefore: new Date(context.now - olderThanHours * 3_600_000).toISOString() }),
    ...(mergedInto === undefined ? {} : { mergedInto }), ...(query.merged === 'hide' ? { mainOnly: true } : {}), sort: query.sort ?? 'oldest',
  };
}

export const listExceptions = operation<object, ExceptionListQuery>({
  id: 'listExceptions', method: 'get', path: '/exceptions', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'Exceptions, open ones by default',
  query: {
    ...pageQuery, site, caseId: id, queue: text(128), status: { ...choice('open', 'resolved'), default: 'open' },
    class: text(128, 'The class that the node declares, or the engine\'s own.'), severity: choice('low', 'medium', 'high', 'critical'),
    assignee: text(128, '`me`, `none`, or a person by the id that an exception shows.'),
    olderThanHours: { type: 'integer', minimum: 0, maximum: 87_600, description: 'Only those raised longer ago.' },
    q: text(200, 'Words that all stand in message, code, class, queue, system, step or business keys, in upper or lower case.'),
    sort: { ...choice('urgency', 'oldest'), description: 'Of open ones. `urgency`: priority with ageing first, then what is due or waits longest.' },
    merged: { ...choice('hide', 'show'), description: '`hide` leaves out those that are resolved together with another one.' }, mergedInto: id,
  },
  success: { status: 200, description: 'A page of exceptions.', schema: pageOf(schemas.exception) },
  handle: async ({ query, ledger, services }, caller) => {
    const context = await contextOf(services, caller);
    const filter = filterOf(query, context);
    const words = searchWords(query.q);
    const { active } = maskerOf(services, caller);
    const page = await scopedPage(caller, query.site, (sites) => searchedPage(pageRequest(query), async (each) => {
      const { items, ...more } = await ledger().listExceptions({ ...filter, words, ...sites }, each);
      const views = await Promise.all(items.map((row) => shownTo(caller, services, ledger(), row, context)));
      // Nobody finds an exception by what they may not see in it.
      return { items: active && words.length > 0 ? views.filter((view) => isFound(view, words)) : views, ...more };
    }, active && words.length > 0 ? MAX_MASKED_READS : words.length > 0 ? undefined : 1));
    return { status: 200, json: page };
  },
});

function isFound(view: ReturnType<typeof exceptionView>, words: readonly string[]): boolean {
  const shown = [view.message, view.code, view.class, view.category, view.queue, view.system, view.address, view.site].join(' ').toLowerCase();
  return words.every((word) => shown.includes(word.toLowerCase()));
}

const whole = { type: 'integer', minimum: 0 } as const;
const counts = { open: whole, overdue: whole, unassigned: whole, critical: whole, ages: object({ hour: whole, day: whole, week: whole, older: whole }) };

export const summarizeExceptions = operation<object, { readonly site?: string }>({
  id: 'summarizeExceptions', method: 'get', path: '/exceptions/summary', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'Counts of open exceptions by queue, with their age',
  description: 'Those that are merged into others are not counted. Ages are counted in elapsed time: up to an hour, a day, a week, and older.',
  query: { site },
  success: {
    status: 200, description: 'The counts.',
    schema: object({ ...counts, queues: array(object({ queue: { type: 'string' }, ...counts })) }),
  },
  handle: async ({ query, ledger, services }, caller) => {
    const mine = (await ledger().countExceptions(services.waybill.clock.iso()))
      .filter((count) => inScope(caller.identity.sites, count.site) && (query.site === undefined || query.site === count.site));
    const sums = (list: typeof mine) => {
      const sum = (name: Exclude<keyof (typeof mine)[number], 'queue' | 'site'>): number => list.reduce((total, count) => total + count[name], 0);
      return { open: sum('open'), overdue: sum('overdue'), unassigned: sum('unassigned'), critical: sum('critical'), ages: { hour: sum('hour'), day: sum('day'), week: sum('week'), older: sum('older') } };
    };
    const queues = [...new Set(mine.map(({ queue }) => queue))].map((queue) => ({ queue, ...sums(mine.filter((count) => count.queue === queue)) }));
    return { status: 200, json: { ...sums(mine), queues: queues.sort((a, b) => b.open - a.open) } };
  },
});

export const likeExceptions = operation<{ exceptionId: string }, { readonly sameStep?: boolean }>({
  id: 'likeExceptions', method: 'get', path: '/exceptions/{exceptionId}/like', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'Open exceptions that are like this one',
  description: 'Of the same class, code and system, in the caller\'s sites; at most 50, oldest first. They may be merged, linked, or resolved together.',
  params: { exceptionId: id }, query: { sameStep: { ...flag, description: 'Only those raised at the same step.' } },
  success: { status: 200, description: 'Like exceptions.', schema: object({ items: array(schemas.exception) }) },
  handle: async ({ params, query, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getException(params.exceptionId));
    const context = await contextOf(services, caller);
    const { items } = await scopedPage(caller, undefined, (sites) => ledger().listExceptions({
      status: 'open', class: row.category ?? row.class, code: row.code, system: row.system ?? '', ...sites,
      ...(query.sameStep === true && row.address !== null ? { address: row.address } : {}),
    }, { limit: MAX_LIKE + 1 }));
    const others = items.filter((each) => each.exception_id !== row.exception_id).slice(0, MAX_LIKE);
    return { status: 200, json: { items: await Promise.all(others.map((each) => shownTo(caller, services, ledger(), each, context))) } };
  },
});

/** What the ledger holds of the exception beyond its row: where to put the goods, whom to ask, the message that was under way, what people wrote. */
function storyOf(events: readonly RecordedEvent[], row: ExceptionRow, context: ExceptionContext): { readonly detail: JsonObject | null; readonly notes: readonly JsonObject[] } {
  let detail: JsonObject | null = null;
  const notes: JsonObject[] = [];
  for (const event of events) {
    if (event.type === 'ExceptionRaised' && event.data.exceptionId === row.exception_id) detail = event.content?.detail ?? null;
    if (event.type !== 'ExceptionNoted' || event.data.exceptionId !== row.exception_id) continue;
    notes.push({ noteId: event.data.noteId, at: event.recordedAt, by: event.personal?.name ?? context.nameOf(event.actor.id) ?? null, note: event.content?.note ?? null });
  }
  return { detail, notes };
}

export const getException = operation<{ exceptionId: string }>({
  id: 'getException', method: 'get', path: '/exceptions/{exceptionId}', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'An exception with its details, notes, photos, and what is merged into it or linked to it',
  params: { exceptionId: id },
  success: {
    status: 200, description: 'The exception.',
    schema: object({
      ...(schemas.exception['properties'] as Record<string, typeof id>), detail: nullable(anyObject),
      notes: array(object({ noteId: id, at: time, by: nullable({ type: 'string' }), note: nullable({ type: 'string' }) })),
      photos: array(schemas.photo), merged: array(schemas.exception), linked: array(schemas.exception),
    }, ['masked']),
  },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getException(params.exceptionId));
    const context = await contextOf(services, caller);
    const [events, photos, linked, mergedPage] = await Promise.all([
      ledger().readStream(row.case_id), ledger().attachmentsOf(row.case_id), ledger().linkedExceptions(row.exception_id),
      scopedPage(caller, undefined, (sites) => ledger().listExceptions({ mergedInto: row.exception_id, ...sites }, { limit: 200 })),
    ]);
    const hidden = hiddenIn(services, caller, events);
    const { detail, notes } = storyOf(hidden === undefined ? events : events.map((event) => hidden.event(event)), row, context);
    const others = (await Promise.all(linked.map((other) => ledger().getException(other)))).filter((other): other is ExceptionRow => other !== undefined && inScope(caller.identity.sites, other.site));
    const view = (each: ExceptionRow): Promise<object> => shownTo(caller, services, ledger(), each, context);
    return {
      status: 200,
      json: {
        ...await view(row), detail: hidden === undefined ? detail : hidden.json(detail), notes: hidden === undefined ? notes : hidden.json([...notes]),
        photos: photos.filter((photo) => photo.subject_kind === 'exception' && photo.subject_id === row.exception_id).map((photo) => photoView(photo, context.nameOf)),
        merged: await Promise.all(mergedPage.items.map(view)), linked: await Promise.all(others.map(view)),
      },
    };
  },
});

export const exceptionsResource = [listExceptions, summarizeExceptions, getException, likeExceptions];
