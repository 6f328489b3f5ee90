import type { Rule } from './rule.ts';
import { isRetired, moveOn, serviceCalls, serviceOffers } from './service-calls.ts';
import { Called } from './words.ts';

export const retiredService: Rule = {
  code: 'retired-service',
  title: 'A service that is called or offered is not retired',
  level: 'error',
  *check(flows, context) {
    for (const { node, facts, reference } of serviceCalls(flows, context)) {
      if (facts === undefined || reference === undefined || !isRetired(facts, context.now)) continue;
      const when = facts.sunset === undefined ? 'is retired' : `has been retired since ${facts.sunset.slice(0, 10)}`;
      yield { node, property: 'service', about: reference, message: `${Called(node)} calls ${reference}, which ${when}.`, mend: moveOn(facts) };
    }
    for (const { node, facts, reference } of serviceOffers(flows, context)) {
      if (facts === undefined || reference === undefined || !isRetired(facts, context.now)) continue;
      yield { node, property: 'service', about: reference, message: `${Called(node)} answers ${reference}, which is retired: whoever calls it gets 410.`, mend: `Take the node out${facts.successor === undefined ? '' : `, and answer ${facts.successor}`}.` };
    }
  },
};
