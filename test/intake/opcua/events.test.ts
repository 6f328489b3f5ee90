import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { OpcUaConnection, OpcUaEventIntake, readEventMemory, type AlarmReport, type EventIntakeOptions, type EventMemory, type EventNews, type PlcGap, type PlcOpening } from '../../../src/intake/opcua/index.ts';
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
  readonly reports = new Map<string, AlarmReport>();
  readonly closed = new Set<string>();
  readonly listeners = new Set<(caseId: string) => void>();
  duplicates = 0;
  memory: EventMemory | undefined;
  /** How far it came is not kept any more once a case is there, as if the process had ended in between. */
  ends = false;
  close(caseId: string): void {
    this.closed.add(caseId);
    for (const listener of this.listeners) listener(caseId);
  }
}

interface Run { readonly intake: OpcUaEventIntake; readonly connection: OpcUaConnection; readonly news: EventNews[]; close(): Promise<void> }

describe('from the events of a server to cases', function () {
  this.timeout(60_000);
  let program: string;
  const pki = testPki();
  const closing: (() => Promise<void> | void)[] = [];

  before(function () { program = needs(this, 'open62541-alarms'); });
  afterEach(async () => { for (const close of closing.splice(0).reverse()) await close(); });

  async function serve(): Promise<Open62541> {
    const server = await Open62541.startAlarms(program);
    closing.push(() => server.stop());
    return server;
  }

  function run(url: string, kept: Kept, options: Partial<EventIntakeOptions> = {}): Run {
    const connection = new OpcUaConnection({ url, securityMode: 'none', securityPolicy: 'none', identity: { kind: 'anonymous' }, applicationUri: 'urn:waybill:test', pki, reconnect: { minMs: 50, maxMs: 300 }, watchMs: 500 });
    const news: EventNews[] = [];
    const intake = new OpcUaEventIntake({
      openCase: async (opening) => {
        await new Promise((resolve) => { setImmediate(resolve); });
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
      keepPosition: (_sequence, position) => {
        const memory = readEventMemory(JSON.parse(JSON.stringify(position)) as never);
        if (kept.ends && Object.values(memory?.alarms ?? {}).some(({ caseId }) => caseId !== undefined)) return Promise.reject(Object.assign(new Error('down'), { name: 'LedgerError', code: 'unavailable' }));
        kept.memory = memory;
        return Promise.resolve();
      },
      accepting: () => true, onAccepting: () => () => undefined, count: () => undefined,
      report: (report) => { kept.reports.set(report.id, report); return Promise.resolve(); },
      onCaseClosed: (listener) => {
        kept.listeners.add(listener);
        return () => { kept.listeners.delete(listener); };
      },
      isClosed: (caseId) => Promise.resolve(kept.closed.has(caseId)),
    }, {
      connection, address: 'line/alarms', outageMs: 20_000, publishingMs: 100, newKey: () => randomUUID(), clock: () => Date.now(),
      notifier: 'i=2253', types: [], leastSeverity: 1, sources: [], rules: { leastSeverity: 1, suppressed: false }, answers: { acknowledge: 'never', confirm: 'never' },
      process: 'p', template: '', site: 's', device: 'line 1', uniqueScope: '', keyField: '', keyType: '', title: '', retry: { minMs: 20, maxMs: 50 },
      onOutcome: (outcome) => { news.push(outcome); },
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
    return { intake, connection, news, close };
  }

  const ready = ({ intake }: Run): Promise<void> => until(() => intake.watched.opened > 0 && (intake.counters.refreshes > 0 || !intake.refreshes));
  const titles = (kept: Kept): string[] => kept.openings.map(({ title }) => title);
  const reported = (kept: Kept): string[] => [...kept.reports.values()].map(({ name }) => name);
  const plc = (opening: PlcOpening | undefined): { [name: string]: unknown; condition: { [name: string]: unknown }; fields: { [name: string]: unknown } } => opening?.document['plc'] as never;

  it('opens one case for each event, with what it said', async () => {
    const server = await serve();
    const kept = new Kept();
    const { intake } = await readyRun(server, kept);
    await server.tell('event 300 the belt is worn');
    await server.tell('event 400 the belt is torn');
    await until(() => kept.openings.length === 2);
    assert.deepEqual(titles(kept), ['Line: the belt is worn', 'Line: the belt is torn']);
    const [first] = kept.openings;
    assert.equal(plc(first)['severity'], 300);
    assert.equal(plc(first)['event'], 'BaseEventType');
    assert.equal(first?.scan.kind, 'plc');
    assert.ok(Math.abs(Date.parse(first?.occurredAt ?? '') - Date.now()) < 20_000);
    assert.deepEqual(intake.problems, []);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  async function readyRun(server: Open62541, kept: Kept, options: Partial<EventIntakeOptions> = {}): Promise<Run> {
    const running = run(server.url, kept, options);
    await ready(running);
    return running;
  }

  it('selects own fields of a type, and leaves out what is less severe or of another type', async () => {
    const server = await serve();
    const kept = new Kept();
    await readyRun(server, kept, { types: ['ns=1;s=PalletEventType'], leastSeverity: 200, rules: { leastSeverity: 200, suppressed: false }, keyField: 'HandlingUnit', keyType: 'handlingUnit', title: 'Pallet {HandlingUnit}' });
    await server.tell('event 900 something else');
    await server.tell('pallet 100 00999');
    await server.tell('pallet 500 00123');
    await until(() => kept.openings.length === 1);
    assert.deepEqual(titles(kept), ['Pallet 00123']);
    assert.deepEqual(kept.openings[0]?.keys, [{ type: 'handlingUnit', value: '00123' }]);
    assert.equal(plc(kept.openings[0]).fields['HandlingUnit'], '00123');
  });

  it('opens one case for each activation of an alarm, and tells its end', async () => {
    const server = await serve();
    const kept = new Kept();
    await readyRun(server, kept);
    await server.tell('active Jam 700');
    await until(() => kept.openings.length === 1);
    await server.tell('severity Jam 800');
    await server.tell('inactive Jam');
    await until(() => reported(kept).includes('alarm.inactive'));
    await server.tell('active Jam 700');
    await until(() => kept.openings.length === 2);
    const [first, second] = kept.openings;
    assert.equal(first?.title, 'Line: Jam');
    assert.notEqual(plc(first)['alarm'], plc(second)['alarm']);
    assert.equal(plc(first).condition['active'], true);
    assert.equal(plc(first).condition['acknowledged'], false);
    assert.equal([...kept.reports.values()][0]?.key, plc(first)['alarm']);
  });

  it('opens no case below the severity, and one when the alarm gets worse', async () => {
    const server = await serve();
    const kept = new Kept();
    const { intake } = await readyRun(server, kept, { leastSeverity: 500, rules: { leastSeverity: 500, suppressed: false } });
    await server.tell('active Hot 300');
    await until(() => intake.counters.passed > 0);
    assert.deepEqual(titles(kept), []);
    await server.tell('severity Hot 800');
    await until(() => kept.openings.length === 1);
  });

  it('sees an alarm that stands at the first start, and knows it after a close', async () => {
    const server = await serve();
    await server.tell('active Jam 700');
    const kept = new Kept();
    const first = run(server.url, kept);
    await until(() => kept.openings.length === 1);
    await first.close();
    await server.tell('active Hot 600');
    const second = run(server.url, kept);
    await until(() => kept.openings.length === 2);
    await server.tell('inactive Jam');
    await until(() => reported(kept).includes('alarm.inactive'));
    assert.equal(kept.duplicates, 0);
    assert.equal(second.intake.alarms.length, 2);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('doubles nothing when the process ends between the case and what is remembered', async () => {
    const server = await serve();
    const kept = new Kept();
    const first = await readyRun(server, kept);
    kept.ends = true;
    await server.tell('active Jam 700');
    await until(() => kept.openings.length === 1);
    await first.close();
    assert.deepEqual(Object.values(kept.memory?.alarms ?? {}).map(({ caseId }) => caseId), [undefined], 'its name was kept before its case');
    kept.ends = false;
    const second = run(server.url, kept, { answers: { acknowledge: 'recorded', confirm: 'never' } });
    await until(() => second.intake.alarms.some(({ caseId }) => caseId !== undefined));
    assert.equal(kept.openings.length, 1);
    assert.equal(kept.duplicates, 1);
    await until(async () => (await server.tell('state Jam')).includes('acknowledged 1'));
  });

  it('knows by its name an alarm that is told with another time, when its case was not kept', async () => {
    const server = await serve();
    const kept = new Kept();
    const first = await readyRun(server, kept);
    kept.ends = true;
    await server.tell('active Jam 700');
    await until(() => kept.openings.length === 1);
    await first.close();
    kept.ends = false;
    assert.ok(kept.memory !== undefined);
    kept.memory = { ...kept.memory, subscription: { ...kept.memory.subscription, serverId: 4_000_000 } };
    await server.tell('severity Jam 800'); // a newer event of the same activation is what the refresh tells
    const second = run(server.url, kept);
    await until(() => second.intake.alarms.some(({ caseId }) => caseId !== undefined));
    assert.equal(kept.openings.length, 1);
  });

  it('asks which alarms stand after the server lost the subscription, and records the gap', async () => {
    const server = await serve();
    await server.tell('active Jam 700');
    const kept = new Kept();
    const first = run(server.url, kept);
    await until(() => kept.openings.length === 1);
    await first.close();
    assert.ok(kept.memory !== undefined);
    // as a server that has forgotten the subscription: its number is another one's
    kept.memory = { ...kept.memory, subscription: { ...kept.memory.subscription, serverId: 4_000_000 } };
    await server.tell('normal Jam');
    await server.tell('active Hot 600');
    run(server.url, kept);
    await until(() => kept.openings.length === 2 && reported(kept).length === 1);
    assert.deepEqual(titles(kept), ['Line: Jam', 'Line: Hot']);
    assert.deepEqual(kept.gaps.map(({ reason }) => reason), ['subscription-lost']);
    const [report] = kept.reports.values();
    assert.equal(report?.name, 'alarm.inactive');
    assert.equal((report.data as { unseen?: boolean }).unseen, true);
  });

  it('loses nothing over a cut, and goes on with one session', async () => {
    const server = await serve();
    const line = await CuttableLine.to(server.port);
    closing.push(() => { line.close(); });
    const kept = new Kept();
    const running = run(line.url, kept);
    await ready(running);
    await server.tell('event 100 one');
    await until(() => kept.openings.length === 1);
    line.cut();
    for (let at = 0; at < 20; at += 1) await server.tell(`event 100 cut ${at}`);
    await new Promise((resolve) => { setTimeout(resolve, 1_000); });
    line.mend();
    await until(() => kept.openings.length === 21, 20_000);
    assert.equal(kept.duplicates, 0);
    assert.deepEqual(kept.gaps, []);
    assert.deepEqual(await server.counts(), { sessions: 1, subscriptions: 1 });
  });

  it('acknowledges when the case is recorded and confirms when it is closed', async () => {
    const server = await serve();
    const kept = new Kept();
    const { intake } = await readyRun(server, kept, { answers: { acknowledge: 'recorded', confirm: 'closed' } });
    await server.tell('active Jam 700');
    await until(async () => (await server.tell('state Jam')).includes('acknowledged 1 confirmed 0'));
    await until(() => reported(kept).includes('alarm.acknowledged'));
    assert.equal(intake.answered.acknowledged, 1);
    kept.close(kept.openings[0]?.transportId ?? '');
    await until(async () => (await server.tell('state Jam')).includes('confirmed 1'));
    await until(() => reported(kept).includes('alarm.confirmed'));
    assert.equal(kept.openings.length, 1);
    assert.deepEqual(intake.problems, []);
  });

  it('acknowledges after a restart what was recorded and not acknowledged', async () => {
    const server = await serve();
    const kept = new Kept();
    const first = await readyRun(server, kept);
    await server.tell('active Jam 700');
    await until(() => kept.memory !== undefined && Object.values(kept.memory.alarms).some(({ caseId }) => caseId !== undefined));
    await first.close();
    assert.match(await server.tell('state Jam'), /acknowledged 0/);
    // meanwhile the alarm has a newer event, and its case is closed
    await server.tell('inactive Jam');
    kept.closed.add(kept.openings[0]?.transportId ?? '');
    run(server.url, kept, { answers: { acknowledge: 'closed', confirm: 'never' } });
    await until(async () => (await server.tell('state Jam')).includes('acknowledged 1'));
    assert.equal(kept.openings.length, 1);
  });
});
