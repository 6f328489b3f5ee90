import { addressIn, isLoopback } from './address.ts';
import type { FlowNode, Flows } from './flows.ts';
import { textOf, textsOf } from './property.ts';
import { tokenGraph } from './token-graph.ts';
import { levelsOf } from './topics.ts';

/** A topic filter or pattern by which messages come in for cases, the tag of a controller's telegrams, or a queue. */
export interface Subscription { readonly node: FlowNode; readonly property: string; readonly broker: string; readonly filter: string; readonly levels: readonly string[] }

/** What tells one broker from another: its host and port. A blank address is the one that Waybill brings. */
function brokerOf(flows: Flows, node: FlowNode | undefined): string {
  if (node === undefined) return '?';
  const url = node.type === 'waybill-broker' ? textsOf(flows, node, 'url')[0] : textsOf(flows, node, 'broker')[0];
  if ((url ?? '') === '' && textOf(node, node.type === 'waybill-broker' ? 'url' : 'broker') !== '') return textOf(node, node.type === 'waybill-broker' ? 'url' : 'broker');
  const address = addressIn(url ?? '', textOf(node, 'port'));
  if (address === undefined) return node.type === 'waybill-broker' ? 'localhost:1883' : `?${node.id}`;
  return `${isLoopback(address.host) ? 'localhost' : address.host}:${address.port || '1883'}`;
}

/** The telegrams of a controller that a node acknowledges: whoever reads them beside it opens a second case for each. */
function telegrams(flows: Flows, node: FlowNode): readonly Subscription[] {
  const endpoint = flows.byId.get(textOf(node, 'endpoint'));
  const [url = ''] = endpoint === undefined ? [] : textsOf(flows, endpoint, 'url');
  const server = url === '' ? `?${textOf(node, 'endpoint')}` : url.toLowerCase().replace(/\/+$/, '');
  return textsOf(flows, node, 'sequence').filter((sequence) => sequence !== '').map((sequence) => ({ node, property: 'sequence', broker: server, filter: sequence, levels: [sequence] }));
}

/** A queue: its broker and the operation that names it, in whatever version of its service. */
function queues(flows: Flows, node: FlowNode): readonly Subscription[] {
  const system = flows.byId.get(textOf(node, 'systemNode'));
  const [url = ''] = system === undefined ? [] : textsOf(flows, system, 'url');
  return textsOf(flows, node, 'service').filter((service) => service !== '').flatMap((service) => textsOf(flows, node, 'operation').map((operation) => {
    const queue = `${service.split('@')[0] ?? ''} ${operation}`;
    return { node, property: 'operation', broker: `queues at ${url === '' ? `?${textOf(node, 'systemNode')}` : url.toLowerCase().replace(/\/+$/, '')}`, filter: queue, levels: [queue] };
  }));
}

/** A pattern with enterprise and site as the site node names them: those are the only topics that are the intake's own. */
function placed(flows: Flows, node: FlowNode, pattern: string): string {
  const site = flows.byId.get(textOf(node, 'site'));
  if (site === undefined) return pattern;
  return pattern.replace(/\{(enterprise|site)\}/g, (variable, name: string) => {
    const [only = '', ...more] = textsOf(flows, site, name === 'site' ? 'siteId' : 'enterprise');
    return only === '' || more.length > 0 || only.includes('$') ? variable : only;
  });
}

/** What comes in for cases: scans, events, telegrams, and plain subscriptions that lead to a step. */
export function subscriptions(flows: Flows): readonly Subscription[] {
  const { toStation } = tokenGraph(flows);
  const of = (node: FlowNode, property: string): readonly Subscription[] => {
    const broker = brokerOf(flows, flows.byId.get(textOf(node, 'broker')));
    return textsOf(flows, node, property).map((filter) => ({ node, property, broker, filter, levels: levelsOf(filter) }));
  };
  return flows.nodes.flatMap((node) => {
    if (node.type === 'waybill-scan-in') return of(node, 'pattern').map((one) => ({ ...one, levels: levelsOf(placed(flows, node, one.filter)) }));
    if (node.type === 'waybill-queue-in') return queues(flows, node);
    if (node.type === 'waybill-plc-in') return node['mode'] === 'handshake' ? telegrams(flows, node) : [];
    if (node.type === 'waybill-event-in') return node['from'] === 'http' ? [] : of(node, 'topic');
    // One that subscribes by messages (inputs: 1) has no topic of its own.
    return node.type === 'mqtt in' && toStation.has(node.id) && Number(node['inputs'] ?? 0) === 0 ? of(node, 'topic') : [];
  });
}
