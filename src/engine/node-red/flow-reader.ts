import type { FlowReader } from '../path/flow-graph.ts';
import type { RuntimeApi } from './connect.ts';

interface LiveNode { readonly type?: string; readonly name?: string; readonly wires?: unknown; readonly _alias?: string; readonly z?: string }
interface Definition { readonly id: string; readonly type: string; readonly mode?: string; readonly links?: readonly string[]; readonly outputLabels?: readonly string[] }

/** How long the definitions are kept, ms: one drawing asks for many nodes. */
const keptMs = 1_000;

/** Reads the running nodes of a Node-RED: live wires (those of subflow instances are their own), links and labels from the definitions. */
export function flowReader(RED: RuntimeApi): FlowReader {
  let definitions = new Map<string, Definition>();
  let readAt = Number.NEGATIVE_INFINITY;
  const definition = (id: string): Definition | undefined => {
    if (performance.now() - readAt > keptMs) {
      readAt = performance.now();
      definitions = new Map();
      RED.nodes?.eachNode?.((node) => definitions.set(node.id, node));
    }
    return definitions.get(id);
  };
  return (id) => {
    const live = RED.nodes?.getNode?.(id) as LiveNode | undefined | null;
    if (live === undefined || live === null) return undefined;
    const own = definition(live._alias ?? id);
    const wires = Array.isArray(live.wires) ? live.wires.map((port: unknown) => (Array.isArray(port) ? port.filter((each): each is string => typeof each === 'string') : [])) : [];
    return {
      type: live.type ?? '', wires,
      ...(live.name === undefined ? {} : { name: live.name }),
      ...(live.type === 'link out' && own?.mode !== 'return' && own?.links !== undefined ? { links: own.links } : {}),
      ...(own?.outputLabels === undefined ? {} : { outputLabels: own.outputLabels }),
    };
  };
}
