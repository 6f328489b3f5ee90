import assert from 'node:assert/strict';
import { close, Desk, eve, eventually, pass, quiet } from './support/desk.ts';

describe('delivery of tokens', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  it('raises an exception about a token whose wire was taken away, instead of leaving its case still (PROTOCOL §2.2, §9)', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['gone']] });
    desk.add({ id: 'close', wires: [], pattern: close });
    desk.plain('gone', [], () => undefined);
    await desk.start();
    desk.stop();
    // The deploy comes while the case is opened: its token is issued for the old wire.
    await assert.rejects(desk.openCase('scan'), /deployed/);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    desk.stop();
    desk.remove('scan', 'gone');
    desk.add({ id: 'scan', wires: [[]] });
    await desk.start();
    const exception = await desk.exception(caseId);
    assert.equal(exception.class, 'not-wired');
    assert.match(exception.message, /not wired/);
    // Wired again, the case goes on where it stood.
    desk.stop();
    desk.remove('scan');
    desk.add({ id: 'scan', wires: [['close']] });
    await desk.start();
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'wired', by: eve }), { ok: true });
    assert.equal((await desk.closed(caseId)).outcome, 'done');
  });

  it('raises an exception again when a token is retried and its node is still not there', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['quiet']] });
    desk.plain('quiet', [], () => undefined);
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    desk.stop();
    desk.remove('scan');
    await desk.start();
    const first = await desk.exception(caseId);
    assert.equal(first.class, 'orphan');
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: first.exception_id, outcome: 'retry', code: 'again', by: eve }), { ok: true });
    const second = await desk.exception(caseId);
    assert.equal(second.class, 'orphan');
    assert.notEqual(second.exception_id, first.exception_id);
    desk.stop();
    desk.add({ id: 'scan', wires: [['close']] });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    await desk.closed(caseId);
  });

  it('goes on with a case whose intake was not wired, once it is (PROTOCOL §2.2)', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [[]] });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan', { unique: { scope: 'receiving', key: '1' } });
    const exception = await desk.exception(caseId);
    assert.equal(exception.class, 'not-wired');
    desk.stop();
    desk.remove('scan');
    desk.add({ id: 'scan', wires: [['close']] });
    await desk.start();
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: exception.exception_id, outcome: 'retry', code: 'wired', by: eve }), { ok: true });
    await desk.closed(caseId);
  });

  it('sends a token once, also when the feed sees it before who issued it (PROTOCOL §2.3)', async () => {
    desk = await Desk.open({ tuning: { window: 16 } });
    desk.add({ id: 'scan', wires: [['step']] });
    desk.add({ id: 'step', wires: [['close']], pattern: pass });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const opened = await Promise.all(Array.from({ length: 300 }, () => desk.openCase('scan')));
    for (const { caseId } of opened) await desk.closed(caseId);
    const tokens = desk.sent.map((msg) => (msg['waybill'] as { token: string }).token);
    assert.equal(tokens.length, new Set(tokens).size, 'a token was sent twice');
    assert.equal(desk.engine.metrics().gauges['tokens_in_flight'], 0);
  });

  it('lets what waits in the ledger go before what is new, however much is new (PROTOCOL §2.6)', async () => {
    desk = await Desk.open({ tuning: { window: 8 } });
    desk.add({ id: 'scan', wires: [['close']] });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const first = await Promise.all(Array.from({ length: 60 }, () => desk.openCase('scan')));
    const order: string[] = [];
    desk.engine.onCaseProgress((progress) => { if (progress.kind === 'closed') order.push(progress.caseId); });
    let more = true;
    // Intake never leaves a gap: whenever a place is free there is a new case for it.
    const intake = (async () => {
      while (more) await Promise.all(Array.from({ length: 8 }, () => desk.openCase('scan')));
    })();
    for (const { caseId } of first) await desk.closed(caseId);
    more = false;
    await intake;
    const waited = new Set(first.map(({ caseId }) => caseId));
    const last = order.findLastIndex((caseId) => waited.has(caseId));
    assert.ok(last < 120, `${last} cases were closed before the last of 60 that waited`);
    await eventually(async () => ((await desk.engine.ledger.counts()).casesOpen === 0 ? true : undefined));
  });

  it('does not send into flows that a deploy is stopping', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['close']] });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const opening = desk.openCase('scan');
    desk.stop();
    const { caseId } = await opening;
    await quiet(desk);
    assert.deepEqual(desk.sent, []);
    await desk.start();
    await desk.closed(caseId);
    assert.equal(desk.sent.length, 1);
  });
});
