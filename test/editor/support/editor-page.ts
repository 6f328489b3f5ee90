import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
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
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        // Node-RED puts a parameter into its field for numbers first; the form then makes it a field for text.
        if (!/^The specified value "\$\{\w+\}" cannot be parsed/.test(message.text())) complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    await page.goto(url);
    await page.locator('.red-ui-palette-node[data-palette-type="waybill-case-close"]').waitFor({ state: 'attached' });
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    await page.locator('#red-ui-workspace-tabs .red-ui-tab-label').first().waitFor({ state: 'attached' });
    return { page, complaints, close };
  } catch (error) {
    await close();
    throw error;
  }
}
