import { hash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { canonicalOrder } from './canonical-order.ts';
import { contentOf, isConfig, isContainer, refersTo } from './content.ts';
import type { Lookup } from './content.ts';

/** A node without what does not count: its references are numbers in the list, config nodes their type alone. */
export interface NormalNode { readonly [name: string]: Json }

const canonical = stringify.configure({ deterministic: true });

/**
 * Nodes of one template in normal form, the same wherever they stand, however they are numbered and in whatever order
 * they come. Left out: ids, places, sizes, groups (unless they hold variables, or bound what a catch node looks at),
 * descriptions, label colours, credentials, names of tabs and subflows, and the values of a tab's variables, which are the
 * site's parameters. Config nodes belong to the site: a reference to one is its type.
 * @throws TemplateError `too-alike`
 */
export function normalForm(nodes: readonly FlowNode[]): readonly NormalNode[] {
  return normalised(nodes).map(({ normal }) => normal);
}

/** The same, with the node that each was. */
export function normalised(nodes: readonly FlowNode[]): readonly { readonly node: FlowNode; readonly normal: NormalNode }[] {
  const { content, lookup } = contentNodes(nodes);
  const number = new Map(content.map((node, i) => [node, i]));
  const edges: { from: number; label: string; to: number }[] = [];
  const contents = content.map((node, from) => canonical(contentOf(node, lookup, (label, target) => {
    edges.push({ from, label, to: number.get(target)! });
    return null;
  }))!);
  const order = canonicalOrder({ contents, edges });
  const place = new Map(order.map((at, i) => [content[at]!, i]));
  return order.map((at) => ({ node: content[at]!, normal: contentOf(content[at]!, lookup, (_label, target) => place.get(target)!) as NormalNode }));
}

/** `sha256:<hex>` over the normal form as JSON with sorted keys. @throws TemplateError `too-alike` */
export function contentHash(nodes: readonly FlowNode[]): string {
  return `sha256:${hash('sha256', canonical(normalForm(nodes))!, 'hex')}`;
}

/** The nodes that count, and how references among them are followed. */
function contentNodes(nodes: readonly FlowNode[]): { readonly content: readonly FlowNode[]; readonly lookup: Lookup } {
  const all = new Map(nodes.map((node) => [node.id, node]));
  const containers = new Set(nodes.filter(isContainer).map(({ id }) => id));
  const groups = groupsThatCount(nodes);
  // A config node that stands on a tab is the site's when a node uses it; one that nothing uses was put there to run.
  const used = configsInUse(nodes, all);
  const content = nodes.filter((node) => {
    if (node.type === 'group') return groups(node.id) === node;
    return isConfig(node) ? containers.has(String(node.z)) && !used.has(node) : true;
  });
  const counts = new Set(content);
  const lookup: Lookup = (id) => {
    const found = all.get(id);
    if (found?.type === 'group') return groups(id);
    return found !== undefined && (counts.has(found) || isConfig(found)) ? found : undefined;
  };
  return { content, lookup };
}

/** By a group's id, the nearest group around it, or itself, that decides something: it holds variables, or a node on its tab looks at groups. */
function groupsThatCount(nodes: readonly FlowNode[]): (id: string) => FlowNode | undefined {
  const groups = new Map(nodes.filter(({ type }) => type === 'group').map((group) => [group.id, group]));
  const bounded = new Set(nodes.filter((node) => node['scope'] === 'group').map(({ z }) => z));
  return (id) => {
    const seen = new Set<string>();
    for (let group = groups.get(id); group !== undefined && !seen.has(group.id); group = groups.get(String(group['g'] ?? ''))) {
      seen.add(group.id);
      if (bounded.has(group.z) || (Array.isArray(group['env']) && group['env'].length > 0)) return group;
    }
    return undefined;
  };
}

/** Config nodes that a node of the template refers to, directly or by another config node. */
function configsInUse(nodes: readonly FlowNode[], all: ReadonlyMap<string, FlowNode>): ReadonlySet<FlowNode> {
  const used = new Set<FlowNode>();
  const visit = (value: unknown, property: string): void => {
    if (typeof value === 'string') {
      const target = all.get(value);
      if (target === undefined || !isConfig(target) || used.has(target) || !refersTo(target, property)) return;
      used.add(target);
      look(target);
    } else if (Array.isArray(value)) {
      for (const each of value) visit(each, property);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) visit(each, name);
    }
  };
  const look = (node: FlowNode): void => {
    for (const [name, value] of Object.entries(node)) if (name !== 'id' && name !== 'z' && name !== 'wires') visit(value, name);
  };
  for (const node of nodes) if (!isConfig(node)) look(node);
  return used;
}
