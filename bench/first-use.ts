/**
 * The first minutes: from `npm start` in a fresh checkout (nothing built yet, `npm ci` done) until Waybill takes scans and its
 * pages answer; the same once it is built; and what a browser loads for the first pages. The yardstick is a bare Node-RED.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchChromium, newDevice, settled, signInByApi } from '../scripts/screenshots/browser.ts';
import { ROOT } from '../scripts/lib/paths.ts';
import { startProduct } from '../scripts/lib/product.ts';
import { MeasuredProcess } from './support/measured-process.ts';
import { freePorts } from './support/ports.ts';

export interface PageWeight {
  readonly page: string;
  /** As they came over the wire, bytes. */
  readonly scriptBytes: number;
  readonly otherBytes: number;
  readonly scripts: number;
  /** From the navigation until the page has its data, on this machine, ms. */
  readonly readyMs: number;
}

export interface FirstUseResult {
  /** `npm start` with nothing built, until readyz and the inbox answer, s. */
  readonly firstStartSeconds: number;
  /** The same, built. */
  readonly secondStartSeconds: number;
  /** Bare Node-RED until its flows have started, s. */
  readonly bareSeconds: number;
  readonly pages: readonly PageWeight[];
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch (error) {
    if (error instanceof TypeError) return false; // nobody listens yet
    throw error;
  }
}

/** Runs `npm start` as a person does. @returns seconds until it is usable */
async function npmStart(folder: string, home: string): Promise<number> {
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const startedAt = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, WAYBILL_HOME: home, PORT: String(port), WAYBILL_MQTT_PORT: String(mqttPort), HOST: '127.0.0.1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`npm start ended:\n${output}`);
      if (await answers(`http://127.0.0.1:${port}/waybill/readyz`) && await answers(`http://127.0.0.1:${port}/waybill/`)) break;
      if (performance.now() - startedAt > 120_000) throw new Error(`npm start is not usable after two minutes:\n${output}`);
      await sleep(20);
    }
    return Number(((performance.now() - startedAt) / 1_000).toFixed(1));
  } finally {
    const ended = once(child, 'close');
    // npm does not hand every signal on; the group is what we started
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

/** The committed files in a folder of their own, with this checkout's node_modules. */
function freshCheckout(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync('git', ['-C', ROOT, 'archive', '--format=tar', 'HEAD'], { maxBuffer: 512 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
}

async function bareSeconds(folder: string): Promise<number> {
  const [port = 0, mqttPort = 0] = await freePorts(2);
  const startedAt = performance.now();
  const bare = new MeasuredProcess({ script: [path.join(ROOT, 'bench/support/bare-node-red.ts'), folder, String(port), String(mqttPort)], cwd: ROOT });
  try {
    await bare.printed(/subscribed/);
    return Number(((performance.now() - startedAt) / 1_000).toFixed(1));
  } finally {
    await bare.end('SIGKILL');
  }
}

async function pageWeights(home: string): Promise<readonly PageWeight[]> {
  const product = await startProduct({ home });
  const browser = await launchChromium();
  try {
    const weigh = async (name: string, address: string, as: string | undefined): Promise<PageWeight> => {
      const device = await newDevice(browser, { viewport: 'phone' });
      if (as !== undefined) await signInByApi(device, product.url, as, product.passwords[as] ?? '');
      const page = await device.newPage();
      const weights = { script: 0, other: 0, scripts: 0 };
      const measured: Promise<void>[] = [];
      page.on('requestfinished', (request) => {
        measured.push(request.sizes().then(({ responseBodySize }) => {
          if (request.resourceType() === 'script') { weights.script += responseBodySize; weights.scripts += 1; } else weights.other += responseBodySize;
        }));
      });
      const startedAt = performance.now();
      await page.goto(`${product.url}${address}`);
      await page.locator('h1').first().waitFor();
      await settled(page);
      const readyMs = Math.round(performance.now() - startedAt);
      await Promise.all(measured);
      await device.close();
      return { page: name, scriptBytes: weights.script, otherBytes: weights.other, scripts: weights.scripts, readyMs };
    };
    return [await weigh('sign-in', '/waybill/', undefined), await weigh('inbox', '/waybill/', 'sam')];
  } finally {
    await browser.close();
    await product.stop();
  }
}

export async function benchFirstUse(): Promise<FirstUseResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-bench-'));
  try {
    const checkout = path.join(folder, 'checkout');
    freshCheckout(checkout);
    const firstStartSeconds = await npmStart(checkout, path.join(folder, 'home-1'));
    const secondStartSeconds = await npmStart(checkout, path.join(folder, 'home-2'));
    return { firstStartSeconds, secondStartSeconds, bareSeconds: await bareSeconds(path.join(folder, 'bare')), pages: await pageWeights(path.join(folder, 'home-3')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await benchFirstUse(), null, 1));
