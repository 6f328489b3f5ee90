/**
 * What this device remembers for its person: language, theme, filters. Never anything of a case.
 * A browser that keeps nothing (private window, storage refused) loses the choice with the page, no more.
 */
export type DeviceKey = 'language' | 'theme' | 'keys' | `filter:${string}` | `saved:${string}`;

const PREFIX = 'waybill.';
const unkept = new Map<string, string>();

export const deviceStore = {
  read(key: DeviceKey): string | null {
    try {
      return localStorage.getItem(PREFIX + key) ?? unkept.get(key) ?? null;
    } catch (error) {
      return refused(error) ? unkept.get(key) ?? null : null;
    }
  },
  write(key: DeviceKey, value: string | undefined): void {
    if (value === undefined) unkept.delete(key);
    else unkept.set(key, value);
    try {
      if (value === undefined) localStorage.removeItem(PREFIX + key);
      else localStorage.setItem(PREFIX + key, value);
    } catch (error) {
      if (!refused(error)) throw error;
    }
  },
};

/** Storage that is switched off or full. */
function refused(error: unknown): boolean {
  if (error instanceof DOMException || error instanceof ReferenceError) return true;
  throw error;
}
