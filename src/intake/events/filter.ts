/** Which events an intake takes: by whole names, or by their beginning where a `*` ends the entry. */

export type NameFilter = (value: string) => boolean;

/** @param entries none of them: every value. A `*` means the rest, and may stand at the end alone. */
export function nameFilter(entries: readonly string[]): NameFilter {
  const wanted = entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  if (wanted.length === 0) return () => true;
  const starred = wanted.find((entry) => entry.slice(0, -1).includes('*'));
  if (starred !== undefined) throw new RangeError(`“${starred}” has a * in the middle; it can only stand at the end, for everything that begins so.`);
  const whole = new Set(wanted.filter((entry) => !entry.endsWith('*')));
  const begun = wanted.filter((entry) => entry.endsWith('*')).map((entry) => entry.slice(0, -1));
  return (value) => whole.has(value) || begun.some((start) => value.startsWith(start));
}
