/** Levels that JSON may be nested; what people and systems send has a handful. */
export const MAX_JSON_LEVELS = 100;

/** Whether JSON is nested deeper than whoever walks through it would survive. Goes level by level, without calling itself. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= MAX_JSON_LEVELS; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}
