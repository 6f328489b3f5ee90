/**
 * `npm start`: Node-RED with Waybill in it, a demo ERP, an MQTT broker whose acknowledgement means
 * recorded, and the receiving flow. See docs/settings.md for the environment variables.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';
import { DIST, ROOT } from './lib/paths.ts';
import { startDemoErp } from './start/demo-erp.ts';
import type { RunningErp } from './start/demo-erp.ts';
import { nodeRedSettings } from './start/node-red-settings.ts';
import { settingsFromEnvironment } from '../src/engine/settings.ts';
import type { Waybill } from '../src/engine/api.ts';
import type { EmbeddedBroker } from '../src/intake/mqtt/index.ts';

type WebModule = typeof import('../src/web/server/index.ts');
type IntakeModule = typeof import('../src/intake/mqtt/index.ts');

interface NodeRed {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: express.Application;
  readonly httpNode: express.Application;
  readonly events: { once(event: string, listener: () => void): void; on(event: string, listener: (event: { id?: string; payload?: { error?: string } }) => void): void };
}

const started = performance.now();
const settings = settingsFromEnvironment(process.env, ROOT);
const host = process.env['HOST'] || '127.0.0.1';
const port = Number(process.env['PORT'] || 1880);
const say = (line: string): void => { process.stdout.write(`${line}\n`); };

/** One line that says what to do, then the end. */
function giveUp(message: string): never {
  process.stderr.write(`waybill: ${message}\n`);
  process.exit(1);
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

function currentWaybill(): Waybill | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill')] as Waybill | undefined;
}

function httpServer(app: express.Application): { readonly server: Server; readonly secure: boolean } {
  const cert = process.env['WAYBILL_TLS_CERT'];
  const key = process.env['WAYBILL_TLS_KEY'];
  if ((cert === undefined || cert === '') !== (key === undefined || key === '')) giveUp('WAYBILL_TLS_CERT and WAYBILL_TLS_KEY belong together; set both or none.');
  if (!cert || !key) {
    if (!isLoopback(host) && process.env['WAYBILL_ALLOW_PLAINTEXT'] !== '1') {
      giveUp(`HOST=${host} is reachable from other machines; set WAYBILL_TLS_CERT and WAYBILL_TLS_KEY, or WAYBILL_ALLOW_PLAINTEXT=1 to accept plain text.`);
    }
    return { server: createServer(app), secure: false };
  }
  try {
    return { server: createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }, app), secure: true };
  } catch (error) {
    giveUp(`The TLS certificate or key cannot be read: ${(error as Error).message}. Check WAYBILL_TLS_CERT and WAYBILL_TLS_KEY.`);
  }
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      giveUp(error.code === 'EADDRINUSE'
        ? `Port ${port} is taken. End what listens there, or start with another one: PORT=${port + 1} npm start`
        : `${host}:${port} cannot be listened on: ${error.message}. Check HOST and PORT.`);
    });
    server.listen(port, host, resolve);
  });
}

/** TLS files as the HTTP server has them. */
function tlsFiles(): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  const cert = process.env['WAYBILL_TLS_CERT'];
  const key = process.env['WAYBILL_TLS_KEY'];
  return cert && key ? { cert: readFileSync(cert), key: readFileSync(key) } : undefined;
}

async function startBroker(intake: IntakeModule, web: WebModule): Promise<EmbeddedBroker | undefined> {
  if (settings.mqttUrl !== undefined) return undefined;
  const brokerPort = Number(process.env['WAYBILL_MQTT_PORT'] || 1883);
  const brokerHost = process.env['WAYBILL_MQTT_HOST'] || '127.0.0.1';
  const reachable = !isLoopback(brokerHost);
  const tls = reachable ? tlsFiles() : undefined;
  try {
    return await intake.startEmbeddedBroker({
      host: brokerHost, port: brokerPort, scanTopics: ['+/+/+/+/scan'], allowPlaintext: process.env['WAYBILL_ALLOW_PLAINTEXT'] === '1',
      ...(tls === undefined ? {} : { tls }),
      ...(reachable ? { authenticate: async ({ user, password }) => {
        const accounts = currentWaybill()?.accounts;
        return accounts !== undefined && await web.passwordSignIn(accounts, user, password) !== undefined;
      } } : {}),
      log: (level, text) => { if (level === 'warn') process.stderr.write(`waybill broker: ${text}\n`); },
    });
  } catch (error) {
    giveUp((error as Error).message);
  }
}

/** The URL that other parts of the product put in front of links. */
function baseUrl(secure: boolean, server: Server): string {
  if (settings.publicUrl !== undefined) return settings.publicUrl.replace(/\/+$/, '');
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return `${secure ? 'https' : 'http'}://${isLoopback(host) ? '127.0.0.1' : host}:${actual}`;
}

