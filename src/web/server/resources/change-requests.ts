import type { ChangeDetail, ChangeStanding } from '../../../engine/governance/change-port.ts';
import type { ChangeTerms, WaiverScope } from '../../../domain/change/index.ts';
import type { Json } from '../../../domain/json.ts';
import type { ChangeRow, WaiverRow } from '../../../ledger/port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { changeFileOf } from '../../../engine/governance/change-detail.ts';
import { directory } from '../names.ts';
import { accepted, operation, type ApiRequest, type Operation, type Schema } from '../operation.ts';
import { inScope } from '../permissions.ts';
import { problem } from '../problems.ts';
import { anyJson, array, choice, flag, id, nullable, object, pageOf, pageQuery, personSchema, site, text, time, type PageQuery } from '../schemas.ts';
import { named } from '../rows.ts';
import { pageRequest, scopedPage, visible } from '../scope.ts';

const families = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const family: Schema = { type: 'string', pattern: families.source, maxLength: 57, description: 'Process family, for example `order-to-cash`.' };
const template: Schema = { type: 'string', pattern: '^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*@[0-9A-Za-z.+-]{1,64}$', maxLength: 200, description: '`family/name@version`.' };
const version: Schema = { type: 'string', pattern: '^(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})(-[0-9A-Za-z.-]{1,64})?$', description: 'Semver.' };
const rule: Schema = { type: 'string', pattern: '^[a-z][a-z0-9-]{1,63}$', description: 'Code of the rule.' };
const scope: Schema = object({
  fingerprints: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9:._/-]{1,200}$' }, maxItems: 100, uniqueItems: true, description: 'Of the findings that it covers.' },
  template: { type: 'string', pattern: '^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$', maxLength: 130, description: '`family/name` of the template that it covers.' },
}, ['fingerprints', 'template']);
const instant: Schema = { ...time, pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?Z$' };
const status = choice('requested', 'in-review', 'accepted', 'waived', 'declined', 'withdrawn');
const terms: Schema = {
  oneOf: [
    object({ decision: choice('accept'), version }),
    object({ decision: choice('waive'), rule, scope, expiresAt: instant }),
    object({ decision: choice('decline') }),
  ],
  description: '`accept`: the version that has the change. `waive`: the rule does not hold for this scope until `expiresAt`. `decline`: no.',
};
const row = {
  changeId: id, kind: choice('change', 'waiver'), status, site: { type: 'string' }, family: { type: 'string' }, template: nullable({ type: 'string' }), rule: nullable({ type: 'string' }), title: { type: 'string' },
  requestedBy: personSchema, requestedAt: time, until: nullable(time), quorum: { type: 'integer' }, decidedAt: nullable(time), version: nullable({ type: 'string', description: 'Version that has the change.' }),
  expiresAt: nullable({ ...time, description: 'End of the waiver that answered it.' }), mayDecide: flag,
};
const word = object({ at: time, by: personSchema, comment: nullable({ type: 'string' }), terms: nullable(terms), outcome: nullable({ type: 'string' }), withdrawn: flag });
const detail = object({
  ...row, reason: { type: 'string' }, requestHash: { type: 'string', description: 'A decision names it.' }, baseHash: nullable({ type: 'string' }), proposedHash: nullable({ type: 'string' }), scope,
  nodes: nullable({ ...array(anyJson), description: 'What is proposed, in normal form.' }), difference: { ...anyJson, description: 'From the published version; null when it is not known here.' }, talk: array(word), mayWithdraw: flag,
});
const standing = object({ changeId: id, status, agreeing: { type: 'integer', description: 'Owners who say the same.' }, quorum: { type: 'integer' } });

type NameOf = (pseudonym: string) => string | undefined;
type Request = Pick<ApiRequest<object, object, unknown>, 'services'>;

function view(change: ChangeRow, nameOf: NameOf, caller: Caller, { services: { waybill } }: Request): object {
  return {
    changeId: change.change_id, kind: change.kind, status: change.status, site: change.site, family: change.family, template: change.template, rule: change.rule, title: change.title,
    requestedBy: named(change.requested_by, nameOf, waybill.pseudonym(caller.user.id)), requestedAt: change.requested_at, until: change.until, quorum: change.quorum, decidedAt: change.decided_at, version: change.version,
    expiresAt: change.expires_at, mayDecide: caller.permissions.has('changes.decide') && waybill.governance.changes.mayDecide(change, caller.identity),
  };
}

function detailView(change: ChangeDetail, nameOf: NameOf, caller: Caller, request: Request): object {
  const open = change.status === 'requested' || change.status === 'in-review';
  const me = request.services.waybill.pseudonym(caller.user.id);
  return {
    ...view(change, nameOf, caller, request), reason: change.reason, requestHash: change.requestHash, baseHash: change.baseHash ?? null, proposedHash: change.proposedHash ?? null, scope: change.scope,
    nodes: change.nodes ?? null, difference: change.difference ?? null, mayWithdraw: open && caller.permissions.has('changes.request') && me === change.requested_by,
    talk: change.talk.map((each) => ({
      at: each.at, by: named(each.by, (person) => nameOf(person) ?? each.name, me), comment: each.comment ?? null, terms: each.terms ?? null, outcome: each.outcome ?? null, withdrawn: each.withdrawn,
    })),
  };
}

export const listChangeRequests = operation<object, PageQuery & { readonly status?: ChangeRow['status'] | 'open'; readonly kind?: ChangeRow['kind']; readonly family?: string; readonly site?: string }>({
  id: 'listChangeRequests', method: 'get', path: '/change-requests', tag: 'Governance', access: 'changes.read',
  summary: 'Requests for a change of a template or for a waiver, newest first',
  query: { ...pageQuery, site, status: { ...choice('open', 'requested', 'in-review', 'accepted', 'waived', 'declined', 'withdrawn'), description: '`open`: requested or in review; all without it.' }, kind: choice('change', 'waiver'), family },
  success: { status: 200, description: 'A page of requests.', schema: pageOf(object(row)) },
  handle: async (request, caller) => {
    const { query, services } = request;
    const nameOf = await directory(services);
    const filter = { ...(query.status === undefined ? {} : { status: query.status }), ...(query.kind === undefined ? {} : { kind: query.kind }), ...(query.family === undefined ? {} : { family: query.family }) };
    const page = await scopedPage(caller, query.site, (sites) => services.waybill.governance.changes.list({ ...filter, ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: page.items.map((each) => view(each, nameOf, caller, request)) } };
  },
});

interface RequestBody {
  readonly kind: 'change' | 'waiver'; readonly site: string; readonly family: string; readonly title: string; readonly reason: string; readonly template?: string;
  readonly nodes?: readonly Json[]; readonly rule?: string; readonly scope?: WaiverScope; readonly until?: string;
}

export const requestChange = operation<object, object, RequestBody>({
  id: 'requestChange', method: 'post', path: '/change-requests', tag: 'Governance', access: 'changes.request', command: true,
  summary: 'Ask the owners of a process family for a change or a waiver',
  description: '`change`: another content for `template`: `nodes` is a Node-RED export of it as it should be. `waiver`: `rule` should not hold for `scope` until a day. Secrets in `nodes` are refused.',
  body: object({ kind: choice('change', 'waiver'), site: text(64), family, title: text(300), reason: text(2000), template, nodes: { type: 'array', items: { type: 'object' }, minItems: 1, maxItems: 2000 }, rule, scope, until: instant }, ['template', 'nodes', 'rule', 'scope', 'until']),
  success: { status: 201, description: 'The request is in the ledger.', schema: object({ changeId: id }) },
  handle: async ({ body, services, commandKey }, caller) => {
    if (!inScope(caller.identity.sites, body.site)) throw problem('not-found');
    const { kind: _kind, nodes, rule: code, scope: covered, until, ...rest } = body;
    const base = { ...rest, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) };
    const { changeId } = accepted(await services.waybill.governance.changes.request(body.kind === 'change'
      ? { ...base, kind: 'change', nodes: nodes ?? [] }
      : { ...base, kind: 'waiver', rule: code ?? '', scope: covered ?? {}, ...(until === undefined ? {} : { until: isoOf(until, 'until') }) }));
    return { status: 201, json: { changeId } };
  },
});

/** The instant as events have it. @throws WebError `request-invalid` for a day that no calendar has */
function isoOf(value: string, what: string): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw problem('request-invalid', `${what} is no time; write it as 2026-12-24T08:00:00.000Z.`);
  return date.toISOString();
}

