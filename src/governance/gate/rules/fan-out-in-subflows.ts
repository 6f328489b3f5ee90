import type { FlowNode, Flows } from './flows.ts';
import { idOfSubflow } from './subflows.ts';
import { endsOf, reach, wiresOf } from './token-graph.ts';
import type { TokenGraph } from './token-graph.ts';

/** A place within a subflow at which a message that goes through it becomes several. */
export interface InnerFork { readonly node: FlowNode; readonly port: number; readonly ways: number }

/** What of a subflow a message with a token comes through: nodes on the way from its input to outputs that lead on. */
interface Passage { readonly subflow: FlowNode; readonly on: readonly FlowNode[]; waysOf(node: FlowNode, port: number): number; readonly atInput: number }

function passageOf(flows: Flows, graph: TokenGraph, subflow: FlowNode, live: ReadonlySet<number>): Passage {
  const outs = new Map<string, number>();
  endsOf(subflow, 'out').forEach((end, output) => {
    if (live.has(output)) for (const { id, port } of wiresOf(end)) outs.set(`${id} ${port}`, (outs.get(`${id} ${port}`) ?? 0) + 1);
  });
  const nodesOf = (ids: Iterable<string>): readonly FlowNode[] => [...ids].flatMap((id) => flows.byId.get(id) ?? []);
  const entries = endsOf(subflow, 'in').flatMap(wiresOf);
  const inside = reach(nodesOf(entries.map(({ id }) => id)), ({ id }) => flows.outOf(id));
  const leading = reach(nodesOf([...outs.keys()].map((key) => key.slice(0, key.lastIndexOf(' ')))), ({ id }) => flows.into(id));
  const on = nodesOf(inside).filter(({ id }) => leading.has(id));
  const waysOf = (node: FlowNode, port: number): number =>
    new Set(graph.onward(node, port).filter(({ id }) => leading.has(id)).map(({ id }) => id)).size + (outs.get(`${node.id} ${port}`) ?? 0);
  return { subflow, on, waysOf, atInput: new Set(entries.filter(({ id }) => leading.has(id)).map(({ id }) => id)).size };
}

/** Adds outputs of a subflow that lead on; answers whether there were new ones. */
function add(live: Map<string, Set<number>>, subflow: string, outputs: readonly number[]): boolean {
  const known = live.get(subflow) ?? new Set<number>();
  live.set(subflow, known);
  const before = known.size;
  for (const output of outputs) known.add(output);
  return known.size > before;
}

/** Passages of plain subflows on the way of a case, subflows within them as well. */
function passages(flows: Flows, graph: TokenGraph): readonly Passage[] {
  const live = new Map<string, Set<number>>();
  const queue: string[] = [];
  const use = (instance: FlowNode, leadsOn: (port: number) => boolean): void => {
    const id = idOfSubflow(instance.type);
    if (id === undefined || graph.isStation(instance) || !flows.byId.has(id)) return;
    if (add(live, id, (instance.wires ?? []).flatMap((_, port) => (leadsOn(port) ? [port] : [])))) queue.push(id);
  };
  for (const node of flows.nodes) {
    if (graph.withToken.has(node.id) && graph.toConsumer.has(node.id)) use(node, (port) => graph.leaves(node, port) || flows.outOf(node.id, port).some(({ id }) => graph.toConsumer.has(id)));
  }
  const found = new Map<string, Passage>();
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const passage = passageOf(flows, graph, flows.byId.get(id)!, live.get(id)!);
    found.set(id, passage);
    for (const node of passage.on) use(node, (port) => passage.waysOf(node, port) > 0);
  }
  return [...found.values()];
}

/** Every place in plain subflows at which a case would become several messages; `multiplies` tells nodes that always do that. */
export function innerForks(flows: Flows, graph: TokenGraph, multiplies: (node: FlowNode) => boolean): readonly InnerFork[] {
  return passages(flows, graph).flatMap((passage): readonly InnerFork[] => [
    ...(passage.atInput > 1 ? [{ node: passage.subflow, port: 0, ways: passage.atInput }] : []),
    ...passage.on.flatMap((node) => {
      if (multiplies(node)) return [{ node, port: 0, ways: 0 }];
      const ports = node.type === 'link out' ? 1 : node.wires?.length ?? 0;
      return Array.from({ length: ports }, (_, port) => ({ node, port, ways: passage.waysOf(node, port) })).filter(({ ways }) => ways > 1);
    }),
  ]);
}
