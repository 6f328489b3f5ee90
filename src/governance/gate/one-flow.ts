import type { FlowNode } from './rules/flows.ts';

/** One flow as the admin API takes it (`POST /flow`, `PUT /flow/:id`). */
interface OneFlow { readonly nodes?: unknown; readonly configs?: unknown; readonly subflows?: unknown; readonly [property: string]: unknown }

const list = (value: unknown): readonly FlowNode[] => (Array.isArray(value) ? value as readonly FlowNode[] : []);

function tabOf(id: string, { label, info, disabled, env }: OneFlow): FlowNode {
  return { id, type: 'tab', ...(typeof label === 'string' ? { label } : {}), ...(info === undefined ? {} : { info }), ...(disabled === undefined ? {} : { disabled: disabled as boolean }), ...(env === undefined ? {} : { env }) };
}

/** What the flows come to when one is added (no id), changed, or (no body) removed: as Node-RED's `addFlow`, `updateFlow` and `removeFlow` make them. */
export function withOneFlow(running: readonly FlowNode[], id: string | undefined, body: unknown): readonly FlowNode[] {
  const flow = (typeof body === 'object' && body !== null ? body : {}) as OneFlow;
  if (id === 'global') {
    const tabs = new Set(running.filter(({ type }) => type === 'tab').map((tab) => tab.id));
    const subflows = list(flow.subflows).flatMap((subflow) => {
      const { nodes, configs, ...definition } = subflow;
      return [...list(nodes), ...list(configs), definition as FlowNode];
    });
    return [...running.filter(({ type, z }) => type === 'tab' || (z !== undefined && tabs.has(z))), ...list(flow.configs), ...subflows];
  }
  const rest = id === undefined ? running : running.filter((node) => node.z !== id && node.id !== id);
  if (id !== undefined && body === undefined) return rest;
  const tab = tabOf(id ?? 'new-flow', flow);
  return [...rest, tab, ...[...list(flow.nodes), ...list(flow.configs)].map((node) => ({ ...node, z: tab.id }))];
}
