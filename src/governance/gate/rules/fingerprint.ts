import type { FlowNode, Flows } from './flows.ts';
import type { Breach } from './rule.ts';
import { sha256 } from './sha256.ts';

/** What says where a node stands, what it is called and what is wired to it: none of it makes it another node. */
const NOT_CONTENT: ReadonlySet<string> = new Set([
  'id', 'z', 'g', 'x', 'y', 'w', 'h', 'l', 'd', 'name', 'label', 'info', 'wires', 'links', 'scope', 'nodes', 'order', 'disabled', 'locked', 'icon', 'color',
]);

/** JSON with sorted keys in which ids are the types that they stand for, so that an imported copy reads the same. */
function canonical(value: unknown, byId: ReadonlyMap<string, FlowNode>): string {
  if (typeof value === 'string') return JSON.stringify(byId.get(value)?.type ?? value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, byId)).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each, byId)}`).join(',')}}`;
}

/** What a tab or subflow is, whatever it is called: the first of its steps; without one, the types that stand on it. */
function contentOfPlace(flows: Flows, place: FlowNode): string {
  const nodes = flows.on(place.id);
  const steps = nodes.map((node) => node['stepId']).filter((id) => typeof id === 'string' && id !== '').sort();
  return JSON.stringify(steps.length > 0 ? steps[0] : nodes.map(({ type }) => (flows.byId.has(type.replace('subflow:', '')) ? 'subflow' : type)).sort());
}

function contentOf(flows: Flows, node: FlowNode): string {
  if (node.type === 'tab' || node.type === 'subflow') return contentOfPlace(flows, node);
  const stepId = node['stepId'];
  // A step has a name of its own that outlives every edit.
  if (typeof stepId === 'string' && stepId !== '') return JSON.stringify(stepId);
  return canonical(Object.fromEntries(Object.entries(node).filter(([key]) => !NOT_CONTENT.has(key))), flows.byId);
}

const digest = (parts: readonly (string | undefined)[]): string => sha256(JSON.stringify(parts.map((part) => part ?? ''))).slice(0, 32);

const typeOf = (node: FlowNode | undefined): string | undefined => (node?.type.startsWith('subflow:') === true ? 'subflow instance' : node?.type);

/** 32 hex digits: the same for the same breach, whatever is moved, renamed, wired anew or imported as a copy. */
export function fingerprintOf(flows: Flows, rule: string, { node, property, about }: Breach): string {
  return digest([rule, typeOf(node), node === undefined ? undefined : contentOf(flows, node), property, about]);
}

/** 32 hex digits: the same for the breach at this very node, whatever else of it is edited. */
export function placeOf(rule: string, { node, property, about }: Breach): string {
  return digest([rule, node?.id, property, about]);
}