type Params = { readonly changeId: string };
async function changeFor({ params, services }: ApiRequest<Params, object, unknown>, caller: Caller): Promise<ChangeRow> {
  return visible(caller, await services.waybill.governance.changes.get(params.changeId));
}
async function detailFor({ params, services }: ApiRequest<Params, object, unknown>, caller: Caller): Promise<ChangeDetail> {
  return visible(caller, await services.waybill.governance.changes.detail(params.changeId));
}

export const getChangeRequest = operation<Params>({
  id: 'getChangeRequest', method: 'get', path: '/change-requests/{changeId}', tag: 'Governance', access: 'changes.read',
  summary: 'A request with its reason, the difference, and what was said and decided',
  params: { changeId: id },
  success: { status: 200, description: 'The request.', schema: detail },
  handle: async (request, caller) => {
    const found = await detailFor(request, caller);
    return { status: 200, json: detailView(found, await directory(request.services), caller, request) };
  },
});

function standingView({ changeId, status: now, agreeing, quorum }: ChangeStanding): object {
  return { changeId, status: now, agreeing, quorum };
}

function wordOperation<Body>(
  about: Pick<Operation, 'id' | 'summary' | 'description' | 'body' | 'access' | 'bodyOptional'> & { readonly what: string },
  speak: (request: ApiRequest<Params, object, Body>, caller: Caller, common: { readonly changeId: string; readonly by: Caller['identity']; readonly commandKey?: string }) => ReturnType<ApiRequest<object, object, object>['services']['waybill']['governance']['changes']['comment']>,
): Operation {
  const { what, access, ...rest } = about;
  return operation<Params, object, Body>({
    ...rest, access: access as 'changes.decide', method: 'post', path: `/change-requests/{changeId}/${what}`, tag: 'Governance', command: true, params: { changeId: id },
    success: { status: 200, description: 'How the request stands now.', schema: standing },
    handle: async (request, caller) => {
      const { change_id: changeId } = await changeFor(request as ApiRequest<Params, object, unknown>, caller);
      const { commandKey } = request;
      return { status: 200, json: standingView(accepted(await speak(request, caller, { changeId, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }))) };
    },
  });
}

