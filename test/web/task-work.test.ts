import assert from 'node:assert/strict';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;

describe('web: work on tasks', () => {
  let running: TestEngine;
  let server: TestServer;
  const people: Record<string, { readonly userId: string; readonly headers: { readonly authorization: string } }> = {};
  let serial = 0;

  before(async () => {
    running = await startEngine(async (store) => {
      for (const [name, role, sites] of [
        ['sam', 'receiving-supervisor', ['dc-1']], ['sue', 'receiving-supervisor', ['dc-1']], ['dana', 'receiving-supervisor', ['dc-2']], ['chris', 'clerk', ['dc-1']],
        ['morgan', 'site-manager', ['dc-1']], ['olga', 'operator', ['dc-1']], ['oscar', 'operator', ['dc-1']],
      ] as const) people[name] = await addPerson(store, name, [role], sites);
    });
    server = await startServer(() => running.engine);
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const post = (path: string, name: string, json: object, headers: object = {}): ReturnType<typeof ask> => ask(`${server.api}/tasks/${path}`, { method: 'POST', headers: { ...people[name]!.headers, ...headers }, json });
  const read = async (taskId: string, name: string): Promise<{ status: number; body: Item; detail: Item }> => {
    const { status, body } = await ask(`${server.api}/tasks/${taskId}`, { headers: people[name]!.headers });
    return { status, body, detail: body['detail'] as Item };
  };
  async function open(): Promise<{ taskId: string; factsHash: string; caseId: string }> {
    serial += 1;
    const caseId = await running.scan({ kind: 'receipt', sscc: `3401234500000${String(serial).padStart(5, '0')}`, operator: 'olga' });
    const task = await eventually(async () => ((await ask(`${server.api}/tasks?caseId=${caseId}`, { headers: people['sam']!.headers })).body['items'] as Item[])[0]);
    return { taskId: String(task['taskId']), factsHash: String(task['factsHash']), caseId };
  }

  it('tells why it is asked, who else, and what the caller may do', async () => {
    const { taskId } = await open();
    const { detail, body } = await read(taskId, 'sam');
    assert.deepEqual((detail['levels'] as Item[]).map((level) => [level['level'], level['role'], level['status'], level['eligible'], level['left']]), [[1, 'receiving-supervisor', 'open', 2, 2]]);
    assert.deepEqual([body['mayDecide'], detail['mayReassign'], detail['mayReassignToRole'], detail['mayAsk'], detail['mayWithdraw'], detail['mayRecall']], [true, true, false, true, false, false]);
  });

  it('of another site is not found, whatever is asked of it', async () => {
    const { taskId, factsHash } = await open();
    assert.equal((await read(taskId, 'dana')).status, 404);
    for (const [path, json] of [
      ['decision', { decision: 'approve', factsHash }], ['reassignment', { toRole: 'clerk', reason: 'x' }], ['question', { question: 'x' }], ['answer', { answer: 'x' }], ['comment', { comment: 'x' }],
      ['withdrawal', { reason: 'x' }], ['recall', undefined], ['reversal', { reason: 'x' }],
    ] as const) assert.equal((await post(`${taskId}/${path}`, 'dana', json as object)).status, 404, path);
  });

  it('a question goes to who took part, and the answer comes back', async () => {
    const { taskId } = await open();
    assert.equal((await read(taskId, 'olga')).status, 403, 'an operator reads no tasks');
    assert.equal((await post(`${taskId}/question`, 'sam', { question: 'Why more than ordered?' })).status, 204);
    assert.equal((await read(taskId, 'olga')).detail['mayAnswer'], true, 'but what is asked of them');
    assert.equal((await post(`${taskId}/answer`, 'oscar', { answer: 'Me neither.' })).status, 404, 'who had no part in it does not see it');
    assert.equal((await post(`${taskId}/answer`, 'olga', { answer: 'The supplier announced it.' }, { 'idempotency-key': 'answer-1' })).status, 204);
    assert.equal((await post(`${taskId}/answer`, 'olga', { answer: 'The supplier announced it.' }, { 'idempotency-key': 'answer-1' })).status, 204, 'the same command again is the same');
    assert.deepEqual((await read(taskId, 'olga')).detail['mayAnswer'], false, 'who answered goes on reading it');
    const { detail } = await read(taskId, 'sam');
    assert.deepEqual((detail['conversation'] as Item[]).map((each) => [each['kind'], each['text'], (each['by'] as Item)['name']]), [['question', 'Why more than ordered?', 'SAM'], ['answer', 'The supplier announced it.', 'OLGA']]);
  });

  it('is given to a colleague, and nobody else decides it then', async () => {
    const { taskId, factsHash } = await open();
    assert.equal((await post(`${taskId}/reassignment`, 'sam', { toPerson: people['sue']!.userId, reason: 'She knows the supplier.' })).status, 204);
    const refused = await post(`${taskId}/decision`, 'sam', { decision: 'approve', factsHash });
    assert.deepEqual([refused.status, refused.body['code']], [403, 'task-assigned-to-other']);
    assert.equal((await read(taskId, 'sue')).body['mayDecide'], true);
    assert.equal((await post(`${taskId}/decision`, 'sue', { decision: 'approve', factsHash })).status, 200);
  });

  it('is withdrawn by who asked for it', async () => {
    const { taskId } = await open();
    assert.equal((await post(`${taskId}/withdrawal`, 'sam', { reason: 'x' })).body['code'], 'withdraw-not-yours');
    assert.equal((await post(`${taskId}/withdrawal`, 'olga', { reason: 'Counted wrongly.' })).status, 204);
    assert.equal((await read(taskId, 'sam')).body['status'], 'withdrawn');
  });

  it('several at once only where the approval allows it; each is told by itself', async () => {
    const { taskId, factsHash } = await open();
    const { status, body } = await post('decisions', 'sam', { decision: 'approve', comment: 'all fine', tasks: [{ taskId, factsHash }, { taskId: 'none', factsHash }] });
    assert.equal(status, 200);
    assert.deepEqual((body['items'] as Item[]).map((item) => [item['taskId'], item['ok'], item['code']]), [[taskId, false, 'bulk-not-allowed'], ['none', false, 'not-found']]);
    const many = Array.from({ length: 101 }, (_, n) => ({ taskId: `t-${n}`, factsHash }));
    assert.equal((await post('decisions', 'sam', { decision: 'approve', tasks: many })).status, 400);
  });

  it('takes comments as text, and not without end', async () => {
    const { taskId } = await open();
    assert.equal((await post(`${taskId}/comment`, 'sam', { comment: 'x'.repeat(10_000_000) })).status, 413);
    assert.equal((await post(`${taskId}/comment`, 'sam', { comment: 'x'.repeat(2_001) })).status, 400);
    assert.equal((await post(`${taskId}/comment`, 'sam', { comment: '<script>alert(1)</script>' })).status, 204);
    assert.deepEqual(((await read(taskId, 'sue')).detail['conversation'] as Item[]).map((each) => each['text']), ['<script>alert(1)</script>']);
  });

  it('says what to add when nothing takes a reversal', async () => {
    const { taskId, factsHash } = await open();
    await post(`${taskId}/decision`, 'sam', { decision: 'approve', factsHash });
    const { status, body } = await post(`${taskId}/reversal`, 'sam', { reason: 'wrong' });
    assert.deepEqual([status, body['code']], [409, 'no-reversal-node']);
  });
});
