import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppendResult, Commit, Ledger } from '../../../src/ledger/port.ts';
import { close, Desk, eventually, pass, quiet } from './support/desk.ts';

/** A real ledger whose commits can be made to wait, as they do while the disk is full. */
class Gate {
  #open = true;
  #waiting: (() => void)[] = [];
  asked = 0;

  ledger = (real: Ledger): Ledger => new Proxy(real, {
    get: (target, name) => {
      if (name === 'append') return (commit: Commit) => this.#append(target, commit);
      const value = (target as unknown as Record<PropertyKey, unknown>)[name];
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  async #append(target: Ledger, commit: Commit): Promise<AppendResult> {
    this.asked += 1;
    if (!this.#open) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    return target.append(commit);
  }
  shut(): void {
    this.#open = false;
  }
  open(): void {
    this.#open = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}

describe('watch over plain nodes', () => {
  let desk: Desk;
  const gate = new Gate();
  afterEach(async () => {
    gate.open();
    await desk.close();
  });

  it('takes no message for stalled while flows are stopped; it is sent again when they start', async () => {
    desk = await Desk.open({ tuning: { stallMs: 1_000 } });
    let lost = true;
    desk.add({ id: 'scan', wires: [['plain']] });
    desk.plain('plain', ['close'], (msg, send) => { if (!lost) send(msg); });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    desk.stop();
    await sleep(2_000);
    lost = false;
    assert.deepEqual(await desk.exceptions(caseId), []);
    await desk.start();
    await desk.closed(caseId);
    assert.deepEqual((await desk.eventsOf(caseId, 'TokenResent')).map((event) => event.data.attempt), [2]);
  });

  it('takes no message for stalled while the ledger takes no commits, and piles up no work', async () => {
    desk = await Desk.open({ tuning: { stallMs: 100 }, ledger: gate.ledger });
    desk.add({ id: 'scan', wires: [['nowhere', 'nowhere']] });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    gate.shut();
    const asked = gate.asked;
    await sleep(500);
    assert.ok(gate.asked - asked <= 1, `${gate.asked - asked} commits were asked for`);
    assert.ok((desk.engine.metrics().gauges['mailboxes'] ?? 0) <= 1);
    gate.open();
    await eventually(async () => ((await desk.exceptions(caseId)).length === 2 ? true : undefined));
  });

  it('records an error on a token that is consumed already, and raises nothing (PROTOCOL §2.4)', async () => {
    desk = await Desk.open();
    let later: Record<string, unknown> | undefined;
    desk.add({ id: 'scan', wires: [['function']] });
    desk.plain('function', ['step'], (msg, send) => {
      later = { ...msg };
      send(msg);
    });
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { go = resolve; });
    desk.add({ id: 'step', wires: [['close']], pattern: { run: async (step) => { await held; await pass.run(step); } } });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => ((await desk.eventsOf(caseId, 'StepEntered')).length === 1 ? true : undefined));
    for (let i = 0; i < 3; i += 1) desk.engine.watch.failed(later, 'function', new Error('after the send'));
    const recorded = await eventually(async () => (await desk.eventsOf(caseId, 'NodeFailed'))[0]);
    assert.equal(recorded.tokenId, (later?.['waybill'] as { token: string }).token);
    assert.match(recorded.content?.message ?? '', /after the send/);
    go();
    await desk.closed(caseId);
    await quiet(desk);
    assert.equal((await desk.eventsOf(caseId, 'NodeFailed')).length, 1, 'once for a token, however often its node fails');
    assert.deepEqual(await desk.eventsOf(caseId, 'ExceptionRaised'), []);
  });

  it('leaves a closed case alone when a message of it stalls', async () => {
    desk = await Desk.open({ tuning: { stallMs: 40 } });
    desk.add({ id: 'scan', wires: [['nowhere', 'close']] });
    desk.add({ id: 'close', wires: [], pattern: { run: async (step) => { await step.commit([{ type: 'CloseCase', outcome: 'done', runId: step.runId, cancelOpen: true, at: step.now() }]); } } });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await desk.closed(caseId);
    await eventually(() => (desk.engine.metrics().gauges['tokens_in_flight'] === 0 ? true : undefined));
    assert.deepEqual(await desk.eventsOf(caseId, 'CommandRefused'), []);
  });
});
