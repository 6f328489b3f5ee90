import type { Server } from 'node:http';
import type { EditorSignIn } from './editor-sign-in.ts';

/** The sign-in that the last router of this process has put up; undefined before there is one. */
export function currentEditorSignIn(): EditorSignIn | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.editor-sign-in')] as EditorSignIn | undefined;
}

/**
 * Lets the editor's open connections end with the right to them. Call it once, when the router is there and
 * Node-RED's server too. `adminRoot` is Node-RED's `httpAdminRoot`.
 */
export function attachEditor(server: Pick<Server, 'prependListener'>, adminRoot: string, log: (message: string) => void): void {
  currentEditorSignIn()?.connections.attach(server, `${adminRoot.replace(/\/+$/, '')}/comms`, log);
}
