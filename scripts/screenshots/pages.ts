/** The pages that are photographed, who looks at them, and which pictures the documentation uses. */
import type { Page } from 'playwright-core';
import type { LookOptions } from './browser.ts';
import type { Site } from './site.ts';

export interface PagePicture {
  /** File name without ending; looks are added to it. */
  readonly name: string;
  /** Sign-in name; undefined: nobody is signed in. */
  readonly as: string | undefined;
  /** Below /waybill/. */
  readonly path: (site: Site) => string;
  /** What is done on the page before it is photographed. */
  readonly prepare?: (page: Page) => Promise<void>;
  /** The looks of this page that the documentation has, by file name in docs/pictures. */
  readonly documented?: Readonly<Record<string, LookOptions>>;
}

/** Every page is photographed in these looks. */
export const LOOKS: Readonly<Record<string, LookOptions>> = {
  'desk': { viewport: 'desk' }, 'desk-dark': { viewport: 'desk', theme: 'dark' },
  'wide': { viewport: 'wide' },
  'phone': { viewport: 'phone' }, 'phone-dark': { viewport: 'phone', theme: 'dark' },
};

/** And with --german in these as well. */
export const GERMAN_LOOKS: Readonly<Record<string, LookOptions>> = {
  'desk-de': { viewport: 'desk', locale: 'de-DE' }, 'phone-de': { viewport: 'phone', locale: 'de-DE' },
};

export const PAGES: readonly PagePicture[] = [
  { name: 'sign-in', as: undefined, path: () => 'sign-in' },
  { name: 'inbox', as: 'sam', path: () => '', documented: { 'inbox-phone': { viewport: 'phone' } } },
  { name: 'task', as: 'sam', path: ({ openTask }) => `tasks/${openTask}`, documented: { 'task': { viewport: 'desk' }, 'task-phone': { viewport: 'phone' } } },
  { name: 'cases', as: 'sam', path: () => 'cases', documented: { 'cases': { viewport: 'desk' } } },
  { name: 'case', as: 'alex', path: ({ decidedCase }) => `cases/${decidedCase}`, documented: { 'case': { viewport: 'desk' } } },
  { name: 'case-open', as: 'sam', path: ({ openCase }) => `cases/${openCase}` },
  { name: 'exception', as: 'chris', path: ({ openException }) => `exceptions/${openException}` },
  { name: 'discrepancy-sheet', as: 'chris', path: ({ openException }) => `exceptions/${openException}/sheet` },
  { name: 'exceptions-board', as: 'chris', path: () => 'exceptions?view=board' },
  { name: 'handover', as: 'sam', path: () => 'handover' },
  { name: 'away', as: 'sam', path: () => 'away' },
  { name: 'changes', as: 'erin', path: () => 'changes' },
  { name: 'exceptions', as: 'chris', path: () => 'exceptions', documented: { 'exceptions': { viewport: 'desk' } } },
  { name: 'dead-letters', as: 'chris', path: () => 'dead-letters', documented: { 'dead-letters': { viewport: 'desk' } } },
  { name: 'quarantine', as: 'chris', path: () => 'quarantine', documented: { 'quarantine': { viewport: 'desk' } } },
  { name: 'system', as: 'erin', path: () => 'system', documented: { 'system': { viewport: 'desk' } } },
  { name: 'services', as: 'erin', path: () => 'systems' },
  { name: 'service', as: 'erin', path: () => 'systems', prepare: async (page) => { await page.locator('.item a.cover').first().click(); await page.waitForSelector('.histogram, .split'); } },
  { name: 'account', as: 'sam', path: () => 'account' },
  { name: 'accounts', as: 'admin', path: () => 'accounts', documented: { 'accounts': { viewport: 'desk' } } },
  { name: 'not-found', as: 'sam', path: () => 'no-such-page' },
];
