/**
 * `npm start`: Node-RED with Waybill in it, a demo ERP, an MQTT broker whose acknowledgement means
 * recorded, and the receiving flow. See docs/settings.md for the environment variables.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';
import { DIST, ROOT } from './lib/paths.ts';
import { inUrl, isEverywhere, isLoopback, reachableAddresses } from './start/addresses.ts';
import { startDemoCatalogue } from './start/demo-catalogue.ts';
import { startDemoErp } from './start/demo-erp.ts';
import { front, frontOfSockets } from './start/front.ts';
import type { App, FrontOptions } from './start/front.ts';
import type { RunningErp } from './start/demo-erp.ts';
import { nodeRedSettings } from './start/node-red-settings.ts';
import { clientCertificates, followTlsFiles, tlsFiles } from './start/tls.ts';
import { settingsFromEnvironment } from '../src/engine/settings.ts';
import type { Waybill } from '../src/engine/api.ts';
import type { EmbeddedBroker } from '../src/intake/mqtt/index.ts';

type WebModule = typeof import('../src/web/server/index.ts');
type DemoAccounts = Awaited<ReturnType<WebModule['createDemoAccounts']>>;
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

/** What of central governance holds here, as whoever starts it wants to know. */
function governanceLines(waybill: Waybill | undefined): readonly string[] {
  if (waybill === undefined) return [];
  const { catalogue, gate } = waybill.governance;
  const state = catalogue.state();
  const what = state.state === 'none' ? 'none' : `${catalogue.templates().length} templates, policy ${catalogue.policy()?.version ?? 'none'}${'reason' in state ? `; ${state.state}: ${state.reason}` : ''}`;
  return [`  Central  ${what}`, ...(gate.state().state === 'active' ? [] : [`  Gate     ${gate.state().reason}`])];
}

function currentWaybill(): Waybill | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill')] as Waybill | undefined;
}

/** Runs what throws an error whose message is a sentence for people. */
function orGiveUp<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    giveUp((error as Error).message);
  }
}

