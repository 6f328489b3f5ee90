/** `node demo/erp/main.ts --port 0 --store <file>`: the demo ERP as a process of its own. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createDemoErp } from './server.ts';
import { demoData } from './seed.ts';

const HELP = `The demo ERP: purchase orders, advance ship notices, goods receipts.

  --port <n>        port to listen on; 0 takes a free one (default 0)
  --host <address>  address to listen on (default 127.0.0.1)
  --store <file>    SQLite file (default $DEMO_ERP_STORE, else .waybill/demo-erp.sqlite)
  --seed <n>        seed of the demo data for an empty store (default 1)
  --with-parent     end when standard input is closed, so with the process that started it
  --scenarios <n>   how many receiving scenarios an empty store gets (default 10000)

Prints {"listening": <port>} when it is ready. SIGTERM and Ctrl-C end it.
`;

/** One line that says what to do. */
function startProblem(error: unknown, storePath: string, port: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} is taken; end what listens there or give another --port`;
  if (code === 'ERR_SQLITE_ERROR') return `the store ${storePath} cannot be opened (${message}); give a file that may be written with --store`;
  return message;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' }, store: { type: 'string' },
      seed: { type: 'string', default: '1' }, scenarios: { type: 'string', default: '10000' }, help: { type: 'boolean', short: 'h' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const storePath = resolve(values.store ?? process.env['DEMO_ERP_STORE'] ?? '.waybill/demo-erp.sqlite');
  mkdirSync(dirname(storePath), { recursive: true });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`--port ${values.port} is no port; give a number from 0 to 65535`);
  const erp = await createDemoErp({ storePath, port, host: values.host }).catch((error: unknown) => {
    throw new Error(startProblem(error, storePath, values.port), { cause: error });
  });
  if (erp.store.counts().lines === 0 && Number(values.scenarios) > 0) {
    erp.store.transaction(() => erp.store.put(demoData(Number(values.seed), Number(values.scenarios))));
  }
  process.stdout.write(`${JSON.stringify({ listening: erp.port })}\n`);
  await new Promise<void>((end) => {
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    if (values['with-parent']) process.stdin.resume().once('close', end);
  });
  // The pipe from the parent would keep this process alive, and the parent waits for its end.
  process.stdin.destroy();
  await erp.close();
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo ERP: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
