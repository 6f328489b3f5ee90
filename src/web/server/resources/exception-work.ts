import type { ExceptionWork } from '../../../engine/api.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { Priority, Severity } from '../../../domain/events.ts';
import type { Caller } from '../auth/authenticate.ts';
import { unmasked } from '../case-masking.ts';
import { accepted, operation, type ApiRequest, type Operation, type Schema, type Services } from '../operation.ts';
import { inScope, permissionsOf } from '../permissions.ts';
import { problem } from '../problems.ts';
import { anyObject, array, choice, flag, id, nullable, object, text } from '../schemas.ts';
import { recordRefusedCommand } from '../refused-commands.ts';
import { visible } from '../scope.ts';
import { remoteAddress } from './session.ts';

type Outcome = 'retry' | 'continue' | 'cancel' | 'acknowledged';
interface ResolutionBody { readonly outcome: Outcome; readonly code: string; readonly note?: string; readonly correction?: JsonObject }
interface Params { readonly exceptionId: string }

/** Exceptions that one request may resolve. */
const MAX_AT_ONCE = 100;

const outcome = choice('retry', 'continue', 'cancel', 'acknowledged');
const code: Schema = { type: 'string', pattern: '^[a-z0-9-]{2,40}$', description: 'Resolution code, for example relabelled; of those that the exception declares, when it declares some.' };

