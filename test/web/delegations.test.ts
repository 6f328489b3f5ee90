import assert from 'node:assert/strict';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

describe('delegations over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const call = (method: string, path: string, who: string, json?: object, headers: Record<string, string> = {}): ReturnType<typeof ask> =>
    ask(`${server.api}/${path}`, { method, headers: { ...people[who]!.headers, ...headers }, ...(json === undefined ? {} : { json }) });
  const grant = (who: string, json: object, headers?: Record<string, string>): ReturnType<typeof ask> => call('POST', 'delegations', who, json, headers);
  const idOf = (who: string): string => people[who]!.userId;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['anna'] = await addPerson(accounts, 'anna', ['buyer', 'finance']);
      people['ben'] = await addPerson(accounts, 'ben', ['buyer']);
      people['carl'] = await addPerson(accounts, 'carl', ['clerk'], ['dc-1', 'dc-2']);
      people['far'] = await addPerson(accounts, 'far', ['clerk'], ['dc-9']);
      people['reader'] = await addPerson(accounts, 'reader', ['clerk'], ['dc-1'], ['read']);
      people['dock'] = await addPerson(accounts, 'dock', ['operator']);
      people['admin'] = await addPerson(accounts, 'admin', ['admin'], ['*']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('are granted, seen by both, and in the ledger without names in clear', async () => {
    const made = await grant('anna', { to: idOf('ben'), roles: ['buyer'], toTime: inDays(3), reason: 'Holiday' });
    assert.equal(made.status, 201);
    const delegationId = String(made.body['delegationId']);
    for (const [who, from, to] of [['anna', true, false], ['ben', false, true]] as const) {
      const [item] = (await call('GET', 'delegations', who)).body['items'] as { from: { me: boolean; name: string }; to: { me: boolean }; state: string; roles: string[]; mayEnd: boolean }[];
      assert.deepEqual([item?.from.me, item?.to.me, item?.state, item?.roles, item?.mayEnd, item?.from.name], [from, to, 'active', ['buyer'], true, 'ANNA']);
    }
    assert.deepEqual((await call('GET', 'delegations', 'carl')).body['items'], []);
    const [event] = await test.engine.ledger.readStream(`delegation:${delegationId}`);
    assert.equal(event?.type, 'DelegationGranted');
    assert.doesNotMatch(JSON.stringify(event.data), /ANNA|BEN|Holiday/);
    assert.deepEqual(event.personal, { fromName: 'ANNA', toName: 'BEN', reason: 'Holiday' });
    assert.deepEqual((await test.engine.directory().delegatorsFor(idOf('ben'), { role: 'buyer', site: 'dc-1', at: new Date().toISOString() })).map(({ member }) => member.userId), [idOf('anna')]);
    assert.equal((await call('DELETE', `delegations/${delegationId}`, 'carl')).status, 403);
    assert.equal((await call('DELETE', `delegations/${delegationId}`, 'ben')).status, 204);
    assert.deepEqual(await test.engine.directory().delegatorsFor(idOf('ben'), { role: 'buyer', site: 'dc-1', at: new Date().toISOString() }), []);
    const again = await call('DELETE', `delegations/${delegationId}`, 'anna');
    assert.deepEqual([again.status, again.body['code']], [409, 'delegation-over']);
    const over = (await call('GET', 'delegations?over=true', 'anna')).body['items'] as { state: string; mayEnd: boolean }[];
    assert.deepEqual([over[0]?.state, over[0]?.mayEnd], ['ended', false]);
  });

  it('are refused with status, code and sentence, and the refusal is in the ledger', async () => {
    const refusals: readonly (readonly [string, object, number, string])[] = [
      ['anna', { to: idOf('anna'), toTime: inDays(1) }, 422, 'delegation-to-oneself'],
      ['anna', { to: idOf('ben'), toTime: inDays(-1) }, 422, 'delegation-past'],
      ['anna', { to: idOf('ben'), fromTime: inDays(3), toTime: inDays(2) }, 422, 'delegation-backwards'],
      ['anna', { to: idOf('ben'), toTime: inDays(100) }, 422, 'delegation-too-long'],
      ['anna', { to: idOf('ben'), roles: ['site-manager'], toTime: inDays(1) }, 422, 'delegation-beyond-own'],
      ['anna', { to: idOf('ben'), sites: ['*'], toTime: inDays(1) }, 422, 'delegation-beyond-own'],
      ['ben', { from: idOf('anna'), to: idOf('ben'), toTime: inDays(1) }, 403, 'delegation-of-other'],
    ];
    for (const [who, json, status, code] of refusals) {
      const before = test.engine.ledger.health().lastPosition;
      const answer = await grant(who, json);
      assert.deepEqual([answer.status, answer.body['code']], [status, code], JSON.stringify(json));
      assert.match(String(answer.body['detail']), /\.$/);
      const events = await test.engine.ledger.readAll(before + 1, 10);
      const refused = events.find(({ type }) => type === 'CommandRefused');
      assert.deepEqual([refused?.data, refused?.actor.id], [{ command: 'GrantDelegation', code }, test.engine.pseudonym(idOf(who))]);
    }
    assert.deepEqual([(await grant('anna', { to: idOf('ben'), toTime: 'tomorrow' })).body['code']], ['time-invalid']);
    assert.equal((await grant('anna', { to: 'nobody', toTime: inDays(1) })).status, 404);
    assert.equal((await grant('anna', { to: idOf('far'), toTime: inDays(1) })).status, 404, 'people of other sites are not there');
    assert.equal((await grant('anna', { to: idOf('ben'), toTime: inDays(1), reason: 'x'.repeat(501) })).status, 400);
    assert.equal((await grant('reader', { to: idOf('ben'), toTime: inDays(1) })).status, 403);
    assert.equal((await grant('dock', { to: idOf('ben'), toTime: inDays(1) })).status, 403);
    assert.equal((await call('DELETE', 'delegations/none', 'anna')).status, 404);
  });

  it('never make a circle, not even at the same instant', async () => {
    const answers = await Promise.all([grant('anna', { to: idOf('ben'), roles: ['buyer'], toTime: inDays(1) }), grant('ben', { to: idOf('anna'), roles: ['buyer'], toTime: inDays(1) })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    const made = answers.find(({ status }) => status === 201);
    assert.equal((await call('DELETE', `delegations/${String(made?.body['delegationId'])}`, 'admin')).status, 204);
  });

  it('happen once for an Idempotency-Key, after a restart of the web server as well', async () => {
    const json = { to: idOf('carl'), roles: ['finance'], toTime: inDays(2) };
    const first = await grant('anna', json, { 'idempotency-key': 'once' });
    const other = await startServer(() => test.engine);
    const second = await ask(`${other.api}/delegations`, { method: 'POST', headers: { ...people['anna']!.headers, 'idempotency-key': 'once' }, json });
    await other.close();
    assert.deepEqual([first.status, second.status, second.body['delegationId']], [201, 201, first.body['delegationId']]);
    assert.equal(((await call('GET', 'delegations', 'carl')).body['items'] as object[]).length, 1);
  });

  it('of others are for who looks after accounts', async () => {
    assert.equal((await call('GET', 'delegations?of=all', 'anna')).status, 403);
    assert.ok(((await call('GET', 'delegations?of=all', 'admin')).body['items'] as object[]).length > 0);
    const made = await grant('admin', { from: idOf('ben'), to: idOf('carl'), toTime: inDays(1) });
    assert.equal(made.status, 201);
    const [item] = (await call('GET', 'delegations', 'ben')).body['items'] as { to: { userId: string } }[];
    assert.equal(item?.to.userId, idOf('carl'));
  });

  it('end with the account of the delegator', async () => {
    const made = await grant('carl', { to: idOf('ben'), toTime: inDays(1) });
    assert.equal(made.status, 201);
    await test.accounts.updateUser(idOf('carl'), { disabled: true });
    test.engine.accountsChanged();
    assert.deepEqual(await test.engine.directory().delegatorsFor(idOf('ben'), { role: 'clerk', site: 'dc-1', at: new Date().toISOString() }), []);
    assert.deepEqual([(await grant('ben', { to: idOf('carl'), toTime: inDays(1) })).body['code']], ['delegation-to-disabled']);
    await test.accounts.updateUser(idOf('carl'), { disabled: false });
    test.engine.accountsChanged();
  });

  it('people to choose are those of the own sites, by words, role and site', async () => {
    const names = async (query: string, who = 'anna'): Promise<unknown[]> => ((await call('GET', `directory/people${query}`, who)).body['items'] as { account: string }[]).map(({ account }) => account);
    assert.deepEqual(await names(''), ['admin', 'anna', 'ben', 'carl', 'dock', 'reader']);
    assert.deepEqual(await names('?role=buyer'), ['anna', 'ben']);
    assert.deepEqual(await names('?q=AR'), ['carl']);
    assert.deepEqual(await names('?site=dc-2'), [], 'another site than the own ones');
    assert.deepEqual(await names('?site=dc-2', 'carl'), ['admin', 'carl']);
    const { body } = await call('GET', 'directory/people?limit=1', 'anna');
    assert.equal(body['more'], true);
    const [carl] = (await call('GET', 'directory/people?q=carl', 'anna')).body['items'] as { sites: string[] }[];
    assert.deepEqual(carl?.sites, ['dc-1'], 'sites of others stay theirs');
    assert.equal((await call('GET', 'directory/people', 'dock')).status, 403);
  });

  it('accounts have e-mail addresses, and none that could begin a list or end a header', async () => {
    const change = (email: unknown): ReturnType<typeof ask> => call('PATCH', `users/${idOf('ben')}`, 'admin', { email });
    assert.equal((await change('ben@acme.example')).body['email'], 'ben@acme.example');
    for (const wrong of ['ben', 'a@b, c@d', 'ben@acme.example\r\nBcc: x@y', '<ben@acme.example>', `${'x'.repeat(300)}@acme.example`]) assert.equal((await change(wrong)).status, 400, wrong);
    assert.equal((await change(null)).body['email'], null);
  });
});
