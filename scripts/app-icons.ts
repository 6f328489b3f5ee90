/**
 * Draws the app's icons from its favicon: `node scripts/app-icons.ts`. The PNGs are kept in the repository;
 * needs Chromium. Maskable ones have their drawing inside the safe circle of 80 % (W3C App Manifest).
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { launchChromium } from './screenshots/browser.ts';
import { ROOT } from './lib/paths.ts';

const folder = path.join(ROOT, 'src/web/ui/public');
const drawing = readFileSync(path.join(folder, 'favicon.svg'), 'utf8');
mkdirSync(path.join(folder, 'icons'), { recursive: true });
const browser = await launchChromium();
for (const size of [192, 512]) {
  for (const maskable of [false, true]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const inner = maskable ? Math.round(size * 0.72) : size;
    await page.setContent(`<style>*{margin:0}body{width:${size}px;height:${size}px;display:grid;place-items:center;${maskable ? 'background:#0b57d0' : ''}}svg{display:block;width:${inner}px;height:${inner}px}</style>${drawing}`);
    await page.screenshot({ path: path.join(folder, 'icons', `${maskable ? 'maskable-' : ''}${size}.png`), omitBackground: !maskable });
    await page.close();
  }
}
await browser.close();
