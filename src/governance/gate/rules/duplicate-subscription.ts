import { addressIn, isLoopback } from './address.ts';
import type { FlowNode, Flows } from './flows.ts';
import { textOf, textsOf } from './property.ts';
import type { Rule } from './rule.ts';
import { tokenGraph } from './token-graph.ts';
import { levelsOf, overlap, shareOf } from './topics.ts';
import { called, Called } from './words.ts';

interface Subscription { readonly node: FlowNode; readonly property: string; readonly broker: string; readonly filter: string; readonly levels: readonly string[] }

/** Subscriptions of one broker that are compared one with the other. */
const MAX_COMPARED = 1_000;

/** What tells one broker from another: its host and port. A blank address is the one that Waybill brings. */
function brokerOf(flows: Flows, node: FlowNode | undefined): string {
  if (node === undefined) return '?';
  const url = node.type === 'waybill-broker' ? textsOf(flows, node, 'url')[0] : textsOf(flows, node, 'broker')[0];
  if ((url ?? '') === '' && textOf(node, node.type === 'waybill-broker' ? 'url' : 'broker') !== '') return textOf(node, node.type === 'waybill-broker' ? 'url' : 'broker');
  const address = addressIn(url ?? '', textOf(node, 'port'));
  if (address === undefined) return node.type === 'waybill-broker' ? 'localhost:1883' : `?${node.id}`;
  return `${isLoopback(address.host) ? 'localhost' : address.host}:${address.port || '1883'}`;
}

/** What comes in for cases: scans, and plain subscriptions that lead to a step. */
function subscriptions(flows: Flows): readonly Subscription[] {
  const { toStation } = tokenGraph(flows);
  const of = (node: FlowNode, property: string): readonly Subscription[] => {
    const broker = brokerOf(flows, flows.byId.get(textOf(node, 'broker')));
    return textsOf(flows, node, property).map((filter) => ({ node, property, broker, filter, levels: levelsOf(filter) }));
  };
  return flows.nodes.flatMap((node) => {
    if (node.type === 'waybill-scan-in') return of(node, 'pattern');
    // One that subscribes by messages (inputs: 1) has no topic of its own.
    return node.type === 'mqtt in' && toStation.has(node.id) && Number(node['inputs'] ?? 0) === 0 ? of(node, 'topic') : [];
  });
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
      const twin = earlier.slice(0, MAX_COMPARED).find((other) => other.node !== subscription.node && (group === undefined || shareOf(other.filter) !== group) && overlap(other.levels, subscription.levels));
      earlier.push(subscription);
      if (twin === undefined) continue;
      const { node, property, filter } = subscription;
      const same = twin.filter === filter;
      yield {
        node, property, about: filter,
        message: `${Called(node)} listens to ${same ? `the same topic as ${called(twin.node)}` : `topics of ${called(twin.node)}`} (${same ? filter : `${filter} and ${twin.filter}`}), so one message comes into two flows.`,
        mend: 'Listen at one place and branch behind it, or make the topics narrower.',
      };
    }
  },
};
