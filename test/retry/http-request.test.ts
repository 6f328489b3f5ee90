import assert from 'node:assert/strict';
import { RetryBench, eve, retryFlow } from './support.ts';

/** `retry → http request → close` in a real Node-RED against a real server, without code. */
describe('retry in front of plain nodes', function () {
  this.timeout(60_000);
  let bench: RetryBench;
  beforeEach(async () => { bench = await RetryBench.start(); });
  afterEach(async () => { await bench.stop(); });

  it('sends the same token again until the system answers, and says what each attempt came to', async () => {
    bench.erp.answer = (_asked, nth) => (nth < 3 ? { status: 503 } : { status: 200, body: { ok: true } });
    await bench.open(...retryFlow(bench.erp.url, { system: 'erp' }));
    await bench.inject({ n: 1 });
    assert.deepEqual(await bench.outcomes(1), ['done']);
    const [caseId = ''] = await bench.cases(1);
    assert.equal(bench.erp.asked.length, 3);
    assert.deepEqual((await bench.eventsOf(caseId, 'AttemptEnded')).map(({ data }) => [data.attempt, data.outcome, data.errorClass, data.system]), [
      [1, 'transient', 'http-503', 'erp'], [2, 'transient', 'http-503', 'erp'], [3, 'success', undefined, 'erp'],
    ]);
    assert.equal((await bench.eventsOf(caseId, 'StepCompleted')).filter((event) => event.address?.stepId === 'retry').length, 1, 'the step ran once');
    assert.deepEqual((await bench.eventsOf(caseId, 'TokenResent')).map(({ data }) => data.attempt), [2, 3]);
  });

  it('tries again when nobody listens, and takes the code of the broken connection for the reason', async () => {
    const flow = retryFlow('http://127.0.0.1:9', {});
    await bench.open(...flow);
    await bench.inject({});
    const { open } = await bench.node.until((look) => look.open.some((one) => one.deadLetters.length > 0));
    assert.deepEqual(open[0]?.deadLetters.map(({ reason }) => reason), ['attempts-used']);
    const [letter] = await bench.eventsOf(open[0]?.caseId ?? '', 'TokenDeadLettered');
    assert.deepEqual([letter?.data.errorClass, letter?.data.attempts], ['ECONNREFUSED', 4]);
  });

  it('waits as long as Retry-After asks for', async () => {
    bench.erp.answer = (_asked, nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 });
    await bench.open(...retryFlow(bench.erp.url));
    await bench.inject({});
    await bench.outcomes(1);
    const [caseId = ''] = await bench.cases(1);
    const [scheduled] = await bench.eventsOf(caseId, 'TokenRetryScheduled');
    assert.ok(Date.parse(scheduled?.data.dueAt ?? '') - Date.parse(scheduled?.recordedAt ?? '') > 900, JSON.stringify(scheduled?.data));
  });

  it('gives up at once what will not get better; a person replays it, with an edit too', async () => {
    bench.erp.answer = (asked) => ((asked.body as { n?: number }).n === 2 ? { status: 200 } : { status: 422, body: { why: 'n must be 2' } });
    await bench.open(...retryFlow(bench.erp.url, { failsWhen: 'statusCode >= 400' }));
    await bench.inject({ n: 1 });
    const dead = async (times: number): Promise<string> => {
      const { open } = await bench.node.until((look) => look.open.some((one) => one.deadLetters.length > 0));
      assert.equal(bench.erp.asked.length, times);
      return open[0]?.deadLetters[0]?.deadLetterId ?? '';
    };
    const first = await dead(1);
    assert.deepEqual(await bench.node.ask('replayDeadLetter', { deadLetterId: first, by: eve }), { ok: true });
    await bench.node.until(() => bench.erp.asked.length === 2);
    const second = await dead(2);
    assert.notEqual(second, first);
    assert.deepEqual(await bench.node.ask('replayDeadLetter', { deadLetterId: second, by: eve, request: { n: 2 } }), { ok: true });
    assert.deepEqual(await bench.outcomes(1), ['done']);
    const [caseId = ''] = await bench.cases(1);
    assert.deepEqual((await bench.eventsOf(caseId, 'TokenReplayed')).map(({ data }) => data.edited), [false, true]);
    const again = await bench.node.ask('replayDeadLetter', { deadLetterId: second, by: eve }) as { ok: boolean; code?: string };
    assert.deepEqual([again.ok, again.code], [false, 'token-not-replayable']);
  });

  it('sends what it gives up to output 2, with the error', async () => {
    bench.erp.answer = () => ({ status: 500 });
    await bench.open(...retryFlow(bench.erp.url, { maxAttempts: 2 }, { gaveUp: true }));
    await bench.inject({});
    assert.deepEqual(await bench.outcomes(1), ['http-500']);
  });

  it('takes a stall for a failed attempt; the first answer that comes wins', async () => {
    bench.erp.answer = (_asked, nth) => ({ status: 200, body: { nth }, ...(nth === 1 ? { afterMs: 1_500 } : { afterMs: 4_000 }) });
    await bench.open(...retryFlow(bench.erp.url, { answerSeconds: 0.4, baseDelaySeconds: 0.1, maxDelaySeconds: 0.1, maxAttempts: 2 }));
    await bench.inject({});
    const [caseId = ''] = await bench.cases(1);
    assert.deepEqual(await bench.outcomes(1), ['done']);
    const ended = await bench.eventsOf(caseId, 'AttemptEnded');
    assert.deepEqual(ended[0]?.data.errorClass, 'stalled');
    assert.equal((await bench.eventsOf(caseId, 'StepEntered')).filter((event) => event.address?.stepId === 'done').length, 1);
  });

  it('goes on after a deploy and after SIGKILL in the middle, with the count where it was', async () => {
    bench.erp.answer = (_asked, nth) => (nth <= 2 ? { status: 503 } : { status: 200 });
    await bench.open(...retryFlow(bench.erp.url, { baseDelaySeconds: 1.5, maxDelaySeconds: 1.5, maxAttempts: 3 }));
    await bench.inject({});
    const [caseId = ''] = await bench.cases(1);
    await bench.node.until(() => bench.erp.asked.length === 1);
    await bench.node.ask('deploy', { type: 'full', flows: bench.flows.map((node) => (node.id === 'request' ? { ...node, name: 'asked anew' } : node)) });
    // Killed after the second failure is on disk: before that, the second attempt itself would come again.
    await bench.until(async () => (await bench.eventsOf(caseId, 'TokenRetryScheduled')).some(({ data }) => data.failures === 2));
    await bench.crash();
    assert.deepEqual(await bench.outcomes(1), ['done']);
    const failures = (await bench.eventsOf(caseId, 'TokenRetryScheduled')).map(({ data }) => data.failures);
    assert.deepEqual(failures.at(-1), 2);
  });

  it('leaves it to the call node right behind: one policy, no double retry', async () => {
    bench.erp.answer = () => ({ status: 503 });
    const flow = retryFlow(bench.erp.url, { maxAttempts: 2 }).map((node) => (node.id !== 'request' ? node : {
      id: 'request', z: 'tab', x: 0, y: 0, type: 'waybill-call', stepId: 'post', system: 'erp', service: 'x@1', operation: 'post', method: 'POST', url: `${bench.erp.url}/x`, urlType: 'str', headers: [],
      body: 'payload', bodyType: 'msg', timeoutSeconds: 5, idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', maxAttempts: 50, maxMinutes: 60, baseDelaySeconds: 60, maxDelaySeconds: 60, recordAs: '', milestone: '', configVersion: 1, wires: [['done'], []],
    }));
    await bench.open(...flow);
    await bench.inject({});
    const { open } = await bench.node.until((look) => look.open.some((one) => one.deadLetters.length > 0));
    assert.equal(bench.erp.asked.length, 2);
    assert.deepEqual(await bench.eventsOf(open[0]?.caseId ?? '', 'TokenRetryScheduled'), []);
  });
});
