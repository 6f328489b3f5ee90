import type { FlowNode } from './flows.ts';

const LONGEST = 60;

export const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** How a sentence names a node: by its name and type, or its type alone. */
export function called(node: FlowNode): string {
  const name = node.name || node.label || '';
  const type = node.type.startsWith('subflow:') ? 'subflow' : node.type;
  return name === '' ? `the ${type} node` : `"${shortened(name)}" (${type})`;
}

/** Begins a sentence. */
export const Called = (node: FlowNode): string => called(node).replace(/^the /, 'The ');

/** `1 node`, `2 nodes`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
