import { accepted, operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { array, choice, id, nullable, object, text, time } from '../schemas.ts';

const number = { type: 'number' } as const;
const string = { type: 'string' } as const;

interface ReplayBody {
  readonly from: string; readonly to?: string; readonly type?: string; readonly node?: string; readonly site?: string; readonly reason?: string; readonly ratePerSecond?: number; readonly dryRun?: boolean;
}

/** A time as it is compared with those of the ledger. */
function instant(name: string, given: string): string {
  const at = Date.parse(given);
  if (Number.isNaN(at) || !/^\d{4}-\d{2}-\d{2}T/.test(given)) throw problem('request-invalid', `${name} is no time; write it like 2026-03-01T08:00:00Z.`);
  return new Date(at).toISOString();
}

export const replayEvents = operation<object, object, ReplayBody>({
  id: 'replayEvents', method: 'post', path: '/event-replays', tag: 'Events', access: 'systems.control', command: true,
  summary: 'Send what event out has sent again, from a date',
  description: 'Every event that was stored from `from` up to `to` (now by default) and has been sent, in the order of the ledger and under the same ids, so that a receiver that keeps `source` and `id` knows it. `type` and `node` (`instance/stepId`) narrow it. A dry run counts. What is not sent yet is left to its own step. It goes on after a restart from where the ledger knows it: at least once.',
  body: object({
    from: text(40, 'ISO 8601.'), to: text(40), type: text(200, 'Type of the CloudEvent.'), node: text(256, 'Only what the node at this address has sent: `instance/stepId`.'), site: text(128),
    reason: text(500, 'Why; needed unless it is a dry run.'), ratePerSecond: { type: 'number', minimum: 0.01, maximum: 200, default: 10 }, dryRun: { type: 'boolean', default: false },
  }, ['to', 'type', 'node', 'site', 'reason', 'ratePerSecond', 'dryRun']),
  success: {
    status: 200, description: 'The replay, or what a dry run found.',
    schema: object({ replayId: nullable(id), total: number, found: array(object({ type: string, node: string, events: number })) }),
  },
  handle: async ({ body, services, commandKey }, caller) => {
    const { type, node, site, reason = '', dryRun = false } = body;
    if (!dryRun && reason.trim() === '') throw problem('request-invalid', 'Say why these events are sent again; it stands in the ledger.');
    const { replayId, total, found } = accepted(await services.waybill.replayEvents({
      from: instant('from', body.from), ...(body.to === undefined ? {} : { to: instant('to', body.to) }), ...(type === undefined ? {} : { type }), ...(node === undefined ? {} : { node }), ...(site === undefined ? {} : { site }),
      reason: reason.trim(), ratePerSecond: body.ratePerSecond ?? 10, dryRun, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 200, json: { replayId: replayId ?? null, total, found } };
  },
});

export const listEventReplays = operation({
  id: 'listEventReplays', method: 'get', path: '/event-replays', tag: 'Events', access: 'dead-letters.read',
  summary: 'Replays of events, newest first',
  description: 'Those that go over sites of the caller only; the last 100. `notSent`: left to its own step, or never sent. `problem`: why it stands still at the moment.',
  success: {
    status: 200, description: 'The replays.',
    schema: object({
      items: array(object({
        replayId: id, status: choice('running', 'done', 'stopped'), startedAt: time, endedAt: time, fromTime: time, toTime: time, type: string, node: string, sites: array(string), reason: string, ratePerSecond: number,
        total: number, sent: number, notSent: number, failures: number, failed: array(object({ caseId: id, effectId: id, code: string })), problem: string,
      }, ['endedAt', 'type', 'node', 'problem'])),
    }),
  },
  handle: async ({ services }, caller) => ({ status: 200, json: { items: (await services.waybill.eventReplays(caller.identity)).slice(0, 100) as never } }),
});

export const stopEventReplay = operation<{ replayId: string }>({
  id: 'stopEventReplay', method: 'post', path: '/event-replays/{replayId}/stop', tag: 'Events', access: 'systems.control', command: true,
  summary: 'Send no more of a replay', params: { replayId: id },
  success: { status: 200, description: 'Nothing more is sent.', schema: object({ status: choice('stopped') }) },
  handle: async ({ params, services }, caller) => {
    accepted(await services.waybill.stopEventReplay({ replayId: params.replayId, by: caller.identity }));
    return { status: 200, json: { status: 'stopped' } };
  },
});

export const eventReplaysResource = [replayEvents, listEventReplays, stopEventReplay];
