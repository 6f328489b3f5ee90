import type { ExportedNode } from './answers.ts';

interface Nodes {
  createCompleteNodeSet(): ExportedNode[];
  clear(): void;
  import(nodes: readonly object[]): { readonly nodes: readonly Placed[] };
  dirty(state?: boolean): boolean;
  version(rev?: string): string;
  originalFlow(flow?: unknown): unknown;
  node(id: string): Placed | null | undefined;
}

interface Placed {
  readonly id: string;
  changed?: boolean;
  moved?: boolean;
}

/**
 * Takes nodes out of the workspace and puts others in, over what stands there under their ids, in one step that undo takes
 * back: as Node-RED merges flows that somebody else has deployed. Secrets of a node that stays stay with it.
 */
export function replaceNodes(remove: readonly string[], put: readonly ExportedNode[]): void {
  const nodes = RED.nodes as unknown as Nodes;
  const [before, rev, dirty, original] = [nodes.createCompleteNodeSet(), nodes.version(), nodes.dirty(), nodes.originalFlow()];
  const [gone, fresh] = [new Set(remove), new Map(put.map((node) => [node.id, node]))];
  const known = new Set(before.map(({ id }) => id));
  const next = [
    ...before.filter(({ id }) => !gone.has(id)).map((node) => {
      const other = fresh.get(node.id);
      return other === undefined ? node : { ...other, ...('credentials' in node ? { credentials: node['credentials'] } : {}) };
    }),
    ...put.filter(({ id }) => !known.has(id)),
  ];
  const states = before.map(({ id }) => [id, nodes.node(id)] as const);
  const changed = Object.fromEntries(states.map(([id, node]) => [id, node?.changed === true]));
  const moved = Object.fromEntries(states.map(([id, node]) => [id, node?.moved === true]));
  RED.history.push({ t: 'replace', config: before, changed, moved, complete: true, dirty, rev } as never);
  const tab = RED.workspaces.active() as unknown as string;
  nodes.clear();
  // A copy: the editor makes its own of what it is given.
  const imported = nodes.import(JSON.parse(JSON.stringify(next)) as object[]);
  nodes.originalFlow(original);
  nodes.version(rev);
  for (const node of imported.nodes) {
    node.changed = changed[node.id] === true || fresh.has(node.id);
    node.moved = moved[node.id] === true;
  }
  nodes.dirty(true);
  refresh(next.some(({ id }) => id === tab) ? tab : next.find(({ type }) => type === 'tab')?.id);
}

function refresh(tab: string | undefined): void {
  (RED.view as unknown as { redraw(full: boolean): void }).redraw(true);
  (RED.palette as unknown as { refresh(): void }).refresh();
  (RED.workspaces as unknown as { refresh(): void }).refresh();
  if (tab !== undefined) {
    (RED.workspaces as unknown as { show(id: string, skipStack: boolean): void }).show(tab, true);
  }
  (RED.sidebar as unknown as { readonly config: { refresh(): void } }).config.refresh();
}
