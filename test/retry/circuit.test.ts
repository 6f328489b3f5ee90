import assert from 'node:assert/strict';
import { RetryBench, retryFlow } from './support.ts';

/** One circuit for a system, whoever uses it, remembered over restarts. */
describe('circuit of a system in running flows', function () {
  this.timeout(60_000);
  let bench: RetryBench;
  beforeEach(async () => { bench = await RetryBench.start(); });
  afterEach(async () => { await bench.stop(); });

  const careful = { system: 'erp', circuitFailures: 3, openSeconds: 4, maxAttempts: 50, concurrency: 4 };
  const settled = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    const end = Date.now() + 20_000;
    while (!await condition()) {
      if (Date.now() > end) throw new Error(`it did not come to that: ${JSON.stringify(await bench.node.ask('circuits', {}))}`);
      await new Promise((resolve) => { setTimeout(resolve, 25); });
    }
  };
  const state = async (): Promise<string | undefined> => (await bench.node.ask('circuits', {}))[0]?.state;

  it('is shared by two flows: what one learns keeps the other from asking, and one probe closes it for both', async () => {
    bench.erp.answer = () => ({ status: 503 });
    await bench.open(...retryFlow(bench.erp.url, careful, { id: 'a-' }), ...retryFlow(bench.erp.url, careful, { id: 'b-' }));
    await bench.inject({}, 'a-open');
    await settled(async () => await state() === 'open');
    const asked = bench.erp.asked.length;
    assert.equal(asked, 3);
    await bench.inject({}, 'b-open');
    const ids = await bench.cases(2);
    await settled(async () => (await bench.eventsOf(ids[1] ?? '', 'TokenRetryScheduled')).length > 0);
    const [held] = await bench.eventsOf(ids[1] ?? '', 'TokenRetryScheduled');
    assert.deepEqual([held?.data.errorClass, held?.data.failures, held?.data.holds], ['circuit-open', 0, 1]);
    assert.equal(bench.erp.asked.length, asked, 'nothing left while it was open');
    bench.erp.answer = () => ({ status: 200 });
    assert.deepEqual(await bench.outcomes(2), ['done', 'done']);
    assert.equal(bench.erp.asked.length, asked + 2);
    const types = (await bench.node.ask('events', { streamId: 'circuit:erp' })).map((event) => event.type);
    assert.deepEqual(types, ['CircuitOpened', 'CircuitHalfOpened', 'CircuitClosed']);
  });

  it('is remembered over SIGKILL', async () => {
    bench.erp.answer = () => ({ status: 503 });
    await bench.open(...retryFlow(bench.erp.url, { ...careful, openSeconds: 8 }));
    await bench.inject({});
    await settled(async () => await state() === 'open');
    await settled(async () => (await bench.eventsOf('circuit:erp', 'CircuitOpened')).length === 1);
    const asked = bench.erp.asked.length;
    await bench.crash();
    assert.equal(await state(), 'open');
    await bench.inject({});
    await bench.cases(2);
    assert.equal(bench.erp.asked.length, asked, 'nothing left after the restart either');
    bench.erp.answer = () => ({ status: 200 });
    assert.deepEqual(await bench.outcomes(2), ['done', 'done']);
    assert.equal(await state(), 'closed');
  });

  it('lets one of many through as the probe, and opens again when that fails', async () => {
    bench.erp.answer = () => ({ status: 503 });
    await bench.open(...retryFlow(bench.erp.url, { ...careful, openSeconds: 1 }));
    for (let n = 0; n < 6; n += 1) await bench.inject({ n });
    await bench.cases(6);
    await settled(async () => (await bench.eventsOf('circuit:erp', 'CircuitOpened')).length >= 3);
    const opened = await bench.eventsOf('circuit:erp', 'CircuitOpened');
    const probes = await bench.eventsOf('circuit:erp', 'CircuitHalfOpened');
    assert.equal(opened[1]?.data.reason, 'probe-failed');
    // What was under way when it opened, and one for each probe.
    assert.ok(bench.erp.asked.length <= 6 + probes.length, `${bench.erp.asked.length} requests, ${probes.length} probes`);
    bench.erp.answer = () => ({ status: 200 });
    assert.equal((await bench.outcomes(6)).length, 6);
  });

  it('lets no more under way at once than the limit', async () => {
    let now = 0;
    let most = 0;
    bench.erp.answer = () => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => { now -= 1; }, 60);
      return { status: 200, afterMs: 60 };
    };
    await bench.open(...retryFlow(bench.erp.url, { ...careful, concurrency: 2 }));
    for (let n = 0; n < 8; n += 1) await bench.inject({ n });
    assert.equal((await bench.outcomes(8)).length, 8);
    assert.equal(most, 2);
  });

  it('holds calls of the same system too', async () => {
    bench.erp.answer = () => ({ status: 503 });
    const call = {
      z: 'tab', x: 0, y: 0, type: 'waybill-call', stepId: 'post', system: 'erp', service: 'x@1', operation: 'post', method: 'POST', url: `${bench.erp.url}/x`, urlType: 'str', headers: [], body: 'payload', bodyType: 'msg',
      timeoutSeconds: 5, idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', maxAttempts: 50, maxMinutes: 60, baseDelaySeconds: 0.05, maxDelaySeconds: 0.1, recordAs: '', milestone: '', configVersion: 1,
    };
    const second = retryFlow(bench.erp.url, {}, { id: 'b-' }).filter(({ id }) => id !== 'b-retry' && id !== 'b-request').map((node) => (node.id === 'b-open' ? { ...node, wires: [['b-call'], []] } : node));
    await bench.open(...retryFlow(bench.erp.url, careful, { id: 'a-' }), ...second, { ...call, id: 'b-call', wires: [['b-done'], []] });
    await bench.inject({}, 'a-open');
    await settled(async () => await state() === 'open');
    const asked = bench.erp.asked.length;
    await bench.inject({}, 'b-open');
    const ids = await bench.cases(2);
    await settled(async () => (await bench.eventsOf(ids[1] ?? '', 'TimerScheduled')).length > 0);
    assert.equal((await bench.eventsOf(ids[1] ?? '', 'EffectIntended')).length, 0);
    assert.equal(bench.erp.asked.length, asked);
    bench.erp.answer = () => ({ status: 200 });
    assert.equal((await bench.outcomes(2)).length, 2);
  });
});
