/** `npm run screenshots`: pictures of every page and node form, and the pictures of the documentation; see {@link HELP}. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext } from 'playwright-core';
import { ROOT } from './lib/paths.ts';
import { startProduct } from './lib/product.ts';
import type { Product } from './lib/product.ts';
import { serviceCatalogue } from './lib/service-catalogue.ts';
import { chromiumPath, launchChromium, newDevice, settled, signInByApi } from './screenshots/browser.ts';
import type { LookOptions } from './screenshots/browser.ts';
import { closeForm, FORMS, openEditor, openForm, showFlow } from './screenshots/editor.ts';
import { MAPPING, mappingPictures } from './screenshots/mapping.ts';
import { drawHelpPictures } from './screenshots/help-pictures.ts';
import { composeOverview } from './screenshots/overview.ts';
import { GERMAN_LOOKS, LOOKS, PAGES } from './screenshots/pages.ts';
import { SHOP_FLOOR, shopFloor } from './screenshots/shop-floor.ts';
import { IMPATIENT, impatientHome, morning } from './screenshots/site.ts';
import { withPalette } from './screenshots/palette-png.ts';
import type { Site } from './screenshots/site.ts';

const HELP = `npm run screenshots: takes pictures of the product, from a new home with a morning's work in it.

  npm run screenshots -- [options]
  --out <folder>   where pictures that the documentation does not use go (test-results/screenshots)
  --docs-only      only the pictures of the documentation, into docs/pictures
  --german         pages in German as well
  --only <text>    only pages and forms whose name contains it; without it and without --docs-only the
                   pictures of the nodes' help (resources/help) are drawn as well
  -h, --help

Needs Chromium (Debian: apt install chromium).
`;

const DOCUMENTED = path.join(ROOT, 'docs/pictures');
/** Pictures in the repository stay small. */
const MAX_BYTES = 150_000;

interface Job { readonly browser: Browser; readonly product: Product; readonly site: Site; readonly out: string; readonly docsOnly: boolean; readonly german: boolean; readonly only: string }

/** One signed-in device per person and look: signing in is done once. */
class Devices {
  readonly #contexts = new Map<string, Promise<BrowserContext>>();
  readonly #job: Job;

  constructor(job: Job) {
    this.#job = job;
  }

  of(as: string | undefined, look: LookOptions): Promise<BrowserContext> {
    const key = JSON.stringify([as, look]);
    const known = this.#contexts.get(key) ?? this.#open(as, look);
    this.#contexts.set(key, known);
    return known;
  }

  async #open(as: string | undefined, look: LookOptions): Promise<BrowserContext> {
    const { browser, product } = this.#job;
    const context = await newDevice(browser, look);
    if (as !== undefined) await signInByApi(context, product.url, as, product.passwords[as] ?? '');
    return context;
  }

  async close(): Promise<void> {
    for (const context of this.#contexts.values()) await (await context).close();
  }
}

function done(file: string): void {
  const { size } = statSync(file);
  process.stdout.write(`${path.relative(ROOT, file)}  ${Math.round(size / 1_000)} kB\n`);
  if (file.startsWith(DOCUMENTED) && size > MAX_BYTES) throw new Error(`${file} has ${size} bytes; pictures of the documentation may have ${MAX_BYTES}.`);
}

async function pages(job: Job, devices: Devices): Promise<void> {
  for (const { name, as, path: address, prepare, documented } of PAGES) {
    if (!name.includes(job.only)) continue;
    const looks = job.docsOnly ? {} : { ...LOOKS, ...(job.german ? GERMAN_LOOKS : {}) };
    const pictures = [
      ...Object.entries(looks).map(([look, options]) => ({ file: path.join(job.out, `${name}-${look}.png`), options, fullPage: true })),
      ...Object.entries(documented ?? {}).map(([file, options]) => ({ file: path.join(DOCUMENTED, `${file}.png`), options, fullPage: false })),
    ];
    for (const { file, options, fullPage } of pictures) {
      const page = await (await devices.of(as, options)).newPage();
      await page.goto(`${job.product.url}/waybill/${address(job.site)}`);
      await page.locator('h1').first().waitFor({ timeout: 15_000 }).catch(async (error: unknown) => {
        await page.screenshot({ path: path.join(job.out, 'failed.png') });
        throw new Error(`The page ${name} does not show itself: ${address(job.site)} as ${as ?? 'nobody'}.`, { cause: error });
      });
      await prepare?.(page);
      await settled(page);
      await page.screenshot({ path: file, fullPage });
      await page.close();
      done(file);
    }
  }
}