export const decideChangeRequest = wordOperation<{ readonly requestHash: string; readonly terms: ChangeTerms; readonly comment?: string }>({
  id: 'decideChangeRequest', what: 'decision', access: 'changes.decide', summary: 'Decide a request as an owner of its family',
  description: 'Who holds the role `owner:<family>` or `central-architect`, and did not ask for it. As many as the quorum says have to give the same terms; one `decline` ends it. A second word of the same person replaces the first.',
  body: object({ requestHash: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }, terms, comment: text(2000) }, ['comment']),
}, ({ body, services }, _caller, common) => services.waybill.governance.changes.decide({
  ...common, requestHash: body.requestHash, terms: body.terms.decision === 'waive' ? { ...body.terms, expiresAt: isoOf(body.terms.expiresAt, 'expiresAt') } : body.terms,
  ...(body.comment === undefined ? {} : { comment: body.comment }),
}));

/** Largest answer, as the engine reads it. */
const mostAnswer = 64 * 1024;

export const bringChangeAnswer = operation<object, object, { readonly file: string }>({
  id: 'bringChangeAnswer', method: 'post', path: '/change-requests/answers', tag: 'Governance', access: 'changes.request', command: true,
  summary: 'Take in an answer that the owners have signed, without a line to central',
  description: '`file` is the text of the file that `waybill change` has written at central. As many owners of the family as the verified catalogue asks for have to have signed it; who brings it decides nothing. The same answer again changes nothing.',
  body: object({ file: text(mostAnswer) }),
  success: { status: 200, description: 'How the request stands now.', schema: standing },
  handle: async ({ body, services, commandKey }, caller) => ({
    status: 200, json: standingView(accepted(await services.waybill.governance.changes.bring({ file: body.file, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }))),
  }),
});

