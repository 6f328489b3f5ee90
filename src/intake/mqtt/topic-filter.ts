/** Topic matching (MQTT 5 §4.7.1: `+` is one level, `#` this level and all below; `$` topics need a literal). */
export function topicMatches(filter: string, topic: string): boolean {
  return compileTopicFilter(filter)(topic);
}

/** Compiles a filter into a fast test of topics. */
export function compileTopicFilter(filter: string): (topic: string) => boolean {
  const wanted = filter.split('/');
  const open = wanted.at(-1) === '#';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  const startsWild = wanted[0] === '+' || wanted[0] === '#';
  return (topic) => {
    if (startsWild && topic.startsWith('$')) {
      return false; // MQTT-4.7.2-1
    }
    const levels = topic.split('/');
    if (open ? levels.length < fixed.length : levels.length !== fixed.length) {
      return false;
    }
    return fixed.every((level, index) => level === '+' || level === levels[index]);
  };
}

/** MQTT 5 §4.7.1: a wildcard is a whole level, and `#` the last. */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return filter !== '' && levels.every((level, at) => level === '+' || (level === '#' && at === levels.length - 1) || !/[+#]/.test(level));
}

/** False for a filter of wildcards alone, such as `#` or `+/+/#`: it takes whatever anybody publishes. A shared one is judged without its group (MQTT 5 §4.8.2). */
export function hasFixedLevel(filter: string): boolean {
  return filter.replace(/^\$share\/[^/]*\//, '').split('/').some((level) => level !== '' && level !== '+' && level !== '#');
}

/** True when every topic that matches `inner` also matches `outer`. */
export function filterCovers(outer: string, inner: string): boolean {
  const a = outer.split('/');
  const b = inner.split('/');
  for (const [index, level] of a.entries()) {
    if (level === '#') {
      return true; // also the parent level, MQTT 5 §4.7.1.2
    }
    const other = b[index];
    if (other === undefined || other === '#' || (level !== '+' && level !== other)) {
      return false;
    }
  }
  return a.length === b.length;
}

/** The fewest of the filters that cover them all: no broker then delivers a message twice for a covered one. */
export function minimalFilters(filters: Iterable<string>): readonly string[] {
  const all = [...new Set(filters)].sort();
  return all.filter((filter) => !all.some((other) => other !== filter && filterCovers(other, filter)));
}
