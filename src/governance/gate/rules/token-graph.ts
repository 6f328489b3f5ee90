import type { FlowNode, Flows } from './flows.ts';
import { isCloser, isOpener, isStep } from './governed.ts';
import { idOfSubflow } from './subflows.ts';

/** Where tokens go. Instances of blocks with steps in them count as one station; what is within a block is judged once. */
export interface TokenGraph {
  /** A step, or an instance of a block that has steps in it. */
  isStation(node: FlowNode): boolean;
  /** Outputs on which the case goes on; the others inform, or lead nowhere by design. */
  tokenPorts(node: FlowNode): readonly number[];
  /** Where a message at an output goes next; what a link call calls is beside the way. */
  onward(node: FlowNode, port: number): readonly FlowNode[];
  /** Whether an output is an output of the subflow around it. */
  leaves(node: FlowNode, port: number): boolean;
  /** Ids of nodes at which a message comes to a station, by plain nodes alone, or out of its subflow. */
  readonly toStation: ReadonlySet<string>;
  /** The same without nodes that only open cases: a token ends at them. */
  readonly toConsumer: ReadonlySet<string>;
  /** Ids of plain nodes that a message with a token passes. */
  readonly withToken: ReadonlySet<string>;
  /** Ids of nodes from which a case can be closed. */
  readonly toClose: ReadonlySet<string>;
}

/** The outputs of a subflow: by `id port` of the node within that is wired to one. */
function leaving(flows: Flows): { readonly ports: ReadonlySet<string>; readonly ids: ReadonlySet<string> } {
  const ports = new Set<string>();
  const ids = new Set<string>();
  for (const subflow of flows.subflows) {
    for (const output of listOf(subflow['out'])) {
      for (const { id, port } of wiresOf(output)) {
        ports.add(`${id} ${port}`);
        ids.add(id);
      }
    }
  }
  return { ports, ids };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The wires of an input or output of a subflow definition. */
export function wiresOf(end: unknown): readonly { readonly id: string; readonly port: number }[] {
  const wires = typeof end === 'object' && end !== null ? listOf((end as { wires?: unknown }).wires) : [];
  return wires.flatMap((wire) => {
    const { id, port } = (typeof wire === 'object' && wire !== null ? wire : {}) as { id?: unknown; port?: unknown };
    return typeof id === 'string' ? [{ id, port: typeof port === 'number' ? port : 0 }] : [];
  });
}

/** Ends of a subflow definition: `in` or `out`. */
export const endsOf = (subflow: FlowNode | undefined, side: 'in' | 'out'): readonly unknown[] => listOf(subflow?.[side]);

/** All that `next` leads to, the start included only when it is come to again or `withStart`. */
export function reach(start: Iterable<FlowNode>, next: (node: FlowNode) => readonly FlowNode[]): Set<string> {
  const queue = [...start];
  const reached = new Set(queue.map(({ id }) => id));
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const other of next(node)) {
      if (reached.has(other.id)) continue;
      reached.add(other.id);
      queue.push(other);
    }
  }
  return reached;
}

/** Subflows with steps in them, directly or in a block that they use. */
export function blocksOf(flows: Flows): ReadonlySet<string> {
  const blocks = new Set(flows.governed.flatMap(({ z }) => (z !== undefined && flows.byId.get(z)?.type === 'subflow' ? [z] : [])));
  for (const id of blocks) {
    for (const { z } of flows.instancesOf(id)) if (z !== undefined && flows.byId.get(z)?.type === 'subflow') blocks.add(z);
  }
  return blocks;
}

const positive = (value: unknown): boolean => Number(value) > 0 || (typeof value === 'string' && value.startsWith('${'));

interface Levels { readonly rows?: unknown }

function canExpire(node: FlowNode): boolean {
  const rows = listOf((node['matrix'] as Levels | undefined)?.rows);
  if (rows.length === 0) return positive(node['deadline']);
  return rows.some((row) => listOf((row as { levels?: unknown } | null)?.levels).some((level) => positive((level as { deadline?: unknown } | null)?.deadline)));
}

