/** Refusals of one kind that are recorded per window… */
const PER_WINDOW = 20;
/** …of this length. */
const WINDOW_MS = 60_000;
const MAX_KEYS = 10_000;

const windows = new Map<string, { start: number; count: number }>();

/** Counts one more of a kind; true when its window is full. `now` in milliseconds. */
export function isTooOften(key: string, now: number): boolean {
  const window = windows.get(key);
  if (window === undefined || now - window.start >= WINDOW_MS) {
    windows.delete(key);
    windows.set(key, { start: now, count: 1 });
    if (windows.size > MAX_KEYS) windows.delete(windows.keys().next().value!);
    return false;
  }
  window.count += 1;
  return window.count > PER_WINDOW;
}
