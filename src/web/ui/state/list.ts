import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import { ApiProblem, get } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import { usePolling, type Polled } from './polling.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** A list that keeps its first page fresh and loads further ones on demand. */
export interface LiveList<T> {
  readonly items: ComputedRef<readonly T[] | undefined>;
  readonly problem: Polled<Page<T>>['problem'];
  readonly loading: Polled<Page<T>>['loading'];
  readonly refresh: () => Promise<void>;
  readonly hasMore: ComputedRef<boolean>;
  readonly loadingMore: ShallowRef<boolean>;
  readonly loadMore: () => Promise<void>;
}

const PAGE_SIZE = 50;

/** `query` is watched: another one starts the list anew. */
export function useList<T>(path: string, query: () => Query, idOf: (item: T) => string): LiveList<T> {
  const further = shallowRef<readonly Page<T>[]>([]);
  const loadingMore = shallowRef(false);
  const ask = (cursor: string | undefined, signal?: AbortSignal): Promise<Page<T>> => get<Page<T>>(path, { ...query(), limit: PAGE_SIZE, cursor }, signal);
  const first = usePolling((signal) => ask(undefined, signal));
  watch(() => JSON.stringify(query()), () => {
    further.value = [];
    void first.reset();
  });
  const next = computed(() => (further.value.at(-1) ?? first.data.value)?.next);
  const items = computed(() => {
    if (first.data.value === undefined) return undefined;
    // The list moves while people read it: an item may stand on two pages for a moment.
    const byId = new Map([...further.value.flatMap((page) => page.items), ...[...first.data.value.items].reverse()].map((item) => [idOf(item), item]));
    const ordered = [...first.data.value.items, ...further.value.flatMap((page) => page.items)].map(idOf);
    return [...new Set(ordered)].map((id) => byId.get(id)!);
  });
  const loadMore = async (): Promise<void> => {
    if (next.value === undefined || loadingMore.value) return;
    loadingMore.value = true;
    const asked = JSON.stringify(query());
    try {
      const page = await ask(next.value);
      if (asked === JSON.stringify(query())) further.value = [...further.value, page];
    } catch (error) {
      first.problem.value = error instanceof ApiProblem ? error : new ApiProblem('unknown', 0, String(error));
    } finally {
      loadingMore.value = false;
    }
  };
  return { items, problem: first.problem, loading: first.loading, refresh: first.refresh, hasMore: computed(() => next.value !== undefined), loadingMore, loadMore };
}
