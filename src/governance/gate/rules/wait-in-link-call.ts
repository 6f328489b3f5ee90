import { waits } from './governed.ts';
import { textOf } from './property.ts';
import type { Rule } from './rule.ts';
import { idOfSubflow } from './subflows.ts';
import { endsOf, reach, wiresOf } from './token-graph.ts';
import { Called } from './words.ts';

/** `node.linkcall(…)` of a function. */
const CODED = /\blinkcall\b/;

export const waitInLinkCall: Rule = {
  code: 'wait-in-link-call',
  title: 'No waiting step stands inside a link call',
  level: 'error',
  *check(flows) {
    const calls = flows.ofType('link call');
    // A function names what it calls in its code.
    const coded = flows.ofType('function').some((node) => CODED.test(`${textOf(node, 'func')}\n${textOf(node, 'initialize')}`));
    if (calls.length === 0 && !coded) return;
    const called = calls.flatMap(({ id }) => flows.outOf(id).filter(({ type }) => type === 'link in'));
    // One that is named by the message may call whatever answers.
    if (coded || calls.some((node) => node['linkType'] === 'dynamic')) {
      const answering = reach(flows.ofType('link out').filter((node) => node['mode'] === 'return'), ({ id }) => flows.into(id));
      called.push(...flows.ofType('link in').filter(({ id }) => answering.has(id)));
    }
    const within = reach(called, (node) => {
      const block = flows.byId.get(idOfSubflow(node.type) ?? '');
      const inner = endsOf(block, 'in').flatMap((end) => wiresOf(end).flatMap(({ id }) => flows.byId.get(id) ?? []));
      return [...flows.outOf(node.id), ...inner];
    });
    for (const node of flows.governed) {
      if (!within.has(node.id) || !waits(node)) continue;
      yield {
        node,
        message: `${Called(node)} may wait for days, but it stands inside a link call, which gives up after its own time.`,
        mend: 'Wire the step into the way itself, or use a "link out" instead of the "link call".',
      };
    }
  },
};
