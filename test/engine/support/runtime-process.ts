/**
 * A Node-RED with Waybill in a process of its own, told over IPC what to do (messages.ts). It composes the engine as
 * the runtime plugin does, and can end itself at any boundary. One Node-RED per process; homes can be opened one after the other.
 */
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type express from 'express';
import approval from '../../../nodes/approval/approval.ts';
import audit from '../../../nodes/audit/audit.ts';
import brokerNode from '../../../nodes/broker/broker.ts';
import call from '../../../nodes/call/call.ts';
import caseClose from '../../../nodes/case-close/case-close.ts';
import caseOpen from '../../../nodes/case-open/case-open.ts';
import compensate from '../../../nodes/compensate/compensate.ts';
import decision from '../../../nodes/decision/decision.ts';
import eventIn from '../../../nodes/event-in/event-in.ts';
import eventOut from '../../../nodes/event-out/event-out.ts';
import fileIn from '../../../nodes/file-in/file-in.ts';
import queueIn from '../../../nodes/queue-in/queue-in.ts';
import exception from '../../../nodes/exception/exception.ts';
import gather from '../../../nodes/gather/gather.ts';
import parallel from '../../../nodes/parallel/parallel.ts';
import retry from '../../../nodes/retry/retry.ts';
import scanIn from '../../../nodes/scan-in/scan-in.ts';
import serviceIn from '../../../nodes/service-in/service-in.ts';
import serviceOut from '../../../nodes/service-out/service-out.ts';
import waitForEvent from '../../../nodes/wait-for-event/wait-for-event.ts';
import site from '../../../nodes/site/site.ts';
import system from '../../../nodes/system/system.ts';
import validate from '../../../nodes/validate/validate.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { connectToNodeRed } from '../../../src/engine/node-red/connect.ts';
import type { RuntimeApi } from '../../../src/engine/node-red/connect.ts';
import { gateParts } from '../../../src/engine/governance/in-place.ts';
import { currentWaybill, setCurrentWaybill } from '../../../src/engine/node-red/current.ts';
import { openRuntime } from '../../../src/engine/runtime.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import { defaultTuning } from '../../../src/engine/settings.ts';
import { loadPseudonymKey } from '../../../src/engine/support/key-file.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { keepThreads } from '../../../src/ledger/sqlite/threads.ts';
import { startEmbeddedBroker } from '../../../src/intake/mqtt/index.ts';
import type { EmbeddedBroker } from '../../../src/intake/mqtt/index.ts';
import type { Waybill } from '../../../src/engine/api.ts';
import { Interrupter } from './interrupted.ts';
import { look } from './look.ts';
import type { FlowNode, FromRuntime, Requests, RequestName, ToRuntime } from './messages.ts';

const governed = { site, system, broker: brokerNode, 'scan-in': scanIn, 'case-open': caseOpen, validate, approval, call, exception, audit, 'case-close': caseClose, decision, retry, parallel, gather, compensate, 'event-in': eventIn, 'file-in': fileIn, 'queue-in': queueIn, 'event-out': eventOut, 'service-in': serviceIn, 'service-out': serviceOut, 'wait-for-event': waitForEvent };
/** Where the node file that Node-RED loads finds them. */
const REGISTER = 'waybill.test.register';
const plain = ['10-function.js', '10-switch.js', '15-change.js', '17-split.js', '89-delay.js', '60-link.js', '20-inject.js', '21-debug.js', '25-catch.js'];
/** Takes long to load: only where the first flows have it. */
const onDemand = { 'http request': '21-httprequest.js' } as const;

interface EmbeddedNodeRed {
  init(server: object, settings: object): void;
  start(): Promise<void>;
  readonly events: EventEmitter;
  readonly log: RuntimeApi['log'];
  readonly hooks: NonNullable<RuntimeApi['hooks']> & { remove(name: string): void };
  readonly nodes: { getNode(id: string): { receive(msg: object): void; name?: string; type?: string } | null; setFlows(flows: readonly FlowNode[], credentials: null, type: string, mute: boolean, force: boolean): Promise<unknown> };
  readonly httpAdmin: express.Application;
}

