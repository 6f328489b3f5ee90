import type { Rule } from './rule.ts';

export const malformedFlows: Rule = {
  code: 'malformed-flows',
  title: 'Flows are what Node-RED stores',
  level: 'error',
  *check(flows) {
    for (const part of flows.malformed) yield { ...part, about: part.message };
  },
};
