/** Levels of an MQTT topic filter without `$share/<group>/` (MQTT 5, 4.8.2), or of a topic pattern, whose `{parts}` are one level each. */
export function levelsOf(filter: string): readonly string[] {
  return filter.replace(/^\$share\/[^/]*\//, '').split('/').map((level) => (/\{[^{}]*\}/.test(level) ? '+' : level));
}

/** Name of the group of a shared subscription; undefined when it is none. */
export const shareOf = (filter: string): string | undefined => /^\$share\/([^/]*)\//.exec(filter)?.[1];

/** Whether there is a topic that both filters take (MQTT 5, 4.7.1). */
export function overlap(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; ; i += 1) {
    const [x, y] = [a[i], b[i]];
    if (x === '#' || y === '#') return i > 0 || !((a[0] ?? '').startsWith('$') || (b[0] ?? '').startsWith('$'));
    if (x === undefined || y === undefined) return (x ?? y) === undefined;
    // Wildcards do not take topics that begin with $ (4.7.2).
    if (i === 0 && x !== y && (x.startsWith('$') || y.startsWith('$'))) return false;
    if (x !== '+' && y !== '+' && x !== y) return false;
  }
}