async function editor(job: Job, devices: Devices): Promise<void> {
  const looks = job.docsOnly ? [{ width: 1_100, ending: '' }] : [{ width: 1_100, ending: '' }, { width: 1_100, ending: '-dark' }, { width: 360, ending: '-360' }];
  for (const { width, ending } of looks) {
    const page = await openEditor(await devices.of('erin', { viewport: 'wide' }), job.product.url);
    // As the user settings of Node-RED 5 do it.
    if (ending === '-dark') await page.evaluate("document.documentElement.classList.add('nr-theme-dark')");
    const shoot = async (name: string, documented: boolean): Promise<void> => {
      const file = documented && ending === '' ? path.join(DOCUMENTED, `${name}.png`) : path.join(job.out, `${name}${ending}.png`);
      writeFileSync(file, withPalette(await page.screenshot()));
      done(file);
    };
    if ('editor-flow'.includes(job.only) && ending === '') {
      await page.setViewportSize({ width: 1440, height: 600 });
      await showFlow(page);
      await shoot('editor-flow', true);
      await page.evaluate("RED.actions.invoke('core:toggle-sidebar')");
    }
    await page.setViewportSize({ width, height: 780 });
    // Two sidebars leave nothing of a narrow window.
    if (width === 360) for (const action of ['core:toggle-sidebar', 'core:toggle-palette']) await page.evaluate(`RED.actions.invoke('${action}')`);
    for (const form of FORMS) {
      const name = `form-${form.type.replace('waybill-', '')}`;
      const documented = name === 'form-approval';
      if (!name.includes(job.only) || (job.docsOnly && !documented)) continue;
      if (!await openForm(page, form)) throw new Error(`The editor has no ${form.type}.`);
      await shoot(name, documented);
      await closeForm(page);
    }
    if (ending === '' && SHOP_FLOOR.some((name) => name.includes(job.only))) await shopFloor(page, (name) => shoot(name, true));
    if (MAPPING.some((name) => name.includes(job.only))) await mappingPictures(page, (name) => shoot(name, true));
    await page.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'out': { type: 'string', default: path.join(ROOT, 'test-results/screenshots') }, 'docs-only': { type: 'boolean', default: false },
      'german': { type: 'boolean', default: false }, 'only': { type: 'string', default: '' }, 'help': { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const out = path.resolve(values.out);
  for (const folder of [out, DOCUMENTED]) mkdirSync(folder, { recursive: true });
  const home = mkdtempSync(path.join(tmpdir(), 'waybill-pictures-'));
  const browser = await launchChromium();
  let product: Product | undefined;
  try {
    impatientHome(home);
    product = await startProduct({ home, env: { WAYBILL_GATE: 'warn', ...await serviceCatalogue(path.join(home, 'central'), IMPATIENT) } });
    const job: Job = { browser, product, site: await morning(product), out, docsOnly: values['docs-only'], german: values.german, only: values.only };
    const devices = new Devices(job);
    await pages(job, devices);
    await editor(job, devices);
    await devices.close();
    if (values.only === '' || 'overview'.includes(values.only)) {
      const file = path.join(DOCUMENTED, 'overview.jpg');
      await composeOverview(browser, DOCUMENTED, file);
      done(file);
    }
    if (values.only === '' && !values['docs-only']) for (const file of await drawHelpPictures(chromiumPath())) done(file);
    return 0;
  } finally {
    await browser.close();
    await product?.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

process.exitCode = await main();
