import type { Node } from 'node-red';

/** Where what is worth a line goes: the log of Node-RED, under the name of the node. */
export function logOf(node: Node): (level: 'info' | 'warn', text: string) => void {
  return (level, text) => { node[level === 'warn' ? 'warn' : 'log'](text); };
}
