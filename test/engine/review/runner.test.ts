import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LedgerError } from '../../../src/ledger/port.ts';
import type { Commit } from '../../../src/ledger/port.ts';
import { callPattern } from '../../../src/engine/patterns/call.ts';
import type { StepPattern } from '../../../src/engine/api.ts';
import { close, Desk, eve, eventually, pass } from './support/desk.ts';

const waiting: StepPattern = {
  run: async (step) => {
    if (step.resolvedException('asked') !== undefined) await step.complete([{ port: 0 }]);
    else await step.raise({ class: 'business', severity: 'low', queue: 'clerk', code: 'asked', message: 'May it go on?' });
  },
};

describe('steps at work', () => {
  let desk: Desk;
  afterEach(async () => { await desk.close(); });

  it('are raised as orphans again when somebody retries them before their node is back', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['ask']] });
    desk.add({ id: 'ask', wires: [['close']], pattern: waiting });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const asked = await desk.exception(caseId);
    desk.stop();
    desk.remove('ask');
    await desk.start();
    const orphan = await eventually(async () => (await desk.exceptions(caseId)).find((e) => e.class === 'orphan'));
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: orphan.exception_id, outcome: 'retry', code: 'again', by: eve }), { ok: true });
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: asked.exception_id, outcome: 'continue', code: 'yes', by: eve }), { ok: true });
    const again = await eventually(async () => (await desk.exceptions(caseId)).find((e) => e.class === 'orphan'));
    assert.notEqual(again.exception_id, orphan.exception_id);
    desk.stop();
    desk.add({ id: 'ask', wires: [['close']], pattern: waiting });
    await desk.start();
    await desk.closed(caseId);
  });

  it('are not gone on with by a node of another type at their address, whose guards they never met', async () => {
    desk = await Desk.open();
    let acted = 0;
    desk.add({ id: 'scan', wires: [['ask']] });
    desk.add({ id: 'ask', type: 'waybill-exception', wires: [['close']], pattern: waiting });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    const asked = await desk.exception(caseId);
    desk.stop();
    desk.remove('ask');
    desk.add({ id: 'ask', type: 'waybill-call', wires: [['close']], pattern: { run: async (step) => { acted += 1; await pass.run(step); } } });
    await desk.start();
    assert.deepEqual(await desk.engine.resolveException({ exceptionId: asked.exception_id, outcome: 'continue', code: 'yes', by: eve }), { ok: true });
    const raised = await eventually(async () => (await desk.exceptions(caseId)).find((e) => e.class === 'orphan'));
    assert.match(raised.message, /in a waybill-exception node, and the node there is a waybill-call now/);
    desk.stop();
    await desk.start();
    assert.equal((await desk.engine.ledger.getException(raised.exception_id))?.status, 'open', 'the wrong node does not adopt it');
    assert.equal(acted, 0);
    desk.stop();
    desk.remove('ask');
    desk.add({ id: 'ask', type: 'waybill-exception', wires: [['close']], pattern: waiting });
    await desk.start();
    await desk.closed(caseId);
    assert.equal(acted, 0);
  });

  it('are not poisoned by unclean ends of epochs in which they only waited, also after an orphan was taken back', async () => {
    desk = await Desk.open();
    const asking = (): void => {
      desk.add({ id: 'scan', wires: [['ask']] });
      desk.add({
        id: 'ask', wires: [['close'], ['close'], [], []],
        pattern: { run: async (step) => {
          const task = Object.values(step.state.tasks)[0];
          if (task !== undefined) return;
          await step.commit([{
            type: 'CreateTask', taskId: step.newId(), runId: step.runId, role: 'boss', quorum: 1, at: step.now(), onExpiry: 'reject', covers: [], factsHash: step.hashFacts(step.state, []),
            unknownOperatorRole: 'boss', policyVersion: '1', title: 'A task', question: 'May it?', shown: {},
          }]);
        } },
      });
      desk.add({ id: 'close', wires: [], pattern: close });
    };
    asking();
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(async () => (await desk.eventsOf(caseId, 'TaskCreated'))[0]);
    desk.stop();
    desk.remove('ask');
    await desk.start();
    desk.stop();
    desk.remove('scan', 'close');
    asking();
    await desk.start();
    await eventually(async () => ((await desk.exceptions(caseId)).length === 0 ? true : undefined));
    for (let epoch = 0; epoch < 4; epoch += 1) {
      // As a crash: the epoch has no end.
      await desk.engine.ledger.close();
      desk = await Desk.open({ home: desk.home });
      asking();
      await desk.start();
    }
    assert.deepEqual(await desk.exceptions(caseId), []);
    assert.deepEqual(await desk.eventsOf(caseId, 'StepResumed'), []);
  });
});

