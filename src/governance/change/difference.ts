import type { Json, JsonObject } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { isConfig } from '../template/content.ts';

/** One line of what a proposal changes, as owners read it. */
export interface DifferenceLine extends JsonObject {
  readonly kind: 'added' | 'removed' | 'changed';
  /** Type and name of the node, or the two ends of a wire. */
  readonly node: string;
  /** What of it: a property, `wire`, or '' for the node as a whole. */
  readonly property: string;
  readonly before: Json;
  readonly after: Json;
}

/** Lines that are shown; a proposal that changes more is another template. */
const mostLines = 500;
/** A text that is longer is cut; the nodes have all of it. */
const longestText = 2_000;
/** Where a node stands, and what names it, is no part of what it does. */
const placing: ReadonlySet<string> = new Set(['id', 'x', 'y', 'z', 'w', 'h', 'g', 'wires', 'info', 'nodes', 'in', 'out', 'status', 'inputLabels', 'outputLabels', 'credentials', 'meta', 'color', 'icon', 'l', 'order']);

/** What changes from one flow to another; nodes that mean the same are paired, however they are numbered. */
export function differenceOf(before: readonly FlowNode[], after: readonly FlowNode[], moved: ReadonlyMap<string, string> = new Map()): readonly DifferenceLine[] {
  const [old, fresh] = [before.filter((node) => !isConfig(node) && node.type !== 'group'), after.filter((node) => !isConfig(node) && node.type !== 'group')];
  const pairs = pairedNodes(old, fresh, moved);
  const lines: DifferenceLine[] = [];
  for (const node of old) if (!pairs.has(node)) lines.push({ kind: 'removed', node: nameOf(node), property: '', before: null, after: null });
  const partners = new Map([...pairs].map(([one, other]) => [other, one]));
  for (const node of fresh) {
    const partner = partners.get(node);
    if (partner === undefined) lines.push({ kind: 'added', node: nameOf(node), property: '', before: null, after: null });
    else lines.push(...propertyLines(partner, node));
  }
  lines.push(...wireLines(old, fresh, partners));
  return lines.slice(0, mostLines);
}

/** Whether a line says something of the template: not the editor's own, nor what an installed block has beyond its export. */
export function isOfTemplate({ node, property, before, after }: DifferenceLine): boolean {
  return !(property === 'category' && node.startsWith('subflow')) && !(property === 'disabled' && before === null && after === false);
}

function nameOf(node: FlowNode): string {
  const name = [node.name, node.label].find((text) => typeof text === 'string' && text !== '');
  return name === undefined ? node.type : `${node.type} "${name}"`;
}

/**
 * Nodes that mean the same in two versions of a flow, the old one to the new one: where the new one's map says that a step goes on,
 * then by id, by step id, by name, by content, and last in the order in which they stand; always within a type.
 * @param moved new step id by the old one
 */
export function pairedNodes(old: readonly FlowNode[], fresh: readonly FlowNode[], moved: ReadonlyMap<string, string> = new Map()): ReadonlyMap<FlowNode, FlowNode> {
  const pairs = new Map<FlowNode, FlowNode>();
  const taken = new Set<FlowNode>();
  const renamed = new Set(moved.values());
  const stepId = (node: FlowNode): string => String(node['stepId'] ?? '');
  const keys: readonly ((node: FlowNode, isOld: boolean) => string | undefined)[] = [
    (node, isOld) => (isOld ? moved.get(stepId(node)) : renamed.has(stepId(node)) ? stepId(node) : undefined),
    ({ id }) => id, (node) => (typeof node['stepId'] === 'string' && node['stepId'] !== '' ? node['stepId'] : undefined),
    (node) => (nameOf(node) === node.type ? undefined : nameOf(node)), (node) => JSON.stringify(comparable(node)), () => '',
  ];
  for (const key of keys) {
    const open = new Map<string, FlowNode[]>();
    for (const node of fresh) {
      const value = key(node, false);
      if (!taken.has(node) && value !== undefined) open.set(`${node.type}\0${value}`, [...open.get(`${node.type}\0${value}`) ?? [], node]);
    }
    for (const node of old) {
      const value = key(node, true);
      const match = pairs.has(node) || value === undefined ? undefined : open.get(`${node.type}\0${value}`)?.shift();
      if (match === undefined) continue;
      pairs.set(node, match);
      taken.add(match);
    }
  }
  return pairs;
}

function comparable(node: FlowNode): { [name: string]: Json } {
  // Names of containers, and what stands in the entries of a tab, are the site's.
  const own = (name: string): boolean => node.type === 'tab' || (node.type === 'subflow' && name === 'name');
  return Object.fromEntries(Object.entries(node).filter(([name]) => !placing.has(name) && !own(name)).sort(([a], [b]) => (a < b ? -1 : 1))) as { [name: string]: Json };
}

function propertyLines(before: FlowNode, after: FlowNode): DifferenceLine[] {
  const [old, fresh] = [comparable(before), comparable(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((name) => JSON.stringify(old[name]) !== JSON.stringify(fresh[name]))
    .map((name) => ({ kind: 'changed', node: nameOf(after), property: name, before: shown(old[name]), after: shown(fresh[name]) }));
}

function shown(value: Json | undefined): Json {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= longestText ? value : `${text.slice(0, longestText)}…`;
}

function wireLines(old: readonly FlowNode[], fresh: readonly FlowNode[], partners: ReadonlyMap<FlowNode, FlowNode>): DifferenceLine[] {
  const before = wiresOf(old, (node) => node);
  const after = wiresOf(fresh, (node) => partners.get(node) ?? node);
  const line = (kind: 'added' | 'removed', wire: string): DifferenceLine => ({ kind, node: wire, property: 'wire', before: null, after: null });
  return [...[...before].filter(([key]) => !after.has(key)).map(([, wire]) => line('removed', wire)), ...[...after].filter(([key]) => !before.has(key)).map(([, wire]) => line('added', wire))];
}

/** Wires by their ends, which are told by the node of the old flow where there is one. */
function wiresOf(nodes: readonly FlowNode[], as: (node: FlowNode) => FlowNode): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const wires = new Map<string, string>();
  for (const node of nodes) {
    for (const [port, targets] of (Array.isArray(node.wires) ? node.wires : []).entries()) {
      for (const id of Array.isArray(targets) ? targets : []) {
        const target = byId.get(id);
        if (target !== undefined) wires.set(`${as(node).id}\0${port}\0${as(target).id}`, `${nameOf(node)} [${port + 1}] → ${nameOf(target)}`);
      }
    }
  }
  return wires;
}
