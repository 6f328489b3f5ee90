import { shallowRef } from 'vue';
import { deviceStore } from './device-store.ts';

/** A choice of filters with a name, as a query of the page's address. */
export interface SavedFilter { readonly name: string; readonly query: string }

const MOST = 20;

function read(key: `saved:${string}`): readonly SavedFilter[] {
  const kept = deviceStore.read(key);
  if (kept === null) return [];
  try {
    const list: unknown = JSON.parse(kept);
    return Array.isArray(list) ? list.filter((each): each is SavedFilter => typeof (each as SavedFilter | null)?.name === 'string' && typeof (each as SavedFilter | null)?.query === 'string') : [];
  } catch (error) {
    // Something else wrote there; the person starts anew.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** The filters that this device keeps for a page, by name. */
export function useSavedFilters(page: string) {
  const key = `saved:${page}` as const;
  const saved = shallowRef(read(key));
  const write = (list: readonly SavedFilter[]): void => {
    saved.value = list;
    deviceStore.write(key, list.length === 0 ? undefined : JSON.stringify(list));
  };
  return {
    saved,
    /** One of the same name is replaced. */
    save: (filter: SavedFilter): void => { write([...saved.value.filter((each) => each.name !== filter.name), filter].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST)); },
    forget: (name: string): void => { write(saved.value.filter((each) => each.name !== name)); },
  };
}
