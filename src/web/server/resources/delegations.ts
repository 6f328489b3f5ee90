import type { DelegationRow } from '../../../ledger/port.ts';
import type { UserRecord } from '../../../ledger/accounts-port.ts';
import { manages } from '../accounts/manages.ts';
import type { Caller } from '../auth/authenticate.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { inScope, worksWithin } from '../permissions.ts';
import { problem } from '../problems.ts';
import { array, choice, id, nullable, object, pageOf, pageQuery, text, time, type PageQuery } from '../schemas.ts';
import { pageRequest, searchedPage } from '../scope.ts';

const party = object({ userId: nullable(id), name: nullable({ type: 'string', description: 'Null when the account is gone.' }), me: { type: 'boolean' } });

const delegation = object({
  delegationId: id, from: party, to: party, roles: array({ type: 'string' }), sites: array({ type: 'string' }), fromTime: time,
  toTime: { ...time, description: 'Up to, and without, this time.' }, grantedAt: time, endedAt: nullable(time),
  state: { ...choice('coming', 'active', 'over', 'ended'), description: '`over`: its time has passed; `ended`: somebody ended it before.' },
  mayEnd: { type: 'boolean' },
});

type Accounts = ReadonlyMap<string, UserRecord>;

/** Accounts by the pseudonym that the ledger knows; the pairing exists only while an answer is made. */
async function accountsOf({ accounts, waybill }: Services): Promise<Accounts> {
  return new Map((await accounts.listUsers()).map((user) => [waybill.pseudonym(user.id), user]));
}

function stateOf(row: DelegationRow, now: string): string {
  if (row.ended_at !== null) return 'ended';
  return row.to_time <= now ? 'over' : row.from_time > now ? 'coming' : 'active';
}

function view(row: DelegationRow, accounts: Accounts, caller: Caller, now: string): object {
  const who = (pseudonym: string): object => {
    const user = accounts.get(pseudonym);
    return { userId: user?.id ?? null, name: user?.displayName ?? null, me: user?.id === caller.user.id };
  };
  const state = stateOf(row, now);
  return {
    delegationId: row.delegation_id, from: who(row.from_person), to: who(row.to_person), roles: JSON.parse(row.roles) as string[], sites: JSON.parse(row.sites) as string[],
    fromTime: row.from_time, toTime: row.to_time, grantedAt: row.granted_at, endedAt: row.ended_at, state,
    mayEnd: (state === 'coming' || state === 'active') && (isParty(row, accounts, caller) || looksAfter(caller, accounts.get(row.from_person))),
  };
}

function isParty(row: DelegationRow, accounts: Accounts, caller: Caller): boolean {
  return [row.from_person, row.to_person].some((pseudonym) => accounts.get(pseudonym)?.id === caller.user.id);
}

function looksAfter(caller: Caller, user: UserRecord | undefined): boolean {
  return user === undefined ? caller.permissions.has('accounts.manage') && caller.identity.sites.includes('*') : manages(caller, user);
}

export const listDelegations = operation<object, PageQuery & { readonly of: 'me' | 'all'; readonly over: boolean }>({
  id: 'listDelegations', method: 'get', path: '/delegations', tag: 'People', access: 'tasks.read',
  summary: 'Who acts for whom: the caller\'s own delegations, either way',
  description: 'The last granted first; those that are over only with `over`. `of=all` lists those of accounts that the caller looks after.',
  query: { ...pageQuery, of: { ...choice('me', 'all'), default: 'me' }, over: { type: 'boolean', default: false } },
  success: { status: 200, description: 'A page of delegations.', schema: pageOf(delegation) },
  handle: async ({ query, services }, caller) => {
    if (query.of === 'all' && !caller.permissions.has('accounts.manage')) throw problem('not-allowed', 'Only who looks after accounts sees the delegations of others.');
    const accounts = await accountsOf(services);
    const filter = query.of === 'me' ? { userId: caller.user.id, over: query.over } : { over: query.over };
    const { items, next } = await searchedPage(pageRequest(query), async (page) => {
      const read = await services.waybill.delegations.list(filter, page);
      return { ...read, items: read.items.filter((row) => query.of === 'me' || looksAfter(caller, accounts.get(row.from_person))) };
    });
    const now = new Date().toISOString();
    return { status: 200, json: { items: items.map((row) => view(row, accounts, caller, now)), ...(next === undefined ? {} : { next }) } };
  },
});

interface GrantBody {
  readonly from?: string; readonly to: string; readonly roles?: readonly string[]; readonly sites?: readonly string[]; readonly fromTime?: string; readonly toTime: string; readonly reason?: string;
}
const names = { type: 'array', items: text(64), minItems: 1, maxItems: 100, uniqueItems: true };

