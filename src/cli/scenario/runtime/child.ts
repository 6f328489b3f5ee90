/**
 * A Node-RED with Waybill on a virtual clock, in a process of its own, told over IPC what to do (messages.ts). Homes are opened one
 * after the other; a scenario that ends the process without a word goes on in another one.
 *
 *   child <package.json of Node-RED> <user folder> <file of a node>…
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import express from 'express';
import { Engine } from '../../../engine/engine.ts';
import { currentWaybill } from '../../../engine/node-red/current.ts';
import { openRuntime } from '../../../engine/runtime.ts';
import { fixedServices } from '../../../engine/services/source.ts';
import { VirtualClock } from '../../../engine/support/clock.ts';
import { encodeMessage } from '../../../engine/support/message-codec.ts';
import type { Json } from '../../../domain/json.ts';
import { keepThreads } from '../../../ledger/sqlite/threads.ts';
import { openSqliteAccounts } from '../../../ledger/sqlite/accounts.ts';
import { createApiToken, createUser, createWebRouter } from '../../../web/server/index.ts';
import { look } from './look.ts';
import type { FromRuntime, OpenHome, PersonAccess, RequestName, Requests, ToRuntime } from './messages.ts';
import { HeadlessNodeRed } from './node-red.ts';
import { atRest } from './rest.ts';
import { ScanStation } from './scan-station.ts';

const [packageFile = '', userDir = '', ...nodeFiles] = process.argv.slice(2);
let nodeRed: HeadlessNodeRed;
let clock = new VirtualClock(0);
let url = '';
let station: ScanStation | undefined;
let received: Record<string, Json[]> = {};
let shown: Record<string, Json> = {};
const setHere = new Set<string>();
const heldAnswers = new Map<number, (count: number) => void>();
let heldIds = 0;

function tell(message: FromRuntime): void {
  process.send?.(message);
}

/** Requests that the scripted systems have read and leave without an answer. */
function held(): Promise<number> {
  const id = ++heldIds;
  return new Promise((resolve) => {
    heldAnswers.set(id, resolve);
    tell({ kind: 'held?', id });
  });
}

function engine(): Engine {
  const waybill = currentWaybill();
  if (!(waybill instanceof Engine)) throw new Error(`Waybill could not open the home of the scenario: ${waybill?.reason ?? 'no engine'}`);
  return waybill;
}

const settle = (): Promise<void> => atRest(engine(), held);

/** The accounts of the people; those that exist already, of a home opened before, are left alone. */
async function admit(people: OpenHome['people'], home: string): Promise<Record<string, { readonly userId: string; readonly token: string }>> {
  const accounts = openSqliteAccounts({ home });
  try {
    const access: Record<string, { userId: string; token: string }> = {};
    for (const { name, displayName, roles, sites, badge } of people) {
      const user = await createUser(accounts, { name, displayName: displayName ?? name, roles, sites, ...(badge === undefined ? {} : { badge }) });
      const { secret } = await createApiToken(accounts, { userId: user.id, name: 'scenario', scopes: ['read', 'decide', 'admin'], sites: ['*'] });
      access[name] = { userId: user.id, token: secret };
    }
    return access;
  } finally {
    await accounts.close();
  }
}

/** Jitter is chance; a scenario has none. */
function seeded(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function environment(ask: OpenHome): void {
  for (const name of setHere) delete process.env[name];
  setHere.clear();
  const given: Record<string, string> = { WAYBILL_SITE: ask.site, WAYBILL_TIME_ZONE: ask.timeZone, WAYBILL_HOME: ask.home, ...ask.env };
  for (const [name, value] of Object.entries(given)) {
    process.env[name] = value;
    setHere.add(name);
  }
}

const copy = (msg: unknown): Json => {
  try {
    return JSON.parse(encodeMessage(msg as Record<string, unknown>)).p as Json;
  } catch (error) {
    return { notReadable: String(error) };
  }
};

const handlers: { readonly [N in RequestName]: (ask: Requests[N]['ask']) => Promise<Requests[N]['answer']> | Requests[N]['answer'] } = {
  async open(ask) {
    environment(ask);
    Math.random = seeded();
    received = {};
    shown = {};
    nodeRed.onStatus((id, status) => { shown[id] = JSON.parse(JSON.stringify(status)) as Json; });
    clock = new VirtualClock(ask.at, settle);
    const accesses = await admit(ask.people, ask.home);
    if (ask.flows.some((node) => node.type === 'waybill-broker')) station = await ScanStation.open(station);
    const waybill = await openRuntime(nodeRed.api(ask.home, ask.tuning), {}, clock);
    if (waybill instanceof Engine) {
      waybill.services = fixedServices(ask.services);
      nodeRed.onReceive((id, msg) => { (received[id] ??= []).push(copy(msg)); });
      await nodeRed.deploy(ask.flows, 'full');
      await clock.run();
    }
    const people = Object.fromEntries(Object.entries(accesses).map(([name, access]): [string, PersonAccess] => [name, { ...access, pseudonym: waybill.pseudonym(access.userId) }]));
    return { state: waybill.state, reason: waybill.reason, url, people };
  },
  inject({ node, msg }) {
    nodeRed.receive(node, msg);
    return null;
  },
  async scan({ topic, payload }) {
    if (station === undefined) throw new Error('A scan needs a broker node in the flow.');
    await station.publish(topic, payload);
    return null;
  },
  async deploy({ type, flows }) {
    await nodeRed.deploy(flows, type);
    return null;
  },
  async settle() {
    await clock.run();
    return null;
  },
  async advance({ to }) {
    await clock.advanceTo(to);
    return null;
  },
  look: () => look(engine(), received, shown),
  async close() {
    await nodeRed.deploy([], 'full');
    await currentWaybill()?.close();
    return null;
  },
};

async function serve(): Promise<void> {
  const app = express();
  app.use('/waybill', createWebRouter({ waybill: currentWaybill, log: (line) => { process.stderr.write(`${line}\n`); } }));
  const server = createServer(app);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('message', (message: ToRuntime) => {
  if (message.kind === 'held') {
    heldAnswers.get(message.id)?.(message.count);
    heldAnswers.delete(message.id);
    return;
  }
  const handle = handlers[message.name] as (ask: unknown) => unknown;
  Promise.resolve().then(() => handle(message.ask)).then(
    (value) => tell({ kind: 'answer', id: message.id, now: clock.now(), value }),
    (error: unknown) => tell({ kind: 'answer', id: message.id, now: clock.now(), error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// Starting them anew takes as long as half of a scenario.
keepThreads();
try {
  await serve();
  nodeRed = await HeadlessNodeRed.start(packageFile, userDir, nodeFiles);
  flushCompileCache();
  tell({ kind: 'up' });
} catch (error) {
  tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}
