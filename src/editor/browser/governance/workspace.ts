import type { PlacedNode } from '../node-definition.ts';
import type { ExportedNode } from './answers.ts';

/** A template that stands in the workspace: a subflow definition with its instances, or the tabs of one flow. */
export interface Container {
  readonly id: string;
  readonly kind: 'block' | 'flow';
  readonly template: string;
  readonly version: string;
  readonly name: string;
  /** Tabs of a flow; the definition alone of a block. */
  readonly members: readonly string[];
}

interface EnvEntry {
  readonly name: string;
  readonly type: string;
  readonly value?: unknown;
}

interface Definition {
  readonly id: string;
  readonly name: string;
  readonly meta?: { readonly module?: string; readonly type?: string; readonly version?: string };
  readonly env?: readonly EnvEntry[];
  readonly instances?: readonly PlacedNode[];
}

interface Tab {
  readonly id: string;
  readonly label: string;
  readonly env?: readonly EnvEntry[];
}

interface Workspace {
  eachSubflow(visit: (definition: Definition) => void): void;
  eachWorkspace(visit: (tab: Tab) => void): void;
  createCompleteNodeSet(options: { readonly credentials: boolean }): ExportedNode[];
  subflow(id: string): Definition | undefined;
  workspace(id: string): Tab | undefined;
}

const workspace = RED.nodes as unknown as Workspace;

const REFERENCE = /^(.+)@([^@]+)$/;

/** Templates that stand in the workspace now, deployed or not. */
export function containersNow(): Container[] {
  const found: Container[] = [];
  workspace.eachSubflow(({ id, name, meta }) => {
    if (meta?.module === 'waybill-template' && typeof meta.type === 'string' && typeof meta.version === 'string') {
      found.push({ id, kind: 'block', template: meta.type, version: meta.version, name, members: [id] });
    }
  });
  const flows = new Map<string, Container & { readonly members: string[] }>();
  workspace.eachWorkspace(({ id, label, env = [] }) => {
    const [, template, version] = REFERENCE.exec(envText(env, 'WAYBILL_TEMPLATE')) ?? [];
    if (template === undefined || version === undefined) {
      return;
    }
    const key = `${template}@${version} ${envText(env, 'WAYBILL_INSTANCE')}`;
    const known = flows.get(key);
    if (known === undefined) {
      flows.set(key, { id, kind: 'flow', template, version, name: label, members: [id] });
    } else {
      known.members.push(id);
    }
  });
  return [...found, ...flows.values()];
}

function envText(env: readonly EnvEntry[], name: string): string {
  const value = env.filter((entry) => entry.name === name).at(-1)?.value;
  return typeof value === 'string' ? value : '';
}

/** Names of installed flows that are taken. */
export function instancesTaken(): string[] {
  const taken: string[] = [];
  workspace.eachWorkspace(({ env = [] }) => { taken.push(envText(env, 'WAYBILL_INSTANCE')); });
  return taken.filter((name) => name !== '');
}

/** All nodes of the workspace, without credentials. */
export function allNodes(): ExportedNode[] {
  return workspace.createCompleteNodeSet({ credentials: false });
}

/** What a container is made of, the subflows that are used in it included, and of config nodes outside it no more than their type. */
export function nodesOf(containers: readonly Container[]): ExportedNode[] {
  const all = allNodes();
  const members = withSubflows(all, containers.flatMap(({ members: ids }) => ids));
  return all.flatMap((node): ExportedNode[] => {
    if (isWithin(node, members)) {
      return [node];
    }
    return node.type !== 'tab' && node.type !== 'subflow' && !('x' in node) ? [{ id: node.id, type: node.type }] : [];
  });
}

/** What stands in a container and in the subflows that are used there: what of it may be proposed to its owners. */
export function contentOf(container: Container): ExportedNode[] {
  const all = allNodes();
  const members = withSubflows(all, container.members);
  return all.filter((node) => isWithin(node, members));
}

function isWithin({ id, z }: ExportedNode, members: ReadonlySet<string>): boolean {
  return members.has(id) || (z !== undefined && members.has(z));
}

/** Ids of containers, and of the subflows that are used in them, however deep. */
function withSubflows(all: readonly ExportedNode[], containers: readonly string[]): ReadonlySet<string> {
  const known = new Set(containers);
  // A set hands out what is put into it while it is walked.
  for (const container of known) {
    for (const { type, z } of all) {
      if (z === container && type.startsWith('subflow:')) {
        known.add(type.slice('subflow:'.length));
      }
    }
  }
  return known;
}

/** Instances of a block. */
export function instancesOf(container: Container): readonly PlacedNode[] {
  return container.kind === 'block' ? workspace.subflow(container.id)?.instances ?? [] : [];
}

export function hasDefinition(id: string): boolean {
  return workspace.subflow(id) !== undefined;
}

export function tabOf(id: string): Tab | undefined {
  return workspace.workspace(id);
}

/** Shows a node, an instance, a tab or a subflow, and selects it. False when it is not in the workspace. */
export function reveal(id: string): boolean {
  const node = RED.nodes.node(id);
  if (node !== null && node !== undefined) {
    if (node.z === undefined || node.z === '') {
      (RED.sidebar as unknown as { readonly config?: { show(id: string): void } }).config?.show(id);
      return true;
    }
    RED.view.reveal(id);
    RED.view.select({ nodes: [node] } as never);
    return true;
  }
  if (tabOf(id) !== undefined || hasDefinition(id)) {
    (RED.workspaces as unknown as { show(id: string): void }).show(id);
    return true;
  }
  return false;
}

/** What a person calls a node of a finding: as the canvas does, where it is still there. */
export function nameOf({ id, name, type }: { readonly id: string; readonly name: string; readonly type: string }): string {
  const node = RED.nodes.node(id);
  if (name !== '') {
    return name;
  }
  if (node !== null && node !== undefined) {
    return RED.utils.getNodeLabel(node, type);
  }
  // An instance that is not there any more is called as its subflow.
  return type.startsWith('subflow:') ? workspace.subflow(type.slice('subflow:'.length))?.name ?? 'subflow' : type;
}
