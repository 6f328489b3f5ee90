import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Changes } from './format.ts';
import type { FlowNode } from './runtime/messages.ts';
import { ScenarioError } from './scenario-error.ts';

/** A flow as a scenario names it: a file beside it, or the nodes themselves. @throws ScenarioError `wrong-scenario` */
export function readFlow(flow: string | readonly FlowNode[], scenarioFile: string): readonly FlowNode[] {
  if (typeof flow !== 'string') return flow;
  const file = path.resolve(path.dirname(scenarioFile), flow);
  let nodes: unknown;
  try {
    nodes = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ScenarioError('wrong-scenario', `${scenarioFile}: the flow ${flow} cannot be read: ${(error as Error).message}`, [], { cause: error });
  }
  if (!Array.isArray(nodes) || nodes.some((node: unknown) => typeof (node as FlowNode | null)?.id !== 'string' || typeof (node as FlowNode).type !== 'string')) {
    throw new ScenarioError('wrong-scenario', `${scenarioFile}: the flow ${flow} is no export of Node-RED; it must be a list of nodes, each with id and type.`);
  }
  return nodes as readonly FlowNode[];
}

/** The flow with members of some nodes changed, and those that are changed to null taken out. @throws ScenarioError `failed` */
export function changed(flow: readonly FlowNode[], changes: Changes = {}): readonly FlowNode[] {
  const known = new Set(flow.map((node) => node.id));
  const added = Object.entries(changes).flatMap(([id, change]) => {
    if (known.has(id) || change === null) return [];
    if (typeof change['type'] === 'string') return [{ id, ...change } as FlowNode];
    throw new ScenarioError('failed', `The flow has no node "${id}" to change; a new one needs a type.`);
  });
  return [...flow.flatMap((node) => (changes[node.id] === null ? [] : [{ ...node, ...changes[node.id] }])), ...added];
}

/** Config nodes stand on no tab. */
const onNoTab = new Set(['tab', 'subflow', 'waybill-site', 'waybill-broker', 'waybill-calendar', 'waybill-directory', 'waybill-system']);

/** What a flow that is written by hand may leave out: a tab, places, and the wires of ends. */
export function completed(flow: readonly FlowNode[]): readonly FlowNode[] {
  // What Node-RED has exported is whole.
  if (flow.some((node) => node['z'] !== undefined)) return flow;
  const tab = flow.find((node) => node.type === 'tab')?.id ?? 'tab';
  const nodes = flow.map((node) => (onNoTab.has(node.type) ? node : { x: 0, y: 0, wires: [], ...node, z: tab }));
  return flow.some((node) => node.type === 'tab') ? nodes : [{ id: tab, type: 'tab', label: 'Scenario' }, ...nodes];
}
