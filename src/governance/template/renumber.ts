import type { FlowNode } from '../gate/rules/flows.ts';
import { refersTo } from './content.ts';

/** Members that hold nothing but ids. */
const IDS = new Set(['id', 'z', 'g']);
const ID_LISTS = new Set(['wires', 'links', 'scope', 'nodes']);

type Rename = (id: string) => string;

function deep(value: unknown, rename: Rename): unknown {
  if (typeof value === 'string') return rename(value);
  return Array.isArray(value) ? value.map((each) => deep(each, rename)) : value;
}

/** Wires of a subflow's inputs, outputs and status. */
function end(value: unknown, rename: Rename): unknown {
  if (Array.isArray(value)) return value.map((each) => end(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  const wires = (value as { readonly wires?: unknown }).wires;
  return { ...value, wires: Array.isArray(wires) ? wires.map((wire: unknown) => (typeof wire === 'object' && wire !== null ? { ...wire, id: rename(String((wire as { readonly id?: unknown }).id)) } : wire)) : [] };
}

/**
 * The nodes under other ids, with every reference among them. What has no new id keeps its own.
 * @param ids by old id
 */
export function renumbered(nodes: readonly FlowNode[], ids: ReadonlyMap<string, string>): readonly FlowNode[] {
  const all = new Map(nodes.map((node) => [node.id, node]));
  const rename: Rename = (id) => ids.get(id) ?? id;
  const other = (value: unknown, property: string): unknown => {
    if (typeof value === 'string') {
      const target = all.get(value);
      return target !== undefined && refersTo(target, property) ? rename(value) : value;
    }
    if (Array.isArray(value)) return value.map((each) => other(each, property));
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, other(each, name)])) : value;
  };
  return nodes.map((node) => Object.fromEntries(Object.entries(node).map(([name, value]): [string, unknown] => {
    if (name === 'type') return [name, typeof value === 'string' && value.startsWith('subflow:') ? `subflow:${rename(value.slice('subflow:'.length))}` : value];
    if (IDS.has(name)) return [name, deep(value, rename)];
    if (ID_LISTS.has(name) && Array.isArray(value)) return [name, deep(value, rename)];
    if (node.type === 'subflow' && (name === 'in' || name === 'out' || name === 'status')) return [name, end(value, rename)];
    return [name, other(value, name)];
  })) as FlowNode);
}
