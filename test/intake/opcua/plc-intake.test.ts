import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { OpcUaConnection, PlcIntake, readMemory, type PlcGap, type PlcIntakeOptions, type PlcMemory, type PlcOpening, type PlcOutcome } from '../../../src/intake/opcua/index.ts';
import { Open62541 } from '../../support/open62541/open62541.ts';
import { needs } from '../../support/system-programs.ts';
import { CuttableLine } from '../../support/cuttable-line.ts';
import { testPki } from './pki.ts';
import { until } from './until.ts';

/** What a ledger would hold. */
class Kept {
  readonly openings: PlcOpening[] = [];
  readonly gaps: PlcGap[] = [];
  readonly ids = new Set<string>();
  duplicates = 0;
  memory: PlcMemory | undefined;
  down = false;
}

describe('from the values of a controller to cases', function () {
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

  function run(url: string, kept: Kept, options: Partial<PlcIntakeOptions> = {}): { intake: PlcIntake; connection: OpcUaConnection; outcomes: PlcOutcome[]; close(): Promise<void> } {
    const connection = new OpcUaConnection({ url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki, reconnect: { minMs: 50, maxMs: 300 }, watchMs: 500 });
    const outcomes: PlcOutcome[] = [];
    const intake = new PlcIntake({
      openCase: async (opening) => {
        await new Promise((resolve) => { setImmediate(resolve); });
        if (kept.down) throw Object.assign(new Error('down'), { name: 'LedgerError', code: 'unavailable' });
        const id = opening.transportId ?? '';
        if (kept.ids.has(id)) {
          kept.duplicates += 1;
          return { kind: 'duplicate', caseId: id };
        }
        kept.ids.add(id);
        kept.openings.push(opening);
        return { kind: 'opened', caseId: id };
      },
      quarantine: () => Promise.resolve(),
      recordGap: (gap) => { kept.gaps.push(gap); return Promise.resolve(); },
      keepPosition: (_sequence, position) => { kept.memory = readMemory(JSON.parse(JSON.stringify(position)) as never); return Promise.resolve(); },
      accepting: () => true, onAccepting: () => () => undefined, count: () => undefined,
    }, {
      connection, address: 'line/plc', outageMs: 20_000, publishingMs: 100, newKey: () => randomUUID(), clock: () => Date.now(),
      tags: [{ name: 'count', nodeId: 'ns=1;s=Line.Tag0', samplingMs: 0 }, { name: 'fixed', nodeId: 'ns=1;s=Line.Fixed', samplingMs: 1_000 }],
      triggers: [{ name: 'counted', kind: 'change', tag: 'count' }],
      process: 'p', template: '', site: 's', device: 'line 1', uniqueScope: '', keyTag: '', keyType: '', title: '', retry: { minMs: 20, maxMs: 50 },
      onOutcome: (outcome) => { outcomes.push(outcome); },
      ...(kept.memory === undefined ? {} : { memory: kept.memory }), ...options,
    });
    connection.start();
    let closed = false;
    const close = async (): Promise<void> => {
      if (closed) return;
      closed = true;
      await Promise.all([intake.close(false), connection.close()]);
    };
    closing.push(close);
    return { intake, connection, outcomes, close };
  }

  const values = (kept: Kept): number[] => kept.openings.map(({ document }) => (document['plc'] as { value: number }).value);
  function assertWhole(seen: readonly number[]): void {
    const from = seen[0] ?? 0;
    assert.deepEqual(seen, seen.map((_value, at) => from + at));
  }

  it('opens one case for each change, in order, with all tags as facts', async () => {
    const server = await serve();
    const kept = new Kept();
    run(server.url, kept);
    await until(() => kept.openings.length > 50);
    assertWhole(values(kept));
    const [first] = kept.openings;
    assert.deepEqual((first?.document['plc'] as { tags: object }).tags, { count: values(kept)[0], fixed: 0 });
    assert.equal(first?.scan.kind, 'plc');
    assert.ok(Math.abs(Date.parse(first?.occurredAt ?? '') - Date.now()) < 20_000);
  });

  it('goes on after a close without a loss and without a second case', async () => {
    const server = await serve();
    const kept = new Kept();
    const first = run(server.url, kept);
    await until(() => kept.openings.length > 30);
    await first.close();
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    run(server.url, kept);
    const before = kept.openings.length;
    await until(() => kept.openings.length > before + 100);
    assertWhole(values(kept));
    assert.deepEqual(kept.gaps, []);
    assert.ok((kept.openings.at(-1)?.document['plc'] as { tags: { fixed?: number } }).tags.fixed === 0, 'what did not change is a fact still');
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('keeps order and loses nothing when the ledger is down for a while and the line is cut meanwhile', async () => {
    const server = await serve();
    const line = await CuttableLine.to(server.port);
    closing.push(() => { line.close(); });
    const kept = new Kept();
    run(line.url, kept);
    await until(() => kept.openings.length > 20);
    kept.down = true;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    line.cut();
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    line.mend();
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    kept.down = false;
    const before = kept.openings.length;
    await until(() => kept.openings.length > before + 150, 20_000);
    assertWhole(values(kept).sort((a, b) => a - b));
    assert.deepEqual(kept.gaps, []);
  });

  it('records the gap after the server was started again', async () => {
    const server = await serve();
    const kept = new Kept();
    run(server.url, kept);
    await until(() => kept.openings.length > 20);
    const stopped = Date.now();
    await server.stop();
    await new Promise((resolve) => { setTimeout(resolve, 1_200); });
    await server.run();
    await until(() => kept.gaps.length === 1, 20_000);
    const [gap] = kept.gaps;
    assert.equal(gap?.reason, 'subscription-lost');
    assert.ok(gap.fromMs <= stopped && gap.fromMs > stopped - 5_000 && gap.toMs >= stopped + 1_000 && gap.toMs <= Date.now() + 1_000);
  });

  it('fills a gap from the history of the server', async () => {
    const server = await serve();
    const kept = new Kept();
    const options: Partial<PlcIntakeOptions> = { tags: [{ name: 'kept', nodeId: 'ns=1;s=Line.Kept', samplingMs: 0 }], triggers: [{ name: 'counted', kind: 'change', tag: 'kept' }] };
    const first = run(server.url, kept, options);
    await until(() => kept.openings.length > 20);
    await first.close();
    assert.ok(kept.memory !== undefined);
    // as a server that has forgotten the subscription: its number is another one's
    kept.memory = { ...kept.memory, subscription: { ...kept.memory.subscription, serverId: 4_000_000 } };
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    run(server.url, kept, options);
    const before = kept.openings.length;
    await until(() => kept.openings.length > before + 100);
    assertWhole(values(kept));
    assert.deepEqual(kept.gaps.map(({ reason }) => reason), ['subscription-lost-filled']);
  });

  it('records an overflow of a queue as a gap', async () => {
    const server = await serve({ queueLimit: 5, everyMs: 10 });
    const kept = new Kept();
    const { intake } = run(server.url, kept);
    await until(() => kept.gaps.some(({ reason }) => reason === 'queue-overflow'));
    assert.match(intake.problems.join('\n'), /keeps 5 values/);
  });

  it('says what bad quality, NaN, a time in the future and another type are', async () => {
    const server = await serve({ everyMs: 1_000 });
    const kept = new Kept();
    const { intake, outcomes } = run(server.url, kept, {
      tags: [{ name: 'speed', nodeId: 'ns=1;s=Line.Speed', samplingMs: 0 }, { name: 'loose', nodeId: 'ns=1;s=Line.Loose', samplingMs: 0 }],
      triggers: [{ name: 'fast', kind: 'above', tag: 'speed', limit: 5 }, { name: 'loosely', kind: 'change', tag: 'loose' }],
    });
    await until(() => intake.read.values >= 2);
    for (const [command, says] of [
      ['bad', /"speed" has no good value \(BadSensorFailure\)/], ['speed nan', /"speed" is NaN, no number/], ['future 3600000', /"speed" is 3[56]\d\d s in the future/],
      ['retype', /"loose" changed its type from number to string/],
    ] as const) {
      await server.tell(command);
      await until(() => says.test(intake.lastProblem?.reason ?? ''));
    }
    await until(() => kept.openings.length > 0);
    assert.ok(outcomes.some(({ kind }) => kind === 'trouble'));
    assert.equal(intake.read.bad, 1);
    assert.equal(intake.read.future, 1);
    assert.equal(kept.openings.find(({ message }) => message.topic === 'fast')?.occurredAt?.slice(0, 13), new Date().toISOString().slice(0, 13));
  });

  it('refuses a deadband on what is no number, and watches it all the same', async () => {
    const server = await serve({ everyMs: 1_000 });
    const kept = new Kept();
    const { intake } = run(server.url, kept, {
      tags: [
        { name: 'speed', nodeId: 'ns=1;s=Line.Speed', samplingMs: 0, deadband: { kind: 'absolute', value: 2 } }, { name: 'name', nodeId: 'ns=1;s=Line.Name', samplingMs: 0, deadband: { kind: 'absolute', value: 1 } },
        { name: 'percent', nodeId: 'ns=1;s=Line.Target', samplingMs: 0, deadband: { kind: 'percent', value: 1 } },
      ],
      triggers: [{ name: 'speed changed', kind: 'change', tag: 'speed' }],
    });
    await until(() => intake.read.values >= 3);
    assert.equal(intake.problems.filter((text) => text.includes('deadband')).length, 2, intake.problems.join('\n'));
    for (const command of ['speed 2', 'speed 3', 'speed 9']) { // the first is reported for its status, which it had not before
      await server.tell(command);
      await new Promise((resolve) => { setTimeout(resolve, 150); });
    }
    await until(() => kept.openings.length === 2);
    assert.deepEqual(values(kept), [2, 9]);
  });

  it('makes a server forget what was watched when its node is removed', async () => {
    const server = await serve();
    const kept = new Kept();
    const { intake, connection } = run(server.url, kept);
    await until(() => kept.openings.length > 5);
    const left = intake.close(true);
    await connection.close();
    await left;
    assert.deepEqual(await server.counts(), { sessions: 0, subscriptions: 0 });
  });
});