/** The server with TLS when there are files for it; plain text off loopback only as a stated exception. */
function httpServer(app: App): { readonly server: Server; readonly secure: boolean } {
  const tls = orGiveUp(() => tlsFiles(process.env));
  if (tls === undefined) {
    if (!isLoopback(host) && process.env['WAYBILL_ALLOW_PLAINTEXT'] !== '1') {
      giveUp(`HOST=${host} is reachable from other machines; set WAYBILL_TLS_CERT and WAYBILL_TLS_KEY (docs/reach.md says how to get them), or WAYBILL_ALLOW_PLAINTEXT=1 to accept plain text, for example behind a proxy that does TLS.`);
    }
    return { server: createServer(app), secure: false };
  }
  const server = createSecureServer({ ...tls, ...orGiveUp(() => clientCertificates(process.env)) }, app);
  followTlsFiles(process.env, server, say);
  return { server, secure: true };
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

async function startBroker(intake: IntakeModule, web: WebModule): Promise<EmbeddedBroker | undefined> {
  if (settings.mqttUrl !== undefined) return undefined;
  const brokerPort = Number(process.env['WAYBILL_MQTT_PORT'] || 1883);
  const brokerHost = process.env['WAYBILL_MQTT_HOST'] || '127.0.0.1';
  const reachable = !isLoopback(brokerHost);
  const tls = reachable ? orGiveUp(() => tlsFiles(process.env)) : undefined;
  const throttle = new web.SignInThrottle();
  try {
    return await intake.startEmbeddedBroker({
      host: brokerHost, port: brokerPort, scanTopics: ['+/+/+/+/scan', '+/+/+/+/low'], allowPlaintext: process.env['WAYBILL_ALLOW_PLAINTEXT'] === '1',
      ...(tls === undefined ? {} : { tls }),
      devices: () => currentWaybill()?.devices.atBroker, signInOnly: process.env['WAYBILL_MQTT_DEVICES'] === 'keys',
      ...(reachable ? { authenticate: async ({ user, password, address }) => {
        const accounts = currentWaybill()?.accounts;
        return accounts !== undefined && await web.passwordSignIn(accounts, user, password, { throttle, address, perAccountOnly: true }) !== undefined;
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
  return localUrl(secure, server, isEverywhere(host) ? reachableAddresses(host)[0] ?? '127.0.0.1' : isLoopback(host) ? '127.0.0.1' : host);
}

function localUrl(secure: boolean, server: Server, address: string): string {
  const listening = server.address();
  const actual = typeof listening === 'object' && listening !== null ? listening.port : port;
  return `${secure ? 'https' : 'http'}://${inUrl(address)}:${actual}`;
}

/** Where a phone finds the inbox. */
function phoneLines(secure: boolean, server: Server): readonly string[] {
  if (settings.publicUrl !== undefined) return [`${baseUrl(secure, server)}/waybill/`];
  const addresses = reachableAddresses(host);
  return addresses.length === 0 ? ['not yet: this machine only; docs/reach.md says how'] : addresses.map((address) => `${localUrl(secure, server, address)}/waybill/`);
}

async function greet(web: WebModule, waybill: Waybill, url: string, phones: readonly string[], broker: EmbeddedBroker | undefined, erp: RunningErp | undefined, made: DemoAccounts | undefined): Promise<void> {
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  say('');
  const state = waybill.state === 'ready' && waybill.reason === undefined ? 'ready' : `not ready: ${waybill.reason ?? waybill.state}`;
  say(`Waybill is ${state} (${seconds} s)`);
  say(`  Editor   ${url}/`);
  say(`  Inbox    ${url}/waybill/`);
  for (const phone of phones) say(`  Phone    ${phone}`);
  if (broker !== undefined) {
    say(`  MQTT     ${broker.url}${broker.portWasTaken ? '   (the usual port was taken)' : ''}`);
    say(`  Scan to  ${settings.enterprise}/${settings.site}/receiving/dock-1/scan`);
  } else say(`  MQTT     ${(settings.mqttUrl ?? '').replace(/\/\/[^/]*@/, '//')}`);
  if (erp !== undefined) say(`  Demo ERP ${erp.url}`);
  for (const line of governanceLines(currentWaybill())) say(line);
  say(`  Home     ${settings.home}`);
  if (waybill.accounts === undefined) return;
  const accounts = made ?? await web.createDemoAccounts(waybill.accounts);
  if (accounts.length > 0) {
    say('');
    say('  Accounts of this new home; their passwords are shown this once:');
    for (const account of accounts) say(`    ${account.name.padEnd(8)} ${(account.password ?? '(WAYBILL_ADMIN_PASSWORD)').padEnd(28)} ${account.roles.join(', ')}`);
    const weakness = accounts.find((account) => account.weakness !== undefined)?.weakness;
    if (weakness !== undefined) say(`  WAYBILL_ADMIN_PASSWORD is weak. ${weakness} Change it: npm run waybill -- user passwd admin`);
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
  if (!existsSync(join(settings.home, 'ledger.db'))) say('Making a new home: catalogue, demo ERP and accounts. This takes a few seconds, on a slow machine a minute.');
  const web = await import(pathToFileURL(join(DIST, 'web/server/index.js')).href) as WebModule;
  const intake = await import('../src/intake/mqtt/index.ts') as IntakeModule;

  const app = express();
  app.disable('x-powered-by');
  (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.web')] = true;
  const publicAddress = orGiveUp(() => web.publicUrl(settings.publicUrl));
  const prefix = publicAddress?.prefix ?? '';
  const proxies = orGiveUp(() => web.proxiesFromEnvironment());
  const oidc = orGiveUp(() => web.oidcSettingsFromEnvironment(process.env));
  if (oidc !== undefined && publicAddress === undefined && !isLoopback(host)) giveUp('WAYBILL_OIDC_ISSUER needs WAYBILL_PUBLIC_URL: the provider sends people back to that address.');
  app.use(`${prefix}/waybill`, web.createWebRouter({ waybill: currentWaybill, base: `${prefix}/waybill`, proxies, ...(oidc === undefined ? {} : { oidc }) }));
  const options: FrontOptions = { web, proxies, publicAddress, loopback: isLoopback(host), listensAt: () => localUrl(secure, server, '127.0.0.1') };
  const { server, secure } = httpServer(front(options, app));
  web.attachEditor(server, prefix, (line) => process.stderr.write(`waybill ${line}\n`));
  frontOfSockets(options, server);
  await listen(server);

  const erp = settings.erpUrl === undefined ? await startDemoErp(settings.home).catch((error: unknown) => giveUp((error as Error).message)) : undefined;
  if (erp !== undefined) {
    process.env['WAYBILL_ERP_URL'] = erp.url;
    erp.process.once('exit', (code) => { if (!stopping) say(`The demo ERP ended (${code ?? 'by a signal'}); receipts wait until it is back: restart, or run node demo/erp/main.ts.`); });
  }
  const broker = await startBroker(intake, web);
  if (broker !== undefined) process.env['WAYBILL_MQTT_URL'] ??= broker.url;

  await startDemoCatalogue(settings.home, settings.catalogue, say);

  // A scan that comes with the first second of a new home finds its operator, and an approval who decides.
  let made: DemoAccounts | undefined;
  (globalThis as { [key: symbol]: unknown })[Symbol.for('waybill.before-flows')] = async ({ accounts }: Waybill) => {
    if (accounts !== undefined) made = await web.createDemoAccounts(accounts);
  };

  const RED = createRequire(import.meta.url)('node-red') as NodeRed;
  RED.init(server, nodeRedSettings(settings.home, prefix));
  // Node-RED's Express 4 reads the query itself only where there is none; ours would leave a getter that is lost on the way, and `http in` nodes without one.
  app.use((request, _response, next) => {
    Object.defineProperty(request, 'query', { value: undefined, writable: true, configurable: true, enumerable: true });
    next();
  });
  // Called, not mounted: Node-RED's nodes look for the router of their own Express in the app they are mounted in.
  app.use(prefix || '/', (request, response, next) => { RED.httpAdmin(request as never, response as never, next); });
  app.use(prefix || '/', (request, response, next) => {
    // Whether pages of the flows may stand in frames is the flows' affair.
    response.removeHeader('X-Frame-Options');
    RED.httpNode(request as never, response as never, next);
  });
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
  await greet(web, waybill, baseUrl(secure, server), phoneLines(secure, server), broker, erp, made);
}

await main();