export const grantDelegation = operation<object, object, GrantBody>({
  id: 'grantDelegation', method: 'post', path: '/delegations', tag: 'People', access: 'tasks.decide', command: true,
  summary: 'Let somebody act while one is away',
  description: 'Without `from` the caller is away; for somebody else only who looks after that account. Without `roles` and `sites` all that the delegator has; without `fromTime` from now on. The delegate decides in the name of the delegator, within the delegator\'s limits and duties, and the ledger says for whom.',
  body: object({ from: id, to: id, roles: names, sites: names, fromTime: time, toTime: time, reason: text(500) }, ['from', 'roles', 'sites', 'fromTime', 'reason']),
  success: { status: 201, description: 'It is recorded.', schema: object({ delegationId: id }) },
  handle: async ({ body, services, commandKey }, caller) => {
    const from = body.from === undefined || body.from === caller.user.id ? undefined : await services.accounts.getUser(body.from);
    const to = await services.accounts.getUser(body.to);
    const known = (user: UserRecord): boolean => worksWithin(caller.identity.sites, user);
    if (to === undefined || !known(to)) throw problem('not-found', 'There is no such person, or not in your sites.');
    if (body.from !== undefined && body.from !== caller.user.id && (from === undefined || !known(from))) throw problem('not-found', 'There is no such person, or not in your sites.');
    const { delegationId } = accepted(await services.waybill.delegations.grant({
      ...body, by: caller.identity, manages: from !== undefined && manages(caller, from), ...(commandKey === undefined ? {} : { commandKey }),
    }));
    return { status: 201, json: { delegationId } };
  },
});

export const endDelegation = operation<{ readonly delegationId: string }>({
  id: 'endDelegation', method: 'delete', path: '/delegations/{delegationId}', tag: 'People', access: 'tasks.decide', command: true,
  summary: 'End a delegation before its time',
  description: 'By the delegator, the delegate, or who looks after the delegator\'s account.',
  params: { delegationId: id },
  success: { status: 204, description: 'It is over.' },
  handle: async ({ params, services }, caller) => {
    const row = await services.waybill.delegations.get(params.delegationId);
    const from = row === undefined ? undefined : (await accountsOf(services)).get(row.from_person);
    accepted(await services.waybill.delegations.end({ delegationId: params.delegationId, by: caller.identity, manages: row !== undefined && looksAfter(caller, from) }));
    return { status: 204 };
  },
});

interface PeopleQuery { readonly q?: string; readonly role?: string; readonly site?: string; readonly limit: number }

export const listPeople = operation<object, PeopleQuery>({
  id: 'listPeople', method: 'get', path: '/directory/people', tag: 'People', access: 'tasks.read',
  summary: 'People whom the caller can name: as a delegate, for a task, for a question',
  description: 'Enabled accounts that share a site with the caller, by name; `role` narrows to who holds it at `site`, or at any site of the caller.',
  query: { q: text(100, 'Words of the name or sign-in name.'), role: text(64), site: text(128), limit: { ...pageQuery['limit'], default: 50 } },
  success: {
    status: 200, description: 'The people.',
    schema: object({ items: array(object({ userId: id, name: { type: 'string' }, account: { type: 'string', description: 'Sign-in name.' }, roles: array({ type: 'string' }), sites: array({ type: 'string' }), me: { type: 'boolean' } })), more: { type: 'boolean', description: 'There are more than these; search by name.' } }),
  },
  handle: async ({ query, services }, caller) => {
    const mine = caller.identity.sites;
    const words = (query.q ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '');
    const shared = (sites: readonly string[]): readonly string[] => (sites.includes('*') ? ['*'] : sites.filter((site) => inScope(mine, site)));
    const found = (await services.waybill.directory().people())
      .map((member) => ({ ...member, sites: shared(member.sites) }))
      .filter(({ sites, roles, name, account }) => sites.length > 0 && (query.site === undefined || (inScope(mine, query.site) && inScope(sites, query.site)))
        && (query.role === undefined || roles.includes(query.role)) && words.every((word) => `${name} ${account}`.toLowerCase().includes(word)))
      .sort((a, b) => a.name.localeCompare(b.name));
    const items = found.slice(0, query.limit).map(({ userId, name, account, roles, sites }) => ({ userId, name, account, roles, sites, me: userId === caller.user.id }));
    return { status: 200, json: { items, more: found.length > items.length } };
  },
});

export const delegationsResource = [listDelegations, grantDelegation, endDelegation, listPeople];
