import type { FlowNode } from './flows.ts';

export interface Wiring {
  into(id: string): readonly FlowNode[];
  outOf(id: string, output?: number): readonly FlowNode[];
}

const idsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []);

/**
 * Which node leads to which, by wires and by links. A link is there when either of its ends names the other
 * (`parseConfig` of Node-RED does the same); a link call leads to what it calls and to its own wires.
 */
export function wiring(nodes: readonly FlowNode[], byId: ReadonlyMap<string, FlowNode>): Wiring {
  const outputs = new Map<string, FlowNode[][]>();
  const inputs = new Map<string, FlowNode[]>();
  const connect = (from: FlowNode, output: number, id: string): void => {
    const to = byId.get(id);
    if (to === undefined) return;
    const ports = outputs.get(from.id) ?? [];
    outputs.set(from.id, ports);
    while (ports.length <= output) ports.push([]);
    const port = ports[output]!;
    port.push(to);
    const list = inputs.get(id);
    if (list === undefined) inputs.set(id, [from]);
    else list.push(from);
  };
  const linked = new Set<string>();
  const link = (from: FlowNode | undefined, id: string): void => {
    if (from === undefined || from.type !== 'link out' || from['mode'] === 'return' || linked.has(`${from.id} ${id}`)) return;
    linked.add(`${from.id} ${id}`);
    connect(from, 0, id);
  };
  for (const node of nodes) {
    if (node.type === 'link out') for (const id of idsOf(node['links'])) link(node, id);
    else node.wires?.forEach((ids, output) => { for (const id of ids) connect(node, output, id); });
    if (node.type === 'link in') for (const id of idsOf(node['links'])) link(byId.get(id), node.id);
    if (node.type === 'link call' && node['linkType'] !== 'dynamic') for (const id of idsOf(node['links'])) connect(node, 0, id);
  }
  return {
    into: (id) => inputs.get(id) ?? [],
    outOf: (id, output) => (output === undefined ? (outputs.get(id) ?? []).flat() : outputs.get(id)?.[output] ?? []),
  };
}
