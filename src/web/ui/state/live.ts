import { onScopeDispose, shallowRef } from 'vue';
import { appBase, noteSignedOut } from '../api/client.ts';

/**
 * What changed on the server, as it changes: one stream of `GET changes` per visible page. It carries no
 * data; who shows something asks for it again. While there is no stream, {@link live} is false and the
 * pages poll. After sleep, a lost line or a hidden page it comes back with the position that it knows,
 * and the server says at once what was missed.
 */

export type Topic = 'tasks' | 'cases' | 'exceptions' | 'dead-letters' | 'quarantine' | 'system' | 'accounts' | 'handover' | 'changes' | 'devices';
export interface Change { readonly topics: readonly string[]; readonly caseIds: readonly string[]; readonly more: boolean }

/** True while the stream is up. */
export const live = shallowRef(false);
/** The server's version is another one than when this page was loaded. */
export const serverIsNewer = shallowRef(false);

const FIRST_RETRY_MS = 1_000;
const SLOWEST_RETRY_MS = 30_000;
/** A hidden page gives its stream back after this: browsers allow few connections, the server eight of a session. */
const HIDDEN_MS = 10_000;
const BEAT_MS = 5_000;

const listeners = new Set<(change: Change) => void>();
let source: EventSource | undefined;
let position: number | undefined;
let version: string | undefined;
let wanted = false;
let failures = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let hiding: ReturnType<typeof setTimeout> | undefined;

/** Calls back for every change, as long as the component lives. */
export function useChanges(listener: (change: Change) => void): void {
  listeners.add(listener);
  onScopeDispose(() => listeners.delete(listener));
}

function tell(change: Change): void {
  for (const listener of listeners) listener(change);
}

function close(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
  live.value = false;
}

function open(): void {
  close();
  if (!wanted || document.hidden) return;
  const mine = source = new EventSource(`${appBase}api/v1/changes${position === undefined ? '' : `?after=${position}`}`);
  const data = <T>(event: Event): T => JSON.parse((event as MessageEvent<string>).data) as T;
  mine.addEventListener('ready', (event) => {
    const ready = data<{ position: number; version: string }>(event);
    position ??= ready.position;
    serverIsNewer.value ||= version !== undefined && version !== ready.version;
    version = ready.version;
    failures = 0;
    // What changed between the pages' last look and now was told to nobody.
    if (!live.value) tell({ topics: [], caseIds: [], more: true });
    live.value = true;
  });
  mine.addEventListener('change', (event) => {
    const change = data<Change & { position: number }>(event);
    position = change.position;
    tell(change);
  });
  mine.addEventListener('signed-out', () => {
    close();
    noteSignedOut();
  });
  mine.onerror = () => {
    if (source !== mine) return;
    close();
    failures += 1;
    const pause = Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    retry = setTimeout(open, pause * (0.5 + Math.random() / 2));
  };
}

/** Connects anew, at once: after sleep a connection may look open and be dead. */
export function wake(): void {
  if (!wanted) return;
  failures = 0;
  open();
}

/** A request did not get through while the stream looked open. */
export function suspect(): void {
  if (live.value) wake();
}

/** Listens while somebody is signed in. */
export function setLive(on: boolean): void {
  if (on === wanted) return;
  wanted = on;
  position = undefined;
  failures = 0;
  if (on) open();
  else close();
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
  else if (source === undefined) wake();
});
addEventListener('online', wake);
addEventListener('pageshow', (event) => { if (event.persisted) wake(); });
addEventListener('pagehide', close);

// Timers stand still while a machine sleeps.
let beat = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - beat > 3 * BEAT_MS && !document.hidden) wake();
  beat = now;
}, BEAT_MS);
