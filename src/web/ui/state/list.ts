import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import { ApiProblem, get } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import { handsAtWork } from './hands.ts';
import type { Topic } from './live.ts';
import { usePolling, type Polled } from './polling.ts';

type Query = Readonly<Record<string, string | undefined>>;

/** A list that keeps its head fresh and loads further pages on demand. */
export interface LiveList<T> {
  readonly items: ComputedRef<readonly T[] | undefined>;
  readonly problem: Polled<Page<T>>['problem'];
  readonly loading: Polled<Page<T>>['loading'];
  readonly refresh: () => Promise<void>;
  readonly hasMore: ComputedRef<boolean>;
  readonly loadingMore: ShallowRef<boolean>;
  readonly loadMore: () => Promise<void>;
  /** How many new items wait so that nothing moves under a finger; {@link LiveList.showHeld} lets them in. */
  readonly held: ComputedRef<number>;
  readonly showHeld: () => void;
}

const PAGE_SIZE = 50;
/** How much of a list that was loaded further is kept fresh; the API's largest page. */
const FRESH_SIZE = 200;
const SETTLE_MS = 1_000;
const TOPICS: readonly string[] = ['tasks', 'cases', 'exceptions', 'dead-letters', 'quarantine', 'handover', 'changes', 'devices'];

/**
 * `query` is watched: another one starts the list anew. While somebody scrolls, points or has scrolled
 * down, new items wait in `held` instead of pushing the others away. `about`: topic of changes, when it is not the path's own name.
 */
export function useList<T>(path: string, query: () => Query, idOf: (item: T) => string, about?: Topic): LiveList<T> {
  const further = shallowRef<readonly Page<T>[]>([]);
  const loadingMore = shallowRef(false);
  /** The items that the person has before them. */
  const known = shallowRef<ReadonlySet<string>>();
  const ask = (cursor: string | undefined, limit: number, signal?: AbortSignal): Promise<Page<T>> => get<Page<T>>(path, { ...query(), limit, cursor }, signal);
  const topic = about ?? path.split('/')[0]!;
  const first = usePolling(
    (signal) => ask(undefined, further.value.length === 0 ? PAGE_SIZE : FRESH_SIZE, signal), undefined,
    TOPICS.includes(topic) ? { topics: [topic as Topic] } : {},
  );
  watch(() => JSON.stringify(query()), () => {
    further.value = [];
    known.value = undefined;
    void first.reset();
  });
  const next = computed(() => (further.value.at(-1) ?? first.data.value)?.next);
  const all = computed(() => {
    if (first.data.value === undefined) return undefined;
    // The list moves while people read it: an item may stand on two pages for a moment, and the head is the newer.
    const byId = new Map<string, T>();
    for (const item of [...first.data.value.items, ...further.value.flatMap((page) => page.items)]) {
      const id = idOf(item);
      if (!byId.has(id)) byId.set(id, item);
    }
    return byId;
  });
  const held = computed(() => {
    const before = known.value;
    return before === undefined || before.size === 0 || all.value === undefined ? 0 : [...all.value.keys()].filter((id) => !before.has(id)).length;
  });
  const items = computed(() => {
    if (all.value === undefined) return undefined;
    const before = known.value;
    return [...all.value].filter(([id]) => before === undefined || before.size === 0 || before.has(id)).map(([, item]) => item);
  });
  const showHeld = (): void => {
    known.value = all.value === undefined ? undefined : new Set(all.value.keys());
  };
  let settle: ReturnType<typeof setTimeout> | undefined;
  const takeIn = (): void => {
    clearTimeout(settle);
    if (held.value === 0 || !handsAtWork()) showHeld();
    else settle = setTimeout(takeIn, SETTLE_MS);
  };
  watch(all, takeIn, { flush: 'sync' });
  onScopeDispose(() => clearTimeout(settle));
  const loadMore = async (): Promise<void> => {
    if (next.value === undefined || loadingMore.value) return;
    loadingMore.value = true;
    const asked = JSON.stringify(query());
    try {
      const page = await ask(next.value, PAGE_SIZE);
      if (asked !== JSON.stringify(query())) return;
      // What was asked for comes in at once, below everything that is there.
      known.value = new Set([...known.value ?? [], ...page.items.map(idOf)]);
      further.value = [...further.value, page];
    } catch (error) {
      first.problem.value = error instanceof ApiProblem ? error : new ApiProblem('unknown', 0, String(error));
    } finally {
      loadingMore.value = false;
    }
  };
  return { items, problem: first.problem, loading: first.loading, refresh: first.refresh, hasMore: computed(() => next.value !== undefined), loadingMore, loadMore, held, showHeld };
}
