import { send } from './answers.ts';
import type { Asked, ExportedNode, ImportAnswer } from './answers.ts';
import type { PlacedNode } from '../node-definition.ts';
import { hasDefinition, instancesTaken } from './workspace.ts';

interface Editor {
  importNodes(nodes: readonly object[], options: object): void;
  scale(): number;
  getActiveNodes(): readonly { readonly x: number; readonly y: number }[];
}

const view = RED.view as unknown as Editor;

/**
 * Asks for the nodes of a version. They have ids of their own each time, but for the definition of a block. What config nodes
 * the site has takes the place of the template's: the only one of its type, or the one that was chosen.
 */
export async function nodesToPlace(id: string, version: string, chosen: ReadonlyMap<string, string> = new Map()): Promise<Asked<ImportAnswer>> {
  const configs = Object.fromEntries([...[...configsByType()].filter(([, nodes]) => nodes.length === 1).map(([type, nodes]) => [type, nodes[0]!.id] as const), ...chosen]);
  return send<ImportAnswer>('import', { id, version, configs, taken: instancesTaken() });
}

/** Config nodes that no tab and no subflow keeps for itself. */
export function configsByType(): ReadonlyMap<string, readonly PlacedNode[]> {
  const byType = new Map<string, PlacedNode[]>();
  RED.nodes.eachConfig((node) => {
    if (node.z === undefined || node.z === '') {
      byType.set(node.type, [...byType.get(node.type) ?? [], node]);
    }
    return undefined;
  });
  return byType;
}

/** What is there already is left out, a definition as well as a config node: what is placed then uses it. */
function withoutKnownDefinitions(nodes: readonly ExportedNode[]): ExportedNode[] {
  const known = new Set(nodes.filter((node) => (node.type === 'subflow' ? hasDefinition(node.id) : isThere(node.id))).map(({ id }) => id));
  return nodes.filter(({ id, z }) => !known.has(id) && (z === undefined || !known.has(z)));
}

function isThere(id: string): boolean {
  const node = RED.nodes.node(id);
  return node !== null && node !== undefined;
}

/** Puts nodes into the workspace where the person looks, in one step that undo takes back; answers the id of what to look at. */
export function place({ kind, nodes }: ImportAnswer): string | undefined {
  const fresh = withoutKnownDefinitions(nodes);
  const instance = fresh.find(({ type, z }) => type.startsWith('subflow:') && !nodes.some((node) => node.id === z));
  if (kind === 'block' && instance !== undefined) {
    const spot = freeSpot();
    const active = RED.workspaces.active() as unknown as string;
    view.importNodes(fresh.map((node) => (node === instance ? { ...node, ...spot, z: active } : node)), options());
    return instance.id;
  }
  view.importNodes(fresh, options());
  const tab = fresh.find(({ type }) => type === 'tab');
  if (tab !== undefined) {
    (RED.workspaces as unknown as { show(id: string): void }).show(tab.id);
  }
  return tab?.id;
}

function options(): object {
  return { generateIds: false, touchImport: true, notify: false, importMap: {} };
}

/** Near the middle of what is seen, where no node stands. */
function freeSpot(): { readonly x: number; readonly y: number } {
  const chart = $('#red-ui-workspace-chart');
  const scale = view.scale();
  const x = Math.round(((chart.scrollLeft() ?? 0) + (chart.width() ?? 800) / 2) / scale / 20) * 20;
  let y = Math.round(((chart.scrollTop() ?? 0) + (chart.height() ?? 600) / 3) / scale / 20) * 20;
  const taken = view.getActiveNodes();
  while (taken.some((node) => Math.abs(node.x - x) < 220 && Math.abs(node.y - y) < 40)) {
    y += 60;
  }
  return { x, y };
}

/** May something be placed on what is open? */
export function mayPlace(): boolean {
  return !((RED.workspaces as unknown as { isLocked?: () => boolean }).isLocked?.() ?? false);
}

/** Makes a row draggable onto the canvas, in the way in which a flow's text is dropped there. */
export function makeDraggable(row: JQuery, id: string, version: string): void {
  let ready: Promise<void> | undefined;
  let nodes: readonly ExportedNode[] | undefined;
  const prepare = (): void => {
    ready ??= nodesToPlace(id, version).then((asked) => {
      nodes = 'answer' in asked ? asked.answer.nodes : undefined;
      ready = nodes === undefined ? undefined : ready;
    });
  };
  row.attr('draggable', 'true').on('mouseenter focusin', prepare).on('dragstart', (event) => {
    const { dataTransfer } = event.originalEvent as unknown as DragEvent;
    if (nodes === undefined || dataTransfer === null || !mayPlace()) {
      prepare();
      event.preventDefault();
      return;
    }
    dataTransfer.setData('text/plain', JSON.stringify(withoutKnownDefinitions(nodes)));
    dataTransfer.effectAllowed = 'copy';
  }).on('dragend', () => {
    // The next one gets ids of its own.
    nodes = undefined;
    ready = undefined;
    prepare();
  });
}
