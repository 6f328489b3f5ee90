import { innerForks } from './fan-out-in-subflows.ts';
import type { FlowNode } from './flows.ts';
import type { Breach, Rule } from './rule.ts';
import { tokenGraph } from './token-graph.ts';
import type { TokenGraph } from './token-graph.ts';
import { Called } from './words.ts';

/** Node-RED's own nodes that make several messages of one, or one of several. */
const MULTIPLIERS: ReadonlySet<string> = new Set(['split', 'join', 'batch']);

const fork = (node: FlowNode, port: number, ways: number): Breach => ({
  node, property: node.type === 'subflow' ? 'in' : `output ${port + 1}`,
  message: `${Called(node)} sends a case ${ways} ways at once; the second to arrive is refused as a fork.`,
  mend: 'Put a "parallel" before it, and a "gather" where the ways come together; or leave one way.',
});

const multiplied = (node: FlowNode): Breach => ({
  node,
  message: `${Called(node)} makes other messages of that of a case, and only one message carries the case.`,
  mend: 'Work on the list in a function or a call, or branch with "parallel" and "gather".',
});

function* forksAt(graph: TokenGraph, node: FlowNode): Generator<Breach> {
  const ports = node.type === 'link out' ? 1 : node.wires?.length ?? 0;
  for (let port = 0; port < ports; port += 1) {
    const ways = new Set(graph.onward(node, port).filter(({ id }) => graph.toConsumer.has(id)).map(({ id }) => id));
    const all = ways.size + (graph.leaves(node, port) && node.type !== 'link out' ? 1 : 0);
    if (all > 1) yield fork(node, port, all);
  }
}

const multiplies = ({ type }: FlowNode): boolean => MULTIPLIERS.has(type);

export const noTokenFanOut: Rule = {
  code: 'no-token-fan-out',
  title: 'Plain nodes send a case one way only',
  level: 'error',
  *check(flows) {
    const graph = tokenGraph(flows);
    const told = new Set<FlowNode>();
    for (const node of flows.nodes) {
      if (!graph.withToken.has(node.id) || !graph.toConsumer.has(node.id)) continue;
      told.add(node);
      if (multiplies(node)) yield multiplied(node);
      else yield* forksAt(graph, node);
    }
    for (const { node, port, ways } of innerForks(flows, graph, multiplies)) {
      if (!told.has(node)) yield ways === 0 ? multiplied(node) : fork(node, port, ways);
    }
  },
};
