import { instanceOfBlock, instanceOnTab } from './addresses.ts';
import type { FlowNode, Flows } from './flows.ts';
import { idOfSubflow } from './subflows.ts';

/** A step at an address (`instance/stepId`), and whether it runs. */
export interface PlacedStep { readonly node: FlowNode; readonly instance: string; readonly runs: boolean }

/** Blocks within blocks that are followed. */
const MAX_STEPS = 200_000;

/** Every address of the flows as the engine works them out. A block in a block is one instance for each of those around it. */
export function placedSteps(flows: Flows): ReadonlyMap<string, PlacedStep> {
  const found = new Map<string, PlacedStep>();
  const put = (instance: string, node: FlowNode, runs: boolean): void => {
    const stepId = node['stepId'];
    if (typeof stepId !== 'string' || stepId === '' || !node.type.startsWith('waybill-')) return;
    const address = `${instance}/${stepId}`;
    // A second node at the address is a finding of its own; one that runs counts.
    if (found.get(address)?.runs !== true) found.set(address, { node, instance, runs: runs && node.d !== true });
  };
  const steps = new Set(flows.governed.map(({ z }) => z));
  const holding = new Set([...steps].filter((id) => id !== undefined && flows.byId.get(id)?.type === 'subflow'));
  for (const id of holding) for (const { z } of flows.instancesOf(id ?? '')) if (flows.byId.get(z ?? '')?.type === 'subflow') holding.add(z);
  const queue: { instance: FlowNode; id: string; runs: boolean; depth: number }[] = [];
  for (const node of flows.nodes) {
    const place = flows.byId.get(node.z ?? '');
    if (place?.type === 'subflow') continue;
    const runs = place?.disabled !== true && node.d !== true;
    if (holding.has(idOfSubflow(node.type))) queue.push({ instance: node, id: node.id, runs, depth: 0 });
    else put(instanceOnTab(flows, node), node, runs);
  }
  let left = MAX_STEPS;
  for (let next = queue.pop(); next !== undefined && left > 0; next = queue.pop()) {
    const { instance, id, runs, depth } = next;
    const own = instanceOfBlock(flows, instance);
    for (const node of flows.on(idOfSubflow(instance.type)!)) {
      left -= 1;
      if (holding.has(idOfSubflow(node.type)) && depth < 50) queue.push({ instance: node, id: `${id}-${node.id}`, runs: runs && node.d !== true, depth: depth + 1 });
      else put(own === instance.id ? id : own, node, runs);
    }
  }
  return found;
}
