import type { Json } from '../../../domain/json.ts';
import type { ReplayBatchRow, ReplayItemRow } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { editedBody } from '../case-masking.ts';
import { accepted, operation, type ApiRequest } from '../operation.ts';
import { problem } from '../problems.ts';
import { anyJson, array, choice, id, nullable, object, pageOf, pageQuery, text, time, type PageQuery } from '../schemas.ts';
import { pageRequest } from '../scope.ts';

const number = { type: 'number' } as const;
const string = { type: 'string' } as const;
const statuses = ['waiting', 'replayed', 'refused', 'succeeded', 'failed-again'] as const;

interface ReplaysBody {
  readonly ids?: readonly string[]; readonly filter?: { readonly kind?: 'effect' | 'token'; readonly system?: string; readonly operation?: string; readonly reason?: string; readonly address?: string };
  readonly dryRun?: boolean; readonly ratePerSecond?: number; readonly whenOpen?: 'wait' | 'refuse'; readonly edit?: Json;
}

const filter = object({ kind: choice('effect', 'token'), system: { type: 'string', maxLength: 128 }, operation: text(256), reason: text(128), address: text(256) }, ['kind', 'system', 'operation', 'reason', 'address']);

export const replayDeadLetters = operation<object, object, ReplaysBody>({
  id: 'replayDeadLetters', method: 'post', path: '/dead-letters/replays', tag: 'Dead letters', access: 'dead-letters.replay', command: true,
  summary: 'Replay many dead letters, or say what would come of it',
  description: 'Either `ids` or `filter` (of open ones; an empty filter is all of them). A dry run changes nothing. A real run is a batch that survives restarts: it sends `ratePerSecond` of them, tells what became of each, and ends when each has succeeded, died again or was refused. `edit` takes the place of each request\'s body or message\'s payload; every guard and segregation of duties is checked for each.',
  body: object({
    ids: { type: 'array', items: id, minItems: 1, maxItems: 2000 }, filter, dryRun: { type: 'boolean', default: false }, ratePerSecond: { type: 'number', minimum: 0.01, maximum: 100, default: 5 },
    whenOpen: { ...choice('wait', 'refuse'), default: 'wait' }, edit: anyJson,
  }, ['ids', 'filter', 'dryRun', 'ratePerSecond', 'whenOpen', 'edit']),
  success: {
    status: 200, description: 'The batch, or what a dry run found.',
    schema: object({
      batchId: nullable(id), total: number, unknown: array(string),
      items: array(object({ deadLetterId: id, caseId: id, would: choice('replay', 'wait', 'be-refused'), code: string, message: string }, ['code', 'message'])),
    }),
  },
  handle: async ({ body, services, commandKey }, caller) => {
    if ((body.ids === undefined) === (body.filter === undefined)) throw problem('request-invalid', 'Give either ids or a filter.');
    const edit = editedBody(body.edit);
    const result = accepted(await services.waybill.replayMany({
      ...(body.ids === undefined ? {} : { ids: body.ids }), ...(body.filter === undefined ? {} : { filter: body.filter }),
      dryRun: body.dryRun ?? false, ratePerSecond: body.ratePerSecond ?? 5, whenOpen: body.whenOpen ?? 'wait', by: caller.identity,
      ...(edit === undefined ? {} : { edit }), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 200, json: { batchId: result.batchId ?? null, total: result.total, unknown: result.unknown, items: result.items } };
  },
});

const batch = object({
  batchId: id, status: choice('running', 'done', 'stopped'), startedAt: time, endedAt: nullable(time), total: number, ratePerSecond: number, whenOpen: choice('wait', 'refuse'),
  edited: { type: 'boolean' }, counts: object(Object.fromEntries(statuses.map((status) => [status, number]))),
  fixed: { type: 'boolean', description: 'True only when every one of them has succeeded.' },
});
const item = object({ deadLetterId: id, status: choice(...statuses), code: nullable(string), next: { ...nullable(id), description: 'The dead letter that it became again.' }, toldAt: nullable(time) });

async function shown({ ledger }: Pick<ApiRequest<object, object, unknown>, 'ledger'>, row: ReplayBatchRow): Promise<object> {
  const found = new Map((await ledger().countReplayItems(row.batch_id)).map(({ status, items }) => [status, items]));
  const counts = Object.fromEntries(statuses.map((status) => [status, found.get(status) ?? 0]));
  return {
    batchId: row.batch_id, status: row.status, startedAt: row.started_at, endedAt: row.ended_at, total: row.total, ratePerSecond: row.rate, whenOpen: row.when_open, edited: row.edited !== 0,
    counts, fixed: counts['succeeded'] === row.total,
  };
}

export const listReplays = operation<object, PageQuery & { readonly status?: ReplayBatchRow['status'] }>({
  id: 'listReplays', method: 'get', path: '/dead-letters/replays', tag: 'Dead letters', access: 'dead-letters.read',
  summary: 'Batches of replays, newest first', query: { ...pageQuery, status: choice('running', 'done', 'stopped') },
  success: { status: 200, description: 'A page of batches.', schema: pageOf(batch) },
  handle: async (request, caller) => {
    const page = await request.ledger().listReplayBatches(request.query.status === undefined ? {} : { status: request.query.status }, pageRequest(request.query));
    const rows = await Promise.all(page.items.map((row) => request.services.waybill.replayBatch(row.batch_id, caller.identity)));
    return { status: 200, json: { ...page, items: await Promise.all(rows.filter((row) => row !== undefined).map((row) => shown(request, row))) } };
  },
});

async function visibleBatch({ params, services }: Pick<ApiRequest<{ batchId: string }, object, unknown>, 'params' | 'services'>, caller: Caller): Promise<ReplayBatchRow> {
  const row = await services.waybill.replayBatch(params.batchId, caller.identity);
  if (row === undefined) throw problem('not-found');
  return row;
}

export const getReplay = operation<{ batchId: string }, PageQuery & { readonly status?: ReplayItemRow['status'] }>({
  id: 'getReplay', method: 'get', path: '/dead-letters/replays/{batchId}', tag: 'Dead letters', access: 'dead-letters.read',
  summary: 'A batch of replays with what became of each', params: { batchId: id }, query: { ...pageQuery, status: choice(...statuses) },
  success: { status: 200, description: 'The batch and a page of its items.', schema: object({ batch, items: array(item), next: string }, ['next']) },
  handle: async (request, caller) => {
    const row = await visibleBatch(request, caller);
    const { status } = request.query;
    const page = await request.ledger().listReplayItems({ batchId: row.batch_id, ...(status === undefined ? {} : { status }) }, pageRequest(request.query));
    const items = page.items.map((one) => ({ deadLetterId: one.dead_letter_id, status: one.status, code: one.code, next: one.next_id, toldAt: one.told_at }));
    return { status: 200, json: { batch: await shown(request, row), items, ...(page.next === undefined ? {} : { next: page.next }) } };
  },
});

export const stopReplay = operation<{ batchId: string }>({
  id: 'stopReplay', method: 'post', path: '/dead-letters/replays/{batchId}/stop', tag: 'Dead letters', access: 'dead-letters.replay', command: true,
  summary: 'Send no more of a batch', params: { batchId: id },
  success: { status: 204, description: 'What was sent goes its way, nothing more is sent.' },
  handle: async ({ params, services }, caller) => {
    accepted(await services.waybill.stopReplays({ batchId: params.batchId, by: caller.identity }));
    return { status: 204 };
  },
});

export const replaysResource = [replayDeadLetters, listReplays, getReplay, stopReplay];
