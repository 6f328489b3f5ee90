/**
 * The yardstick: Node-RED without Waybill, with the same embedded aedes in the same process as `npm start` has it.
 *
 *   node bench/support/bare-node-red.ts <userDir> <http port> <mqtt port> [file]
 *
 * With a file, the broker is one outside and every message is appended to it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { Aedes } from 'aedes';
import { bareFlow, bareKeepingFlow } from './flows.ts';

interface NodeRed {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  readonly httpNode: RequestListener;
}

const [userDir = '', port = '', mqttPort = '', keepIn] = process.argv.slice(2);
const counter = { n: 0 };
(globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.bench.counter')] = counter;

mkdirSync(userDir, { recursive: true });
writeFileSync(path.join(userDir, 'flows.json'), JSON.stringify(keepIn === undefined ? bareFlow(Number(mqttPort)) : bareKeepingFlow(Number(mqttPort), keepIn)));
if (keepIn === undefined) {
  const aedes = new Aedes({ concurrency: 1_000 });
  await aedes.listen();
  createServer((socket) => {
    socket.setNoDelay(true);
    aedes.handle(socket);
  }).listen(Number(mqttPort), '127.0.0.1');
  aedes.once('subscribe', () => { process.stdout.write('subscribed\n'); });
}

const RED = createRequire(import.meta.url)('node-red') as NodeRed;
const server = createHttpServer((request, response) => { RED.httpNode(request, response); });
RED.init(server, {
  userDir, flowFile: 'flows.json', credentialSecret: 'bench', httpAdminRoot: false, httpNodeRoot: '/', telemetry: { enabled: false }, functionGlobalContext: { counter },
  logging: { console: { level: 'warn', metrics: false, audit: false } }, externalModules: { autoInstall: false },
});
server.listen(Number(port), '127.0.0.1');
await RED.start();
if (keepIn !== undefined) process.stdout.write('started\n');
