import assert from 'node:assert/strict';
import { waitForEventPattern } from '../../src/engine/patterns/wait-for-event.ts';
import type { WaitForEventConfig } from '../../src/engine/patterns/wait-for-event.ts';
import type { ReportedEvent, ReportEvent, StepPattern } from '../../src/engine/api.ts';
import type { Json } from '../../src/domain/index.ts';
import { Desk, eventually, quiet } from './review/support/desk.ts';

/** Events that cases wait for: neither side is ever lost, and each event is taken once. */
describe('wait for event', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const config = (change: Partial<WaitForEventConfig> = {}): WaitForEventConfig => ({ eventName: 'asn', key: 'delivery', keyType: 'facts', timeout: 0, timeoutUnit: 'minutes', working: false, calendar: '', recordAs: 'asn', ...change });
  const closeAs = (outcome: string): StepPattern => ({ run: async (step) => { await step.commit([{ type: 'CloseCase', outcome, runId: step.runId, cancelOpen: false, at: step.now() }]); } });

  function wire(change: Partial<WaitForEventConfig> = {}): void {
    desk.add({ id: 'scan', wires: [['wait']] });
    desk.add({ id: 'wait', wires: [['came'], ['late']], pattern: waitForEventPattern(config(change)) });
    desk.add({ id: 'came', wires: [], pattern: closeAs('came') });
    desk.add({ id: 'late', wires: [], pattern: closeAs('late') });
  }
  async function open(options: Parameters<typeof Desk.open>[0] = {}, change: Partial<WaitForEventConfig> = {}): Promise<void> {
    desk = await Desk.open(options);
    wire(change);
    await desk.start();
  }
  const start = async (delivery: Json): Promise<string> => (await desk.openCase('scan', { document: { delivery } })).caseId;
  const waiting = (caseId: string): Promise<true> => eventually(async () => ((await desk.eventsOf(caseId, 'EventAwaited')).length === 1 ? true : undefined));
  const report = async (change: Partial<ReportEvent> = {}): Promise<ReportedEvent> => {
    const result = await desk.engine.reportEvent({ site: 'dc-1', name: 'asn', key: '4711', data: { pallets: 3 }, keepMs: 60_000, broadcast: false, by: { device: 'test' }, ...change });
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  };

  it('goes on with the event that comes, with what it says', async () => {
    await open();
    const caseId = await start('4711');
    await waiting(caseId);
    const { status, caseId: taker } = await report();
    assert.deepEqual([status, taker], ['taken', caseId]);
    const view = await desk.closed(caseId);
    assert.equal(view.outcome, 'came');
    assert.deepEqual(view.document['asn'], { pallets: 3 });
    const message = desk.sent.find((msg) => (msg['event'] as { name?: string } | undefined)?.name === 'asn');
    assert.deepEqual(message?.['payload'], { pallets: 3 });
  });

  it('finds the event that came before, over a restart in between', async () => {
    await open();
    assert.equal((await report()).status, 'kept');
    await desk.crash();
    await open({ home: desk.home });
    const caseId = await start('4711');
    assert.equal((await desk.closed(caseId)).outcome, 'came');
    assert.equal((await desk.engine.ledger.listSignals({ status: 'taken' }, { limit: 10 })).items[0]?.case_id, caseId);
    assert.equal((await desk.engine.ledger.counts()).timers, 0);
  });

  it('leaves nothing apart when the process ends between the two sides', async () => {
    await open();
    const caseId = await start('4711');
    await waiting(caseId);
    // The event is on disk, and nobody has looked for who waits for it.
    const { ledger } = desk.engine;
    const [awaited] = await desk.eventsOf(caseId, 'EventAwaited');
    await ledger.append({
      streamId: 'signal:s-1', expectedVersion: 0, events: [{
        type: 'SignalReceived', data: { signalId: 's-1', name: 'asn', keyHash: awaited!.data.keyHash, expiresAt: '2100-01-01T00:00:00.000Z', broadcast: false }, content: { key: '4711', data: 'left' },
        eventId: 'e-1', streamId: 'signal:s-1', version: 1, site: 'dc-1', epoch: desk.engine.epoch, occurredAt: new Date().toISOString(), clockSource: 'server', actor: { kind: 'device', id: 'test' },
      }],
    });
    await desk.crash();
    await open({ home: desk.home });
    assert.equal((await desk.closed(caseId)).outcome, 'came');
    assert.equal((await desk.eventsOf(caseId, 'StepResumed')).length, 0, 'a step that waits was not at work');
  });

  it('is taken by exactly one of many cases, the one that has waited longest, and two events at once by two', async () => {
    await open();
    const cases: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      const caseId = await start('4711');
      await waiting(caseId);
      cases.push(caseId);
    }
    const taken = await Promise.all([report(), report()]);
    assert.deepEqual(taken.map(({ caseId }) => caseId).sort(), cases.slice(0, 2).sort());
    await quiet(desk);
    const got = await Promise.all(cases.map(async (caseId) => (await desk.eventsOf(caseId, 'EventCorrelated')).length));
    assert.deepEqual(got, [1, 1, 0, 0, 0]);
  });

  it('meets cases that begin to wait while it comes: none is lost, none is taken twice', async () => {
    await open();
    const [cases, reports] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, (_, i) => start(`d-${i}`))),
      Promise.all(Array.from({ length: 20 }, (_, i) => report({ key: `d-${i}` }))),
    ]);
    await Promise.all(cases.map((caseId) => desk.closed(caseId)));
    const signals = (await Promise.all(cases.map((caseId) => desk.eventsOf(caseId, 'EventCorrelated')))).flat().map((event) => event.data.signalId);
    assert.deepEqual([...signals].sort(), reports.map(({ signalId }) => signalId).sort());
  });

  it('goes to every case when it is for every case, each once, also to one that comes later', async () => {
    await open();
    const early = await start('4711');
    await waiting(early);
    const { signalId, taken } = await report({ broadcast: true });
    assert.equal(taken, 1);
    const later = await start('4711');
    await Promise.all([desk.closed(early), desk.closed(later)]);
    const row = await desk.engine.ledger.getSignal(signalId);
    assert.deepEqual([row?.status, row?.taken], ['kept', 2]);
  });

  it('is reported once under one id', async () => {
    await open();
    const first = await report({ id: 'asn-1' });
    const again = await report({ id: 'asn-1', data: 'another' });
    assert.deepEqual([again.signalId, again.repeated, first.repeated], [first.signalId, true, false]);
    assert.equal((await report({ id: 'asn-1', name: 'other' })).repeated, false, 'an id belongs to a name');
    const caseId = await start('4711');
    await desk.closed(caseId);
    assert.equal((await report({ id: 'asn-1' })).status, 'taken');
  });

  it('expires visibly when nobody takes it, and only then', async () => {
    await open();
    const { signalId } = await report({ keepMs: 50 });
    const row = await eventually(async () => { const found = await desk.engine.ledger.getSignal(signalId); return found?.status === 'expired' ? found : undefined; });
    assert.deepEqual([row.taken, row.case_id], [0, null]);
    assert.deepEqual((await desk.engine.ledger.listSignals({ status: 'expired' }, { limit: 10 })).items.map((one) => one.signal_id), [signalId]);
    assert.equal(desk.engine.metrics().counters['events_expired'], 1);
    const caseId = await start('4711');
    await waiting(caseId);
    await quiet(desk);
    assert.equal((await desk.eventsOf(caseId, 'EventCorrelated')).length, 0);
  });

  it('belongs to its site and its exact key', async () => {
    await open();
    const caseId = await start('4711');
    await waiting(caseId);
    for (const change of [{ site: 'dc-2' }, { key: '4711 ' }, { name: 'ASN' }]) assert.equal((await report(change)).status, 'kept');
    assert.equal((await report()).status, 'taken');
  });

  it('has an output for the timeout; the event that comes then is kept for another', async () => {
    await open({}, { timeout: 0.002 });
    const caseId = await start('4711');
    assert.equal((await desk.closed(caseId)).outcome, 'late');
    assert.equal((await report()).status, 'kept');
    assert.deepEqual((await desk.eventsOf(caseId, 'EventWaitEnded')).length, 1);
  });

  it('stays through a deploy, and goes on with the node that is there then', async () => {
    await open();
    const caseId = await start('4711');
    await waiting(caseId);
    desk.stop();
    desk.remove('scan', 'wait', 'came', 'late');
    // While flows stand still the event is taken; the step goes on when they run.
    assert.equal((await report()).caseId, caseId);
    wire();
    await desk.start();
    assert.equal((await desk.closed(caseId)).outcome, 'came');
  });

  it('asks a person for a key that the case does not have', async () => {
    await open();
    const caseId = await start(null);
    const raised = await desk.exception(caseId);
    assert.equal(raised.code, 'event-key-missing');
    assert.match(raised.message, /correct the facts/);
  });

  it('keeps keys and data out of leaves', async () => {
    await open();
    await report({ key: 'SECRET-KEY', data: 'SECRET-DATA' });
    const caseId = await start('SECRET-KEY');
    await desk.closed(caseId);
    for (const event of await desk.engine.ledger.readAll(1, 1_000)) assert.doesNotMatch(JSON.stringify({ ...event, content: undefined, personal: undefined }), /SECRET/);
  });

  for (const [what, change, code] of [
    ['name', { name: 'no spaces' }, 'event-name'], ['key', { key: '' }, 'event-key'], ['long key', { key: 'x'.repeat(257) }, 'event-key'], ['lifetime', { keepMs: -1 }, 'event-lifetime'],
    ['lifetime beyond all', { keepMs: Number.NaN }, 'event-lifetime'], ['data', { data: 'x'.repeat(70_000) }, 'event-too-large'], ['id', { id: '' }, 'event-id'],
  ] as const) {
    it(`is refused with one sentence for its ${what}`, async () => {
      await open();
      const result = await desk.engine.reportEvent({ site: 'dc-1', name: 'asn', key: '1', data: null, keepMs: 1, broadcast: false, by: { device: 'test' }, ...change });
      assert.equal(result.ok ? undefined : result.code, code);
      assert.equal((await desk.engine.ledger.listSignals({}, { limit: 10 })).items.length, 0);
    });
  }
});

