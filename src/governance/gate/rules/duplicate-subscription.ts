import type { FlowNode } from './flows.ts';
import { textOf } from './property.ts';
import type { Rule } from './rule.ts';
import { subscriptions, type Subscription } from './subscriptions.ts';
import { overlap, shareOf } from './topics.ts';
import { called, Called } from './words.ts';

/** Subscriptions of one broker that are compared one with the other. */
const MAX_COMPARED = 1_000;

/** Two nodes that take events of one topic by types of which none is also the other's. */
function typesApart(one: FlowNode, other: FlowNode): boolean {
  const of = (node: FlowNode): readonly string[] => (node.type === 'waybill-event-in' ? textOf(node, 'types').split(',').map((type) => type.trim()).filter((type) => type !== '') : []);
  const [mine, others] = [of(one), of(other)];
  const begins = (type: string, wanted: string): boolean => wanted.endsWith('*') && type.replace(/\*$/, '').startsWith(wanted.slice(0, -1));
  return mine.length > 0 && others.length > 0 && !mine.some((a) => others.some((b) => a === b || begins(a, b) || begins(b, a)));
}

function saidOf({ node, property, filter }: Subscription, twin: Subscription): string {
  if (property === 'sequence') return `${Called(node)} takes the same telegrams as ${called(twin.node)} (${filter}), so each of them opens two cases.`;
  if (property === 'operation') return `${Called(node)} takes from the same queue as ${called(twin.node)} (${filter}), so chance says into which of the two flows a message comes.`;
  const same = twin.filter === filter;
  return `${Called(node)} listens to ${same ? `the same topic as ${called(twin.node)}` : `topics of ${called(twin.node)}`} (${same ? filter : `${filter} and ${twin.filter}`}), so one message comes into two flows.`;
}

export const duplicateSubscription: Rule = {
  code: 'duplicate-subscription',
  title: 'A topic opens cases at one place',
  level: 'error',
  *check(flows) {
    const brokers = new Map<string, Subscription[]>();
    for (const subscription of subscriptions(flows)) {
      const earlier = brokers.get(subscription.broker) ?? [];
      brokers.set(subscription.broker, earlier);
      const group = shareOf(subscription.filter);
      const twin = earlier.slice(0, MAX_COMPARED).find((other) => other.node !== subscription.node && (group === undefined || shareOf(other.filter) !== group) && overlap(other.levels, subscription.levels) && !typesApart(other.node, subscription.node));
      earlier.push(subscription);
      if (twin === undefined) continue;
      const { node, property, filter } = subscription;
      yield {
        node, property, about: filter,
        message: saidOf(subscription, twin),
        mend: 'Listen at one place and branch behind it, or make the topics narrower.',
      };
    }
  },
};
