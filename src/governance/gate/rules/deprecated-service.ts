import type { Rule } from './rule.ts';
import { isRetired, moveOn, serviceCalls, serviceOffers } from './service-calls.ts';
import { Called } from './words.ts';

export const deprecatedService: Rule = {
  code: 'deprecated-service',
  title: 'A service that is called or offered is not on its way out',
  level: 'warn',
  *check(flows, context) {
    for (const { node, facts, reference } of serviceCalls(flows, context)) {
      if (facts?.status !== 'deprecated' || reference === undefined || isRetired(facts, context.now)) continue;
      const until = facts.sunset === undefined ? '' : ` and will be retired on ${facts.sunset.slice(0, 10)}`;
      yield { node, property: 'service', about: reference, message: `${Called(node)} calls ${reference}, which is deprecated${until}.`, mend: moveOn(facts) };
    }
    const offers = [...serviceOffers(flows, context)];
    for (const { node, facts, reference, operations } of offers) {
      if (facts?.status !== 'deprecated' || reference === undefined || isRetired(facts, context.now)) continue;
      const { successor, sunset } = facts;
      // Where what takes its place is answered as well, callers can move on.
      if (successor !== undefined && offers.some((other) => other.reference === successor && operations.every((operation) => other.operations.includes(operation)))) continue;
      yield {
        node, property: 'service', about: reference, message: `${Called(node)} answers ${reference}, which is deprecated${sunset === undefined ? '' : `: from ${sunset.slice(0, 10)} on its callers get 410`}.`,
        mend: successor === undefined ? moveOn(facts) : `Answer ${successor} as well, by another "service in", so that callers can move on.`,
      };
    }
  },
};
