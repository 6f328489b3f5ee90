import assert from 'node:assert/strict';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

const day = 86_400_000;
const soon = (days: number): string => new Date(Date.now() + days * day).toISOString();
const nodes = [{ id: 'a1', type: 'inject', z: 't', x: 10, y: 20, wires: [['a2']] }, { id: 'a2', type: 'debug', z: 't', wires: [] }];
const change = { kind: 'change', site: 'dc-1', family: 'order-to-cash', template: 'order-to-cash/exception@1.0.0', title: 'A second output', reason: 'Our carrier asks for it.', nodes };
const waiver = { kind: 'waiver', site: 'dc-1', family: 'order-to-cash', rule: 'no-exec', scope: { fingerprints: ['f1'] }, until: soon(20), title: 'Label printer', reason: 'Its driver is a program.' };
type Body = Record<string, unknown>;

describe('change requests', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const call = (path: string, who: string, json?: unknown, key?: string): ReturnType<typeof ask> => ask(`${server.api}/${path}`, {
    method: json === undefined ? 'GET' : 'POST', headers: { ...people[who]!.headers, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }, ...(json === undefined ? {} : { json }),
  });
  const requested = async (body: object = change, who = 'eve'): Promise<{ readonly id: string; readonly hash: string }> => {
    const { status, body: answer } = await call('change-requests', who, body);
    assert.equal(status, 201, JSON.stringify(answer));
    const id = String(answer['changeId']);
    return { id, hash: String((await call(`change-requests/${id}`, who)).body['requestHash']) };
  };
  const decide = (id: string, who: string, requestHash: string, terms: object, key?: string): ReturnType<typeof ask> => call(`change-requests/${id}/decision`, who, { requestHash, terms }, key);
  const accept = { decision: 'accept', version: '1.1.0' };

  before(async () => {
    test = await startEngine(async (accounts) => {
      for (const [name, roles, sites] of [
        ['eve', ['engineer'], ['dc-1']], ['emil', ['engineer'], ['dc-2']], ['otto', ['owner:order-to-cash'], ['*']], ['olga', ['owner:order-to-cash'], ['dc-1']], ['rita', ['owner:returns'], ['*']],
        ['arch', ['central-architect'], ['*']], ['both', ['engineer', 'owner:order-to-cash'], ['dc-1']], ['mo', ['site-manager'], ['dc-1']], ['chris', ['clerk'], ['dc-1']], ['audit', ['auditor'], ['*']], ['root', ['admin'], ['*']], ['buyer', ['buyer'], ['*']],
      ] as const) people[name] = await addPerson(accounts, name, roles, sites);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are asked for by an engineer and decided by an owner, on record with reason and nodes', async () => {
    const { id, hash } = await requested();
    const before = await call(`change-requests/${id}`, 'olga');
    assert.deepEqual(['status', 'title', 'reason', 'mayDecide', 'template', 'difference'].map((name) => before.body[name]), ['requested', 'A second output', 'Our carrier asks for it.', true, 'order-to-cash/exception@1.0.0', null]);
    assert.deepEqual((before.body['requestedBy'] as Body)['name'], 'EVE');
    assert.equal((before.body['nodes'] as Body[]).length, 2);
    const done = await decide(id, 'olga', hash, accept);
    assert.deepEqual([done.status, done.body], [200, { changeId: id, status: 'accepted', agreeing: 1, quorum: 1 }]);
    const after = await call(`change-requests/${id}`, 'eve');
    assert.deepEqual([after.body['status'], after.body['version'], (after.body['talk'] as Body[]).map((word) => [(word['by'] as Body)['name'], word['outcome']])], ['accepted', '1.1.0', [['OLGA', 'accepted']]]);
    const events = await test.engine.ledger.readStream(`change:${id}`);
    assert.deepEqual(events.map(({ type, site }) => [type, site]), [['ChangeRequested', 'dc-1'], ['ChangeDecided', 'dc-1']]);
    assert.ok(!JSON.stringify(events.map(({ data }) => data)).includes('carrier'), 'the reason stands in erasable content');
  });

  it('are for who has the right, and nobody decides their own', async () => {
    const { id, hash } = await requested({ ...waiver }, 'both');
    const terms = { decision: 'waive', rule: 'no-exec', scope: { fingerprints: ['f1'] }, expiresAt: soon(10) };
    const own = await decide(id, 'both', hash, terms);
    assert.deepEqual([own.status, own.body['code']], [403, 'change-own']);
    for (const [who, status, code] of [['eve', 403, 'not-allowed'], ['mo', 403, 'not-allowed'], ['chris', 403, 'not-allowed'], ['audit', 403, 'not-allowed'], ['rita', 403, 'change-not-owner'], ['root', 403, 'change-not-owner'], ['emil', 403, 'not-allowed']] as const) {
      const answer = await decide(id, who, hash, terms);
      assert.deepEqual([answer.status, answer.body['code']], [status, code], who);
    }
    for (const who of ['chris', 'audit', 'rita', 'buyer']) assert.equal((await call('change-requests', who, change)).status, 403, who);
    assert.equal((await call('change-requests', 'buyer')).status, 403);
    assert.equal((await decide(id, 'arch', hash, terms)).body['status'], 'waived');
    const refused = (await test.engine.ledger.readAll(1, 1_000)).flatMap((event) => (event.type === 'CommandRefused' && event.data.command === 'DecideChange' ? [event.data.code] : []));
    assert.deepEqual([...new Set(refused)].sort(), ['change-not-owner', 'change-own']);
  });

  it('of another site are not there', async () => {
    const { id, hash } = await requested();
    for (const path of [`change-requests/${id}`, 'change-requests/constructor', 'change-requests/__proto__']) assert.equal((await call(path, 'emil')).status, 404, path);
    assert.equal((await call(`change-requests/${id}/comment`, 'emil', { comment: 'x' })).status, 404);
    assert.equal((await call(`change-requests/${id}/withdrawal`, 'emil', {})).status, 404);
    assert.equal((await call('change-requests', 'emil', change)).status, 404);
    assert.deepEqual((await call('change-requests', 'emil')).body['items'], []);
    assert.deepEqual((await call('change-requests?site=dc-1', 'emil')).body['items'], []);
    assert.equal((await decide(id, 'rita', hash, accept)).status, 403);
    assert.equal((await call(`change-requests/${id}`, 'eve')).body['status'], 'requested');
  });

  it('are made and decided once under an Idempotency-Key, also when its answer was lost', async () => {
    const [first, second] = [await call('change-requests', 'eve', change, 'once'), await call('change-requests', 'eve', change, 'once')];
    assert.deepEqual([first.status, second.body], [201, first.body]);
    const commandKey = 'restarted';
    const by = { userId: people['eve']!.userId, name: 'EVE', roles: ['engineer'], sites: ['dc-1'], authMethod: 'token', channel: 'api' };
    const input = { ...waiver, kind: 'waiver', by, commandKey } as const;
    const answers = await Promise.all([test.engine.governance.changes.request(input), test.engine.governance.changes.request(input)]);
    assert.ok(answers.every((answer) => answer.ok));
    assert.equal(new Set(answers.map((answer) => (answer.ok ? answer.changeId : ''))).size, 1);
    const { id, hash } = await requested();
    for (const answer of [await decide(id, 'otto', hash, accept, 'decided'), await decide(id, 'otto', hash, accept, 'decided')]) assert.equal(answer.body['status'], 'accepted');
    assert.equal((await test.engine.ledger.readStream(`change:${id}`)).length, 2);
  });

  it('have one outcome when two decide at the same instant', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, hash } = await requested();
      const answers = await Promise.all([decide(id, 'otto', hash, accept), decide(id, 'olga', hash, { decision: 'decline' }), decide(id, 'arch', hash, { decision: 'accept', version: '2.0.0' })]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
      const outcomes = (await test.engine.ledger.readStream(`change:${id}`)).filter((event) => event.type === 'ChangeDecided' && event.data.outcome !== undefined);
      assert.equal(outcomes.length, 1);
    }
  });

  it('are decided on what was shown, and not after they are over', async () => {
    const { id, hash } = await requested();
    const stale = await decide(id, 'otto', `sha256:${'0'.repeat(64)}`, accept);
    assert.deepEqual([stale.status, stale.body['code']], [409, 'change-not-as-shown']);
    assert.equal((await call(`change-requests/${id}/withdrawal`, 'mo', { reason: 'Not needed.' })).body['status'], 'withdrawn');
    const late = await decide(id, 'otto', hash, accept);
    assert.deepEqual([late.status, late.body['code']], [409, 'change-over']);
    const other = await requested();
    assert.equal((await call(`change-requests/${other.id}/withdrawal`, 'otto', {})).status, 403);
  });

  it('come into review when an owner speaks', async () => {
    const { id } = await requested();
    assert.equal((await call(`change-requests/${id}/comment`, 'eve', { comment: 'Urgent.' })).body['status'], 'requested');
    assert.equal((await call(`change-requests/${id}/comment`, 'otto', { comment: '<b>Why?</b>' })).body['status'], 'in-review');
    const { body } = await call(`change-requests/${id}`, 'eve');
    assert.deepEqual((body['talk'] as Body[]).map((word) => word['comment']), ['Urgent.', '<b>Why?</b>']);
    assert.ok(((await call('change-requests?status=open&family=order-to-cash', 'eve')).body['items'] as Body[]).some((row) => row['changeId'] === id && row['status'] === 'in-review'));
  });

  it('need two owners where nobody knows who asked', async () => {
    const by = { userId: 'editor', name: 'not signed in', roles: [], sites: ['dc-1'], authMethod: 'none', channel: 'editor' };
    const asked = await test.engine.governance.changes.request({ ...waiver, kind: 'waiver', by });
    assert.ok(asked.ok);
    const hash = String((await call(`change-requests/${asked.changeId}`, 'eve')).body['requestHash']);
    const terms = { decision: 'waive', rule: 'no-exec', scope: { fingerprints: ['f1'] }, expiresAt: soon(10) };
    assert.deepEqual((await decide(asked.changeId, 'otto', hash, terms)).body, { changeId: asked.changeId, status: 'in-review', agreeing: 1, quorum: 2 });
    assert.equal((await decide(asked.changeId, 'olga', hash, terms)).body['status'], 'waived');
  });

  it('are listed page by page, newest first', async () => {
    const ids: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call(`change-requests?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`, 'eve');
      ids.push(...(body['items'] as Body[]).map((row) => String(row['changeId'])));
      if (body['next'] === undefined) break;
      cursor = String(body['next']);
    }
    assert.ok(ids.length > 6);
    assert.deepEqual(ids, [...new Set(ids)].sort().reverse());
    assert.equal((await call('change-requests?cursor=x', 'eve')).status, 400);
  });

  it('refuse secrets and what is no export, before anything is recorded', async () => {
    const position = test.engine.ledger.health().lastPosition;
    const propose = (...list: object[]): ReturnType<typeof ask> => call('change-requests', 'eve', { ...change, nodes: list });
    for (const node of [
      { password: 'hunter2' }, { credentials: { user: 'u', password: 'p' } }, { url: 'https://sam:secret@erp.acme/' }, { func: 'const t = "Bearer abcdefghijklmnopqrstuvwxyz";' },
      { env: [{ name: 'API_KEY', type: 'str', value: 'k-123' }] }, { tls: { key: '-----BEGIN RSA PRIVATE KEY-----\nx' } }, { headers: [{ key: 'x-api-key', value: 'abc' }] },
    ]) {
      const { status, body } = await propose({ id: 'n', type: 'http request', name: 'Post', ...node });
      assert.deepEqual([status, body['code']], [422, 'proposal-invalid'], JSON.stringify(node));
      assert.ok(!JSON.stringify(body).includes('hunter2'));
    }
    for (const list of [[{ id: 'n' }], [{ id: '', type: 'x' }], [{ id: 'n', type: 'x' }, { id: 'n', type: 'x' }]]) assert.equal((await propose(...list)).status, 422);
    assert.equal(test.engine.ledger.health().lastPosition, position);
    const fine = await propose({ id: 'n', type: 'http request', password: '${erpPassword}', passwordType: '', tokenCount: 5, name: 'secretary' });
    assert.equal(fine.status, 201, JSON.stringify(fine.body));
  });

  it('refuse what does not fit', async () => {
    for (const [body, status] of [
      [{ ...change, nodes: undefined }, 422], [{ ...change, nodes: [] }, 400], [{ ...change, nodes: 'x' }, 400], [{ ...change, template: '../../etc/passwd' }, 400], [{ ...change, template: 'a/b@1.0.0/..' }, 400], [{ ...change, template: undefined }, 422],
      [{ ...change, family: 'Order' }, 400], [{ ...change, family: 'a'.repeat(100) }, 400], [{ ...change, reason: '' }, 400], [{ ...change, reason: ' ' }, 422], [{ ...change, title: 'x'.repeat(301) }, 400], [{ ...change, family: 'returns' }, 422], [{ ...waiver, scope: { template: 'returns/damaged-goods' } }, 422], [{ ...change, extra: 1 }, 400],
      [{ ...waiver, rule: undefined }, 422], [{ ...waiver, rule: 'no-exce' }, 422], [{ ...waiver, scope: {} }, 422], [{ ...waiver, scope: { fingerprints: Array.from({ length: 101 }, (_, i) => `f${i}`) } }, 400], [{ ...waiver, until: soon(400) }, 422], [{ ...waiver, until: '2026-02-31T99:00Z' }, 400], [{ ...waiver, until: soon(-1) }, 422],
    ] as const) assert.equal((await call('change-requests', 'eve', body)).status, status, JSON.stringify(body).slice(0, 200));
    const { id, hash } = await requested();
    for (const terms of [{ decision: 'accept' }, { decision: 'accept', version: '1' }, { decision: 'accept', version: '1.0.0', rule: 'x' }, { decision: 'waive' }, { decision: '__proto__' }, {}, null, []]) {
      assert.equal((await decide(id, 'otto', hash, terms as object)).status, 400, JSON.stringify(terms));
    }
    for (const version of ['0.9.0', '1.0.0', '1.0.0-rc.1']) assert.match(String((await decide(id, 'otto', hash, { decision: 'accept', version })).body['detail']), /based on 1\.0\.0.*a higher one/);
  });

  it('need the scope when a token asks', async () => {
    const reading = await addPerson(test.accounts, 'reader', ['engineer', 'owner:order-to-cash'], ['dc-1'], ['read']);
    test.engine.accountsChanged();
    const answer = await ask(`${server.api}/change-requests`, { method: 'POST', headers: reading.headers, json: change });
    assert.deepEqual([answer.status, answer.body['code']], [403, 'scope-missing']);
    assert.equal((await ask(`${server.api}/change-requests`, { headers: reading.headers })).status, 200);
    assert.deepEqual((await ask(`${server.api}/waivers`, { headers: reading.headers })).body, { items: [] });
  });
});
