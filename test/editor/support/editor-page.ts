import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../../../scripts/screenshots/browser.ts';

/** The Node-RED editor in a browser of its own. */
export interface EditorPage {
  readonly page: Page;
  /** Errors and warnings of the page's console, and exceptions nobody caught. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens the editor at `url` and waits until its palette and flows are there. */
export async function openEditor(executablePath: string, url: string, locale = 'en-US'): Promise<EditorPage> {
  const profile = mkdtempSync(path.join(tmpdir(), 'waybill-editor-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...CHROMIUM_FLAGS],
    locale,
    viewport: { width: 1600, height: 1000 },
  });
  const close = async (): Promise<void> => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        // Node-RED puts a parameter into its field for numbers first; the form then makes it a field for text.
        if (!/^The specified value "\$\{\w+\}" cannot be parsed/.test(message.text())) complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    await page.goto(url);
    await editorStands(page);
    return { page, complaints, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until the page has its palette and flows. */
export async function editorStands(page: Page): Promise<void> {
  await page.locator('.red-ui-palette-node[data-palette-type="waybill-case-close"]').waitFor({ state: 'attached' });
  await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  await page.locator('#red-ui-workspace-tabs .red-ui-tab-label').first().waitFor({ state: 'attached' });
}

/**
 * Lays the mouse on a template of the sidebar and waits until it can be dragged: its nodes are fetched while the mouse is
 * over it, and a drag that begins before they are there is none.
 */
export async function readyToDrag(row: Locator): Promise<void> {
  await row.hover({ position: { x: 12, y: 10 } });
  const deadline = performance.now() + 30_000;
  while (!await row.evaluate((element) => element.dispatchEvent(new DragEvent('dragstart', { cancelable: true, dataTransfer: new DataTransfer() })))) {
    if (performance.now() > deadline) throw new Error('The template cannot be dragged: its nodes have not come.');
    await row.page().waitForTimeout(50);
  }
}

/**
 * Waits until the dialog has slid to its place and the editor has filled it: it raises it above the sidebar then. What is clicked
 * before that can miss, or be filled over, and a dialog that is closed so early stays open.
 */
export async function dialogStands(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getElementById('red-ui-editor-stack')?.style.zIndex === '13');
}

/**
 * Closes what a test left open, the uppermost first, and takes nothing of it over: for `afterEach`, so that one failure stays one.
 * A page with nothing open is asked once.
 */
export async function closeDialogs(page: Page): Promise<void> {
  const topmost = (): Promise<string | undefined> => page.evaluate(() => {
    const shown = (element: Element): boolean => element.getClientRects().length > 0;
    const dialog = [...document.querySelectorAll<HTMLElement>('.ui-dialog')].filter(shown).at(-1);
    const trays = [...document.querySelectorAll<HTMLElement>('.red-ui-tray')];
    const top = dialog ?? trays.at(-1);
    if (top === undefined) return undefined;
    const cancel = [...top.querySelectorAll<HTMLElement>('button')].find((button) => /cancel$/.test(button.id)) ?? top.querySelector<HTMLElement>('.ui-dialog-titlebar-close');
    cancel?.click();
    return dialog === undefined ? `tray ${trays.length}` : 'dialog';
  });
  const deadline = performance.now() + 15_000;
  for (let open = await topmost(); open !== undefined; open = await topmost()) {
    if (performance.now() > deadline) throw new Error(`This cannot be closed: ${open}`);
    await page.waitForTimeout(300); // it slides away, and is still in the page meanwhile
  }
}

/** For tests that go on where the one before them ended: what comes after a failure is skipped, so that one failure stays one. Call it in `describe`. */
export function inOrder(): void {
  let broken = false;
  beforeEach(function () { if (broken) this.skip(); });
  afterEach(function () { broken ||= this.currentTest?.state === 'failed'; });
}

/** Waits until the guide of a tour has the keys: before that it still measures its step, and a key goes past it. */
export async function tourHasFocus(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement !== null && document.activeElement.closest('.red-ui-tourGuide-toolbar') !== null);
}

/**
 * Node-RED answers a deploy before it has started the flows, and tells its editors when it has. Ask for it before the page is
 * opened; what it gives waits until a revision runs.
 */
export function runningRevisions(page: Page): (rev: string) => Promise<void> {
  const running = new Set<string>();
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      for (const [, rev = ''] of String(payload).matchAll(/"topic":"notification\/runtime-deploy","data":\{"revision":"(\w+)"/g)) running.add(rev);
    });
  });
  return async (rev) => {
    const deadline = performance.now() + 30_000;
    while (!running.has(rev)) {
      if (performance.now() > deadline) throw new Error(`Node-RED has not started revision ${rev}.`);
      await page.waitForTimeout(50);
    }
  };
}
