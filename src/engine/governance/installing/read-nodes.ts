import { readFlows } from '../../../governance/gate/rules/read-flows.ts';
import type { FlowNode, Flows } from '../../../governance/gate/rules/flows.ts';

/** What an editor sent, as rules read it; undefined when it is no list of nodes. */
export function readNodes(nodes: unknown): Flows | undefined {
  return Array.isArray(nodes) ? readFlows(nodes as readonly FlowNode[]) : undefined;
}
