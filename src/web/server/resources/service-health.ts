import type { RecordedEvent } from '../../../domain/envelope.ts';
import type { ServiceHealthDetail, ServiceHealthRow } from '../../../engine/services/health/health-view.ts';
import type { Failure } from '../../../engine/services/health/figures.ts';
import type { Ledger } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { hiddenIn } from '../case-masking.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';
import { array, choice, nullable, object, text, time } from '../schemas.ts';

const string = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const number = { type: 'number' } as const;
const amounts = { type: 'object', additionalProperties: string, description: 'Decimal texts by currency.' } as const;
const ms = { ...nullable(number), description: 'Milliseconds, to the accuracy of the bins in which times are counted; null without calls.' };

const failure = object({
  at: time, caseId: string, operation: string, outcome: choice('transient', 'permanent', 'unknown'), errorClass: nullable(string), httpStatus: nullable({ type: 'integer' }),
  said: { ...nullable(string), description: 'One sentence, as the case has it; null when the caller may not see the case.' },
});
const circuitSchema = object({
  state: choice('closed', 'half-open', 'open'), since: nullable(time), until: nullable(time), manual: { type: 'boolean' }, failures: count, running: count, limit: count, waiting: count,
});
const caller = object({ node: string, name: string, type: string, place: string, operation: string, system: string, step: string, template: { ...string, description: 'Template that its tab or block says it comes from.' } }, ['template']);
const stopped = nullable(object({ by: choice('catalogue', 'site'), reason: string, until: time, since: time }, ['until', 'since']));
const rowProperties = {
  id: string, service: string, system: string, title: nullable(string), owner: nullable(string),
  status: { ...nullable(choice('published', 'deprecated', 'retired')), description: 'Where the service is in its life; null: the site\'s catalogue does not have it.' }, sunset: nullable(string), successor: nullable(string),
  stopped,
  calls: count, success: count, refused: count, again: count, unanswered: count, retries: count, p50: ms, p95: ms, p99: ms,
  trend: array(object({ at: time, calls: count, failed: count, p50: ms, p95: ms })),
  circuit: nullable(circuitSchema), waiting: count, pausedUntil: nullable(time),
  quota: nullable(object({ used: count, calls: count, per: choice('hour', 'day'), resetsAt: time })),
  deadLetters: count, unknown: count, lastFailure: nullable(failure),
  perCall: nullable(object({ amount: string, currency: string })), cost: amounts, since: nullable(time), callers: count,
};

/** What was said of a call that failed, from its case, as the caller may see it. */
async function said({ caseId, callId }: Failure, services: Services, ledger: Ledger, caller: Caller): Promise<string | null> {
  const row = await ledger.getCase(caseId);
  if (row === undefined || !inScope(caller.identity.sites, row.site)) return null;
  const events = await ledger.readStream(caseId);
  const ended = events.find((event) => event.type === 'CallEnded' && event.data.callId === callId);
  if (ended === undefined) return null;
  const hidden = hiddenIn(services, caller, events);
  const sentence = sentenceOf(hidden?.event(ended) ?? ended);
  return sentence === undefined ? null : hidden?.text(sentence) ?? sentence;
}

function sentenceOf(event: RecordedEvent): string | undefined {
  if (event.type !== 'CallEnded') return undefined;
  const { error, response } = event.content ?? {};
  const problem = response?.['problem'];
  const title = typeof problem === 'object' && problem !== null && !Array.isArray(problem) ? (problem as { readonly title?: unknown }).title : response?.['contract'];
  return error ?? (typeof title === 'string' ? title : undefined);
}

async function shownFailure(each: Failure, services: Services, ledger: Ledger, caller: Caller): Promise<object> {
  const { callId: _call, effectId: _effect, ...rest } = each;
  return { ...rest, said: await said(each, services, ledger, caller) };
}

function shownRow({ circuit, ...row }: ServiceHealthRow): object {
  return {
    ...row,
    circuit: circuit === null ? null : { state: circuit.state, since: circuit.since ?? null, until: circuit.until ?? null, manual: circuit.manual, failures: circuit.failures, running: circuit.running, limit: circuit.limit, waiting: circuit.waiting },
  };
}

