import assert from 'node:assert/strict';
import type { ReplayManyResult } from '../../src/engine/api.ts';
import { RetryBench, eve, retryFlow } from './support.ts';

interface Told { readonly dead_letter_id: string; readonly status: string; readonly code: string | null; readonly next_id: string | null }

/** Many dead letters at once: what would happen, what happened, told for each. */
describe('replay of many dead letters', function () {
  this.timeout(90_000);
  let bench: RetryBench;
  beforeEach(async () => { bench = await RetryBench.start(); });
  afterEach(async () => { await bench.stop(); });

  const many = { dryRun: false, ratePerSecond: 50, whenOpen: 'wait' as const, by: eve };
  const bodyOf = (asked: { readonly body: unknown }): number => (asked.body as { n: number }).n;
  async function letters(n: number): Promise<readonly string[]> {
    const { open } = await bench.node.until((look) => look.open.filter((one) => one.deadLetters.length > 0).length >= n);
    return open.flatMap((one) => one.deadLetters.map(({ deadLetterId }) => deadLetterId)).sort();
  }
  async function told(batchId: string, when: (items: readonly Told[], status: string | undefined) => boolean): Promise<readonly Told[]> {
    const end = Date.now() + 30_000;
    for (;;) {
      const { items, status } = await bench.node.ask('replayItems', { batchId });
      if (when(items, status)) return items;
      if (Date.now() > end) throw new Error(`it did not come to that: ${String(status)} ${JSON.stringify(items)}`);
      await new Promise((resolve) => { setTimeout(resolve, 30); });
    }
  }
  async function start(ask: Partial<Parameters<typeof bench.node.ask<'replayMany'>>[1]>): Promise<ReplayManyResult> {
    const result = await bench.node.ask('replayMany', { ...many, ...ask }) as { ok: boolean } & ReplayManyResult;
    assert.equal(result.ok, true, JSON.stringify(result));
    return result;
  }

  it('says beforehand what would happen, then what became of each: some succeed, some die again', async () => {
    bench.erp.answer = () => ({ status: 422 });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400' }));
    for (let n = 0; n < 4; n += 1) await bench.inject({ n });
    const ids = await letters(4);
    const dry = await start({ filter: { reason: 'permanent' }, dryRun: true });
    assert.deepEqual([dry.batchId, dry.items.map(({ would }) => would)], [undefined, ['replay', 'replay', 'replay', 'replay']]);
    assert.equal(bench.erp.asked.length, 4, 'nothing was sent');
    // Two causes are mended, one letter is replayed by somebody else meanwhile.
    bench.erp.answer = (asked) => (bodyOf(asked) < 2 ? { status: 200 } : { status: 422 });
    const { batchId = '' } = await start({ ids: [...ids, 'nobody'] });
    const items = await told(batchId, (_items, status) => status === 'done');
    assert.deepEqual(items.map(({ status }) => status).sort(), ['failed-again', 'failed-again', 'succeeded', 'succeeded']);
    for (const item of items.filter(({ status }) => status === 'failed-again')) assert.notEqual(item.next_id, null);
    const again = await start({ ids, dryRun: true });
    assert.deepEqual(again.items.map((item) => (item.would === 'be-refused' ? item.code : item.would)).sort(), ['case-closed', 'case-closed', 'token-not-replayable', 'token-not-replayable']);
    const [ended] = await bench.eventsOf(`replay-batch:${batchId}`, 'ReplayBatchEnded');
    assert.deepEqual([ended?.data.succeeded, ended?.data.failedAgain, ended?.data.refused], [2, 2, 0]);
  });

  it('with an edit, sends that to each', async () => {
    bench.erp.answer = (asked) => (bodyOf(asked) === 7 ? { status: 200 } : { status: 422 });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400' }));
    for (let n = 0; n < 3; n += 1) await bench.inject({ n });
    await letters(3);
    const { batchId = '' } = await start({ filter: {}, edit: { n: 7 } });
    assert.deepEqual((await told(batchId, (_items, status) => status === 'done')).map(({ status }) => status), ['succeeded', 'succeeded', 'succeeded']);
  });

  it('goes on after SIGKILL in the middle, each sent once by it', async () => {
    bench.erp.answer = () => ({ status: 422 });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400' }));
    for (let n = 0; n < 6; n += 1) await bench.inject({ n });
    const ids = await letters(6);
    bench.erp.answer = () => ({ status: 200 });
    const { batchId = '' } = await start({ ids, ratePerSecond: 4 });
    await told(batchId, (items) => items.filter(({ status }) => status !== 'waiting').length >= 2);
    await bench.crash();
    const items = await told(batchId, (_items, status) => status === 'done');
    assert.deepEqual(new Set(items.map(({ status }) => status)), new Set(['succeeded']));
    for (const caseId of await bench.cases(6)) assert.equal((await bench.eventsOf(caseId, 'TokenReplayed')).length, 1);
  });

  it('waits for an open circuit, or is refused, as the caller chooses; a person closes it', async () => {
    bench.erp.answer = () => ({ status: 422 });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400', system: 'erp' }));
    await bench.inject({ n: 1 });
    await bench.inject({ n: 2 });
    const ids = await letters(2);
    bench.erp.answer = () => ({ status: 200 });
    const stop = await bench.node.ask('changeCircuit', { system: 'erp', state: 'open', reason: 'maintenance', by: eve }) as { ok: boolean };
    assert.equal(stop.ok, true);
    const dry = await start({ ids, dryRun: true, whenOpen: 'refuse' });
    assert.deepEqual(dry.items.map((item) => (item.would === 'be-refused' ? item.code : '')), ['circuit-open', 'circuit-open']);
    assert.deepEqual((await start({ ids, dryRun: true })).items.map(({ would }) => would), ['wait', 'wait']);
    const refused = await start({ ids: ids.slice(0, 1), whenOpen: 'refuse' });
    assert.deepEqual((await told(refused.batchId ?? '', (_items, status) => status === 'done')).map(({ status, code }) => [status, code]), [['refused', 'circuit-open']]);
    const { batchId = '' } = await start({ ids });
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    assert.deepEqual((await told(batchId, () => true)).map(({ status }) => status), ['waiting', 'waiting']);
    assert.equal(bench.erp.asked.length, 2);
    assert.equal(((await bench.node.ask('changeCircuit', { system: 'erp', state: 'closed', reason: 'done', by: eve })) as { ok: boolean }).ok, true);
    assert.deepEqual((await told(batchId, (_items, status) => status === 'done')).map(({ status }) => status), ['succeeded', 'succeeded']);
    const [opened] = await bench.eventsOf('circuit:erp', 'CircuitOpened');
    assert.deepEqual([opened?.data.reason, opened?.content?.note, opened?.actor.kind], ['manual', 'maintenance', 'person']);
  });

  it('a discarded dead letter cancels its case', async () => {
    bench.erp.answer = () => ({ status: 422 });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400' }));
    await bench.inject({ n: 1 });
    const [deadLetterId = ''] = await letters(1);
    assert.deepEqual(await bench.node.ask('discardDeadLetter', { deadLetterId, reason: 'the pallet is gone', by: eve }), { ok: true });
    assert.deepEqual(await bench.outcomes(1), ['cancelled']);
  });
});
