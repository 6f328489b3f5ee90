import type { Json, JsonObject } from '../../../domain/json.ts';
import type { RecordedEvent } from '../../../domain/envelope.ts';
import { decodeMessage } from '../../../engine/support/message-codec.ts';
import type { DeadLetterRow, Ledger } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { editedBody, hiddenIn, hiddenInCase } from '../case-masking.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { deadLetterView } from '../rows.ts';
import { anyJson, anyObject, array, choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, time, type PageQuery } from '../schemas.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

type DeadLetterListQuery = PageQuery & { readonly status?: DeadLetterRow['status']; readonly caseId?: string; readonly system?: string; readonly site?: string };

async function shownTo(caller: Caller, services: Services, ledger: Ledger, row: DeadLetterRow): Promise<object> {
  const view = deadLetterView(row);
  const hidden = await hiddenInCase(services, ledger, caller, row.case_id, false);
  return hidden === undefined ? view : { ...view, reason: hidden.text(row.reason), masked: hidden.pointers };
}

export const listDeadLetters = operation<object, DeadLetterListQuery>({
  id: 'listDeadLetters', method: 'get', path: '/dead-letters', tag: 'Dead letters', access: 'dead-letters.read',
  summary: 'Calls and messages that gave up, open ones by default',
  query: { ...pageQuery, site, caseId: id, system: text(128, 'Only calls of this system.'), status: { ...choice('open', 'replayed', 'cancelled'), default: 'open' } },
  success: { status: 200, description: 'A page of dead letters.', schema: pageOf(schemas.deadLetter) },
  handle: async ({ query, ledger, services }, caller) => {
    const filter = { ...(query.status === undefined ? {} : { status: query.status }), ...(query.caseId === undefined ? {} : { caseId: query.caseId }), ...(query.system === undefined ? {} : { system: query.system }) };
    const page = await scopedPage(caller, query.site, (sites) => ledger().listDeadLetters({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: await Promise.all(page.items.map((row) => shownTo(caller, services, ledger(), row))) } };
  },
});

/** The request and what became of each try, from the events of the case. */
function historyOf(events: readonly RecordedEvent[], row: DeadLetterRow): { request: JsonObject | null; calls: JsonObject[] } {
  return row.kind === 'token' ? messageHistory(events, row) : callHistory(events, row);
}

function callHistory(events: readonly RecordedEvent[], row: DeadLetterRow): { request: JsonObject | null; calls: JsonObject[] } {
  let request: JsonObject | null = null;
  const calls: JsonObject[] = [];
  for (const event of events) {
    if (event.type === 'EffectIntended' && event.data.effectId === row.effect_id) request = event.content?.request ?? null;
    if (event.type === 'Replayed' && event.data.effectId === row.effect_id) request = event.content?.request ?? request;
    if (event.type !== 'CallEnded' || event.data.effectId !== row.effect_id) continue;
    const { callId, outcome, httpStatus, errorClass, durationMs } = event.data;
    calls.push({
      callId, outcome, durationMs, at: event.recordedAt, httpStatus: httpStatus ?? null, errorClass: errorClass ?? null,
      error: event.content?.error ?? null, response: event.content?.response ?? null,
    });
  }
  return { request, calls };
}

/** A message's payload stands where a call has its body, so that both are edited alike. */
function bodyOf(encoded: string | undefined): JsonObject | null {
  if (encoded === undefined) return null;
  const { payload } = decodeMessage(encoded);
  return { body: JSON.parse(JSON.stringify(payload ?? null)) as Json };
}

function messageHistory(events: readonly RecordedEvent[], row: DeadLetterRow): { request: JsonObject | null; calls: JsonObject[] } {
  let request: JsonObject | null = null;
  const calls: JsonObject[] = [];
  for (const event of events) {
    if (event.type === 'StepCompleted' && event.data.runId === row.run_id) request = bodyOf(event.content?.messages['0']);
    if (event.type === 'TokenReplayed' && event.data.tokenId === row.token_id && event.data.edited) request = bodyOf(event.content?.message);
    if (event.type === 'AttemptEnded' && event.data.tokenId === row.token_id) {
      const { attempt, outcome, httpStatus, errorClass, durationMs } = event.data;
      calls.push({
        callId: String(attempt), outcome, durationMs, at: event.recordedAt, httpStatus: httpStatus ?? null, errorClass: errorClass ?? null, error: event.content?.error ?? null, response: null,
      });
    }
    const last = calls.at(-1);
    if (event.type === 'TokenDeadLettered' && event.data.tokenId === row.token_id && last !== undefined) calls[calls.length - 1] = { ...last, response: bodyOf(event.content?.message) };
  }
  return { request, calls };
}

const callSchema = object({
  callId: { type: 'string' }, outcome: { type: 'string' }, at: time, durationMs: { type: 'number' }, httpStatus: nullable({ type: 'integer' }),
  errorClass: nullable({ type: 'string' }), error: nullable({ type: 'string' }), response: nullable(anyObject),
});

export const getDeadLetter = operation<{ deadLetterId: string }>({
  id: 'getDeadLetter', method: 'get', path: '/dead-letters/{deadLetterId}', tag: 'Dead letters', access: 'dead-letters.read',
  summary: 'A call or message that gave up, with what was sent and its tries',
  params: { deadLetterId: id },
  success: {
    status: 200, description: 'The dead letter.',
    schema: object({ ...(schemas.deadLetter['properties'] as Record<string, typeof id>), request: nullable(anyObject), tries: array(callSchema) }, ['masked']),
  },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getDeadLetter(params.deadLetterId));
    const events = await ledger().readStream(row.case_id);
    const hidden = hiddenIn(services, caller, events);
    const { request, calls } = historyOf(hidden === undefined ? events : events.map((event) => hidden.event(event)), row);
    const facts = { request, tries: calls };
    return { status: 200, json: { ...deadLetterView(row), ...(hidden === undefined ? facts : { ...hidden.json(facts), reason: hidden.text(row.reason), masked: hidden.pointers }) } };
  },
});

