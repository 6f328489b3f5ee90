import type { Rule } from './rule.ts';
import { isRetired, moveOn, serviceCalls } from './service-calls.ts';
import { Called } from './words.ts';

export const deprecatedService: Rule = {
  code: 'deprecated-service',
  title: 'A service that is called is not on its way out',
  level: 'warn',
  *check(flows, context) {
    for (const { node, facts, reference } of serviceCalls(flows, context)) {
      if (facts?.status !== 'deprecated' || reference === undefined || isRetired(facts, context.now)) continue;
      const until = facts.sunset === undefined ? '' : ` and will be retired on ${facts.sunset.slice(0, 10)}`;
      yield { node, property: 'service', about: reference, message: `${Called(node)} calls ${reference}, which is deprecated${until}.`, mend: moveOn(facts) };
    }
  },
};
