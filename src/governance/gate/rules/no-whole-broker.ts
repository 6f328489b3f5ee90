import type { Rule } from './rule.ts';
import { subscriptions } from './subscriptions.ts';
import { Called } from './words.ts';

/** Of wildcards and `{parts}` alone: it takes whatever anybody publishes (MQTT 5, 4.7.1). */
function isWhole(levels: readonly string[]): boolean {
  return levels.some((level) => level !== '') && levels.every((level) => level === '' || level === '+' || level === '#');
}

export const noWholeBroker: Rule = {
  code: 'no-whole-broker',
  title: 'No intake listens to everything at a broker',
  level: 'error',
  *check(flows) {
    for (const { node, property, filter, levels } of subscriptions(flows)) {
      if (!isWhole(levels)) continue;
      yield {
        node, property, about: filter,
        message: `${Called(node)} listens to ${filter}, which has no level of fixed text: it takes whatever anybody publishes at this broker.`,
        mend: 'Write at least one level as fixed text, for example {enterprise}/{site}/{area}/{station}/scan or erp/events/#.',
      };
    }
  },
};
