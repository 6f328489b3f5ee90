import type { Json } from '../../domain/json.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { isConfig, refersTo } from './content.ts';

/** The editor's own, and what differs from site to site. */
const DROPPED = new Set(['credentials', 'meta', 'locked']);
/** Kept as they are: what pairs nodes and draws wires. */
const KEPT = new Set(['id', 'type', 'z', 'g', 'wires', 'x', 'y', 'name', 'label']);

function called({ type, name, label, stepId }: FlowNode): string {
  const said = [name, label, stepId].find((text) => typeof text === 'string' && text !== '');
  return typeof said === 'string' ? `${type} "${said}"` : type;
}

/**
 * Nodes as a difference shows them: references by what they lead to, a subflow's inputs and outputs as properties, what is
 * empty as if it were not there, members in the order that a packed file has them in, and a step by its id where it has no name.
 */
export function readable(nodes: readonly FlowNode[]): readonly FlowNode[] {
  const all = new Map(nodes.map((node) => [node.id, node]));
  const at = (id: unknown): string => {
    const target = all.get(String(id));
    return target === undefined ? 'outside of the template' : isConfig(target) ? target.type : called(target);
  };
  const value = (of: unknown, property: string): unknown => {
    if (typeof of === 'string') {
      const target = all.get(of);
      return target !== undefined && refersTo(target, property) ? at(of) : of;
    }
    if (Array.isArray(of)) return of.map((each) => value(each, property));
    return typeof of === 'object' && of !== null ? Object.fromEntries(Object.entries(of).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, value(each, name)])) : of;
  };
  const ends = (of: unknown): Json => (Array.isArray(of) ? of : []).map((end: { readonly wires?: readonly { readonly id?: unknown; readonly port?: unknown }[] } | null) => (end?.wires ?? []).map(({ id, port }) => (port === undefined ? at(id) : `${at(id)} [${Number(port) + 1}]`)).sort().join(', '));
  return nodes.map((node): FlowNode => {
    const entries = Object.entries(node).flatMap(([name, of]): [string, unknown][] => {
      if (KEPT.has(name)) return [[name, of]];
      if (DROPPED.has(name) || of === '' || of === null || of === undefined || (name === 'links' && node.type === 'link in')) return [];
      if ((name === 'links' || name === 'scope') && Array.isArray(of)) return [[name, of.map(at).sort()]];
      if (node.type === 'subflow' && (name === 'in' || name === 'out')) return [[name === 'in' ? 'inputs' : 'outputs', ends(of)]];
      return [[name, value(of, name)]];
    });
    const named = typeof node['stepId'] === 'string' && (node.name ?? '') === '' ? [['name', node['stepId']] as [string, unknown]] : [];
    return Object.fromEntries([...entries, ...named]) as unknown as FlowNode;
  });
}
