import type { FlowNode, Flows } from './flows.ts';
import { templateOf } from './provenance.ts';
import { sha256 } from './sha256.ts';
import { idOfSubflow } from './subflows.ts';

/** What may differ in a copy that somebody made to look like something else. */
const NOT_LIKENESS: ReadonlySet<string> = new Set([
  'id', 'z', 'g', 'x', 'y', 'w', 'h', 'l', 'd', 'name', 'label', 'info', 'wires', 'links', 'scope', 'icon', 'color', 'outputLabels', 'inputLabels', 'stepId', 'configVersion', 'credentials',
]);

/** Types that say nothing about whose work a flow is. */
const COMMON: ReadonlySet<string> = new Set(['tab', 'subflow', 'group', 'comment', 'debug', 'junction', 'link in', 'link out', 'catch', 'inject']);

function shapeOf(node: FlowNode): string {
  const entries = Object.entries(node).filter(([key, value]) => !NOT_LIKENESS.has(key) && value !== '' && !(typeof value === 'string' && /^[0-9a-f]{16}$|^[0-9a-f]+\.[0-9a-f]+$/.test(value)));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Digests of the nodes that make a flow what it is, each with how often it is there. */
export type Sketch = ReadonlyMap<string, number>;

export function sketchOf(nodes: readonly FlowNode[]): Sketch {
  const sketch = new Map<string, number>();
  for (const node of nodes) {
    if (COMMON.has(node.type) || node.type.startsWith('subflow:') || (node['x'] === undefined && node.wires === undefined)) continue;
    const shape = shapeOf(node);
    const key = shape.length > 200 ? sha256(shape) : shape;
    sketch.set(key, (sketch.get(key) ?? 0) + 1);
  }
  return sketch;
}

export const sizeOf = (sketch: Sketch): number => [...sketch.values()].reduce((sum, count) => sum + count, 0);

/** How much of the template is in the flow: 1 when every node of it is. */
export function likeness(flow: Sketch, template: Sketch): number {
  let common = 0;
  for (const [shape, count] of template) common += Math.min(count, flow.get(shape) ?? 0);
  const size = sizeOf(template);
  return size === 0 ? 0 : common / size;
}

/** Subflows in each other that are looked into: a copy hidden deeper is found at the subflow that holds it. */
const MAX_PLACES = 20;

/** Nodes of a tab or subflow, with those of the subflows that it uses, but for the blocks of the catalogue. */
export function nodesWithin(flows: Flows, container: FlowNode): readonly FlowNode[] {
  const places = new Set([container.id]);
  const nodes: FlowNode[] = [];
  for (const place of places) {
    for (const node of flows.on(place)) {
      nodes.push(node);
      const used = flows.byId.get(idOfSubflow(node.type) ?? '');
      if (used !== undefined && places.size < MAX_PLACES && templateOf(used) === undefined) places.add(used.id);
    }
  }
  return nodes;
}
