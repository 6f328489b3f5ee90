import { computed, watch, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { deviceStore } from './device-store.ts';

/** A filter that stands in the address, so that links and the back button keep it. */
export function useUrlFilter(name: string, fallback: string): WritableComputedRef<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => {
      const value = route.query[name];
      return typeof value === 'string' ? value : fallback;
    },
    set: (value) => {
      const { [name]: _old, ...rest } = route.query;
      void router.replace({ query: value === fallback ? rest : { ...rest, [name]: value } });
    },
  });
}

/** Filters of a page that are there again the next time it is opened without any in its address. */
export function rememberFilters(page: string, names: readonly string[]): void {
  const route = useRoute();
  const router = useRouter();
  const key = `filter:${page}` as const;
  const kept = deviceStore.read(key);
  if (kept !== null && Object.keys(route.query).length === 0) void router.replace({ query: Object.fromEntries(new URLSearchParams(kept)) });
  const { name } = route;
  watch(() => [route.name, ...names.map((each) => route.query[each])], () => {
    if (route.name !== name) return;
    const chosen = names.flatMap((each) => (typeof route.query[each] === 'string' ? [[each, route.query[each]] as [string, string]] : []));
    deviceStore.write(key, chosen.length === 0 ? undefined : new URLSearchParams(chosen).toString());
  });
}
