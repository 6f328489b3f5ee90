import type { Caller } from '../auth/authenticate.ts';
import { authenticate } from '../auth/authenticate.ts';
import { headerOf, type Request } from '../http.ts';
import { audienceOf } from '../live/audience.ts';
import { liveHub, type Standing } from '../live/hub.ts';
import { operation, type Services } from '../operation.ts';
import { WebError } from '../problems.ts';
import { id } from '../schemas.ts';
import { visible } from '../scope.ts';

type ChangesQuery = { readonly caseId?: string; readonly after?: number };

/** Whose stream it is, to bound how many one may have. */
function ownerOf(caller: Caller): string {
  return caller.session === undefined ? `user ${caller.identity.userId}` : `session ${caller.session.record.idHash}`;
}

/** A stream must not keep a session alive, so the session's record is read without being touched. */
async function standingOf(caller: Caller, request: Request, services: Services, others: readonly string[]): Promise<Standing> {
  const { session } = caller;
  let { user } = caller;
  if (session === undefined) {
    try {
      const now = await authenticate(services.accounts, services.sessions, request);
      if (now === undefined) return 'signed-out';
      user = now.user;
    } catch (error) {
      if (error instanceof WebError && error.status === 401) return 'signed-out';
      throw error;
    }
  } else {
    const record = await services.accounts.getSession(session.record.idHash);
    if (record === undefined || Date.parse(record.expiresAt) <= Date.now()) return 'signed-out';
    const found = await services.accounts.getUser(record.userId);
    if (found === undefined || found.disabled) return 'signed-out';
    user = found;
  }
  const same = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((each) => other.includes(each));
  return same(user.roles, caller.user.roles) && same(user.sites, caller.user.sites) && same(await otherRoles(caller, services), others) ? 'valid' : 'changed';
}

/** Roles whose tasks the caller sees by a directory, or for somebody. */
async function otherRoles(caller: Caller, { waybill }: Services): Promise<readonly string[]> {
  if (waybill.ledger === undefined || !caller.permissions.has('tasks.read') || caller.permissions.has('tasks.read-all')) return [];
  const { held, delegated } = await waybill.taskReach(caller.identity);
  return [...new Set([...held, ...delegated].flatMap(({ roles }) => roles))].sort();
}

/** `Last-Event-ID` of a browser that comes back, else the query's `after`. */
function positionKnown(request: Request, after: number | undefined): number | undefined {
  const last = headerOf(request, 'last-event-id');
  return last !== undefined && /^\d{1,15}$/.test(last) ? Number(last) : after;
}

export const streamChanges = operation<object, ChangesQuery>({
  id: 'streamChanges', method: 'get', path: '/changes', tag: 'Live', access: 'signed-in',
  summary: 'Says that something changed, as server-sent events',
  description: 'Event `ready` `{position, version}` first, then `change` `{position, topics, caseIds, more}`, at once after a rest and at most every 100 ms. Topics: `tasks`, `cases`, `exceptions`, `dead-letters`, `quarantine`, `system`, `accounts`; only those of the caller\'s sites, roles and permissions. `caseIds` names at most 50 cases, `more` says that there are others. It carries no data: read again what you show. Every event\'s id is a position; a client that comes back with `Last-Event-ID` or `after` and has missed something gets one change with all of its topics. A comment comes every 15 seconds. `signed-out` is the last event of a session that is gone. At most 8 streams of a session and 500 in all.',
  query: {
    caseId: { ...id, description: 'Only changes of this case.' },
    after: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Position that the client knows; `Last-Event-ID` goes before it.' },
  },
  success: { status: 200, description: 'A stream without an end.', contentType: 'text/event-stream' },
  problems: ['too-many-streams'],
  handle: async ({ query, services, ledger, raw, version }, caller) => {
    if (query.caseId !== undefined) visible(caller, await ledger().getCase(query.caseId));
    const hub = liveHub(services.waybill);
    const owner = ownerOf(caller);
    const others = await otherRoles(caller, services);
    hub.requireRoom(owner);
    return {
      status: 200, contentType: 'text/event-stream; charset=utf-8',
      // Neither a proxy's buffer nor its compression may hold an event back.
      headers: { 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' },
      stream: (response) => {
        hub.join(response, {
          audience: audienceOf(caller, query.caseId, others), owner, version, after: positionKnown(raw, query.after),
          standing: () => standingOf(caller, raw, services, others),
        });
      },
    };
  },
});

export const changesResource = [streamChanges];
