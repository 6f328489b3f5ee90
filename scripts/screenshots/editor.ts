/** The editor as an engineer sees it: the receiving flow, and the form of every node. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { ROOT } from '../lib/paths.ts';

/** A node of the flow whose form is photographed; the first of its type, or the one with this step. */
export interface FormPicture { readonly type: string; readonly stepId?: string }

export const FORMS: readonly FormPicture[] = [
  { type: 'waybill-scan-in' }, { type: 'waybill-case-open' }, { type: 'waybill-validate', stepId: 'receipt' }, { type: 'waybill-approval', stepId: 'over-receipt' },
  { type: 'waybill-call', stepId: 'post-receipt' }, { type: 'waybill-exception', stepId: 'not-announced' }, { type: 'waybill-audit' }, { type: 'waybill-case-close', stepId: 'close-received' },
  { type: 'waybill-decision' }, { type: 'waybill-escalation' }, { type: 'waybill-parallel' }, { type: 'waybill-gather' }, { type: 'waybill-wait-until' },
  { type: 'waybill-wait-for-event' }, { type: 'waybill-retry' }, { type: 'waybill-notify' }, { type: 'waybill-compensate' },
  { type: 'waybill-plc-in' }, { type: 'waybill-plc-out' }, { type: 'waybill-sparkplug-in' }, { type: 'waybill-event-in' }, { type: 'waybill-file-in' }, { type: 'waybill-queue-in' }, { type: 'waybill-event-out' },
  { type: 'waybill-erp' }, { type: 'waybill-wms' }, { type: 'waybill-service-in' }, { type: 'waybill-service-out' },
  { type: 'waybill-system' }, { type: 'waybill-opcua-endpoint' }, { type: 'waybill-site' }, { type: 'waybill-broker' }, { type: 'waybill-calendar' }, { type: 'waybill-directory' },
];

/** The example of a node, or one that holds it, for nodes that the receiving flow does not use. */
function exampleOf(type: string): readonly { readonly id: string; readonly type: string }[] {
  const folder = path.join(ROOT, 'examples');
  const examples = readdirSync(folder).toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a))).map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { id: string; type: string }[]);
  return examples.find((nodes) => nodes.some((node) => node.type === type)) ?? [];

  function isOwn(name: string): boolean {
    return name.replace(/^\d\d-/, 'waybill-') === `${type}.json`;
  }
}

/** Opens the editor; whoever is signed in to Waybill in this browser is asked at most to press a button. */
export async function openEditor(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/`);
  const palette = page.locator('.red-ui-palette-node[data-palette-type="waybill-case-close"]');
  const signIn = page.locator('.node-red-login-box a, #node-red-login-button, .node-red-login-box button').first();
  await Promise.race([palette.waitFor({ state: 'attached', timeout: 30_000 }), signIn.waitFor({ state: 'visible', timeout: 30_000 })]);
  if (await signIn.isVisible()) await signIn.click();
  await palette.waitFor({ state: 'attached', timeout: 30_000 });
  await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  await page.waitForTimeout(800);
  return page;
}

/** Makes the whole flow visible, without the sidebar on the right. */
export async function showFlow(page: Page): Promise<void> {
  await page.evaluate("RED.actions.invoke('core:toggle-sidebar')");
  await page.waitForTimeout(400);
  await page.evaluate("RED.actions.invoke('core:zoom-fit')");
  await page.waitForTimeout(900);
}

/** Opens the form of a node. A type that the flow does not use comes with its example, which is not deployed. @returns false when the type is not there */
export async function openForm(page: Page, { type, stepId }: FormPicture): Promise<boolean> {
  const opened = await page.evaluate(`(() => {
    const type = ${JSON.stringify(type)}, stepId = ${JSON.stringify(stepId ?? null)};
    const definition = RED.nodes.getType(type);
    if (!definition) return false;
    const find = () => {
      let node;
      RED.nodes.eachNode((each) => { if (each.type === type && (stepId === null || each.stepId === stepId)) node ??= each; });
      RED.nodes.eachConfig((each) => { if (each.type === type) node ??= each; });
      return node;
    };
    if (!find()) {
      // One site for all.
      const example = ${JSON.stringify(exampleOf(type))}.filter((each) => !RED.nodes.node(each.id));
      RED.view.importNodes(example, { generateIds: false, touchImport: true, notify: false, importMap: {} });
    }
    const node = find();
    if (!node) return false;
    if (definition.category === 'config') RED.editor.editConfig('', type, node.id);
    else RED.editor.edit(node);
    return true;
  })()`);
  if (opened !== true) return false;
  await page.locator('.red-ui-tray').last().waitFor();
  // The editor's notices would lie over the form.
  await page.evaluate("document.querySelectorAll('.red-ui-notification').forEach((notice) => notice.remove())");
  await page.waitForTimeout(700);
  return true;
}

/** Closes the form without a change. */
export async function closeForm(page: Page): Promise<void> {
  const cancel = page.locator('.red-ui-tray #node-dialog-cancel, .red-ui-tray #node-config-dialog-cancel').last();
  // In a narrow window the buttons may be outside of it.
  if (await cancel.isVisible()) await cancel.dispatchEvent('click');
  await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
}
