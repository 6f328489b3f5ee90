import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

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
