import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ClientSession, OPCUAClient } from 'node-opcua-client';
import { loadOpcUa } from '../load.ts';
import type { KeptSession, OpcUaSessionKeeper } from './options.ts';
import { store } from '../trust/own-certificate.ts';

/** The part of a session that the library keeps for itself; test/intake/opcua/library-contract.test.ts holds it to what is used here. */
interface SessionParts {
  authenticationToken?: { toString(): string };
  sessionId: { toString(): string };
  serverNonce?: Buffer | null;
  serverCertificate?: Buffer | null;
  userIdentityInfo?: unknown;
  timeout: number;
}

/** What another process needs to take the session over; undefined for a session that was never activated. */
export function keptOf(session: ClientSession): KeptSession | undefined {
  const { authenticationToken, sessionId, serverNonce, serverCertificate, timeout } = session as unknown as SessionParts;
  if (authenticationToken === undefined) return undefined;
  const base64 = (bytes: Buffer | null | undefined): string => (bytes ?? Buffer.alloc(0)).toString('base64');
  return { sessionId: sessionId.toString(), token: authenticationToken.toString(), nonce: base64(serverNonce), serverCertificate: base64(serverCertificate), timeoutMs: timeout };
}

/** A session of an earlier process, for `reactivateSession`: the server may have ended it meanwhile. */
export async function revived(kept: KeptSession, identity: unknown): Promise<ClientSession> {
  const { resolveNodeId } = await loadOpcUa();
  const { ClientSessionImpl } = await import('node-opcua-client/dist/private/client_session_impl.js') as unknown as { readonly ClientSessionImpl: new (client: OPCUAClient | null) => SessionParts };
  return Object.assign(new ClientSessionImpl(null), {
    authenticationToken: resolveNodeId(kept.token), sessionId: resolveNodeId(kept.sessionId), timeout: kept.timeoutMs,
    serverNonce: Buffer.from(kept.nonce, 'base64'), serverCertificate: Buffer.from(kept.serverCertificate, 'base64'), userIdentityInfo: identity,
  }) as unknown as ClientSession;
}

/**
 * Keeps the session of one endpoint in a file that only its owner can read: its token is a secret like a password.
 * @param of what the session was opened with: one that was opened otherwise is not taken over
 */
export function sessionFile(file: string, of: string): OpcUaSessionKeeper {
  let writing: Promise<unknown> = Promise.resolve();
  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work);
    writing = done.catch(() => undefined); // whoever asked is told
    return done;
  };
  return {
    read: () => after(async () => {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      return parsed(text, of);
    }),
    keep: (session) => after(async () => {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await store(file, Buffer.from(JSON.stringify({ of, ...session })));
    }),
    forget: () => after(() => rm(file, { force: true })),
  };
}

function parsed(text: string, wanted: string): KeptSession | undefined {
  try {
    const { of, sessionId, token, nonce, serverCertificate, timeoutMs } = JSON.parse(text) as Partial<KeptSession> & { readonly of?: string };
    if (of !== wanted || typeof timeoutMs !== 'number' || [sessionId, token, nonce, serverCertificate].some((one) => typeof one !== 'string')) return undefined;
    return { sessionId, token, nonce, serverCertificate, timeoutMs } as KeptSession;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // no session is worth more than a new one
    throw error;
  }
}
