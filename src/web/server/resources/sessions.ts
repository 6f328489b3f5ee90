import type { SessionRecord } from '../../../ledger/accounts-port.ts';
import { accessNote } from '../accounts/access-note.ts';
import { manages, requireAccountScope, requireOwner } from '../accounts/manages.ts';
import { publicSessionId } from '../auth/sessions.ts';
import { operation } from '../operation.ts';
import { problem } from '../problems.ts';
import { id, nullable, object, pageOf, time } from '../schemas.ts';

const sessionRow = object({
  sessionId: id, current: { type: 'boolean' }, userId: { type: 'string' }, userName: { type: 'string' }, createdAt: time, lastSeenAt: time, expiresAt: time,
  authMethod: { type: 'string' }, remoteAddress: nullable({ type: 'string' }), client: nullable({ type: 'string', description: 'Browser and system in a few words.' }),
  shared: { type: 'boolean' },
});

function view(session: SessionRecord, userName: string, current: string | undefined): object {
  const { userId, createdAt, lastSeenAt, expiresAt, authMethod } = session;
  return {
    sessionId: publicSessionId(session.idHash), current: session.idHash === current, userId, userName, createdAt, lastSeenAt, expiresAt, authMethod,
    remoteAddress: session.remoteAddress ?? null, client: session.client ?? null, shared: session.shared === true,
  };
}

export const listSessions = operation<object, { readonly userId?: string }>({
  id: 'listSessions', method: 'get', path: '/sessions', tag: 'Session', access: 'signed-in', summary: 'Signed-in browsers of the caller, or of somebody else for who manages accounts',
  query: { userId: id },
  success: { status: 200, description: 'The sessions, the last used first.', schema: pageOf(sessionRow) },
  handle: async ({ query, services }, caller) => {
    const owner = await requireOwner(services.accounts, caller, query.userId);
    const sessions = await services.accounts.listSessions(new Date().toISOString(), owner.id);
    return { status: 200, json: { items: sessions.map((each) => view(each, owner.name, caller.session?.record.idHash)) } };
  },
});

export const endSession = operation<{ readonly sessionId: string }>({
  id: 'endSession', method: 'delete', path: '/sessions/{sessionId}', tag: 'Session', access: 'signed-in', summary: 'End a session',
  params: { sessionId: id },
  success: { status: 204, description: 'It is over; its cookie does nothing any more.' },
  handle: async ({ params, services }, caller) => {
    requireAccountScope(caller);
    const living = await services.accounts.listSessions(new Date().toISOString(), caller.permissions.has('accounts.manage') ? undefined : caller.user.id);
    const found = living.find((each) => publicSessionId(each.idHash) === params.sessionId);
    const owner = found === undefined ? undefined : await services.accounts.getUser(found.userId);
    if (found === undefined || owner === undefined || (owner.id !== caller.user.id && !manages(caller, owner))) throw problem('not-found');
    await services.accounts.deleteSession(found.idHash, accessNote('session-ended', owner.id, caller.identity.userId));
    services.waybill.accountsChanged();
    return { status: 204 };
  },
});

export const endOtherSessions = operation({
  id: 'endOtherSessions', method: 'delete', path: '/sessions', tag: 'Session', access: 'signed-in', summary: 'End all other sessions of the caller',
  success: { status: 200, description: 'How many there were.', schema: object({ ended: { type: 'integer' } }) },
  handle: async ({ services }, caller) => {
    requireAccountScope(caller);
    const current = caller.session?.record.idHash;
    const ended = await services.accounts.deleteSessionsOf(caller.user.id, {
      ...(current === undefined ? {} : { except: current }), note: accessNote('sessions-ended all-others', caller.user.id, caller.identity.userId),
    });
    services.waybill.accountsChanged();
    return { status: 200, json: { ended } };
  },
});

export const sessionsResource = [listSessions, endSession, endOtherSessions];
