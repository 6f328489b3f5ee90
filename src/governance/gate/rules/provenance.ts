import type { FlowNode, Flows } from './flows.ts';
import { idOfSubflow } from './subflows.ts';

/** `meta.module` of a subflow that is a block of the catalogue. */
export const TEMPLATE_MODULE = 'waybill-template';
/** Entry of a tab's `env` that says which version of which flow template it is. */
export const TEMPLATE_ENV = 'WAYBILL_TEMPLATE';

/** Template that a subflow or a tab says it comes from. That it says so proves nothing: its content hash does. */
export interface Provenance {
  readonly id: string;
  readonly version: string;
}

/** An entry of `env`, as Node-RED stores it on tabs, groups, subflows and their instances. */
export interface EnvEntry {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

/** Entries of a node's `env` that can be read. */
export function envOf(node: FlowNode | undefined): readonly EnvEntry[] {
  const env: unknown = node?.['env'];
  if (!Array.isArray(env)) return [];
  return env.flatMap((entry: unknown): readonly EnvEntry[] => {
    const { name, type, value } = (typeof entry === 'object' && entry !== null ? entry : {}) as { name?: unknown; type?: unknown; value?: unknown };
    return typeof name === 'string' && name !== '' ? [{ name, type: typeof type === 'string' ? type : 'str', value }] : [];
  });
}

/** Later ones win over those before: Node-RED works out JSONata after plain values, and references to other variables after all. */
const rank = ({ type }: EnvEntry): number => (type === 'env' ? 2 : type === 'jsonata' ? 1 : 0);

/** The entry that counts when the flow runs: of a name that stands there twice, the last (`evaluateEnvProperties` of Node-RED). */
export function envEntry(node: FlowNode | undefined, name: string): EnvEntry | undefined {
  return envOf(node).filter((entry) => entry.name === name).sort((a, b) => rank(a) - rank(b)).at(-1);
}

const PROVENANCE = /^([a-z0-9-]+\/[a-z0-9-]+)@(\S{1,80})$/;

/** What a subflow, or a tab, says of its origin; undefined when it says nothing, or nothing that can be read. */
export function templateOf(container: FlowNode): Provenance | undefined {
  if (container.type === 'subflow') {
    const { module, type, version } = (typeof container['meta'] === 'object' && container['meta'] !== null ? container['meta'] : {}) as Record<string, unknown>;
    return module === TEMPLATE_MODULE && typeof type === 'string' && typeof version === 'string' ? { id: type, version } : undefined;
  }
  if (container.type !== 'tab') return undefined;
  const said = PROVENANCE.exec(String(envEntry(container, TEMPLATE_ENV)?.value ?? ''));
  return said === null ? undefined : { id: said[1]!, version: said[2]! };
}

/**
 * Values of a template's parameters at an instance of its subflow, or on its tab, by name: what the site has set over what
 * the definition has. Only what stands there: a value of type `env` or `jsonata` is worked out when the flow runs.
 */
export function parametersOf(flows: Flows, instanceOrTab: FlowNode): ReadonlyMap<string, EnvEntry> {
  const definition = flows.byId.get(idOfSubflow(instanceOrTab.type) ?? '');
  const entries = [...envOf(definition), ...envOf(instanceOrTab)].filter(({ name }) => !name.startsWith('WAYBILL_'));
  return new Map(entries.map((entry) => [entry.name, entry]));
}
