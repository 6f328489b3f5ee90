import type { FlowNode, Flows } from './flows.ts';
import { envEntry, templateOf } from './provenance.ts';
import { idOfSubflow } from './subflows.ts';

/** Entry of a tab's `env` that tells one installation of a flow from another on the same site, and is the first part of its steps' addresses. */
export const INSTANCE_ENV = 'WAYBILL_INSTANCE';

/** What stands installed: a block's definition, or the tabs of one flow. */
export interface InstalledTemplate {
  readonly id: string;
  readonly version: string;
  readonly kind: 'block' | 'flow';
  /** The subflow, or the tabs. */
  readonly containers: readonly FlowNode[];
  /** `WAYBILL_INSTANCE` of a flow; '' when it has none. */
  readonly instance: string;
}

/** All that is installed: each definition of a block, and each flow with its tabs. */
export function installedTemplates(flows: Flows): readonly InstalledTemplate[] {
  const found = new Map<string, InstalledTemplate>();
  for (const container of [...flows.subflows, ...flows.tabs]) {
    const from = templateOf(container);
    if (from === undefined) continue;
    const instance = container.type === 'tab' ? String(envEntry(container, INSTANCE_ENV)?.value ?? '') : '';
    // Tabs that name no instance are each one of their own: nothing says that they belong together.
    const key = instance === '' ? container.id : `${from.id}@${from.version} ${instance}`;
    found.set(key, { ...from, kind: container.type === 'tab' ? 'flow' : 'block', containers: [...found.get(key)?.containers ?? [], container], instance });
  }
  return [...found.values()].flatMap((installed) => copies(flows, installed.containers).map((containers) => ({ ...installed, containers })));
}

/** Tabs of one name that are copies of each other, made by *import copy* in the editor: the same steps stand in several parts that nothing links. */
function copies(flows: Flows, tabs: readonly FlowNode[]): readonly (readonly FlowNode[])[] {
  if (tabs.length === 1) return [tabs];
  const parts: FlowNode[][] = [];
  for (const tab of tabs) {
    const linked = new Set(flows.on(tab.id).flatMap(({ links }) => (Array.isArray(links) ? links.map((id) => flows.byId.get(String(id))?.z) : [])));
    const joined = parts.filter((part) => part.some(({ id }) => linked.has(id)));
    parts.splice(0, parts.length, ...parts.filter((part) => !joined.includes(part)), [...joined.flat(), tab]);
  }
  const steps = parts.map((part) => new Set(part.flatMap(({ id }) => flows.on(id).map(({ stepId }) => stepId)).filter((step) => typeof step === 'string' && step !== '')));
  const repeated = steps.some((some, i) => steps.some((others, j) => i < j && [...some].some((step) => others.has(step))));
  return repeated ? parts : [tabs];
}

/** Never config nodes, though some of them have no place on a canvas either. */
const NO_CONFIG = new Set(['tab', 'subflow', 'group']);

/**
 * Everything that the content hash of an installed template is made of: its containers, what stands on them, the
 * subflows that are used there, and the config nodes that are referred to.
 */
export function nodesOfTemplate(flows: Flows, containers: readonly FlowNode[]): readonly FlowNode[] {
  const found = new Set<FlowNode>();
  const refer = (value: unknown): void => {
    if (typeof value === 'string') {
      const target = flows.byId.get(value);
      // All other references lead to what is in a container, or out of the template.
      if (target !== undefined && !NO_CONFIG.has(target.type) && !('x' in target)) take(target);
    } else if (typeof value === 'object' && value !== null) {
      for (const each of Object.values(value)) refer(each);
    }
  };
  const take = (node: FlowNode): void => {
    if (found.has(node)) return;
    found.add(node);
    if (node.type === 'tab' || node.type === 'subflow') for (const each of flows.on(node.id)) take(each);
    const definition = flows.byId.get(idOfSubflow(node.type) ?? '');
    if (definition?.type === 'subflow') take(definition);
    for (const [name, value] of Object.entries(node)) if (!['id', 'z', 'g', 'type', 'wires'].includes(name)) refer(value);
  };
  for (const container of containers) take(container);
  return [...found];
}

/** A tab that is disabled as a whole stands still, and is the same template; a node in it that is disabled is a change. */
export const switchedOn = (node: FlowNode): FlowNode => (node.type === 'tab' && node.disabled === true ? { ...node, disabled: false } : node);