describe('calls while flows are stopped', () => {
  let desk: Desk;
  let server: Server;
  let asked: ServerResponse[];
  let url = '';
  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => { request.resume().on('end', () => asked.push(response)); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await desk.close();
  });
  const call = (more: object = {}): StepPattern => callPattern({
    system: 'erp', service: 'receipts@1', operation: 'post', method: 'POST', url, urlType: 'str', body: '$document', bodyType: 'case', timeoutSeconds: 30, idempotencyHeader: 'Idempotency-Key',
    recovery: 'none', queryUrl: '', queryUrlType: 'str', maxAttempts: 3, maxMinutes: 1, baseDelaySeconds: 0.01, maxDelaySeconds: 0.02, recordAs: '', milestone: '', ...more,
  });
  const flow = (pattern: StepPattern): void => {
    desk.add({ id: 'scan', wires: [['post']] });
    desk.add({ id: 'post', wires: [['close'], []], pattern });
    desk.add({ id: 'close', wires: [], pattern: close });
  };
  const answer = (status: number, body: object): void => {
    for (const response of asked.splice(0)) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  it('keep what the system answered at once, so that the end of the process in between leaves no outcome unknown (PROTOCOL §3)', async () => {
    desk = await Desk.open();
    flow(call());
    await desk.start();
    const { caseId } = await desk.openCase('scan');
    await eventually(() => (asked.length === 1 ? true : undefined));
    desk.stop();
    answer(201, { number: 'GR-1' });
    const ended = await eventually(async () => (await desk.eventsOf(caseId, 'CallEnded'))[0]);
    assert.equal(ended.data.outcome, 'success');
    assert.deepEqual(await desk.eventsOf(caseId, 'StepEntered').then((events) => events.length), 1);
    await desk.engine.ledger.close();
    desk = await Desk.open({ home: desk.home });
    flow(call());
    await desk.start();
    await desk.closed(caseId);
    assert.equal((await desk.eventsOf(caseId, 'CallStarted')).length, 1);
    assert.deepEqual(await desk.eventsOf(caseId, 'ExceptionRaised'), []);
  });

  it('keep what the system answered while the ledger\'s queue is full', async () => {
    let full = 0;
    desk = await Desk.open({ ledger: (real) => new Proxy(real, {
      get: (target, name) => {
        if (name === 'append') {
          return (commit: Commit) => {
            if (full === 0 || !commit.events.some((event) => event.type === 'CallEnded')) return target.append(commit);
            full -= 1;
            return Promise.reject(new LedgerError('queue-full', 'The queue is full.'));
          };
        }
        const value = (target as unknown as Record<PropertyKey, unknown>)[name];
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    }) });
    flow(call());
    await desk.start();
    full = 2;
    const { caseId } = await desk.openCase('scan');
    await eventually(() => (asked.length === 1 ? true : undefined));
    answer(201, { number: 'GR-1' });
    await desk.closed(caseId);
    assert.equal(full, 0);
    assert.deepEqual((await desk.eventsOf(caseId, 'CallEnded')).map((event) => event.data.outcome), ['success']);
  });
});
