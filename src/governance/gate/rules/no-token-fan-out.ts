import type { FlowNode, Flows } from './flows.ts';
import type { Breach, Rule } from './rule.ts';
import { tokenGraph } from './token-graph.ts';
import type { TokenGraph } from './token-graph.ts';
import { Called } from './words.ts';

/** Node-RED's own nodes that make several messages of one, or one of several. */
const MULTIPLIERS: ReadonlySet<string> = new Set(['split', 'join', 'batch']);

function* forksAt(flows: Flows, graph: TokenGraph, node: FlowNode): Generator<Breach> {
  const ports = node.type === 'link out' ? 1 : node.wires?.length ?? 0;
  for (let port = 0; port < ports; port += 1) {
    const ways = new Set(graph.onward(node, port).filter(({ id }) => graph.toConsumer.has(id)).map(({ id }) => id));
    if (ways.size + (graph.leaves(node, port) && node.type !== 'link out' ? 1 : 0) < 2) continue;
    yield {
      node, property: `output ${port + 1}`,
      message: `${Called(node)} sends a case on at ${ways.size} ways at once; the second to arrive is refused as a fork.`,
      mend: 'Put a "parallel" before it, and a "gather" where the ways come together; or leave one way.',
    };
  }
}

export const noTokenFanOut: Rule = {
  code: 'no-token-fan-out',
  title: 'Plain nodes send a case one way only',
  level: 'error',
  *check(flows) {
    const graph = tokenGraph(flows);
    for (const node of flows.nodes) {
      if (!graph.withToken.has(node.id) || !graph.toConsumer.has(node.id)) continue;
      if (MULTIPLIERS.has(node.type)) {
        yield {
          node,
          message: `${Called(node)} makes other messages of that of a case, and only one message carries the case.`,
          mend: 'Work on the list in a function or a call, or branch with "parallel" and "gather".',
        };
      } else yield* forksAt(flows, graph, node);
    }
  },
};
