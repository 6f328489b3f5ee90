import type { FlowNode, Flows } from './flows.ts';
import { INSTANCE_ENV } from './installed.ts';
import { envEntry } from './provenance.ts';
import type { EnvEntry } from './provenance.ts';
import { idOfSubflow } from './subflows.ts';

/** Instance of what stands on tabs without a `WAYBILL_INSTANCE`. */
export const MAIN = 'main';

/** Its name, as far as it stands in the flows: one that is worked out when they run is one of its own. */
function nameOf(entry: EnvEntry | undefined, owner: string): string | undefined {
  if (entry === undefined || entry.value === '') return undefined;
  return entry.type === 'str' && !String(entry.value).includes('${') ? String(entry.value) : `?${owner}`;
}

const named = (node: FlowNode | undefined): string | undefined =>
  node && nameOf(envEntry(node, INSTANCE_ENV), node.id);

/** Instance of a step that stands on a tab: named by its groups, innermost first, or by its tab (src/engine/node-red/instance.ts). */
export function instanceOnTab(flows: Flows, node: FlowNode): string {
  const seen = new Set<string>();
  for (let group = flows.byId.get(String(node['g'] ?? '')); group?.type === 'group' && !seen.has(group.id); group = flows.byId.get(String(group['g'] ?? ''))) {
    seen.add(group.id);
    const own = named(group);
    if (own !== undefined) return own;
  }
  return named(flows.byId.get(node.z ?? '')) ?? MAIN;
}

/** Instance of the steps in an instance of a subflow. */
export function instanceOfBlock(flows: Flows, instance: FlowNode): string {
  return named(instance) ?? named(flows.byId.get(idOfSubflow(instance.type) ?? '')) ?? instance.id;
}