export const listServiceHealth = operation({
  id: 'listServiceHealth', method: 'get', path: '/service-health', tag: 'System', access: 'kpis.read',
  summary: 'How the services at this site\'s systems are doing',
  description: 'One row for each service at a system that flows call or that was called: figures of the last 24 hours, a point for each quarter of the last twelve hours (`trend`), what is open now. Money is counted for calls that the system answered, at the price in the service\'s definition. Figures go on over restarts.',
  success: {
    status: 200, description: 'The rows, what needs somebody first.',
    schema: object({
      at: time, counting: { type: 'boolean', description: 'What was called before the start is still being counted from the ledger.' }, rows: array(object(rowProperties)),
      templates: array(object({ month: string, template: string, closed: count, amounts, perCase: amounts })),
    }),
  },
  handle: async ({ services, ledger }, caller) => {
    const health = services.waybill.serviceHealth();
    if (health === undefined) throw problem('engine-not-ready', services.waybill.reason);
    const rows = await Promise.all(health.rows.map(async (row) => ({ ...shownRow(row), lastFailure: row.lastFailure === null ? null : await shownFailure(row.lastFailure, services, ledger(), caller) })));
    return { status: 200, json: { ...health, rows } };
  },
});

async function shownDetail(detail: ServiceHealthDetail, services: Services, ledger: Ledger, caller: Caller): Promise<object> {
  const failures = await Promise.all(detail.failures.map((each) => shownFailure(each, services, ledger, caller)));
  return { ...shownRow(detail), failures, lastFailure: failures[0] ?? null };
}

export const getServiceHealth = operation<{ rowId: string }>({
  id: 'getServiceHealth', method: 'get', path: '/service-health/{rowId}', tag: 'System', access: 'kpis.read',
  summary: 'One service at one system: who calls it, how long calls take, what failed last',
  params: { rowId: text(1_000) },
  success: {
    status: 200, description: 'The row with what is behind it.',
    schema: object({
      ...rowProperties,
      histogram: array(object({ upToMs: nullable(number), calls: count })), failures: array(failure),
      calledBy: array(caller),
      limits: nullable(object({ concurrency: count, perSecond: number, burst: count })),
    }),
  },
  handle: async ({ params, services, ledger }, caller) => {
    const detail = services.waybill.serviceHealthOf(params.rowId);
    if (detail === undefined) throw problem('not-found');
    return { status: 200, json: await shownDetail(detail, services, ledger(), caller) };
  },
});

interface Change { readonly state: 'stopped' | 'running'; readonly reason: string; readonly until?: string }

export const changeService = operation<{ family: string; name: string }, object, Change>({
  id: 'changeService', method: 'post', path: '/services/{family}/{name}', tag: 'System', access: 'systems.control', command: true,
  summary: 'Stop a service at this site, or let it go on',
  description: 'For an emergency: no version of the service is called at this site until `until`, or until somebody lets it go on. Calls wait in the ledger, or ask a person where the service says so. Who did it and why is in the ledger. What its owners have stopped in the catalogue goes on by their word alone.',
  params: { family: text(64), name: text(64) }, body: object({ state: choice('stopped', 'running'), reason: text(500), until: time }, ['until']),
  success: { status: 204, description: 'It holds, and is in the ledger.' },
  handle: async ({ params: { family, name }, body, services }, caller) => {
    accepted(await services.waybill.changeService({ service: `${family}/${name}`, ...body, by: caller.identity }));
    return { status: 204 };
  },
});

export const getServiceUsage = operation({
  id: 'getServiceUsage', method: 'get', path: '/service-usage', tag: 'Governance', access: 'findings.read',
  summary: 'Who calls which service of the catalogue at this site',
  description: 'By the running flows, and what was called lately without them. What `waybill service usage` puts together for all sites, before a service is retired.',
  success: {
    status: 200, description: 'The report of this site.',
    schema: object({
      form: { const: 1 }, site: string, at: time,
      services: array(object({
        service: string, title: nullable(string), status: nullable(choice('published', 'deprecated', 'retired')), sunset: nullable(string), successor: nullable(string), stopped,
        calls: { ...count, description: 'Of the last 24 hours.' }, lastCallAt: nullable(time), callers: array(caller),
      })),
    }),
  },
  handle: ({ services: { waybill } }) => {
    const report = waybill.serviceUsage();
    if (report === undefined) throw problem('engine-not-ready', waybill.reason);
    return Promise.resolve({ status: 200, json: report });
  },
});

export const serviceHealthResource = [listServiceHealth, getServiceHealth, changeService, getServiceUsage];
