/** Chromium as screenshots and browser tests use it, and how a person signs in with it. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** Flags for a Debian Chromium without a display that asks nobody outside. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none',
];

/** Sizes that are looked at: a desk, the full width of the pages, and the smallest phone. */
export const VIEWPORTS = {
  desk: { width: 1280, height: 800 },
  wide: { width: 1920, height: 1080 },
  phone: { width: 360, height: 740 },
} as const satisfies Readonly<Record<string, { readonly width: number; readonly height: number }>>;

export type ViewportName = keyof typeof VIEWPORTS;

/** Where Chromium is on this machine. @throws Error that says what to install */
export function chromiumPath(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).concat('/usr/bin');
  for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    for (const folder of folders) if (folder !== '' && isProgram(path.join(folder, name))) return path.join(folder, name);
  }
  throw new Error('Chromium is not installed; on Debian: apt install chromium');
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/** A browser with a fresh profile; close it when done. */
export async function launchChromium(executablePath = chromiumPath()): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
}

export interface LookOptions {
  readonly viewport?: ViewportName;
  readonly theme?: 'light' | 'dark';
  /** BCP 47; `en-GB` by default. */
  readonly locale?: string;
}

/** A browser context of one person at one device: own cookies, own size, own theme; animations are off. */
export async function newDevice(browser: Browser, { viewport = 'desk', theme = 'light', locale = 'en-GB' }: LookOptions = {}, more: BrowserContextOptions = {}): Promise<BrowserContext> {
  const phone = viewport === 'phone' ? { hasTouch: true, isMobile: true } : {};
  return browser.newContext({ viewport: VIEWPORTS[viewport], colorScheme: theme, locale, timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', ...phone, ...more });
}

/** Signs in by the API, in the browser's own cookies: what follows in this context is done by this person. @throws Error with the problem's text */
export async function signInByApi(context: BrowserContext, url: string, name: string, password: string): Promise<void> {
  const answer = await context.request.post(`${url}/waybill/api/v1/session`, { data: { name, password }, headers: { origin: url } });
  if (answer.status() !== 201) throw new Error(`Signing in as ${name}: ${answer.status()} ${await answer.text()}`);
}

/** Signs in on the sign-in page, as a person does, and waits until the page has gone on. */
export async function signInByHand(page: Page, name: string, password: string): Promise<void> {
  await page.locator('input[autocomplete=username]').fill(name);
  await page.locator('input[autocomplete=current-password]').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.startsWith('/waybill/sign-in'));
}

/** Resolves when the page has its data: nothing is loading, fonts are there, and a moment has passed. */
export async function settled(page: Page): Promise<void> {
  // A locator, not a function to wait for: that one is evaluated in the page, where its policy refuses it.
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  await page.waitForTimeout(250);
}
