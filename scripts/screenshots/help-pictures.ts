/**
 * The pictures in the nodes' help: every example flow as the editor draws it, in English and German.
 *
 *   node scripts/screenshots/help-pictures.ts [node …]      (after npm run build; Chromium at /usr/bin/chromium)
 *
 * Writes resources/help/<example>.<language>.png. Node-RED serves them to the editor, so they are kept small.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Page } from 'playwright-core';

import { openEditor } from '../../test/editor/support/editor-page.ts';
import { startBareNodeRed } from '../../test/support/bare-node-red.ts';
import { ROOT } from '../lib/paths.ts';
import { withPalette } from './palette-png.ts';

const TARGET = path.join(ROOT, 'resources/help');
const LANGUAGES = ['en-US', 'de'] as const;
/** Examples named after a node; the others (the whole receiving flow, the first scan) are too wide for a help text. */
const EXAMPLE = /^(?!00)\d\d-(.+)\.json$/;
const MARGIN = 14;

/** A wire in the editor's drawing. */
type Wire = SVGElement & { readonly __data__?: { readonly source?: { readonly id: string }; readonly target?: { readonly id: string } } };

declare const RED: {
  readonly nodes: { node(id: string): object | null };
  readonly view: { importNodes(nodes: unknown, options: object): void; select(selection: object): void };
  readonly workspaces: { show(id: string): void };
};

/** Draws the pictures of these nodes, or all; resolves with the files written. */
export async function drawHelpPictures(executable = '/usr/bin/chromium', only: readonly string[] = []): Promise<string[]> {
  const userDir = mkdtempSync(path.join(tmpdir(), 'waybill-help-'));
  const nodeRed = await startBareNodeRed({
    nodeRed: path.join(ROOT, 'node_modules/node-red'),
    userDir,
    settings: { nodesDir: ROOT, editorTheme: { tours: false, palette: { catalogues: [] } }, telemetry: { enabled: false, updateNotification: false } },
  });
  mkdirSync(TARGET, { recursive: true });
  const written: string[] = [];
  try {
    for (const language of LANGUAGES) {
      const editor = await openEditor(executable, nodeRed.baseUrl, language);
      try {
        // Wide enough for the longest example: the drawing ends at the edge of the window.
        await editor.page.setViewportSize({ width: 2400, height: 1000 });
        await editor.page.addStyleTag({ content: PLAIN });
        for (const file of readdirSync(path.join(ROOT, 'examples')).sort()) {
          const name = EXAMPLE.exec(file)?.[1];
          if (name !== undefined && (only.length === 0 || only.includes(name))) {
            const target = path.join(TARGET, `${name}.${language}.png`);
            writeFileSync(target, await picture(editor.page, name, JSON.parse(readFileSync(path.join(ROOT, 'examples', file), 'utf8')) as { id: string; type: string }[]));
            written.push(target);
          }
        }
      } finally {
        await editor.close();
      }
    }
  } finally {
    await nodeRed.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
  return written;
}

/** Nothing but nodes and wires on white; the marks of what is not deployed, the grid and the rest of the editor do not belong into help. */
const PLAIN = `
  .red-ui-workspace-chart-grid, .red-ui-flow-node-changed, .red-ui-flow-node-error, .red-ui-flow-node-status-group { display: none !important; }
  .red-ui-workspace-chart-background { fill: #fff !important; }
  body * { visibility: hidden; background: #fff !important; }
  #red-ui-workspace-chart, #red-ui-workspace-chart * { visibility: visible; }
`;

async function picture(page: Page, name: string, flow: { id: string; type: string; wires?: string[][] }[]): Promise<Buffer> {
  await page.evaluate((nodes) => {
    // One site and one broker for all.
    RED.view.importNodes(nodes.filter(({ id }) => !RED.nodes.node(id)), { generateIds: false, touchImport: true, notify: false, importMap: {} });
    RED.workspaces.show(nodes.find(({ type }) => type === 'tab')?.id ?? '');
    RED.view.select({ nodes: [] });
  }, flow);
  await page.waitForTimeout(600);
  const box = await page.evaluate((shown) => {
    const group = (id: string): SVGElement | null => document.querySelector<SVGElement>(`#red-ui-workspace-chart [id="${id}"]`);
    document.querySelectorAll<SVGElement>('#red-ui-workspace-chart .red-ui-flow-node-group').forEach((element) => {
      element.style.display = shown.includes(element.id) ? '' : 'none';
    });
    // Wires to what is not shown lead nowhere; the editor binds each to its two nodes.
    document.querySelectorAll<Wire>('#red-ui-workspace-chart .red-ui-flow-link').forEach((wire) => {
      const { source, target } = wire.__data__ ?? {};
      wire.style.display = shown.includes(source?.id ?? '') && shown.includes(target?.id ?? '') ? '' : 'none';
    });
    const drawn = shown.flatMap((id) => group(id)?.getBoundingClientRect() ?? []);
    const left = Math.min(...drawn.map((rect) => rect.left));
    const top = Math.min(...drawn.map((rect) => rect.top));
    return { x: left, y: top, width: Math.max(...drawn.map((rect) => rect.right)) - left, height: Math.max(...drawn.map((rect) => rect.bottom)) - top };
  }, shownOf(flow, name));
  return withPalette(await page.screenshot({ clip: { x: box.x - 2 * MARGIN, y: box.y - MARGIN, width: box.width + 3 * MARGIN, height: box.height + 2 * MARGIN } }));
}

/**
 * The node that the help is about with what follows it, or with what leads to it where nothing follows: a help pane is narrow.
 * A configuration node stands in no flow: the one that uses it is shown.
 */
function shownOf(flow: readonly { id: string; type: string; z?: string; wires?: string[][] }[], name: string): string[] {
  const subject = flow.find(({ type }) => type === `waybill-${name}`);
  const id = subject?.id ?? '';
  const node = subject?.z === undefined ? flow.find((other) => other.z !== undefined && Object.values(other).some((value) => value === id)) : subject;
  if (node === undefined) {
    throw new Error(`the example of ${name} has no waybill-${name}`);
  }
  const next = (node.wires ?? []).flat();
  return [node.id, ...(next.length > 0 ? next : flow.filter(({ wires = [] }) => wires.flat().includes(node.id)).map(({ id }) => id))];
}

if (process.argv[1] === import.meta.filename) {
  for (const file of await drawHelpPictures(undefined, process.argv.slice(2))) {
    console.log(path.relative(ROOT, file));
  }
}