const userDir = process.argv[2] ?? '';
const withAdmin = process.argv.includes('--admin');
const RED = createRequire(import.meta.url)('node-red') as EmbeddedNodeRed;
const forwarded = ['flows:stopping', 'flows:started', 'runtime-event'] as const;
let engineEvents = new EventEmitter();
let interrupter = new Interrupter(undefined);
let broker: EmbeddedBroker | undefined;
let admin = '';
let prepared = false;
let started = false;
let flushed = false;

function tell(message: FromRuntime): void {
  process.send?.(message);
}

/** Node-RED loads node files from folders; this one registers the nodes that are imported here. */
function writeNodes(): string {
  const folder = join(userDir, 'waybill-nodes');
  mkdirSync(folder, { recursive: true });
  (globalThis as { [key: symbol]: unknown })[Symbol.for(REGISTER)] = (api: never) => { for (const register of Object.values(governed)) register(api); };
  writeFileSync(join(folder, 'waybill-nodes.js'), `export default globalThis[Symbol.for('${REGISTER}')];\n`);
  writeFileSync(join(folder, 'waybill-nodes.html'), Object.keys(governed).map((name) => `<script type="text/html" data-template-name="waybill-${name}"></script>`).join('\n'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}

async function prepare(flows: readonly FlowNode[]): Promise<void> {
  mkdirSync(userDir, { recursive: true });
  const app = withAdmin ? (await import('express')).default() : undefined;
  const server = createServer(app);
  if (app !== undefined) {
    const { createWebRouter } = await import('../../../src/web/server/index.ts');
    app.use('/waybill', createWebRouter({ waybill: currentWaybill }));
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    admin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const more = Object.entries(onDemand).filter(([type]) => flows.some((node) => node.type === type)).map(([, file]) => file);
  RED.init(server, {
    userDir, flowFile: 'flows.json', credentialSecret: 'test', nodesDir: [writeNodes()], nodesIncludes: [...plain, ...more, 'waybill-nodes.js'],
    httpAdminRoot: withAdmin ? '/' : false, httpNodeRoot: false, logging: { console: { level: 'warn', metrics: false, audit: false } },
    telemetry: { enabled: false }, editorTheme: { tours: false }, disableEditor: true,
    // Node-RED would run npm once, to see whether there is one.
    externalModules: { autoInstall: false, palette: { allowInstall: false } },
    runtimeState: { enabled: false, ui: false }, diagnostics: { enabled: false, ui: false },
  });
  app?.use((request, response, next) => { RED.httpAdmin(request as never, response as never, next); });
  for (const name of forwarded) RED.events.on(name, (event: unknown) => engineEvents.emit(name, event));
  // Node-RED tells synchronous hooks by their one parameter; one without any would swallow the message.
  RED.hooks.add('preDeliver.boundary', (_event) => interrupter.beforeSend());
  RED.hooks.add('postDeliver.boundary', (_event) => interrupter.afterSend());
}

function runtimeApi(ask: Requests['open']['ask']): RuntimeApi {
  RED.hooks.remove('*.waybill');
  engineEvents = new EventEmitter();
  return {
    log: RED.log, events: engineEvents, hooks: RED.hooks, nodes: RED.nodes as NonNullable<RuntimeApi['nodes']>,
    settings: {
      userDir, waybillTuning: ask.tuning,
      waybill: { home: ask.home, gate: 'warn', ...(ask.catalogue === undefined ? {} : { catalogue: ask.catalogue.source, catalogueRoot: ask.catalogue.rootFile }) },
    },
  };
}

/** As `openRuntime`, with the ledger under the interrupter's hand. */
async function compose(api: RuntimeApi, ask: Requests['open']['ask']): Promise<void> {
  const settings = { home: ask.home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined };
  mkdirSync(ask.home, { recursive: true, mode: 0o700 });
  const ledger = await openSqliteLedger({ home: ask.home, site: settings.site, recover: ask.recover ?? false });
  const engine = await Engine.open({
    settings, ledger: interrupter.ledger(ledger), accounts: undefined, pseudonymKey: loadPseudonymKey(ask.home), tuning: { ...defaultTuning, ...ask.tuning },
    nodeName: (id) => RED.nodes.getNode(id)?.name ?? id,
  });
  interrupter.answers(engine);
  connectToNodeRed(api, engine);
  setCurrentWaybill(engine);
}

/** Tells what intake acknowledges, as a device would see it. */
function listen(waybill: Waybill): void {
  const nodes = waybill.nodes as { openCase: Waybill['nodes']['openCase'] };
  const openCase = nodes.openCase.bind(waybill.nodes);
  nodes.openCase = async (input) => {
    const result = await openCase(input);
    tell({ kind: 'acknowledged', transportId: input.transportId ?? '', result });
    return result;
  };
}

async function startFlows(flows: readonly FlowNode[]): Promise<void> {
  const running = new Promise<void>((resolve) => { RED.events.once('flows:started', () => resolve()); });
  if (started) await RED.nodes.setFlows(flows, null, 'full', true, true);
  else {
    started = true;
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));
    await RED.start();
  }
  await running;
}

const handlers: { readonly [N in RequestName]: (ask: Requests[N]['ask']) => Promise<Requests[N]['answer']> | Requests[N]['answer'] } = {
  async open(ask) {
    if (!prepared) await prepare(ask.flows);
    prepared = true;
    // One that lives on opens one home after the other.
    if (ask.kill === undefined) keepThreads();
    interrupter = new Interrupter(ask.kill);
    const api = runtimeApi(ask);
    if (ask.kill !== undefined || ask.recover === true || !existsSync(ask.home)) await compose(api, ask);
    else await openRuntime(api);
    const waybill = currentWaybill();
    if (waybill === undefined) throw new Error('no engine was put in place');
    if (ask.services !== undefined) (waybill as Engine).services = fixedServices(ask.services);
    listen(waybill);
    broker ??= await startEmbeddedBroker({ port: 0, scanTopics: ['+/+/+/+/scan'] });
    gateParts().storage = ask.catalogue !== undefined;
    // As the storage module does it when Node-RED reads its flows.
    if (ask.catalogue !== undefined) await waybill.governance.gate.load({ scope: '', way: 'start', flows: ask.flows, credentials: null });
    await startFlows(ask.flows);
    if (!flushed) flushCompileCache();
    flushed = true;
    return { state: waybill.state, reason: waybill.reason, broker: broker.url, admin };
  },
  inject({ node, msg }) {
    const target = RED.nodes.getNode(node);
    if (target === null) throw new Error(`there is no node ${node}`);
    target.receive(msg);
    return null;
  },
  look: () => look(engine()),
  decideTask: (ask) => engine().decideTask(ask),
  resolveException: (ask) => engine().resolveException(ask),
  replayDeadLetter: (ask) => engine().replayDeadLetter(ask),
  replayMany: (ask) => engine().replayMany(ask),
  async replayItems({ batchId }) {
    const { ledger } = engine();
    const [batch, items] = await Promise.all([ledger?.getReplayBatch(batchId), ledger?.listReplayItems({ batchId }, { limit: 200 })]);
    return { status: batch?.status, items: items?.items ?? [] };
  },
  replayEvents: (ask) => engine().replayEvents(ask),
  eventReplays: (ask) => engine().eventReplays(ask),
  changeCircuit: (ask) => engine().changeCircuit(ask),
  discardDeadLetter: (ask) => engine().discardDeadLetter(ask),
  admitQuarantine: (ask) => engine().admitQuarantine(ask),
  quarantine: async () => (await engine().ledger?.listQuarantine({}, { limit: 200 }))?.items ?? [],
  circuits: () => engine().circuits(),
  events: ({ streamId }) => engine().ledger?.readStream(streamId) ?? Promise.resolve([]),
  async deploy({ type, flows }) {
    const running = new Promise<void>((resolve) => { RED.events.once('flows:started', () => resolve()); });
    await RED.nodes.setFlows(flows, null, type, true, true);
    await running;
    return null;
  },
  counts: () => ({ ...interrupter.counts }),
  async close() {
    await RED.nodes.setFlows([], null, 'full', true, true);
    await currentWaybill()?.close();
    return null;
  },
};

function engine(): Waybill {
  const waybill = currentWaybill();
  if (waybill === undefined) throw new Error('the engine is not open');
  return waybill;
}

process.on('message', (message: ToRuntime) => {
  const handle = handlers[message.name] as (ask: unknown) => unknown;
  Promise.resolve().then(() => handle(message.ask)).then(
    (value) => tell({ kind: 'answer', id: message.id, value }),
    (error: unknown) => tell({ kind: 'answer', id: message.id, error: error instanceof Error ? error.stack ?? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// Most of these processes are killed before they could leave behind for the next ones what they have compiled.
flushCompileCache();
tell({ kind: 'up' });
