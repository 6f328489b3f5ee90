import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { ApiProblem } from '../api/client.ts';

const INTERVAL_MS = 3_000;
const SLOWEST_MS = 30_000;

/** A value that is asked for again and again while the page is visible. */
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

/** Asks at once and every three seconds; slower after failures; not while the page is hidden. */
export function usePolling<T>(ask: (signal: AbortSignal) => Promise<T>, interval: number = INTERVAL_MS): Polled<T> {
  const data = shallowRef<T | undefined>();
  const problem = shallowRef<ApiProblem | undefined>();
  const loading = shallowRef(true);
  let controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let disposed = false;

  const schedule = (): void => {
    clearTimeout(timer);
    if (disposed || document.hidden) return;
    timer = setTimeout(() => void refresh(), Math.min(SLOWEST_MS, interval * 2 ** failures));
  };
  const refresh = async (): Promise<void> => {
    clearTimeout(timer);
    controller.abort();
    const mine = controller = new AbortController();
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
    }
    loading.value = false;
    schedule();
  };
  const reset = async (): Promise<void> => {
    data.value = undefined;
    problem.value = undefined;
    loading.value = true;
    await refresh();
  };
  const visibility = (): void => {
    if (document.hidden) clearTimeout(timer);
    else void refresh();
  };
  document.addEventListener('visibilitychange', visibility);
  onScopeDispose(() => {
    disposed = true;
    clearTimeout(timer);
    controller.abort();
    document.removeEventListener('visibilitychange', visibility);
  });
  void refresh();
  return { data, problem, loading, refresh, reset };
}
