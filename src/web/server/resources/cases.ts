import type { HiddenValues } from '../masking.ts';
import type { CaseRow, Ledger } from '../../../ledger/port.ts';
import type { RecordedEvent } from '../../../domain/envelope.ts';
import type { Json } from '../../../domain/json.ts';
import type { CaseCompensation } from '../../../engine/api.ts';
import { attachment } from '../attachment.ts';
import { hiddenIn, hiddenInCase, maskerOf } from '../case-masking.ts';
import { directory } from '../names.ts';
import { operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { caseView, eventView } from '../rows.ts';
import { array, choice, id, nullable, object, pageOf, pageQuery, schemas, site, text, anyObject, time, type PageQuery } from '../schemas.ts';
import { MAX_MASKED_READS, pageRequest, scopedPage, searchedPage, visible } from '../scope.ts';

type CaseListQuery = PageQuery & { readonly status?: 'open' | 'closed'; readonly key?: string; readonly q?: string; readonly process?: string; readonly site?: string };

type Shown = ReturnType<typeof caseView> & { readonly masked?: readonly string[] };

async function withKeys(ledger: Ledger, row: CaseRow, hidden: HiddenValues | undefined): Promise<Shown> {
  const view = caseView(row, await ledger.caseKeys(row.case_id));
  return hidden === undefined ? view : withoutHidden(view, hidden);
}

function withoutHidden(view: ReturnType<typeof caseView>, hidden: HiddenValues): Shown {
  return { ...view, title: hidden.text(view.title), keys: view.keys.map(({ type, value }) => ({ type, value: hidden.text(value) })), masked: hidden.pointers };
}

/** Nobody finds a case by what they may not see in it. */
function isFoundBy(view: Shown, key: string | undefined, q: string | undefined): boolean {
  const start = q?.toLowerCase();
  return (key === undefined || view.keys.some(({ value }) => value === key))
    && (start === undefined || start === '' || [view.title, ...view.keys.map(({ value }) => value)].some((text) => text.toLowerCase().startsWith(start)));
}

export const listCases = operation<object, CaseListQuery>({
  id: 'listCases', method: 'get', path: '/cases', tag: 'Cases', access: 'cases.read',
  summary: 'Cases, newest first',
  query: {
    ...pageQuery, status: choice('open', 'closed'), site,
    key: text(256, 'A business key: the cases that carry it, whatever its type.'),
    q: text(200, 'How a business key or the title begins, in upper or lower case.'),
    process: text(128, 'Process family, for example inventory-movement.'),
  },
  success: { status: 200, description: 'A page of cases.', schema: pageOf(schemas.case) },
  handle: async ({ query, ledger, services }, caller) => {
    const { status, key, process } = query;
    const q = query.q?.trim();
    const filter = { ...(status === undefined ? {} : { status }), ...(key === undefined ? {} : { key }), ...(process === undefined ? {} : { process }), ...(q === undefined || q === '' ? {} : { q }) };
    const { active } = maskerOf(services, caller);
    const page = await scopedPage(caller, query.site, (sites) => searchedPage(pageRequest(query), async (each) => {
      const { items, ...more } = await ledger().listCases({ ...filter, ...sites }, each);
      const shown = await Promise.all(items.map(async (row) => await withKeys(ledger(), row, await hiddenInCase(services, ledger(), caller, row.case_id, false))));
      // Here, so that an empty page with a next one does not tell what was found.
      return { items: active ? shown.filter((view) => isFoundBy(view, key, q)) : shown, ...more };
    }, active ? MAX_MASKED_READS : undefined));
    return { status: 200, json: page };
  },
});

/** The parts of an event that hold facts. */
function facts(event: RecordedEvent): object {
  const { data, content, personal } = event as { data: object; content?: object; personal?: object };
  return { data, ...(content === undefined ? {} : { content }), ...(personal === undefined ? {} : { personal }) };
}

const ladderSchema = object({
  ladderId: { type: 'string' }, subject: object({ kind: choice('case', 'task', 'exception'), id: { type: 'string' } }), until: { type: 'string', description: 'Milestone that ends it.' }, address: { type: 'string' },
  rung: { type: 'integer', description: 'The one that comes next, from 1.' }, rungs: { type: 'integer' }, action: { type: 'string' }, role: { type: 'string' },
  escalatesAt: { ...nullable(time), description: 'Null while its time stands still.' }, paused: choice('requester', 'person'),
}, ['until', 'role', 'paused']);
const stepSchema = object({ runId: { type: 'string' }, address: { type: 'string' }, nodeType: { type: 'string' }, status: { type: 'string' }, enteredAt: time });

const name = { type: 'string' } as const;
const branchesSchema = object({
  address: name, forkId: name, of: { type: 'integer', minimum: 1 }, need: { type: 'integer', minimum: 1 }, arrived: array(name), missing: array(name),
  status: choice('waiting', 'complete', 'partial'),
});
const compensationSchema = object({
  compensationId: name, name, address: name, how: choice('flow', 'task'), order: { type: 'integer', minimum: 1 },
  status: choice('registered', 'running', 'done', 'skipped', 'dropped'), runId: name, question: name, role: name, by: name, byName: name, reason: name,
}, ['runId', 'question', 'role', 'by', 'byName', 'reason']);

/** Who undid or skipped is named to those who may know persons. */
function withNames(compensations: readonly CaseCompensation[], nameOf: ((pseudonym: string) => string | undefined) | undefined): readonly object[] {
  return compensations.map((one) => {
    const byName = one.by === undefined ? undefined : nameOf?.(one.by);
    return byName === undefined ? one : { ...one, byName };
  });
}

export const getCase = operation<{ caseId: string }>({
  id: 'getCase', method: 'get', path: '/cases/{caseId}', tag: 'Cases', access: 'cases.read',
  summary: 'A case with its document, steps and events',
  description: '`document`, `activity`, `steps`, `branches` (where branches of a parallel are gathered), `compensations` (registered undos) and `compensating` (the case is being undone and will close with this outcome) come from the engine and are null while it is not ready; the events come from the ledger.',
  params: { caseId: id },
  success: {
    status: 200, description: 'The case.',
    schema: object({
      ...(schemas.case['properties'] as Record<string, typeof id>),
      activity: nullable(choice('exception', 'approval', 'call-waiting', 'running', 'closed')),
      document: nullable(anyObject), steps: nullable(array(stepSchema)), branches: nullable(array(branchesSchema)), compensations: nullable(array(compensationSchema)),
      ladders: { ...nullable(array(ladderSchema)), description: 'Escalation: what happens next unless the case goes on.' },
      pausedFor: { ...nullable({ type: 'string' }), description: 'Reason for which a person stopped the clocks of the ladders.' },
      compensating: nullable(object({ outcome: name })), events: array(schemas.event),
    }, ['masked']),
  },
  handle: async ({ params, services, ledger }, caller) => {
    const row = visible(caller, await ledger().getCase(params.caseId));
    const [keys, events, view, nameOf] = await Promise.all([
      ledger().caseKeys(row.case_id), ledger().readStream(row.case_id), services.waybill.caseView(row.case_id), directory(services),
    ]);
    const personal = caller.permissions.has('personal.read');
    const hidden = hiddenIn(services, caller, events, view?.document);
    const plain = caseView(row, keys);
    const document = view?.document ?? null;
    const compensations = view === undefined ? null : JSON.parse(JSON.stringify(withNames(view.compensations, personal ? nameOf : undefined))) as Json;
    return {
      status: 200,
      json: {
        ...(hidden === undefined ? plain : withoutHidden(plain, hidden)), activity: view?.activity ?? null, steps: view?.steps ?? null,
        ladders: view?.ladders ?? null, pausedFor: view?.paused ?? null,
        branches: view?.branches ?? null, compensating: view?.compensating ?? null, compensations: hidden === undefined ? compensations : hidden.json(compensations),
        document: hidden === undefined ? document : hidden.json(document),
        events: events.map((event) => eventView(hidden === undefined ? event : { ...event, ...hidden.json(facts(hidden.event(event))) } as RecordedEvent, { personal, nameOf })),
      },
    };
  },
});

const count = { type: 'integer', minimum: 0 } as const;

export const getCasePath = operation<{ caseId: string }>({
  id: 'getCasePath', method: 'get', path: '/cases/{caseId}/path', tag: 'Cases', access: 'cases.read',
  summary: 'The way of a case through its flow',
  description: 'Governed steps in the order in which the case came to them, then those that the flow as it is deployed now may lead to (`ahead`). `from` is null where the case came in; `label` names the output of steps that have several. Empty where there is no flow: then it holds only what happened.',
  params: { caseId: id },
  success: {
    status: 200, description: 'Nodes and edges.',
    schema: object({
      nodes: array(object({
        address: { type: 'string' }, stepId: { type: 'string' }, name: { type: 'string' }, nodeType: { type: 'string' },
        state: choice('done', 'here', 'waiting', 'trouble', 'ahead'), visits: count, firstEnteredAt: nullable(time), lastLeftAt: nullable(time),
      })),
      edges: array(object({ from: nullable({ type: 'string' }), to: { type: 'string' }, label: { type: 'string' }, passed: count, waiting: count }, ['label'])),
    }),
  },
  handle: async ({ params, services, ledger }, caller) => {
    const row = visible(caller, await ledger().getCase(params.caseId));
    const path = await services.waybill.casePath(row.case_id);
    if (path === undefined) throw problem('not-found');
    return { status: 200, json: path };
  },
});

export const getCaseProof = operation<{ caseId: string }>({
  id: 'getCaseProof', method: 'get', path: '/cases/{caseId}/proof', tag: 'Cases', access: 'ledger.read',
  summary: 'Proof that the events of a case are in the log',
  description: 'What `waybill ledger prove` writes: the newest checkpoint with an inclusion proof of every event. Personal content stands in it for those who may read it.',
  params: { caseId: id },
  success: { status: 200, description: 'The proof.', schema: anyObject },
  handle: async ({ params, ledger, services }, caller) => {
    const row = visible(caller, await ledger().getCase(params.caseId));
    const proof = await ledger().prove(row.case_id, caller.permissions.has('personal.read'));
    if (proof === undefined) throw problem('not-found');
    const recorded = await ledger().readStream(row.case_id);
    const hidden = hiddenIn(services, caller, recorded);
    const veiled = new Set(recorded.flatMap((event) => (hidden === undefined || hidden.event(event) === event ? [] : [event.position])));
    // The leaf holds a commitment: without the content it verifies as it does with it.
    const events = proof.events.map(({ content, ...event }) => (content === undefined || veiled.has(event.position) || hidden?.holds(JSON.parse(content.text)) === true ? event : { ...event, content }));
    return {
      status: 200, body: `${JSON.stringify({ ...proof, events }, null, 2)}\n`, contentType: 'application/json; charset=utf-8',
      headers: { 'Content-Disposition': attachment(`waybill-proof-${row.case_id}.json`) },
    };
  },
});

export const casesResource = [listCases, getCase, getCasePath, getCaseProof];
