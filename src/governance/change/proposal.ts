import type { FlowNode } from '../gate/rules/flows.ts';
import { secretsIn } from './secrets.ts';

/** Nodes and bytes of one proposal: a template is far smaller. */
export const mostNodes = 2_000;
export const mostBytes = 192 * 1024;

/** What is wrong with nodes that somebody proposes, in one sentence; undefined when they can be shown to the owners. */
export function proposalProblem(nodes: unknown): string | undefined {
  if (!Array.isArray(nodes) || nodes.length === 0) return 'The proposal has no nodes; export the changed block or tab and send what the export holds.';
  if (nodes.length > mostNodes) return `The proposal has ${nodes.length} nodes; at most ${mostNodes} are taken. Propose one template at a time.`;
  if (!nodes.every(isNode)) return 'The proposal is no export of Node-RED: every node has an id and a type.';
  if (new Set(nodes.map(({ id }) => id)).size !== nodes.length) return 'Two nodes of the proposal have the same id; export it again.';
  if (JSON.stringify(nodes).length > mostBytes) return `The proposal is larger than ${mostBytes / 1024} KiB; take pictures and data out of it.`;
  const [found] = secretsIn(nodes);
  if (found !== undefined) return `The proposal holds what looks like a secret (${found.property} of ${found.node}); take it out, and use a credential or a parameter.`;
  return undefined;
}

function isNode(node: unknown): node is FlowNode {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return false;
  const { id, type } = node as { id?: unknown; type?: unknown };
  return typeof id === 'string' && id !== '' && typeof type === 'string' && type !== '';
}
