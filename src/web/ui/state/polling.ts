import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { ApiProblem } from '../api/client.ts';
import { live, suspect, useChanges, type Topic } from './live.ts';

/** While no stream says what changes. */
const POLL_MS = 5_000;
const SLOWEST_MS = 30_000;
/** While a stream does: for what it does not tell, and to find a line that is dead without saying so. */
const REST_MS = 20_000;
/** Between two answers to changes. */
const GAP_MS = 500;

/** A value that is kept fresh while the page is visible. */
export interface Polled<T> {
  readonly data: ShallowRef<T | undefined>;
  /** Why the last request failed; undefined after a success. */
  readonly problem: ShallowRef<ApiProblem | undefined>;
  readonly loading: ShallowRef<boolean>;
  /** Asks now; earlier answers that are still under way are dropped. */
  readonly refresh: () => Promise<void>;
  /** Forgets the value and asks now: for other parameters. */
  readonly reset: () => Promise<void>;
}

/** What a value is about; without topics every change counts. */
export interface About { readonly topics?: readonly Topic[]; readonly caseId?: () => string | undefined }

/**
 * Asks at once and whenever something changes that the value is about: the first time at once, then at
 * most every half second (or `interval`, when given). Without a stream it polls, slower after failures;
 * never while the page is hidden.
 */
export function usePolling<T>(ask: (signal: AbortSignal) => Promise<T>, interval?: number, about: About = {}): Polled<T> {
  const data = shallowRef<T | undefined>();
  const problem = shallowRef<ApiProblem | undefined>();
  const loading = shallowRef(true);
  let controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let disposed = false;
  let asking = false;
  let missed = false;
  let askedAt = 0;
  let took = 0;

  const schedule = (pause: number): void => {
    clearTimeout(timer);
    if (disposed || document.hidden) return;
    timer = setTimeout(() => void refresh(), pause);
  };
  const rest = (): number => {
    const usual = live.value ? Math.max(REST_MS, interval ?? 0) : interval ?? POLL_MS;
    return failures === 0 ? usual : Math.min(SLOWEST_MS, Math.min(usual, POLL_MS) * 2 ** (failures - 1));
  };
  /** A slow server is not asked more often than it answers. */
  const gap = (): number => Math.max(0, askedAt + Math.max(interval ?? GAP_MS, 2 * took) - performance.now());
  const refresh = async (): Promise<void> => {
    clearTimeout(timer);
    controller.abort();
    const mine = controller = new AbortController();
    askedAt = performance.now();
    asking = true;
    missed = false;
    try {
      const answer = await ask(mine.signal);
      if (mine.signal.aborted) return;
      data.value = answer;
      problem.value = undefined;
      failures = 0;
    } catch (error) {
      if (mine.signal.aborted) return;
      problem.value = error instanceof ApiProblem ? error : new ApiProblem('unknown', 0, String(error));
      failures = Math.min(failures + 1, 5);
      if (problem.value.code === 'offline') suspect();
    }
    took = performance.now() - askedAt;
    asking = false;
    loading.value = false;
    schedule(missed ? gap() : rest());
  };
  const reset = async (): Promise<void> => {
    data.value = undefined;
    problem.value = undefined;
    loading.value = true;
    await refresh();
  };
  useChanges((change) => {
    const caseId = about.caseId?.();
    const concerns = change.topics.length === 0
      || ((about.topics === undefined || about.topics.some((topic) => change.topics.includes(topic)))
        && (caseId === undefined || change.more || change.caseIds.includes(caseId)));
    if (!concerns || document.hidden) return;
    if (asking) missed = true;
    else if (gap() === 0) void refresh();
    else schedule(gap());
  });
  const comeBack = (): void => {
    if (document.hidden) clearTimeout(timer);
    else void refresh();
  };
  document.addEventListener('visibilitychange', comeBack);
  addEventListener('online', comeBack);
  // Without a stream: back to polling, soon.
  watch(live, (up) => { if (!up && !asking) schedule(Math.min(rest(), POLL_MS)); });
  onScopeDispose(() => {
    disposed = true;
    clearTimeout(timer);
    controller.abort();
    document.removeEventListener('visibilitychange', comeBack);
    removeEventListener('online', comeBack);
  });
  void refresh();
  return { data, problem, loading, refresh, reset };
}