async function greet(web: WebModule, waybill: Waybill, url: string, broker: EmbeddedBroker | undefined, erp: RunningErp | undefined): Promise<void> {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  say('');
  const state = waybill.state === 'ready' && waybill.reason === undefined ? 'ready' : `not ready: ${waybill.reason ?? waybill.state}`;
  say(`Waybill is ${state} (${seconds} s)`);
  say(`  Editor   ${url}/`);
  say(`  Inbox    ${url}/waybill/`);
  if (broker !== undefined) {
    say(`  MQTT     ${broker.url}${broker.portWasTaken ? '   (the usual port was taken)' : ''}`);
    say(`  Scan to  ${settings.enterprise}/${settings.site}/receiving/dock-1/scan`);
  } else say(`  MQTT     ${settings.mqttUrl ?? ''}`);
  if (erp !== undefined) say(`  Demo ERP ${erp.url}`);
  say(`  Home     ${settings.home}`);
  if (waybill.accounts === undefined) return;
  const accounts = await web.createDemoAccounts(waybill.accounts);
  if (accounts.length > 0) {
    say('');
    say('  Accounts of this new home; their passwords are shown this once:');
    for (const account of accounts) say(`    ${account.name.padEnd(8)} ${(account.password ?? '(WAYBILL_ADMIN_PASSWORD)').padEnd(28)} ${account.roles.join(', ')}`);
  }
  const admin = await waybill.accounts.findUserByName('admin');
  if (admin !== undefined) {
    const link = await web.createOneTimeLink(waybill.accounts, admin.id);
    say('');
    say(`  Sign in once as admin: ${url}${link.path}`);
  }
  say('');
}

async function main(): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) giveUp(`PORT=${process.env['PORT']} is no port; use a number from 0 to 65535.`);
  if (!existsSync(join(DIST, 'engine/runtime.js'))) giveUp('The build is missing. Run: npm run build');
  try {
    mkdirSync(settings.home, { recursive: true, mode: 0o700 });
  } catch (error) {
    giveUp(`The home folder ${settings.home} cannot be made: ${(error as Error).message}. Set WAYBILL_HOME to a folder that may be written.`);
  }
  process.env['WAYBILL_HOME'] = settings.home;
  const web = await import(pathToFileURL(join(DIST, 'web/server/index.js')).href) as WebModule;
  const intake = await import('../src/intake/mqtt/index.ts') as IntakeModule;

  const app = express();
  app.disable('x-powered-by');
  (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.web')] = true;
  app.use('/waybill', web.createWebRouter({ waybill: currentWaybill }));
  const { server, secure } = httpServer(app);
  await listen(server);

  const erp = settings.erpUrl === undefined ? await startDemoErp(settings.home).catch((error: unknown) => giveUp((error as Error).message)) : undefined;
  if (erp !== undefined) {
    process.env['WAYBILL_ERP_URL'] = erp.url;
    erp.process.once('exit', (code) => { if (!stopping) say(`The demo ERP ended (${code ?? 'by a signal'}); receipts wait until it is back: restart, or run node demo/erp/main.ts.`); });
  }
  const broker = await startBroker(intake, web);
  if (broker !== undefined) process.env['WAYBILL_MQTT_URL'] ??= broker.url;

  const RED = createRequire(import.meta.url)('node-red') as NodeRed;
  RED.init(server, nodeRedSettings(settings.home, isLoopback(host) ? undefined : {
    find: async (name) => (await currentWaybill()?.accounts?.findUserByName(name))?.roles,
    check: async (name, password) => {
      const accounts = currentWaybill()?.accounts;
      return accounts === undefined ? undefined : (await web.passwordSignIn(accounts, name, password))?.roles;
    },
  }));
  // Called, not mounted: Node-RED's nodes look for the router of their own Express in the app they are mounted in.
  app.use((request, response, next) => { RED.httpAdmin(request as never, response as never, next); });
  app.use((request, response, next) => { RED.httpNode(request as never, response as never, next); });
  const flowsStarted = new Promise<void>((resolve) => {
    RED.events.once('flows:started', resolve);
    // Missing node types keep the flows from starting; the editor says which, and the greeting says that nothing is taken in.
    RED.events.on('runtime-event', (event) => { if (event.id === 'runtime-state' && event.payload?.error !== undefined) resolve(); });
  });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(130);
    stopping = true;
    say(`\n${signal}: stopping in order (once more: at once)`);
    void (async () => {
      server.close();
      await broker?.close();
      await currentWaybill()?.drain();
      await RED.stop();
      await currentWaybill()?.close();
      await erp?.stop();
      process.exit(0);
    })().catch((error: unknown) => giveUp(`The stop failed: ${String(error)}`));
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  await RED.start();
  await flowsStarted;
  const waybill = currentWaybill();
  if (waybill === undefined) giveUp('The Waybill plugin was not loaded; run "npm run build" and look at the messages above.');
  await greet(web, waybill, baseUrl(secure, server), broker, erp);
}

await main();
