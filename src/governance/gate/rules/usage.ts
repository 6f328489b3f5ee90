import type { FlowNode } from './flows.ts';

/** Properties whose ids are places and wires, not settings. */
const NOT_SETTINGS: ReadonlySet<string> = new Set(['id', 'z', 'g', 'type', 'wires', 'links', 'scope', 'nodes']);

/** By id of a config node: the nodes that name it in one of their properties. */
export function usage(nodes: readonly FlowNode[], byId: ReadonlyMap<string, FlowNode>): ReadonlyMap<string, readonly FlowNode[]> {
  const users = new Map<string, FlowNode[]>();
  const note = (value: unknown, user: FlowNode): void => {
    if (typeof value !== 'string' || value.length > 64 || !byId.has(value)) return;
    const list = users.get(value);
    if (list === undefined) users.set(value, [user]);
    else if (list.at(-1) !== user) list.push(user);
  };
  for (const node of nodes) {
    for (const property in node) {
      if (!NOT_SETTINGS.has(property)) note(node[property], node);
    }
    // A subflow's parameter may be a config node as well (type conf-type).
    if (Array.isArray(node['env'])) for (const entry of node['env']) note((entry as { value?: unknown } | null)?.value, node);
  }
  return users;
}
