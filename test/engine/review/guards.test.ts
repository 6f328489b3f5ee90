import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callPattern } from '../../../src/engine/patterns/call.ts';
import { close, Desk, eve } from './support/desk.ts';

describe('guards of a call', () => {
  let desk: Desk;
  let server: Server;
  const posted: unknown[] = [];
  let status = 422;
  beforeEach(async () => {
    posted.length = 0;
    status = 422;
    server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => {
        posted.push(JSON.parse(text));
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await desk.close();
  });

  it('are checked again before something new is sent: facts corrected after the approval do not reach the other system (PROTOCOL §2.9, §3, §8)', async () => {
    desk = await Desk.open();
    desk.add({ id: 'scan', wires: [['approve']] });
    desk.add({ id: 'approve', wires: [['post']], pattern: { run: (step) => step.complete([{ port: 0 }], (state) => [
      { type: 'ReachMilestone', runId: step.runId, milestone: 'approved', covers: ['amount'], factsHash: step.hashFacts(state, ['amount']) },
    ]) } });
    desk.add({ id: 'post', wires: [['close'], []], requires: ['approved'], pattern: callPattern({
      system: 'erp', service: 'receipts@1', operation: 'post', method: 'POST', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, urlType: 'str', body: '$document', bodyType: 'case',
      timeoutSeconds: 5, idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 1, maxMinutes: 1, baseDelaySeconds: 1, maxDelaySeconds: 1, recordAs: '', milestone: '',
    }) });
    desk.add({ id: 'close', wires: [], pattern: close });
    await desk.start();
    const { caseId } = await desk.openCase('scan', { document: { amount: '5', note: 'a' } });
    const rejected = await desk.exception(caseId);
    assert.equal(rejected.code, 'call-rejected');
    status = 200;
    const go = (exceptionId: string, correction: { amount?: string; note?: string }) => desk.engine.resolveException({ exceptionId, outcome: 'continue', code: 'corrected', correction, by: eve });
    assert.deepEqual(await go(rejected.exception_id, { amount: '500' }), { ok: true });
    const breached = await desk.exception(caseId);
    assert.deepEqual([breached.class, breached.code], ['guard-breached', 'facts-changed:approved']);
    assert.deepEqual(posted, [{ amount: '5', note: 'a' }]);
    assert.deepEqual(await go(breached.exception_id, { amount: '5', note: 'b' }), { ok: true });
    await desk.closed(caseId);
    assert.deepEqual(posted.slice(1), [{ amount: '5', note: 'b' }]);
  });
});
