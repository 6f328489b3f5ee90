import assert from 'node:assert/strict';
import { attachment } from '../../src/web/server/attachment.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';

describe('what the console reads', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const get = (path: string, who = 'auditor'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { headers: people[who]!.headers });

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['auditor'] = await addPerson(accounts, 'auditor', ['auditor']);
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['supervisor'] = await addPerson(accounts, 'supervisor', ['receiving-supervisor']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['site-manager'], ['dc-2']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('draws the way of a case: what it passed, where it waits, what is ahead, and what was chosen', async () => {
    const caseId = await test.scan({ kind: 'receipt', sscc: '340123450000000018', operator: 'clerk' });
    const task = await eventually(async () => ((await get('tasks?caseId=' + caseId)).body['items'] as { taskId: string; factsHash: string }[])[0]);
    const { body } = await get(`cases/${caseId}/path`);
    const nodes = body['nodes'] as { address: string; state: string; visits: number; firstEnteredAt: string | null }[];
    assert.deepEqual(nodes.map(({ address, state, visits }) => [address, state, visits]), [
      ['test/scan', 'done', 1], ['test/approve', 'waiting', 1], ['test/received', 'ahead', 0], ['test/refused', 'ahead', 0],
    ]);
    assert.deepEqual(body['edges'], [
      { from: null, to: 'test/scan', passed: 1, waiting: 0 }, { from: 'test/scan', to: 'test/approve', passed: 1, waiting: 0 },
      { from: 'test/approve', to: 'test/received', label: 'approved', passed: 0, waiting: 0 }, { from: 'test/approve', to: 'test/refused', label: 'rejected', passed: 0, waiting: 0 },
    ]);
    const decided = await ask(`${server.api}/tasks/${task.taskId}/decision`, { method: 'POST', headers: people['supervisor']!.headers, json: { decision: 'approve', factsHash: task.factsHash } });
    assert.equal(decided.status, 200);
    await eventually(async () => (await get(`cases/${caseId}`)).body['status'] === 'closed' ? true : undefined);
    const after = (await get(`cases/${caseId}/path`)).body;
    assert.deepEqual((after['nodes'] as { address: string; state: string }[]).map(({ address, state }) => [address, state]), [['test/scan', 'done'], ['test/approve', 'done'], ['test/received', 'done']]);
    assert.equal((after['edges'] as { label?: string; passed: number }[]).find((edge) => edge.label === 'approved')?.passed, 1);
  });

  it('shows where a person is needed', async () => {
    const caseId = await test.scan({ kind: 'odd', sscc: '340123450000000025' });
    await eventually(async () => ((await get(`exceptions?caseId=${caseId}`)).body['items'] as object[])[0]);
    const { body } = await get(`cases/${caseId}/path`);
    assert.equal((body['nodes'] as { address: string; state: string }[]).find((node) => node.address === 'test/stop')?.state, 'trouble');
    assert.equal((await get(`cases/${caseId}/path`, 'elsewhere')).status, 404);
  });

  it('gives the proof of a case as a file, to those who may read the ledger', async () => {
    const caseId = await test.scan({ kind: 'odd', sscc: '340123450000000032', operator: 'clerk' });
    const { status, headers, body } = await get(`cases/${caseId}/proof`);
    assert.equal(status, 200);
    assert.equal(headers.get('content-disposition'), `attachment; filename="waybill-proof-${caseId}.json"`);
    assert.equal(body['caseId'], caseId);
    assert.deepEqual(body['unsigned'], []);
    assert.ok((body['events'] as object[]).length > 0);
    assert.equal((await get(`cases/${caseId}/proof`, 'clerk')).status, 403);
  });

  it('says how the instance is', async () => {
    const { status, body } = await get('system');
    assert.equal(status, 200);
    assert.equal((body['engine'] as { state: string }).state, 'ready');
    assert.ok(Intl.supportedValuesOf('timeZone').includes(String(body['timeZone'])) || body['timeZone'] === 'UTC');
    assert.ok((body['disk'] as { freeBytes: number }).freeBytes > 0);
    assert.match(String((body['ledger'] as { unwitnessedSince: string }).unwitnessedSince), /^\d{4}-/);
    await test.engine.ledger.seal();
    assert.ok(((await get('system')).body['checkpoints'] as { size: number }[])[0]!.size > 0);
  });

  it('finds tasks and counts them, for the roles and sites of who asks', async () => {
    await test.scan({ kind: 'receipt', sscc: '340123459000000019', operator: 'clerk' });
    const find = async (query: string, who = 'supervisor'): Promise<number> => ((await get(`tasks?${query}`, who)).body['items'] as object[]).length;
    await eventually(async () => (await find('q=340123459 OVER-receipt')) === 1 ? true : undefined);
    assert.equal(await find('q=nothing-like-it'), 0);
    assert.equal(await find('role=site-manager'), 0);
    assert.equal(await find('', 'elsewhere'), 0);
    await eventually(async () => {
      const { body } = await get('tasks/summary', 'supervisor');
      return body['open'] === 1 && (body['roles'] as { role: string }[])[0]?.role === 'receiving-supervisor' ? true : undefined;
    });
    assert.equal((await get('tasks/summary', 'elsewhere')).body['open'], 0);
    assert.equal(((await get('cases?q=340123459')).body['items'] as object[]).length, 1);
    assert.equal(((await get('cases?q=receipt of sscc 340123459')).body['items'] as object[]).length, 1);
  });

  it('says of a filter that is too long what to do, and of a cursor of another list that it is none', async () => {
    const pasted = await get(`tasks?q=${Array.from({ length: 100 }, (_, i) => i).join('+')}`);
    assert.equal(pasted.status, 400);
    assert.equal(pasted.body['code'], 'filter-too-long');
    assert.match(String(pasted.body['detail']), /200; search for a few words/);
    const enormous = await get(`cases?q=${'9'.repeat(20_000)}`);
    assert.equal(enormous.status, 431);
    assert.equal(enormous.body['code'], 'filter-too-long');
    assert.equal((await get('tasks?cursor=x')).body['code'], 'cursor-invalid');
    assert.equal((await get(`tasks?cursor=${Buffer.from('["a","b","c","d"]').toString('base64url')}`)).body['code'], 'cursor-invalid');
  });

  it('gives files names that no folder, header or file system takes for something else', () => {
    assert.equal(attachment('../../etc/passwd'), 'attachment; filename="passwd"');
    assert.equal(attachment('C:\\x\\a"b\r\nSet-Cookie: x.json'), 'attachment; filename="a_b__Set-Cookie_ x.json"');
    assert.equal(attachment('Beleg Über.pdf'), "attachment; filename=\"Beleg _ber.pdf\"; filename*=UTF-8''Beleg%20%C3%9Cber.pdf");
    assert.equal(attachment('..'), 'attachment; filename="_"');
  });
});