export const replayDeadLetter = operation<{ deadLetterId: string }, object, { readonly request?: Json; readonly whenOpen?: 'wait' | 'refuse' }>({
  id: 'replayDeadLetter', method: 'post', path: '/dead-letters/{deadLetterId}/replay', tag: 'Dead letters', access: 'dead-letters.replay', command: true,
  summary: 'Call again, as it was or with an edited request',
  description: '`request` replaces the body of the request that was sent, or `msg.payload` of the message. The idempotency key and the token stay the same. An edit is checked again by every guard and by segregation of duties. While the circuit of the system is open, the replay waits until it is let through, or is refused (`circuit-open`).',
  params: { deadLetterId: id },
  body: object({ request: anyJson, whenOpen: { ...choice('wait', 'refuse'), default: 'wait' } }, ['request', 'whenOpen']), bodyOptional: true,
  success: { status: 204, description: 'The replay is in the ledger and under way.' },
  handle: async ({ params, body, ledger, services, commandKey }, caller) => {
    const letter = visible(caller, await ledger().getDeadLetter(params.deadLetterId));
    const request = editedBody(body.request);
    accepted(await services.waybill.replayDeadLetter({
      deadLetterId: letter.dead_letter_id, by: caller.identity,
      ...(request === undefined ? {} : { request }), ...(body.whenOpen === undefined ? {} : { whenOpen: body.whenOpen }), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 204 };
  },
});

export const discardDeadLetter = operation<{ deadLetterId: string }, object, { readonly reason: string }>({
  id: 'discardDeadLetter', method: 'post', path: '/dead-letters/{deadLetterId}/discard', tag: 'Dead letters', access: 'dead-letters.replay', command: true,
  summary: 'Give a dead letter up for good: its case is cancelled',
  description: 'The case ends as by the outcome *cancel* of an exception about the dead letter, with its compensations. Refused while it is not known whether the call happened.',
  params: { deadLetterId: id }, body: object({ reason: text(500) }),
  success: { status: 204, description: 'The case is cancelled.' },
  handle: async ({ params, body, ledger, services, commandKey }, caller) => {
    const letter = visible(caller, await ledger().getDeadLetter(params.deadLetterId));
    accepted(await services.waybill.discardDeadLetter({ deadLetterId: letter.dead_letter_id, by: caller.identity, reason: body.reason, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 204 };
  },
});

interface OutcomeBody { readonly outcome: 'happened' | 'not-happened'; readonly response?: Json }

export const resolveOutcome = operation<{ caseId: string; effectId: string }, object, OutcomeBody>({
  id: 'resolveOutcome', method: 'post', path: '/cases/{caseId}/effects/{effectId}/outcome', tag: 'Dead letters', access: 'effects.resolve', command: true,
  summary: 'Say what is known of a call whose outcome is unknown',
  description: '`not-happened` raises the generation: the call is made again under a new idempotency key.',
  params: { caseId: id, effectId: id },
  body: object({ outcome: choice('happened', 'not-happened'), response: { description: 'The answer of the other system, when it is known.' } }, ['response']),
  success: { status: 204, description: 'The outcome is in the ledger.' },
  handle: async ({ params, body, ledger, services, commandKey }, caller) => {
    const row = visible(caller, await ledger().getCase(params.caseId));
    accepted(await services.waybill.resolveOutcome({
      caseId: row.case_id, effectId: params.effectId, outcome: body.outcome, by: caller.identity,
      ...(body.response === undefined ? {} : { response: body.response }), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 204 };
  },
});

export const deadLettersResource = [listDeadLetters, getDeadLetter, replayDeadLetter, discardDeadLetter, resolveOutcome];
