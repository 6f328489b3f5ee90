import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';

describe('circuits of systems over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const change = (who: string, system: string, json: object): ReturnType<typeof ask> => ask(`${server.api}/system/circuits/${system}`, { method: 'POST', headers: people[who]!.headers, json });
  const circuits = async (): Promise<readonly Record<string, unknown>[]> => (await ask(`${server.api}/system/circuits`, { headers: people['engineer']!.headers })).body['items'] as Record<string, unknown>[];

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['engineer'] = await addPerson(accounts, 'engineer', ['engineer']);
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
    });
    server = await startServer(() => test.engine);
    await test.scan({ kind: 'ship', sscc: '340123450000000032', operator: 'olga' });
    await eventually(async () => ((await circuits()).length > 0 ? true : undefined));
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are listed, opened and closed with a reason, which is in the ledger', async () => {
    const [circuit] = await circuits();
    const name = String(circuit?.['name']);
    assert.deepEqual([circuit?.['state'], circuit?.['manual'], circuit?.['until']], ['closed', false, null]);
    const opened = await change('engineer', name, { state: 'open', reason: 'the carrier moves its servers' });
    assert.deepEqual([opened.status, opened.body['state'], opened.body['manual']], [200, 'open', true]);
    assert.deepEqual((await change('engineer', name, { state: 'open', reason: 'again' })).body['code'], 'circuit-unchanged');
    const closed = await change('engineer', name, { state: 'closed', reason: 'done' });
    assert.deepEqual([closed.status, closed.body['state']], [200, 'closed']);
    const events = await test.engine.ledger.readStream(`circuit:${name}`);
    assert.deepEqual(events.map((event) => [event.type, event.actor.kind, (event.content as { note?: string } | undefined)?.note]), [
      ['CircuitOpened', 'person', 'the carrier moves its servers'], ['CircuitClosed', 'person', 'done'],
    ]);
  });

  it('are nobody else\'s business, need a reason, a system that there is, and a time that lies ahead', async () => {
    const name = String((await circuits())[0]?.['name']);
    assert.equal((await change('clerk', name, { state: 'open', reason: 'x' })).status, 403);
    assert.equal((await change('engineer', name, { state: 'open' })).status, 400);
    assert.equal((await change('engineer', name, { state: 'open', reason: 'x'.repeat(501) })).status, 400);
    assert.deepEqual([(await change('engineer', 'nowhere', { state: 'open', reason: 'x' })).status], [404]);
    assert.equal((await change('engineer', name, { state: 'open', reason: 'x', until: '2020-01-01T00:00:00Z' })).status, 422);
    assert.equal((await change('engineer', name, { state: 'open', reason: 'x', until: 'soon' })).status, 422);
  });

  it('answer within seconds, and truly, while the ledger takes no commits, and are recorded afterwards', async function () {
    this.timeout(30_000);
    const name = String((await circuits())[0]?.['name']);
    const before = (await test.engine.ledger.readStream(`circuit:${name}`)).length;
    const other = new DatabaseSync(join(test.home, 'ledger.db'));
    other.exec('BEGIN IMMEDIATE');
    const answer = await change('engineer', name, { state: 'open', reason: 'the disk is full' });
    assert.deepEqual([answer.status, answer.body['code']], [503, 'ledger-unavailable']);
    assert.equal((await circuits()).find((one) => one['name'] === name)?.['state'], 'open');
    other.exec('ROLLBACK');
    other.close();
    await eventually(async () => ((await test.engine.ledger.readStream(`circuit:${name}`)).length > before ? true : undefined));
    assert.equal((await change('engineer', name, { state: 'closed', reason: 'done' })).status, 200);
  });
});

describe('replays of many dead letters over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const post = (path: string, json: object, who = 'clerk', key?: string): ReturnType<typeof ask> =>
    ask(`${server.api}/${path}`, { method: 'POST', headers: { ...people[who]!.headers, ...(key === undefined ? {} : { 'idempotency-key': key }) }, json });

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['auditor'] = await addPerson(accounts, 'auditor', ['auditor']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['clerk'], ['dc-2']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('say what would happen, happen once for a repeated key, and are seen by nobody of another site', async () => {
    await test.scan({ kind: 'ship', sscc: '340123450000000032', operator: 'olga' });
    const letter = await eventually(async () => ((await ask(`${server.api}/dead-letters`, { headers: people['clerk']!.headers })).body['items'] as { deadLetterId: string }[])[0]);
    const dry = await post('dead-letters/replays', { ids: [letter.deadLetterId], dryRun: true });
    assert.deepEqual([dry.status, dry.body['batchId'], (dry.body['items'] as { would: string }[]).map(({ would }) => would)], [200, null, ['replay']]);
    assert.equal((await post('dead-letters/replays', { ids: [letter.deadLetterId] }, 'auditor')).status, 403);
    assert.deepEqual((await post('dead-letters/replays', { ids: [letter.deadLetterId] }, 'elsewhere')).body['code'], 'nothing-to-replay');
    assert.equal((await post('dead-letters/replays', {})).status, 400);
    assert.equal((await post('dead-letters/replays', { ids: [letter.deadLetterId], ratePerSecond: 0 })).status, 400);
    const first = await post('dead-letters/replays', { ids: [letter.deadLetterId] }, 'clerk', 'k-1');
    const again = await post('dead-letters/replays', { ids: [letter.deadLetterId] }, 'clerk', 'k-1');
    assert.equal(first.status, 200);
    assert.equal(again.body['batchId'], first.body['batchId']);
    const address = `dead-letters/replays/${String(first.body['batchId'])}`;
    assert.equal((await ask(`${server.api}/${address}`, { headers: people['elsewhere']!.headers })).status, 404);
    const seen = await ask(`${server.api}/${address}`, { headers: people['clerk']!.headers });
    assert.deepEqual([seen.status, (seen.body['batch'] as { total: number }).total, (seen.body['items'] as object[]).length], [200, 1, 1]);
  });
});
