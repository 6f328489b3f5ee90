import assert from 'node:assert/strict';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

describe('web: events that cases wait for', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const get = (path: string, who = 'clerk'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { headers: people[who]!.headers });
  const post = (json: object, who = 'clerk', headers: Record<string, string> = {}): ReturnType<typeof ask> => ask(`${server.api}/events`, { method: 'POST', headers: { ...people[who]!.headers, ...headers }, json });

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['auditor'] = await addPerson(accounts, 'auditor', ['auditor']);
      people['lead'] = await addPerson(accounts, 'lead', ['quality-lead']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['clerk'], ['dc-2']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are reported, kept and listed', async () => {
    const reported = await post({ name: 'asn-arrived', key: '4711', data: { pallets: 3 }, id: 'asn-1' });
    assert.equal(reported.status, 200);
    assert.deepEqual([reported.body['status'], reported.body['repeated'], reported.body['caseId']], ['kept', false, null]);
    const again = await post({ name: 'asn-arrived', key: '4711', id: 'asn-1' });
    assert.deepEqual([again.body['eventId'], again.body['repeated']], [reported.body['eventId'], true]);
    const { items } = (await get('events', 'auditor')).body as { items: Record<string, unknown>[] };
    assert.deepEqual(items.map(({ eventId, name, key, status, taken, broadcast, site }) => ({ eventId, name, key, status, taken, broadcast, site })), [
      { eventId: reported.body['eventId'], name: 'asn-arrived', key: '4711', status: 'kept', taken: 0, broadcast: false, site: 'dc-1' },
    ]);
    assert.deepEqual((await get('events?status=expired')).body['items'], []);
    assert.deepEqual((await get('events?name=other')).body['items'], []);
  });

  it('happen once for an Idempotency-Key, also for a server that has forgotten it', async () => {
    const key = { 'Idempotency-Key': 'k-1' };
    const first = await post({ name: 'truck-here', key: 'B-XY 1' }, 'clerk', key);
    await server.close();
    server = await startServer(() => test.engine);
    const second = await post({ name: 'truck-here', key: 'B-XY 1' }, 'clerk', key);
    assert.deepEqual([second.body['eventId'], second.body['repeated']], [first.body['eventId'], true]);
  });

  it('are reported by who may, at sites of theirs, and listed there only', async () => {
    assert.equal((await post({ name: 'a', key: '1' }, 'auditor')).status, 403);
    assert.equal((await post({ name: 'a', key: '1' }, 'lead')).status, 403);
    const refused = await post({ name: 'a', key: '1', site: 'dc-1' }, 'elsewhere');
    assert.deepEqual([refused.status, refused.body['code']], [403, 'site-not-yours']);
    assert.deepEqual((await get('events', 'elsewhere')).body['items'], []);
  });

  it('are refused with a sentence that says what to give', async () => {
    for (const [body, status, code] of [
      [{ name: 'no spaces', key: '1' }, 422, 'event-name'], [{ name: 'a', key: '1', data: 'x'.repeat(70_000) }, 422, 'event-too-large'],
      [{ name: 'a' }, 400, undefined], [{ name: 'a', key: '1', keepSeconds: -1 }, 400, undefined], [{ name: 'a', key: '1', extra: 1 }, 400, undefined],
    ] as const) {
      const answer = await post(body);
      assert.ok(answer.status === status || (code === undefined && answer.status === 422), JSON.stringify(answer.body));
      if (code !== undefined) assert.equal(answer.body['code'], code);
    }
  });
});
