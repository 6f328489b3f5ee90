import type { Json, JsonObject } from '../../domain/json.ts';
import type { DriverCall, HttpDriver, Outcome } from '../driver.ts';
import type { OperationBinding, QueryBinding, SingleBinding } from './binding.ts';
import { entityOf } from './answer/normalise.ts';
import { batch, partsOf } from './batch/batch.ts';
import { isFailed, judge, Speaking } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { withKey } from './idempotency.ts';
import { checkMetadata, explained } from './metadata/watch.ts';
import { nextPath } from './paging.ts';
import { isObject } from '../../domain/json.ts';
import { problemsOf } from './problems.ts';
import { build } from './request/build.ts';
import type { Built } from './request/build.ts';
import { topOf } from './request/query.ts';
import { settingsOf } from './settings.ts';
import { parseExactJson } from './values/json-text.ts';

type Failed = Exclude<Outcome, { kind: 'done' }>;

/** OData V4, 4.01 and V2, by the metadata in the service's definition. */
export const odataDriver: HttpDriver = {
  * call(call: DriverCall): Exchange<Outcome> {
    const settings = settingsOf(call.service);
    const binding = call.operation.binding as unknown as OperationBinding;
    const document = withKey(call.document ?? {}, call.operation.idempotency, call.idempotencyKey);
    const speaking = new Speaking(call, settings);
    const run = (): Exchange<Outcome> => {
      if (binding.do === 'query') return query(binding, document, speaking);
      return binding.do === 'batch' ? batch(binding, document, speaking) : single(binding, document, speaking);
    };
    // Built before anything is sent, so that a document that cannot be spoken costs nothing.
    if (binding.do === 'batch') partsOf(binding, document, speaking);
    else build(binding, { settings, document });
    const changed = yield* checkMetadata(speaking, binding, document);
    if (changed !== undefined) return changed;
    return yield* explained(yield* run(), speaking);
  },
  problems: problemsOf,
};

function* single(binding: SingleBinding, document: Json, speaking: Speaking): Exchange<Outcome> {
  const built = build(binding, { settings: speaking.settings, document });
  const outcome = judge(yield* speaking.session.send(speaking.wire(built)), built, speaking);
  if (!isFailed(outcome)) return done(outcome.answer, outcome.status);
  if (outcome.kind === 'conflict') return yield* withNewer(outcome, built, speaking);
  // What is to be gone and is gone: an earlier call has done it.
  if (binding.do === 'delete' && speaking.call.repeated && outcome.kind === 'refused' && (outcome.problem.status === 404 || outcome.problem.status === 410)) {
    return { kind: 'done', answer: null, status: outcome.problem.status };
  }
  return outcome;
}

function done(answer: Json, status: number): Outcome {
  const etag = isObject(answer) ? answer['@odata.etag'] : undefined;
  return { kind: 'done', answer, status, ...(typeof etag === 'string' ? { etag } : {}) };
}

/** Reads how the entity stands now. Under a repeated key it may be that our own earlier call made it so: then it is done. */
function* withNewer(conflict: Extract<Failed, { kind: 'conflict' }>, built: Built, speaking: Speaking): Exchange<Outcome> {
  if (built.self === undefined) return conflict;
  const again: Built = { method: 'GET', resource: built.self, options: [], headers: {}, body: undefined, safe: true, answer: { kind: 'entity', type: built.answer.type } };
  const read = judge(yield* speaking.session.send(speaking.wire(again)), again, speaking);
  if (isFailed(read)) {
    const gone = read.problem.status === 404 || read.problem.status === 410;
    return { ...conflict, problem: { ...conflict.problem, detail: gone ? 'It is not there any more.' : `How it stands now could not be read: ${read.problem.title}` } };
  }
  const newer = read.answer;
  const etag = isObject(newer) ? newer['@odata.etag'] : undefined;
  if (speaking.call.repeated && built.body !== undefined && built.answer.kind === 'entity' && holds(newer, built.body, built, speaking)) return done(newer, read.status);
  return { ...conflict, newer, ...(typeof etag === 'string' ? { etag } : {}) };
}

/** Whether the entity has all values that were sent; both in the form that answers have. */
function holds(newer: Json, sent: JsonObject, built: Built, { settings }: Speaking): boolean {
  const wanted = entityOf(parseExactJson(JSON.stringify(sent)), built.answer.type, settings.metadata);
  return isObject(newer) && isObject(wanted) && Object.entries(wanted).every(([name, value]) => JSON.stringify(newer[name]) === JSON.stringify(value));
}

function* query(binding: QueryBinding, document: Json, speaking: Speaking): Exchange<Outcome> {
  const { settings, call, session } = speaking;
  const built = build(binding, { settings, document });
  const most = binding.maxPages ?? settings.maxPages;
  const top = topOf(binding, document);
  const entities: Json[] = [];
  const seen = new Set<string>();
  let count: number | undefined;
  let request = speaking.wire(built);
  for (let page = 1; ; page += 1) {
    seen.add(request.path);
    const outcome = judge(yield* session.send(request), built, speaking);
    if (isFailed(outcome)) return outcome;
    entities.push(...((outcome.answer as JsonObject)['value'] as readonly Json[]));
    count ??= outcome.count;
    if (outcome.next === undefined || (top !== undefined && entities.length >= top)) break;
    const next = nextPath(outcome.next, settings, call.address, request.path);
    if ('refused' in next) return { kind: 'refused', problem: { title: next.refused, errorClass: 'foreign-link' } };
    if (page >= most || seen.has(next.path)) {
      const title = seen.has(next.path) ? 'The system gives the same page again and again' : `There are more than ${most} pages (${entities.length} so far): narrow the filter, or raise "maxPages" or "top" of the operation`;
      return { kind: 'refused', problem: { title, errorClass: 'too-many-pages' } };
    }
    request = { ...request, path: next.path };
  }
  return { kind: 'done', answer: { value: top === undefined ? entities : entities.slice(0, top), ...(count === undefined ? {} : { count }) } };
}
