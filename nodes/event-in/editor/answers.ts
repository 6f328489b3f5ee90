import { ask, post } from '../../../src/editor/browser/intake/server.ts';

/** What the server says to the form of an event in; src/editor/intake makes it. */
export type TriedEvent =
  | { readonly ok: true; readonly title: string; readonly key?: string; readonly attributes: Readonly<Record<string, unknown>>; readonly data: string }
  | { readonly ok: false; readonly message: string };

export async function askTried(config: object, messages: readonly string[]): Promise<readonly TriedEvent[]> {
  return (await post<{ readonly tried: readonly TriedEvent[] }>('intake/try-event', { config, messages })).tried;
}

/** A token that nobody had before, and its fingerprint. */
export function askToken(): Promise<{ readonly token: string; readonly tokenHash: string }> {
  return post('intake/event-token', {});
}

/** Where events of a path are sent. */
export function askAddress(): Promise<{ readonly base: string }> {
  return ask('intake/event-address', {});
}
