/** `npm run demo`: a guided shift in five minutes, in a home of its own; see {@link HELP}. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ErpOnStage } from '../demo/shift/erp-on-stage.ts';
import { narrator } from '../demo/shift/narrator.ts';
import { FAST_PACE, HUMAN_PACE, playShift } from '../demo/shift/story.ts';
import { startProduct } from './lib/product.ts';
import type { Product } from './lib/product.ts';

const HELP = `npm run demo: a guided shift at receiving, in five minutes.

Starts Waybill, a broker and a demo ERP on free ports in a new home and lets a shift happen: receipts flow,
one is over, one carton has no ship notice, the ERP goes down and comes back, a supervisor decides (you in
the browser, or the demo), the auditor verifies. Whatever it says, it has checked.

  npm run demo -- [options]
  --home <folder>    home to use; it must not hold a ledger yet (default: a temporary one, removed at the end)
  --port <n>         port of the web pages (default: a free one)
  --no-wait          do not wait for a person at the browser, and end with the story
  --fast             everything as fast as it goes, in seconds; implies --no-wait
  -h, --help

Exit code 0 when the shift happened as told, 1 when it did not, 130 after Ctrl-C.
`;

function fail(message: string): void {
  process.stderr.write(`demo: ${message}\n`);
}

async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        'home': { type: 'string' }, 'port': { type: 'string' }, 'fast': { type: 'boolean', default: false }, 'no-wait': { type: 'boolean', default: false },
        'help': { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    fail(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    fail(`--port ${values.port ?? ''} is no port; use a number from 1 to 65535.`);
    return 2;
  }
  if (values.home !== undefined && existsSync(path.join(values.home, 'ledger.db'))) {
    fail(`${values.home} has a ledger already, and its pallets would come a second time. Give a new folder with --home, or none.`);
    return 2;
  }
  return play({ home: values.home, port, fast: values.fast, wait: !values.fast && !values['no-wait'] });
}

interface DemoOptions { readonly home: string | undefined; readonly port: number | undefined; readonly fast: boolean; readonly wait: boolean }

async function play({ home: given, port, fast, wait }: DemoOptions): Promise<number> {
  const end = new AbortController();
  const onSignal = (): void => end.abort(new Error('ended'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const home = given === undefined ? mkdtempSync(path.join(tmpdir(), 'waybill-demo-')) : path.resolve(given);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const say = narrator();
  let erp: ErpOnStage | undefined;
  let product: Product | undefined;
  try {
    say.act(`Waybill: a shift at receiving${fast ? '' : ', in five minutes. Ctrl-C ends it at any time.'}`);
    erp = await ErpOnStage.start(home);
    product = await startProduct({ home, erpUrl: erp.url, ...(port === undefined ? {} : { port }) });
    end.signal.throwIfAborted();
    say.tell(`Started in ${(product.startedInMs / 1_000).toFixed(1)} s: Node-RED with Waybill, a broker (${product.mqttUrl}) and a demo ERP (${erp.url}). Home: ${home}`);
    const pace = fast ? FAST_PACE : wait ? HUMAN_PACE : { ...HUMAN_PACE, decisionBy: 0 };
    await playShift({ product, erp, say, pace, signal: end.signal });
    if (wait) {
      say.tell('Waybill stays up for you to look around. Ctrl-C ends it.');
      await sleep(2 ** 31 - 1, undefined, { signal: end.signal }).catch((error: unknown) => { if (!end.signal.aborted) throw error; });
    }
    return 0;
  } catch (error) {
    if (end.signal.aborted) {
      say.act('Ended.');
      return 130;
    }
    fail(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await product?.stop();
    await erp?.stop();
    if (given === undefined) rmSync(home, { recursive: true, force: true });
  }
}

process.exitCode = await main();
