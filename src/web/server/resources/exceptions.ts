import type { JsonObject } from '../../../domain/json.ts';
import type { ExceptionRow, Ledger } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hiddenInCase, unmasked } from '../case-masking.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { exceptionView } from '../rows.ts';
import { anyObject, choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

type ExceptionListQuery = PageQuery & { readonly status?: ExceptionRow['status']; readonly queue?: string; readonly caseId?: string; readonly site?: string };
interface ResolutionBody {
  readonly outcome: 'retry' | 'continue' | 'cancel' | 'acknowledged'; readonly code: string; readonly note?: string; readonly correction?: JsonObject;
}

async function shownTo(caller: Caller, services: Services, ledger: Ledger, row: ExceptionRow): Promise<object> {
  const view = exceptionView(row);
  const hidden = await hiddenInCase(services, ledger, caller, row.case_id);
  return hidden === undefined ? view : { ...view, message: hidden.text(view.message), masked: hidden.pointers };
}

export const listExceptions = operation<object, ExceptionListQuery>({
  id: 'listExceptions', method: 'get', path: '/exceptions', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'Exceptions, open ones by default',
  query: { ...pageQuery, site, caseId: id, queue: text(128), status: { ...choice('open', 'resolved'), default: 'open' } },
  success: { status: 200, description: 'A page of exceptions.', schema: pageOf(schemas.exception) },
  handle: async ({ query, ledger, services }, caller) => {
    const { status, queue, caseId } = query;
    const filter = { ...(status === undefined ? {} : { status }), ...(queue === undefined ? {} : { queue }), ...(caseId === undefined ? {} : { caseId }) };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listExceptions({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: await Promise.all(page.items.map((row) => shownTo(caller, services, ledger(), row))) } };
  },
});

/** What the ledger holds of the exception beyond its row: where to put the goods, whom to ask, the message that was under way. */
async function detailOf(ledger: Ledger, row: ExceptionRow): Promise<JsonObject | null> {
  for (const event of await ledger.readStream(row.case_id)) {
    if (event.type === 'ExceptionRaised' && event.data.exceptionId === row.exception_id) return event.content?.detail ?? null;
  }
  return null;
}

export const getException = operation<{ exceptionId: string }>({
  id: 'getException', method: 'get', path: '/exceptions/{exceptionId}', tag: 'Exceptions', access: 'exceptions.read',
  summary: 'An exception with its details',
  params: { exceptionId: id },
  success: {
    status: 200, description: 'The exception.',
    schema: object({ ...(schemas.exception['properties'] as Record<string, typeof id>), detail: nullable(anyObject) }, ['masked']),
  },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getException(params.exceptionId));
    const detail = await detailOf(ledger(), row);
    const hidden = await hiddenInCase(services, ledger(), caller, row.case_id);
    return { status: 200, json: { ...await shownTo(caller, services, ledger(), row), detail: hidden === undefined ? detail : hidden.json(detail) } };
  },
});

export const resolveException = operation<{ exceptionId: string }, object, ResolutionBody>({
  id: 'resolveException', method: 'post', path: '/exceptions/{exceptionId}/resolution', tag: 'Exceptions', access: 'exceptions.resolve', command: true,
  summary: 'Resolve an exception',
  description: '`retry`: the token or step goes on again. `continue`: corrects the case document by a JSON merge patch (RFC 7396) and goes on. `cancel`: the case closes as cancelled. `acknowledged`: nothing more to do.',
  params: { exceptionId: id },
  body: object({
    outcome: choice('retry', 'continue', 'cancel', 'acknowledged'),
    code: { type: 'string', pattern: '^[a-z0-9-]{2,40}$', description: 'Resolution code, for example relabelled.' },
    note: text(2000), correction: anyObject,
  }, ['note', 'correction']),
  success: { status: 204, description: 'The resolution is in the ledger.' },
  handle: async ({ params, body, ledger, services, commandKey }, caller) => {
    const exception = visible(caller, await ledger().getException(params.exceptionId));
    accepted(await services.waybill.resolveException({
      exceptionId: exception.exception_id, outcome: body.outcome, code: body.code, by: caller.identity,
      ...(body.note === undefined ? {} : { note: body.note }), ...(body.correction === undefined ? {} : { correction: unmasked(body.correction) }),
      ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 204 };
  },
});

export const exceptionsResource = [listExceptions, getException, resolveException];
