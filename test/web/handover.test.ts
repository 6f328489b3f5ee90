import assert from 'node:assert/strict';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

describe('hand-over notes', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const call = (path: string, who: string, json?: object, key?: string): ReturnType<typeof ask> => ask(`${server.api}/${path}`, {
    method: json === undefined ? 'GET' : 'POST', headers: { ...people[who]!.headers, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }, ...(json === undefined ? {} : { json }),
  });
  const notes = async (who: string, status = 'open'): Promise<{ noteId: string; text: string; author: { name?: string }; status: string; settledBy: { name?: string } | null }[]> =>
    (await call(`handover-notes?status=${status}`, who)).body['items'] as never;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['early'] = await addPerson(accounts, 'early', ['clerk']);
      people['late'] = await addPerson(accounts, 'late', ['supervisor']);
      people['auditor'] = await addPerson(accounts, 'auditor', ['auditor']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['clerk'], ['dc-2']);
      people['operator'] = await addPerson(accounts, 'operator', ['operator']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are left by one shift, seen to by the next, and say by whom', async () => {
    const left = await call('handover-notes', 'early', { site: 'dc-1', text: 'Gate 3 <b>is</b> closed.' });
    assert.equal(left.status, 201);
    const [note] = await notes('late');
    assert.deepEqual([note?.text, note?.author.name], ['Gate 3 <b>is</b> closed.', 'EARLY']);
    assert.equal((await call(`handover-notes/${note!.noteId}/settlement`, 'late', {})).status, 204);
    assert.deepEqual(await notes('early'), []);
    assert.deepEqual((await notes('early', 'settled')).map((each) => each.settledBy?.name), ['LATE']);
    const events = await test.engine.ledger.readStream(`handover:${note!.noteId}`);
    assert.deepEqual(events.map(({ type }) => type), ['HandoverNoted', 'HandoverSettled']);
    assert.ok(!JSON.stringify(events.map(({ data }) => data)).includes('Gate 3'));
  });

  it('are left once, however often they are sent, and seen to once', async () => {
    const send = (): ReturnType<typeof ask> => call('handover-notes', 'early', { site: 'dc-1', text: 'Once.' }, 'same');
    const answers = [await send(), await send()];
    assert.deepEqual(answers.map(({ status }) => status), [201, 201]);
    const found = (await notes('late')).filter(({ text }) => text === 'Once.');
    assert.equal(found.length, 1);
    const settle = (who: string): ReturnType<typeof ask> => call(`handover-notes/${found[0]!.noteId}/settlement`, who, {});
    assert.deepEqual([(await settle('late')).status, (await settle('late')).status, (await settle('early')).status], [204, 204, 409]);
  });

  it('stay within their site and with those who may', async () => {
    assert.equal((await call('handover-notes', 'elsewhere', { site: 'dc-1', text: 'x' })).status, 404);
    await call('handover-notes', 'early', { site: 'dc-1', text: 'Only for dc-1.' });
    const [note] = await notes('late');
    assert.deepEqual(await notes('elsewhere'), []);
    assert.equal((await call(`handover-notes/${note!.noteId}/settlement`, 'elsewhere', {})).status, 404);
    assert.equal((await call('handover-notes', 'auditor', { site: 'dc-1', text: 'x' })).status, 403);
    assert.equal((await call('handover-notes', 'operator')).status, 403);
    assert.equal((await call('handover-notes', 'early', { site: 'dc-1', text: '' })).status, 400);
    assert.equal((await call('handover-notes', 'early', { site: 'dc-1', text: 'x'.repeat(2_001) })).status, 400);
  });
});