/** Outputs of each kind of step that a case leaves by. Output 1 of all others. */
function portsOfStep(node: FlowNode): readonly number[] {
  const drawn = (node.wires ?? []).map((_, port) => port);
  switch (node.type) {
    case 'waybill-approval': return canExpire(node) ? [0, 1, 2, 3] : [0, 1, 2];
    case 'waybill-validate': return [0, 1];
    case 'waybill-decision': return node['onNoRule'] === 'output' ? [0, 1] : [0];
    case 'waybill-wait-for-event': return positive(node['timeout']) ? [0, 1] : [0];
    case 'waybill-gather': return positive(node['deadline']) || node['waitFor'] === 'count' ? [0, 1] : [0];
    case 'waybill-audit': return positive(node['photos']) ? [0, 1] : [0];
    // All give up into the hands of a person where output 2 is not wired.
    case 'waybill-retry': case 'waybill-call': case 'waybill-erp': case 'waybill-wms': case 'waybill-event-out': case 'waybill-plc-out': case 'waybill-notify': return drawn.length > 1 && node.wires![1]!.length > 0 ? [0, 1] : [0];
    case 'waybill-compensate': return node['mode'] === 'done' ? [] : node['how'] === 'task' ? [0] : [0, 1];
    case 'waybill-parallel': return Array.from({ length: Math.min(Math.max(Number(node['outputs']) || drawn.length, drawn.length), 20) }, (_, port) => port);
    case 'waybill-case-close': return [];
    default: return [0];
  }
}

const endsHere = (node: FlowNode): boolean => isCloser(node) || (node.type === 'waybill-compensate' && node['mode'] === 'done');

/** Made once for each `Flows`: three rules ask for it. */
const made = new WeakMap<Flows, TokenGraph>();

export function tokenGraph(flows: Flows): TokenGraph {
  const known = made.get(flows);
  if (known !== undefined) return known;
  const graph = build(flows);
  made.set(flows, graph);
  return graph;
}

function build(flows: Flows): TokenGraph {
  const blocks = blocksOf(flows);
  const left = leaving(flows);
  const isStation = (node: FlowNode): boolean => isStep(node) || blocks.has(idOfSubflow(node.type) ?? '');
  const plainOrigins = (node: FlowNode): readonly FlowNode[] => flows.into(node.id).filter((from) => !isStation(from));
  const leavingNodes = [...left.ids].flatMap((id) => flows.byId.get(id) ?? []).filter((node) => node.type !== 'subflow');
  const returns = flows.ofType('link out').filter((node) => node['mode'] === 'return');
  const onward = (node: FlowNode, port: number): readonly FlowNode[] => {
    const targets = flows.outOf(node.id, port);
    return node.type === 'link call' ? targets.filter(({ type }) => type !== 'link in') : targets;
  };
  const outwards = [...leavingNodes, ...returns];
  const stations = flows.nodes.filter(isStation);
  const carries = carryingPorts(flows, blocks, isStation);
  const tokenPorts = (node: FlowNode): readonly number[] => {
    const subflow = idOfSubflow(node.type);
    return subflow === undefined ? portsOfStep(node) : endsOf(flows.byId.get(subflow), 'out').flatMap((_, port) => (carries.has(`${subflow} ${port}`) ? [port] : []));
  };
  const withToken = reach(
    stations.flatMap((node) => tokenPorts(node).flatMap((port) => flows.outOf(node.id, port))).filter((node) => !isStation(node)),
    (node) => flows.outOf(node.id).filter((to) => !isStation(to)),
  );
  return {
    isStation, onward, withToken, tokenPorts,
    leaves: (node, port) => left.ports.has(`${node.id} ${port}`) || (node.type === 'link out' && node['mode'] === 'return'),
    toStation: reach([...stations, ...outwards], plainOrigins),
    toConsumer: reach([...stations.filter((node) => !isOpener(node)), ...outwards], plainOrigins),
    toClose: reach([...flows.nodes.filter((node) => endsHere(node) || closesWithin(flows, blocks, node)), ...outwards], (node) => flows.into(node.id)),
  };
}

/** `subflow port` of the outputs of blocks that a step within, or a block within, leads to. */
function carryingPorts(flows: Flows, blocks: ReadonlySet<string>, isStation: (node: FlowNode) => boolean): ReadonlySet<string> {
  const after = reach(flows.nodes.filter(isStation), (node) => flows.outOf(node.id).filter((to) => !isStation(to)));
  return new Set([...blocks].flatMap((id) => endsOf(flows.byId.get(id), 'out').flatMap((end, port) => (wiresOf(end).some((wire) => after.has(wire.id)) ? [`${id} ${port}`] : []))));
}

/** An instance of a block that closes the case within, and has no output for it. */
function closesWithin(flows: Flows, blocks: ReadonlySet<string>, node: FlowNode): boolean {
  const subflow = idOfSubflow(node.type) ?? '';
  return blocks.has(subflow) && (flows.on(subflow).some(endsHere) || flows.on(subflow).some((inner) => blocks.has(idOfSubflow(inner.type) ?? '') && flows.on(idOfSubflow(inner.type)!).some(endsHere)));
}
