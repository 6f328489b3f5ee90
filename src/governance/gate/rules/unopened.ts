import type { FlowNode, Flows } from './flows.ts';
import { isOpener, isStep } from './governed.ts';
import { idOfSubflow } from './subflows.ts';
import { blocksOf, endsOf, wiresOf } from './token-graph.ts';

/** Node-RED's own nodes that send nothing unless something comes in, or that pass on what another node worked on. */
const NO_SOURCES: ReadonlySet<string> = new Set([
  'function', 'change', 'switch', 'range', 'template', 'delay', 'trigger', 'exec', 'rbe', 'split', 'join', 'sort', 'batch', 'csv', 'html', 'json', 'xml', 'yaml', 'file', 'file in',
  'http request', 'http response', 'link in', 'link call', 'link out', 'debug', 'mqtt out', 'tcp out', 'tcp request', 'udp out', 'websocket out', 'junction', 'comment', 'catch', 'complete', 'unknown',
  'tab', 'subflow', 'group',
]);

/** Node-RED's own nodes that bring messages in, whatever is wired to them. */
const SOURCES: ReadonlySet<string> = new Set(['inject', 'http in', 'mqtt in', 'tcp in', 'udp in', 'websocket in', 'watch', 'status']);

/** A governed step at which messages arrive that no case was opened for, and a node from which they come. */
export interface Unopened { readonly step: FlowNode; readonly source: FlowNode }

/** Follows what comes in from outside up to the first step, through plain nodes, links, link calls and into blocks. */
export function unopened(flows: Flows): readonly Unopened[] {
  const blocks = blocksOf(flows);
  const found = new Map<string, Unopened>();
  const seen = new Set<string>();
  const queue: Unopened[] = [];
  const arrive = (id: string, source: FlowNode): void => {
    const node = flows.byId.get(id);
    if (node === undefined || node.type === 'subflow' || seen.has(id)) return;
    seen.add(id);
    if (isStep(node)) {
      if (!isOpener(node)) found.set(id, { step: node, source });
      return;
    }
    const subflow = idOfSubflow(node.type);
    if (subflow !== undefined && blocks.has(subflow)) enter(node, subflow, source);
    else queue.push({ step: node, source });
  };
  // A block is judged once, by the first instance that such messages come to; what passes it goes on at each of them.
  const passing = new Map<string, readonly number[]>();
  const enter = (instance: FlowNode, subflow: string, source: FlowNode): void => {
    for (const end of endsOf(flows.byId.get(subflow), 'in')) for (const { id } of wiresOf(end)) arrive(id, source);
    const ports = passing.get(subflow) ?? passedBy(flows, subflow);
    passing.set(subflow, ports);
    for (const port of ports) for (const to of flows.outOf(instance.id, port)) arrive(to.id, source);
  };
  const emitted = emissions(flows);
  for (const node of flows.nodes) {
    if (isSource(flows, node)) for (const to of flows.outOf(node.id)) arrive(to.id, node);
    // What begins within a subflow comes out of it at each of its instances.
    for (const [port, source] of emitted(idOfSubflow(node.type))) for (const to of flows.outOf(node.id, port)) arrive(to.id, source);
    // News of an opener travels without a token.
    if (isOpener(node)) for (const [port] of (node.wires ?? []).entries()) if (port > 0) for (const to of flows.outOf(node.id, port)) arrive(to.id, node);
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const to of flows.outOf(next.step.id)) arrive(to.id, next.source);
  }
  return flows.governed.flatMap(({ id }) => found.get(id) ?? []);
}

function isSource(flows: Flows, node: FlowNode): boolean {
  if (isStep(node) || NO_SOURCES.has(node.type)) return node.type === 'function' && /\S/.test(String(node['initialize'] ?? '')) && flows.into(node.id).length === 0;
  // What begins in a subflow is looked for there.
  if (idOfSubflow(node.type) !== undefined) return false;
  if (SOURCES.has(node.type)) return true;
  return flows.into(node.id).length === 0 && !isFedBySubflow(flows, node);
}

/** Whether a node within a subflow is wired to its input. */
function isFedBySubflow(flows: Flows, node: FlowNode): boolean {
  return endsOf(flows.byId.get(node.z ?? ''), 'in').some((end) => wiresOf(end).some(({ id }) => id === node.id));
}

/** How deep subflows in each other are looked into for what begins there. */
const MAX_DEPTH = 50;

type Emitted = ReadonlyMap<number, FlowNode>;

/** By subflow: outputs at which messages leave that began within it, and where they began. */
function emissions(flows: Flows): (subflow: string | undefined) => Emitted {
  const known = new Map<string, Emitted>();
  const none: Emitted = new Map();
  const of = (subflow: string | undefined, depth: number): Emitted => {
    const definition = flows.byId.get(subflow ?? '');
    if (definition?.type !== 'subflow' || depth > MAX_DEPTH) return none;
    const before = known.get(definition.id);
    if (before !== undefined) return before;
    // A subflow in itself adds nothing.
    known.set(definition.id, none);
    const begun = new Map<string, FlowNode>();
    const sent = new Map<string, FlowNode>();
    for (const node of flows.on(definition.id)) {
      if (isSource(flows, node)) begun.set(node.id, node);
      for (const [port, source] of of(idOfSubflow(node.type), depth + 1)) {
        sent.set(`${node.id} ${port}`, source);
        for (const to of flows.outOf(node.id, port)) if (!isStep(to)) begun.set(to.id, source);
      }
    }
    for (const [id, source] of begun) for (const to of flows.outOf(id)) if (!isStep(to) && !begun.has(to.id)) begun.set(to.id, source);
    const emitted = new Map(endsOf(definition, 'out').flatMap((end, port): [number, FlowNode][] => {
      const source = wiresOf(end).map((wire) => begun.get(wire.id) ?? sent.get(`${wire.id} ${wire.port}`)).find((each) => each !== undefined);
      return source === undefined ? [] : [[port, source]];
    }));
    known.set(definition.id, emitted);
    return emitted;
  };
  return (subflow) => of(subflow, 0);
}

/** Outputs of a block that a message comes to from its input without meeting a step. */
function passedBy(flows: Flows, subflow: string): readonly number[] {
  const definition = flows.byId.get(subflow);
  const reached = new Set(endsOf(definition, 'in').flatMap((end) => wiresOf(end).map(({ id }) => id)));
  for (const id of reached) {
    const node = flows.byId.get(id);
    if (node === undefined || isStep(node)) continue;
    for (const to of flows.outOf(id)) reached.add(to.id);
  }
  return endsOf(definition, 'out').flatMap((end, port) => {
    const direct = wiresOf(end).some(({ id }) => id === subflow || (reached.has(id) && flows.byId.has(id) && !isStep(flows.byId.get(id)!)));
    return direct ? [port] : [];
  });
}
