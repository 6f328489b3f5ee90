import type { FlowNode, Flows } from './flows.ts';
import type { Breach, Rule } from './rule.ts';
import { tokenGraph } from './token-graph.ts';
import type { TokenGraph } from './token-graph.ts';
import { called } from './words.ts';

const MEND = 'Wire it to the next step, or to a "case close".';

/** Outputs that lead no case on: not wired, or wired to nodes that come to no step. */
function* deadEnds(flows: Flows, graph: TokenGraph, node: FlowNode): Generator<Breach> {
  for (const port of graph.tokenPorts(node)) {
    const targets = flows.outOf(node.id, port);
    if (graph.leaves(node, port) || targets.some(({ id }) => graph.toStation.has(id))) continue;
    // Outputs but the first that are not wired are those of error-outputs-wired.
    if (targets.length === 0 && port > 0 && !node.type.startsWith('subflow:')) continue;
    yield {
      node, property: `output ${port + 1}`,
      message: targets.length === 0 ? `Output ${port + 1} of ${called(node)} is not wired, so a case ends there without being closed.`
        : `What leaves output ${port + 1} of ${called(node)} comes to no governed step, so the case is never closed.`,
      mend: MEND,
    };
  }
}

/** A plain switch on the way of a case with an output from which the case does not go on. */
function* lostInSwitches(flows: Flows, graph: TokenGraph): Generator<Breach> {
  for (const node of flows.ofType('switch')) {
    if (!graph.withToken.has(node.id) || !graph.toStation.has(node.id)) continue;
    const outputs = Math.max(node.wires?.length ?? 0, Array.isArray(node['rules']) ? node['rules'].length : 0);
    for (let port = 0; port < outputs; port += 1) {
      if (graph.leaves(node, port) || flows.outOf(node.id, port).some(({ id }) => graph.toStation.has(id))) continue;
      yield {
        node, property: `output ${port + 1}`,
        message: `A case that takes output ${port + 1} of ${called(node)} comes to no governed step and stays open.`,
        mend: 'Wire this output to a governed step as well, for example to a "case close" or an "exception"; or decide with "decision".',
      };
    }
  }
}

export const caseClosedAfter: Rule = {
  code: 'case-closed-after',
  title: 'Every way of a case leads to its close',
  level: 'error',
  *check(flows) {
    const graph = tokenGraph(flows);
    const named = new Set<string>();
    for (const node of flows.nodes) {
      if (!graph.isStation(node)) continue;
      for (const breach of deadEnds(flows, graph, node)) {
        named.add(node.id);
        yield breach;
      }
    }
    yield* lostInSwitches(flows, graph);
    // What is left goes round in circles: said once for each circle, at its first step.
    const toNamed = new Set(named);
    for (const id of toNamed) for (const from of flows.into(id)) toNamed.add(from.id);
    for (const node of flows.nodes) {
      if (!graph.isStation(node) || graph.toClose.has(node.id) || toNamed.has(node.id) || graph.tokenPorts(node).length === 0) continue;
      toNamed.add(node.id);
      const circle = [node.id];
      for (let id = circle.pop(); id !== undefined; id = circle.pop()) {
        for (const to of [...flows.outOf(id), ...flows.into(id)]) {
          if (toNamed.has(to.id)) continue;
          toNamed.add(to.id);
          circle.push(to.id);
        }
      }
      yield { node, about: 'circle', message: `From ${called(node)} no way leads to a "case close", so its cases stay open for ever.`, mend: 'Lead one of the outputs on the way to a "case close".' };
    }
  },
};
