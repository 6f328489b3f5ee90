/** What the journeys of people share: the product from a clean home, a device, scans by a real MQTT client, pictures of each step. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { startProduct } from '../../../scripts/lib/product.ts';
import type { Product } from '../../../scripts/lib/product.ts';
import { launchChromium, newDevice, settled } from '../../../scripts/screenshots/browser.ts';
import type { LookOptions, ViewportName } from '../../../scripts/screenshots/browser.ts';
import { withDemoCatalogue } from '../../support/demo-catalogue.ts';

/** The sizes at which every journey is made. */
export const DEVICES: readonly ViewportName[] = ['desk', 'phone'];

/** An order line of the demo ERP that this pallet takes beyond its tolerance: 280 of 200. */
export const OVER_RECEIPT = '395210060100000098';

export interface Journey {
  readonly product: Product;
  readonly browser: Browser;
  /** A new device of a person; what its pages complain about is collected. */
  device(look: LookOptions): Promise<Device>;
  /** Publishes a scan as a scanner does and resolves with the PUBACK, which means that it is recorded. */
  scan(code: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Publishes bytes that are no scan. */
  publish(bytes: string | Buffer, topic?: string): Promise<void>;
  end(): Promise<void>;
}

export interface Device {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console errors and exceptions of its pages, but for what `ignore` names. */
  complaints(ignore?: RegExp): readonly string[];
  /** Waits until the page stands and keeps a picture of it. */
  look(name: string): Promise<void>;
}

/** Starts the product in a new home under the system's temporary folder, with flows of its own when some are given; `name` names the folder of the pictures. */
export async function beginJourney(name: string, executablePath: string, env: Readonly<Record<string, string>> = {}, flows?: readonly object[]): Promise<Journey> {
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-journey-'));
  if (flows !== undefined) {
    mkdirSync(path.join(home, 'node-red'));
    writeFileSync(path.join(home, 'node-red/flows.json'), JSON.stringify(flows));
  }
  const pictures = path.join(ROOT, 'test-results/journeys', name);
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  if (env['WAYBILL_CATALOGUE'] === undefined) await withDemoCatalogue(home);
  const product = await startProduct({ home, env });
  const started: (() => Promise<unknown>)[] = [() => product.stop()];
  const end = async (): Promise<void> => {
    for (const stop of started.toReversed()) await stop();
    rmSync(home, { recursive: true, force: true });
  };
  const launch = async (): Promise<{ readonly browser: Browser; readonly client: MqttClient }> => {
    const browser = await launchChromium(executablePath);
    started.push(() => browser.close());
    const client = await mqtt.connectAsync(product.mqttUrl, { clientId: `scanner-${process.pid}` });
    started.push(() => client.endAsync());
    return { browser, client };
  };
  const { browser, client } = await launch().catch(async (error: unknown) => {
    await end();
    throw error;
  });
  const topic = 'acme/dc-1/receiving/dock-1/scan';
  let scans = 0;
  return {
    product, browser,
    device: async (look) => {
      const context = await newDevice(browser, look);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
      page.on('pageerror', (error) => complaints.push(error.message));
      let pictureCount = 0;
      return {
        context, page,
        // Being asked to sign in is a 401, which the browser's console notes.
        complaints: (ignore = /$^/) => complaints.filter((text) => !/status of 401/.test(text) && !ignore.test(text)),
        look: async (picture) => {
          await settled(page);
          pictureCount += 1;
          await page.screenshot({ path: path.join(pictures, `${String(pictureCount).padStart(2, '0')}-${picture}-${look.viewport ?? 'desk'}.png`) });
        },
      };
    },
    scan: async (code, more = {}) => {
      scans += 1;
      await client.publishAsync(topic, JSON.stringify({ id: `journey-${scans}`, code, operator: 'chris', ...more }), { qos: 1 });
    },
    publish: async (bytes, where = topic) => { await client.publishAsync(where, bytes, { qos: 1 }); },
    end,
  };
}

/** Nothing of the page may be wider than the screen. */
export async function fitsTheScreen(page: Page): Promise<void> {
  const { scrollWidth, innerWidth } = await page.evaluate<{ scrollWidth: number; innerWidth: number }>('({ scrollWidth: document.documentElement.scrollWidth, innerWidth })');
  assert.ok(scrollWidth <= innerWidth, `${page.url()} is ${scrollWidth} px wide on a screen of ${innerWidth}`);
}
