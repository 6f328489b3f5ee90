import type { EditorPermission } from './permission.ts';

/**
 * What Node-RED's own token stands for. Node-RED keeps, for a week, the name under which it made a token and
 * the permission of that moment, and asks for the user of that name at every request. So the "name" is the
 * hash of the Waybill session with that permission: when the session has ended, or the person's permission is
 * another one now, there is no such user any more and the token is worth nothing.
 */
export interface Binding { readonly sessionHash: string; readonly permission: EditorPermission }

export function bindingName(binding: Binding): string {
  return `waybill:${binding.sessionHash}:${binding.permission}`;
}

/** Undefined for a name that is no binding. */
export function readBinding(name: string): Binding | undefined {
  const [, sessionHash, permission] = /^waybill:([0-9a-f]{64}):(\*|read)$/.exec(name) ?? [];
  return sessionHash === undefined ? undefined : { sessionHash, permission: permission as EditorPermission };
}