export const resolveException = operation<Params, object, ResolutionBody>({
  id: 'resolveException', method: 'post', path: '/exceptions/{exceptionId}/resolution', tag: 'Exceptions', access: 'exceptions.resolve', command: true,
  summary: 'Resolve an exception',
  description: '`retry`: the token or step goes on again. `continue`: corrects the case document by a JSON merge patch (RFC 7396) and goes on. `cancel`: the case closes as cancelled. `acknowledged`: nothing more to do. What is merged into it is resolved the same way right afterwards; a correction changes this case alone.',
  params: { exceptionId: id },
  body: object({ outcome, code, note: text(2000), correction: anyObject }, ['note', 'correction']),
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

interface BulkBody { readonly exceptionIds: readonly string[]; readonly outcome: Exclude<Outcome, 'continue'>; readonly code: string; readonly note?: string }

export const resolveExceptions = operation<object, object, BulkBody>({
  id: 'resolveExceptions', method: 'post', path: '/exceptions/resolutions', tag: 'Exceptions', access: 'exceptions.resolve', command: true,
  summary: 'Resolve several exceptions the same way',
  description: 'At most 100. Each is resolved on its own: the answer tells for each whether it was, and why not. A repeat with the same Idempotency-Key resolves what is left.',
  body: object({
    exceptionIds: { ...array(id), minItems: 1, maxItems: MAX_AT_ONCE, uniqueItems: true }, outcome: choice('retry', 'cancel', 'acknowledged'), code, note: text(2000),
  }, ['note']),
  success: {
    status: 200, description: 'What became of each, in the order of the request.',
    schema: object({ resolved: { type: 'integer' }, results: array(object({ exceptionId: id, ok: { type: 'boolean' }, code: { type: 'string' }, message: { type: 'string' } }, ['code', 'message'])) }),
  },
  handle: async ({ body, ledger, services, commandKey, raw }, caller) => {
    const results: JsonObject[] = [];
    for (const exceptionId of body.exceptionIds) {
      const row = await ledger().getException(exceptionId);
      if (row === undefined || !inScope(caller.identity.sites, row.site)) {
        const nothing = problem('not-found');
        await recordRefusedCommand(services, caller, 'resolveExceptions', nothing, remoteAddress(raw));
        results.push({ exceptionId, ok: false, code: nothing.code, message: nothing.message });
        continue;
      }
      const answer = await services.waybill.resolveException({
        exceptionId, outcome: body.outcome, code: body.code, by: caller.identity, ...(body.note === undefined ? {} : { note: body.note }),
        ...(commandKey === undefined ? {} : { commandKey: `${commandKey}:${exceptionId}` }),
      });
      results.push(answer.ok ? { exceptionId, ok: true } : { exceptionId, ok: false, code: answer.code, message: answer.message });
    }
    return { status: 200, json: { resolved: results.filter(({ ok }) => ok === true).length, results } };
  },
});

/** An operation that does one piece of work on an exception. */
function workOperation<Body>(
  about: Pick<Operation, 'id' | 'summary' | 'body' | 'description'> & { readonly what: string },
  workOf: (request: ApiRequest<Params, object, Body>, caller: Caller, site: string) => Promise<ExceptionWork> | ExceptionWork,
): Operation {
  const { what, ...rest } = about;
  return operation<Params, object, Body>({
    ...rest, method: 'post', path: `/exceptions/{exceptionId}/${what}`, tag: 'Exceptions', access: 'exceptions.resolve', command: true, params: { exceptionId: id },
    success: { status: 204, description: 'It is in the ledger.' },
    handle: async (request, caller) => {
      const row = visible(caller, await request.ledger().getException(request.params.exceptionId));
      const work = await workOf(request, caller, row.site);
      const { commandKey } = request;
      accepted(await request.services.waybill.workException({ exceptionId: row.exception_id, by: caller.identity, work, ...(commandKey === undefined ? {} : { commandKey }) }));
      return { status: 204 };
    },
  });
}

/** The account to assign to: one that may work exceptions of this site. @throws WebError `person-unsuitable` */
async function assigneeOf(services: Services, assignee: string, site: string): Promise<string> {
  const person = await services.accounts.getUser(assignee);
  const suits = person !== undefined && !person.disabled && inScope(person.sites, site) && permissionsOf(person.roles).has('exceptions.resolve');
  if (!suits) throw problem('person-unsuitable');
  return person.id;
}

const assign = workOperation<{ readonly assignee: string | null; readonly takeOver?: boolean }>({
  id: 'assignException', what: 'assignment', summary: 'Give an exception to a person, or take it back',
  description: '`assignee`: `me`, an account id, or null for nobody. What is another person\'s is refused unless `takeOver` says so.',
  body: object({ assignee: nullable({ type: 'string', minLength: 1, maxLength: 128 }), takeOver: flag }, ['takeOver']),
}, async ({ body, services }, caller, site) => {
  if (body.assignee === null) return { do: 'release' };
  const assignee = body.assignee === 'me' ? caller.identity.userId : await assigneeOf(services, body.assignee, site);
  return { do: 'assign', assignee, takeOver: body.takeOver ?? false };
});

interface Reclassification { readonly category?: string; readonly severity?: Severity; readonly queue?: string; readonly priority?: Priority; readonly reason?: string }

const reclassify = workOperation<Reclassification>({
  id: 'reclassifyException', what: 'reclassification', summary: 'Change class, severity, queue or priority',
  description: 'What is absent stays as it is; an empty `category` takes the class of the node away.',
  body: {
    ...object({
      category: { type: 'string', pattern: '^([a-z0-9-]{2,40})?$' }, severity: choice('low', 'medium', 'high', 'critical'), queue: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$' },
      priority: { type: 'integer', minimum: 1, maximum: 5 }, reason: text(500),
    }, ['category', 'severity', 'queue', 'priority', 'reason']),
    minProperties: 1,
  },
}, ({ body }) => ({ do: 'reclassify', ...body }));

const merge = workOperation<{ readonly into: string | null }>({
  id: 'mergeException', what: 'merge', summary: 'Merge an exception into a like one, or take it apart again',
  description: 'It is then resolved together with the main one, also in another case. `into`: the main exception, or null. Groups are one level deep.',
  body: object({ into: nullable(id) }),
}, ({ body }) => (body.into === null ? { do: 'unmerge' } : { do: 'merge', into: body.into }));

const link = workOperation<{ readonly other: string }>({
  id: 'linkException', what: 'link', summary: 'Say that two exceptions have to do with each other', body: object({ other: id }),
}, ({ body }) => ({ do: 'link', other: body.other }));

const reopen = workOperation<{ readonly reason: string }>({
  id: 'reopenException', what: 'reopening', summary: 'Open a resolved exception again',
  description: 'Only while its case is open. It holds its step again when that is still at work; otherwise it is a follow-up.', body: object({ reason: text(500) }),
}, ({ body }) => ({ do: 'reopen', reason: body.reason }));

const note = workOperation<{ readonly note: string }>({
  id: 'noteException', what: 'note', summary: 'Write something down', body: object({ note: text(2000) }),
}, ({ body }) => ({ do: 'note', note: body.note }));

export const exceptionWorkResource = [resolveException, resolveExceptions, assign, reclassify, merge, link, reopen, note];
