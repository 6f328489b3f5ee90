import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StepPattern } from '../../../src/engine/api.ts';
import { callPattern } from '../../../src/engine/patterns/call.ts';
import { close, Desk, eve, eventually } from './support/desk.ts';

/** Reserves 5 of 10 on one order line over all cases. */
const reserve: StepPattern = {
  run: async (step) => {
    const reserved = await step.reservation(step.state, { scope: 'po-line', key: '4500001234/10', quantity: '5', limit: '10' });
    assert.ok(reserved);
    await step.complete([{ port: 0 }], reserved.commands, { conditions: () => [reserved.condition] });
  },
};
const fail: StepPattern = { run: () => Promise.reject(new Error('the outcome cannot be computed')) };

describe('what people do', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  const holding = async (caseId: string): Promise<string | undefined> => {
    const [event] = await desk.eventsOf(caseId, 'QuantityReserved');
    assert.ok(event);
    return (await desk.engine.ledger.getReservation(event.data.scope, event.data.keyHash))?.total ?? undefined;
  };
  const cancel = async (caseId: string): Promise<void> => {
    const raised = await desk.exception(caseId);
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'cancel', code: 'given-up', by: eve }), { ok: true });
    await desk.closed(caseId);
  };

  it('gives back what a cancelled case reserved', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['reserve']] });
    desk.add({ id: 'reserve', wires: [['fail']], pattern: reserve });
    desk.add({ id: 'fail', wires: [], pattern: fail });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => (await desk.exceptions(caseId))[0]);
    assert.equal(await holding(caseId), '5');
    await cancel(caseId);
    assert.equal(await holding(caseId), '0');
  });

  it('keeps what a case reserved for which another system has acted already, also when it is cancelled afterwards', async () => {
    const server = createServer((request, response) => { request.resume().on('end', () => response.writeHead(201).end('{}')); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      desk = await Desk.open();
      desk.add({ id: 'scan', wires: [['reserve']] });
      desk.add({ id: 'reserve', wires: [['post']], pattern: reserve });
      desk.add({ id: 'post', wires: [['fail'], []], pattern: callPattern({
        system: 'erp', service: '', operation: 'post', method: 'POST', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, urlType: 'str', body: '$document', bodyType: 'case', timeoutSeconds: 5,
        idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1, recordAs: '', milestone: '',
      }) });
      desk.add({ id: 'fail', wires: [], pattern: fail });
      await desk.start();
      const { caseId } = await desk.openCase('scan');
      await eventually(async () => (await desk.exceptions(caseId))[0]);
      await cancel(caseId);
      assert.equal(await holding(caseId), '5');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('lets what a cancelled case claimed as unique be opened anew, and nothing that was closed as done', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['fail']] });
    desk.add({ id: 'done', wires: [['close']] });
    desk.add({ id: 'fail', wires: [], pattern: fail });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const pallet = (key: string) => ({ unique: { scope: 'receiving', key } });
    const first = await desk.openCase('scan', pallet('1'));
    assert.deepEqual(await desk.openCase('scan', pallet('1')), { kind: 'repeat', caseId: first.caseId, closed: false });
    await eventually(async () => (await desk.exceptions(first.caseId))[0]);
    await cancel(first.caseId);
    const second = await desk.openCase('scan', pallet('1'));
    assert.equal(second.kind, 'opened');
    assert.deepEqual(await desk.openCase('scan', pallet('1')), { kind: 'repeat', caseId: second.caseId, closed: false });
    const received = await desk.openCase('done', pallet('2'));
    await desk.closed(received.caseId);
    assert.deepEqual(await desk.openCase('done', pallet('2')), { kind: 'repeat', caseId: received.caseId, closed: true });
  });

  it('counts who corrected the facts among those who touched the case (PROTOCOL §4)', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['ask']] });
    desk.add({ id: 'ask', wires: [['approve']], pattern: { run: async (step) => {
      if (step.resolvedException('ask') !== undefined) await step.complete([{ port: 0 }]);
      else await step.raise({ class: 'business', severity: 'low', queue: 'clerk', code: 'ask', message: 'How many?' });
    } } });
    desk.add({ id: 'approve', wires: [['close']], pattern: { run: async (step) => {
      if (Object.keys(step.state.tasks).length > 0) return;
      await step.commit((state) => [{
        type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: 'receiving-supervisor', quorum: 1, at: step.now(), onExpiry: 'reject', covers: ['amount'], factsHash: step.hashFacts(state, ['amount']),
        unknownOperatorRole: 'receiving-supervisor', policyVersion: '1', title: 'A task', question: 'May it?', shown: {},
      }]);
    } } });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const raised = await desk.exception(caseId);
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: raised.exception_id, outcome: 'continue', code: 'counted', correction: { amount: '7' }, by: eve }), { ok: true });
    const task = await eventually(async () => (await desk.engine.ledger.listTasks({ status: 'open', caseId }, { limit: 1 })).items[0]);
    const answer = await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: eve });
    assert.equal(answer.ok ? '' : answer.code, 'requester-may-not-decide');
    const other = await desk.engine.decideTask({ taskId: task.task_id, decision: 'approve', factsHash: task.facts_hash, by: { ...eve, userId: 'adam', name: 'adam' } });
    assert.equal(other.ok, true);
  });
});
