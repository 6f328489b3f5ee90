import { textOf } from './property.ts';
import type { Rule } from './rule.ts';
import { Called } from './words.ts';

export const unauthenticatedEndpoint: Rule = {
  code: 'unauthenticated-endpoint',
  title: 'What others can call asks who they are',
  level: 'warn',
  *check(flows) {
    for (const node of flows.ofType('http in')) {
      const address = textOf(node, 'url').trim();
      yield {
        node, property: 'url', about: address,
        message: `${Called(node)} opens the address ${address === '' ? '(blank)' : address} to everybody who reaches this Node-RED: nobody is asked who calls, nothing bounds it, and what it takes is in no ledger until a case is opened.`,
        mend: 'Let a "service in" answer what other systems call, or an "event in" take what they tell; or put a sign-in in front of it, and ask for a waiver.',
      };
    }
  },
};
