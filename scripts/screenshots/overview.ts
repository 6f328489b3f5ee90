/** The one picture of the README: a scan, the flow it runs through, the decision, the proof; composed of the other pictures. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';

const WIDTH = 1280;
const HEIGHT = 640;

function picture(folder: string, name: string): string {
  return `data:image/png;base64,${readFileSync(path.join(folder, `${name}.png`)).toString('base64')}`;
}

function page(folder: string): string {
  return `<!doctype html><meta charset="utf-8"><style>
    * { box-sizing: border-box; margin: 0 }
    body { width: ${WIDTH}px; height: ${HEIGHT}px; background: #eaf0f3; font: 15px/1.4 system-ui, "DejaVu Sans", sans-serif; color: #18232b; position: relative; overflow: hidden }
    figure { position: absolute } figcaption { font-weight: 600; margin-bottom: 8px; display: flex; align-items: center; gap: 8px }
    figcaption b { display: inline-grid; place-items: center; width: 26px; height: 26px; border-radius: 50%; background: #0d5c75; color: #fff; font-size: 14px }
    .shot { border-radius: 10px; box-shadow: 0 1px 2px #0003, 0 10px 30px #0a2a3a33; background-repeat: no-repeat; background-color: #fff; border: 1px solid #0002 }
    pre { background: #14232c; color: #d7e8ef; font: 12.5px/1.55 "DejaVu Sans Mono", monospace; padding: 14px 16px; border-radius: 10px; box-shadow: 0 10px 30px #0a2a3a33; white-space: pre-wrap }
    pre i { color: #7fd1a8; font-style: normal } pre em { color: #f4c37d; font-style: normal }
  </style>
  <figure style="left:28px; top:20px; width:720px"><figcaption><b>1</b> A scan over MQTT, on disk before it is acknowledged</figcaption>
    <pre><i>acme/dc-1/receiving/dock-1/scan</i>\n{"id": "scan-2", "code": "395210060100000098", "operator": "chris"}</pre></figure>
  <figure style="left:28px; top:138px"><figcaption><b>2</b> Your flow in Node-RED: approval, retries and exceptions are nodes</figcaption>
    <div class="shot" style="width:720px; height:246px; background-image:url(${picture(folder, 'editor-flow')}); background-size:852px auto; background-position:-129px -38px"></div></figure>
  <figure style="left:800px; top:20px"><figcaption><b>3</b> A person decides, on any phone</figcaption>
    <div class="shot" style="width:238px; height:489px; margin-left:100px; border-radius:22px; border:6px solid #1c2830; background-image:url(${picture(folder, 'task-phone')}); background-size:100% auto"></div></figure>
  <figure style="left:28px; top:432px"><figcaption><b>4</b> Every step of the case is in the ledger, for whoever asks later</figcaption>
    <div class="shot" style="width:720px; height:150px; background-image:url(${picture(folder, 'case')}); background-size:828px auto; background-position:-54px -209px"></div></figure>
  <figure style="left:800px; top:556px; width:452px"><pre style="padding: 8px 16px">$ waybill ledger verify\n<i>OK: nothing was changed, lost or moved.</i></pre></figure>`;
}

/** Draws it from pictures that are in `folder` already and writes the JPEG to `file`. */
export async function composeOverview(browser: Browser, folder: string, file: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT } });
  const drawn = await context.newPage();
  await drawn.setContent(page(folder));
  await drawn.waitForTimeout(300);
  await drawn.screenshot({ path: file, type: 'jpeg', quality: 82 });
  await context.close();
}
