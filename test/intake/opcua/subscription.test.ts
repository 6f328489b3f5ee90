import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DataType } from 'node-opcua';
import { OpcUaConnection, OpcUaSubscription, queueSizeFor, sessionFile, type ItemProblem, type OpcUaSessionKeeper, type SubscriptionPosition, type WatchedBatch } from '../../../src/intake/opcua/index.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { TestOpcUaServer } from '../../support/opcua-server.ts';
import { needs } from '../../support/system-programs.ts';
import { CuttableLine } from '../../support/cuttable-line.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

interface Watcher {
  readonly connection: OpcUaConnection;
  readonly subscription: OpcUaSubscription;
  readonly seen: number[];
  readonly opened: string[];
  readonly missing: number[];
  readonly positions: SubscriptionPosition[];
  notices: readonly string[];
  problems: readonly ItemProblem[];
  /** Nothing is durable while true. */
  stalled: boolean;
  release(): void;
}

describe('subscription of OPC UA values', function () {
  this.timeout(60_000);
  let program: string;
  const pki = testPki();
  const closing: (() => Promise<void> | void)[] = [];

  before(function () { program = needs(this, 'open62541'); });
  afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

  async function serve(options: Parameters<typeof Open62541.start>[1] = {}): Promise<Open62541> {
    const server = await Open62541.start(program, { tags: 1, everyMs: 20, leastSamplingMs: 0, ...options });
    closing.push(() => server.stop());
    return server;
  }

  interface Watching { position?: SubscriptionPosition | undefined; nodeIds?: string[]; outageMs?: number; sessions?: OpcUaSessionKeeper; secure?: boolean }
  function watch(url: string, { position, nodeIds = ['ns=1;s=Line.Tag0'], outageMs = 20_000, sessions, secure = false }: Watching = {}): Watcher {
    const connection = new OpcUaConnection({
      url, ...(secure ? { securityMode: 'signAndEncrypt', securityPolicy: 'auto', identity: { kind: 'user', user: 'operator', password: 'line 4 secret' } } : { securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' } }),
      applicationUri: 'urn:waybill:test', pki, reconnect: { minMs: 50, maxMs: 300 }, watchMs: 500, ...(sessions === undefined ? {} : { sessions }),
    });
    const waiting: (() => void)[] = [];
    const watcher = { connection, seen: [] as number[], opened: [] as string[], missing: [] as number[], positions: [] as SubscriptionPosition[], notices: [] as readonly string[], problems: [] as readonly ItemProblem[], stalled: false, release: () => { for (const go of waiting.splice(0)) go(); } };
    const subscription = new OpcUaSubscription({
      connection, publishingMs: 100, outageMs, newKey: () => randomUUID(), ...(position === undefined ? {} : { position }),
      items: () => Promise.resolve({ items: nodeIds.map((nodeId) => ({ key: nodeId, nodeId, kind: 'value' as const, samplingMs: 0, queueSize: queueSizeFor(0, 100, outageMs) })), problems: [] }),
    }, {
      onOpened: (opened, how) => { watcher.opened.push(how); watcher.positions.push(opened); return Promise.resolve(); },
      onBatch: (batch: WatchedBatch) => {
        for (const { value } of batch.values) watcher.seen.push(Number(value.value.value));
        return watcher.stalled ? new Promise<void>((resolve) => { waiting.push(resolve); }) : undefined;
      },
      onMissing: (from) => { watcher.missing.push(from); return Promise.resolve(); },
      onLost: () => undefined,
      onNotice: (notices, problems) => { Object.assign(watcher, { notices, problems }); },
      log: () => undefined,
    });
    closing.push(async () => { await subscription.close('keep'); await connection.close(); });
    connection.start();
    return Object.assign(watcher, { subscription });
  }

  function assertWhole(seen: readonly number[]): void {
    const from = seen[0] ?? 0;
    assert.deepEqual(seen, seen.map((_value, at) => from + at));
  }

  it('sees every value in order', async () => {
    const server = await serve();
    const watcher = watch(server.url);
    await until(() => watcher.seen.length > 50);
    assertWhole(watcher.seen);
    assert.deepEqual(watcher.opened, ['new']);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('loses nothing over a cut of three seconds, and one session and one subscription remain', async () => {
    const server = await serve();
    const line = await CuttableLine.to(server.port);
    closing.push(() => { line.close(); });
    const watcher = watch(line.url);
    await until(() => watcher.seen.length > 20);
    line.cut();
    await new Promise((resolve) => { setTimeout(resolve, 3_000); });
    line.mend();
    const before = watcher.seen.length;
    await until(() => watcher.seen.length > before + 200, 20_000);
    assertWhole(watcher.seen);
    assert.deepEqual(watcher.missing, []);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('takes the subscription over in another process, and what was not durable comes again', async () => {
    const server = await serve();
    const first = watch(server.url);
    await until(() => first.seen.length > 20);
    first.stalled = true; // from here on nothing is acknowledged
    const last = first.subscription.position;
    await until(() => first.seen.length > 40);
    const second = watch(server.url, { position: first.subscription.position });
    await until(() => second.seen.length > 100);
    assert.equal(second.opened[0], 'transferred');
    assert.equal(last?.subscription, second.positions[0]?.subscription);
    assertWhole(second.seen);
    assert.ok((second.seen[0] ?? 0) <= (first.seen[25] ?? 0) + 20, 'begins with what was not durable');
    const overlap = first.seen.filter((value) => second.seen.includes(value));
    assert.ok(overlap.length > 0);
  });

  for (const name of ['open62541', 'node-opcua'] as const) {
    it(`goes on with the session of a process that was killed, on a server of ${name === 'open62541' ? name : `${name}, signed and encrypted`}`, async () => {
      const counting = name === 'node-opcua' ? await countingServer() : await serve();
      const line = await CuttableLine.to(counting.port);
      closing.push(() => { line.close(); });
      const file = path.join(mkdtempSync(path.join(tmpdir(), 'waybill-session-')), 'session.json');
      const nodeIds = [name === 'node-opcua' ? 'ns=1;s=Count' : 'ns=1;s=Line.Tag0'];
      const [some, more, most, all] = name === 'node-opcua' ? [8, 14, 17, 40] : [20, 40, 50, 100];
      const first = watch(line.url, { nodeIds, secure: name === 'node-opcua', sessions: sessionFile(file, 'test') });
      await until(() => first.seen.length > some);
      const durable = first.subscription.position;
      await until(() => first.seen.length > more); // acknowledged, and known to nobody after the kill
      first.stalled = true;
      await until(() => first.seen.length > most);
      line.cut(); // nothing that the first process still does reaches the server
      await first.subscription.close('keep');
      await first.connection.close();
      assert.equal(statSync(file).mode & 0o777, 0o600);
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      line.mend();
      const second = watch(line.url, { nodeIds, secure: name === 'node-opcua', position: durable, sessions: sessionFile(file, 'test') });
      await until(() => second.seen.length > all, 20_000);
      assert.deepEqual([second.connection.counters.resumed, second.connection.counters.sessions], [1, 0]);
      assert.equal(second.opened[0], name === 'node-opcua' ? 'continued' : 'transferred');
      assertWhole(second.seen);
      assert.deepEqual(second.missing, []);
      assert.ok((second.seen[0] ?? 0) > (first.seen[some - 1] ?? 0), 'what was acknowledged does not come again');
      assert.ok((second.seen[0] ?? 0) <= (first.seen.at(-1) ?? 0) + 1, 'what was not acknowledged does');
      assert.deepEqual(await counting.counts(), { sessions: 1, subscriptions: 1 });
      await second.subscription.close('delete');
      await second.connection.close();
      assert.equal(existsSync(file), false);
    });
  }

  /** A server that answers a transfer within the same session with Bad_NothingToDo. */
  async function countingServer(): Promise<{ readonly port: number; readonly url: string; counts(): Promise<{ sessions: number; subscriptions: number }> }> {
    const server = await TestOpcUaServer.start();
    const space = server.server.engine.addressSpace;
    if (space === null) throw new Error('the server has no address space');
    const count = space.getOwnNamespace().addVariable({ browseName: 'Count', nodeId: 's=Count', organizedBy: space.rootFolder.objects, dataType: 'UInt32' });
    let counted = 0;
    const timer = setInterval(() => { count.setValueFromSource({ dataType: DataType.UInt32, value: counted += 1 }); }, 110); // it looks every 50 ms
    closing.push(async () => { clearInterval(timer); await server.stop(); });
    return { port: server.port, url: server.url, counts: () => Promise.resolve({ sessions: server.server.engine.currentSessionCount, subscriptions: server.server.engine.currentSubscriptionCount }) };
  }

  it('leaves what it cannot take at the server while nothing becomes durable', async () => {
    const server = await serve();
    const watcher = watch(server.url);
    await until(() => watcher.seen.length > 5);
    watcher.stalled = true;
    await new Promise((resolve) => { setTimeout(resolve, 3_000); });
    const held = watcher.seen.length;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    assert.equal(watcher.seen.length, held, 'nothing more is taken');
    watcher.stalled = false;
    watcher.release();
    await until(() => watcher.seen.length > held + 150);
    assertWhole(watcher.seen);
  });

  it('makes it anew after the server was started again, and knows since when something is missed', async () => {
    const server = await serve();
    const watcher = watch(server.url);
    await until(() => watcher.seen.length > 20);
    await server.stop();
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    await server.run();
    await until(() => watcher.opened.length === 2, 20_000);
    assert.deepEqual(watcher.opened, ['new', 'new']);
    assert.equal(watcher.positions[1]?.missed?.reason, 'subscription-lost');
    assert.ok(Math.abs((watcher.positions[1]?.missed?.fromMs ?? 0) - Date.now()) < 10_000);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('says which tag the server does not know, and that it grants less than was asked', async () => {
    const server = await serve({ queueLimit: 20 });
    const watcher = watch(server.url, { nodeIds: ['ns=1;s=Line.Tag0', 'ns=1;s=Line.Nothing'] });
    await until(() => watcher.seen.length > 5);
    assert.deepEqual(watcher.problems.map(({ status }) => status), ['BadNodeIdUnknown']);
    assert.match(watcher.problems[0]?.message ?? '', /"ns=1;s=Line\.Nothing" is not known to the server/);
    assert.match(watcher.notices.join('\n'), /keeps 20 values of "ns=1;s=Line\.Tag0", not 2020/);
  });

  it('counts the queue from outage and sampling', () => {
    assert.deepEqual([queueSizeFor(100, 500, 60_000), queueSizeFor(60_000, 500, 60_000), queueSizeFor(0, 200, 3_600_000)], [610, 10, 100_000]);
  });
});