export const getChangeFile = operation<Params>({
  id: 'getChangeFile', method: 'get', path: '/change-requests/{changeId}/file', tag: 'Governance', access: 'changes.read',
  summary: 'A request as the file that central takes in',
  params: { changeId: id },
  success: { status: 200, description: 'The file; `waybill change import` at central reads it.', schema: { type: 'object' } },
  handle: async (request, caller) => ({ status: 200, json: changeFileOf(await detailFor(request, caller)) }),
});

export const commentChangeRequest = wordOperation<{ readonly comment: string }>({
  id: 'commentChangeRequest', what: 'comment', access: 'changes.read', summary: 'Say something about a request', body: object({ comment: text(2000) }),
}, ({ body, services }, _caller, common) => services.waybill.governance.changes.comment({ ...common, comment: body.comment }));

export const withdrawChangeRequest = wordOperation<{ readonly reason?: string }>({
  id: 'withdrawChangeRequest', what: 'withdrawal', access: 'changes.request', summary: 'Take a request back', description: 'By who asked for it, or who runs the site.', body: object({ reason: text(2000) }, ['reason']),
}, ({ body, services }, _caller, common) => services.waybill.governance.changes.withdraw({ ...common, ...(body.reason === undefined ? {} : { reason: body.reason }) }));

const waiver = object({
  waiverId: id, status: choice('active', 'expired', 'revoked'), rule: { type: 'string' }, site: { type: 'string' }, sites: array({ type: 'string' }), template: nullable({ type: 'string' }), fingerprints: array({ type: 'string' }),
  reason: { type: 'string' }, grantedAt: time, expiresAt: time, changeId: nullable(id), endedAt: nullable(time),
});

function waiverView(each: WaiverRow): object {
  return {
    waiverId: each.waiver_id, status: each.status, rule: each.rule, site: each.site, sites: JSON.parse(each.sites) as string[], template: each.template, fingerprints: JSON.parse(each.fingerprints) as string[],
    reason: each.reason, grantedAt: each.granted_at, expiresAt: each.expires_at, changeId: each.change_id, endedAt: each.ended_at,
  };
}

export const listWaivers = operation<object, PageQuery & { readonly status?: WaiverRow['status']; readonly site?: string }>({
  id: 'listWaivers', method: 'get', path: '/waivers', tag: 'Governance', access: 'changes.read',
  summary: 'Signed waivers of the catalogue as they hold here, soonest end first',
  query: { ...pageQuery, site, status: choice('active', 'expired', 'revoked') },
  success: { status: 200, description: 'A page of waivers.', schema: pageOf(waiver) },
  handle: async ({ query, services }, caller) => {
    const page = await scopedPage(caller, query.site, (sites) => services.waybill.governance.changes.waivers({ ...(query.status === undefined ? {} : { status: query.status }), ...sites }, pageRequest(query)));
    return { status: 200, json: { ...page, items: page.items.map(waiverView) } };
  },
});

export const changeRequestsResource = [listChangeRequests, requestChange, getChangeRequest, getChangeFile, bringChangeAnswer, decideChangeRequest, commentChangeRequest, withdrawChangeRequest, listWaivers];
