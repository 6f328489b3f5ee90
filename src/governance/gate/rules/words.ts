import type { FlowNode } from './flows.ts';

const LONGEST = 60;

export const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** Names that the editor shows for nodes without one of their own: an instance of a subflow has that of its subflow. */
const shown = new WeakMap<FlowNode, string>();

export function showAs(node: FlowNode, name: string): void {
  shown.set(node, name);
}

/** Properties that the editor shows in place of a name. */
const IN_PLACE: Readonly<Record<string, string>> = { 'mqtt in': 'topic', 'mqtt out': 'topic', 'http in': 'url', 'mqtt-broker': 'broker', 'waybill-broker': 'url', 'waybill-opcua-endpoint': 'url', 'websocket-client': 'path', 'websocket-listener': 'path' };

function nameOf(node: FlowNode): string {
  const own = node.name || node.label || shown.get(node);
  const inPlace = Object.hasOwn(IN_PLACE, node.type) ? node[IN_PLACE[node.type]!] : undefined;
  return own ?? (typeof inPlace === 'string' && !inPlace.includes('@') ? inPlace : '');
}

/** A type as the palette has it. */
export const typeOf = ({ type }: FlowNode): string => (type.startsWith('subflow:') ? 'subflow' : type.startsWith('waybill-') ? type.slice('waybill-'.length).replaceAll('-', ' ') : type);

/** How a sentence names a node: by what the editor shows for it and its type, or its type alone. */
export function called(node: FlowNode): string {
  const name = nameOf(node).trim();
  return name === '' ? `the ${typeOf(node)} node` : `"${shortened(name)}" (${typeOf(node)})`;
}

/** Begins a sentence. */
export const Called = (node: FlowNode): string => called(node).replace(/^the /, 'The ');

/** `1 node`, `2 nodes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
