import type { PlacedNode } from '../node-definition.ts';
import type { NodeCount, SiteAnswer } from './answers.ts';

/** What the sidebar is about: all flows, or what is selected. */
export type Subject =
  | { readonly kind: 'all'; readonly anyNode: boolean }
  | { readonly kind: 'nodes'; readonly name: string; readonly ids: readonly string[]; readonly state: 'runs' | 'changed' | 'disabled' | 'not-deployed'; readonly type: string }
  /** Only nodes that never hold a case. */
  | { readonly kind: 'plain'; readonly name: string };

const PREFIX = 'waybill-';
const MOST_IDS = 100;

/** Reads the selection; groups count as what is in them, subflow instances as what is inside them. */
export function subjectOf(site: SiteAnswer, nameOfMany: (count: number) => string): Subject {
  const selected = flattened(((RED.view.selection() as { readonly nodes?: readonly PlacedNode[] }).nodes ?? []));
  const [first] = selected;
  if (first === undefined) {
    return { kind: 'all', anyNode: anyGovernedNode() };
  }
  const holders = selected.filter((node) => node.type.startsWith(PREFIX) || node.type.startsWith('subflow:'));
  const [holder] = holders;
  const name = selected.length === 1 ? labelOf(first) : nameOfMany(selected.length);
  if (holder === undefined) {
    return { kind: 'plain', name };
  }
  const running = new Set(site.nodes.flatMap(({ editorIds }) => editorIds));
  const known = holders.filter(({ id }) => running.has(id));
  const state = known.length > 0 ? (known.some((node) => node['changed'] === true) ? 'changed' : 'runs') : holders.every(isDisabled) ? 'disabled' : 'not-deployed';
  return { kind: 'nodes', name: holders.length === 1 ? labelOf(holder) : nameOfMany(holders.length), ids: holders.map(({ id }) => id).slice(0, MOST_IDS), state, type: holder.type };
}

/** What a person calls the place of a count: the node, and the subflow instance that it is in. */
export function nameOfPlace(place: NodeCount): string {
  const names = place.editorIds.map((id) => RED.nodes.node(id)).filter((node) => node !== null && node !== undefined).map(labelOf);
  return names.length === 0 ? place.address : [...new Set(names.reverse())].join(' › ');
}

/** Shows a place in the workspace and selects it: the instance on its tab rather than the node inside the definition. */
export function goTo(place: NodeCount): void {
  const node = [...place.editorIds].reverse().map((id) => RED.nodes.node(id)).find((found) => found !== null && found !== undefined);
  if (node === undefined || node === null) {
    return;
  }
  RED.view.reveal(node.id);
  RED.view.select({ nodes: [node] } as never);
}

function flattened(nodes: readonly PlacedNode[]): PlacedNode[] {
  return nodes.flatMap((node) => (node.type === 'group' && Array.isArray(node['nodes']) ? flattened(node['nodes'] as PlacedNode[]) : [node]));
}

function anyGovernedNode(): boolean {
  let found = false;
  RED.nodes.eachNode((node) => {
    found ||= node.type.startsWith(PREFIX);
    return undefined;
  });
  return found;
}

function isDisabled(node: PlacedNode): boolean {
  return node.d === true || (node.z !== undefined && RED.nodes.workspace(node.z)?.disabled === true);
}

function labelOf(node: PlacedNode): string {
  return RED.utils.getNodeLabel(node, node.id);
}
