import type { FlowNode, Flows } from './flows.ts';
import { idOfSubflow } from './subflows.ts';

/** Adds what `next` reaches, once each: cycles of subflows end here. */
function spread(from: Iterable<string>, next: (id: string) => Iterable<string | undefined>): Set<string> {
  const reached = new Set(from);
  for (const id of reached) for (const other of next(id)) if (other !== undefined) reached.add(other);
  return reached;
}

/** Where a link leads: what stands there works on what comes from here. */
const linked = (flows: Flows, { id, type }: FlowNode): readonly (string | undefined)[] => (type === 'link out' || type === 'link call' ? flows.outOf(id).map(({ z }) => z) : []);

/** Tells of each node whether it has to do with a case: see `Flows.isGoverned`. */
export function governance(flows: Flows): (node: FlowNode) => boolean {
  const seeds = flows.governed.flatMap(({ z }) => z ?? []);
  // A tab that uses a subflow with steps has steps; and what such a place uses runs within it.
  const above = spread(seeds, (id) => flows.instancesOf(id).map(({ z }) => z));
  const places = spread(above, (id) => flows.on(id).flatMap((node) => [idOfSubflow(node.type), ...linked(flows, node)]));
  // What is named in the global settings may be used by a variable anywhere.
  const placed = (node: FlowNode): boolean =>
    (node.type === 'global-config' && places.size > 0) || places.has(node.type === 'tab' || node.type === 'subflow' ? node.id : node.z ?? '');
  return (node) => placed(node) || flows.usersOf(node.id).some((user) => placed(user) || flows.usersOf(user.id).some(placed));
}
