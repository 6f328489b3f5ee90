import assert from 'node:assert/strict';
import { twins } from '../governance/gate/support/flows.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, signIn, startServer, type BrowserSession, type TestServer } from './support/server.ts';

describe('the deploy gate over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const read = (who: string, what: string): ReturnType<typeof ask> => ask(`${server.api}/${what}`, { headers: people[who]!.headers });
  const sessions = new Map<string, BrowserSession>();
  const write = async (who: string, what: string, json?: object): ReturnType<typeof ask> => {
    const session = sessions.get(who) ?? await signIn(server, who);
    sessions.set(who, session);
    return ask(`${server.api}/${what}`, { method: 'POST', headers: { cookie: session.cookie, 'x-waybill-csrf': session.csrf }, ...(json === undefined ? {} : { json }) });
  };
  const judge = async (): Promise<boolean> => (await test.engine.governance.gate.judge(twins(), 'deploy', { username: 'engineer' })).ok;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['engineer'] = await addPerson(accounts, 'engineer', ['engineer']);
      people['manager'] = await addPerson(accounts, 'manager', ['site-manager']);
      people['other'] = await addPerson(accounts, 'other', ['site-manager'], ['dc-2']);
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['buyer'] = await addPerson(accounts, 'buyer', ['buyer']);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('says that a site without a catalogue is ungated, to everybody who is signed in', async () => {
    const { status, body } = await read('buyer', 'governance');
    assert.equal(status, 200);
    const gate = body['gate'] as Record<string, unknown>;
    assert.deepEqual([gate['state'], gate['code'], gate['storage'], gate['baseline']], ['ungated', 'no-catalogue', false, null]);
    assert.match(String(gate['reason']), /This site is ungated/);
    assert.deepEqual([(body['catalogue'] as { state: string }).state, body['policyVersion'], body['lastSync']], ['none', null, null]);
  });

  it('has no findings before anything was judged, and pages what was', async () => {
    assert.deepEqual((await read('engineer', 'findings')).body, { judgedAt: null, refused: false, note: null, setAside: null, total: 0, items: [] });
    assert.equal(await judge(), false);
    const { body } = await read('engineer', 'findings?limit=1');
    const [first] = body['items'] as { rule: string; yours: boolean; level: string; node: { id: string } }[];
    assert.deepEqual([body['refused'], first?.rule, first?.level, first?.node.id, first?.yours], [true, 'duplicate-step-id', 'error', 'twin-2', true]);
    const total = Number(body['total']);
    const rest = total === 1 ? [] : (await read('engineer', `findings?limit=200&cursor=${String(body['next'])}`)).body['items'] as object[];
    assert.equal(rest.length + 1, total);
    assert.equal((await read('engineer', 'findings?cursor=x')).status, 400);
    assert.equal((await read('buyer', 'findings')).status, 403);
    const refusals = (await test.engine.ledger.readAll(1, 1_000)).filter(({ type }) => type === 'DeployRefused');
    assert.deepEqual(refusals.map(({ actor, personal }) => [actor.id, (personal as { name?: string } | undefined)?.name]), [[test.engine.pseudonym(people['engineer']!.userId), 'engineer']]);
  });

  it('opens for two people of the site, past named rules only, until it ends, and the ledger has it', async () => {
    const rules = ['duplicate-step-id', 'case-closed-after', 'case-opened-before-governed', 'owner-and-family'];
    assert.equal((await write('clerk', 'break-glass', { rules, reason: 'outage', hours: 2 })).status, 403);
    assert.equal((await write('other', 'break-glass', { rules, reason: 'outage', hours: 2 })).body['code'], 'break-glass-site');
    assert.equal((await write('engineer', 'break-glass', { rules: [], reason: 'outage', hours: 2 })).status, 400);
    assert.equal((await write('engineer', 'break-glass', { rules, reason: 'outage', hours: 73 })).status, 400);
    assert.equal((await write('engineer', 'break-glass', { rules, reason: '  ', hours: 2 })).status, 400, 'a blank reason is none');
    assert.match(String((await write('engineer', 'break-glass', { rules: ['no-exce'], reason: 'outage', hours: 2 })).body['detail']), /no-exec/, 'a rule that does not exist would help nobody in the outage');
    assert.equal((await ask(`${server.api}/break-glass`, { method: 'POST', headers: people['engineer']!.headers, json: { rules, reason: 'outage', hours: 2 } })).body['code'], 'break-glass-token');
    const asked = await write('engineer', 'break-glass', { rules, reason: 'the scanner flow stands still', hours: 2 });
    assert.deepEqual([asked.status, asked.body['state'], asked.body['until']], [201, 'asked', null]);
    assert.equal(await judge(), false, 'one person opens nothing');
    const second = `break-glass/${String(asked.body['id'])}/second`;
    assert.equal((await write('engineer', second)).body['code'], 'break-glass-same-person');
    assert.equal((await write('other', second)).body['code'], 'break-glass-site');
    assert.equal((await write('manager', 'break-glass/unknown/second')).status, 404);
    const agreed = await write('manager', second);
    assert.deepEqual([agreed.status, agreed.body['state']], [200, 'open']);
    const until = Date.parse(String(agreed.body['until'])) - Date.now();
    assert.ok(until > 7_100_000 && until <= 7_200_000);

    assert.equal(await judge(), true);
    const judged = await test.engine.governance.gate.judge([...twins(), { id: 'x', type: 'exec', z: 'twins-tab', name: 'x', command: 'rm', wires: [[], [], []] }], 'deploy', undefined);
    const admitted = judged.findings.filter(({ rule }) => rule === 'duplicate-step-id').map((finding) => finding.admitted?.by);
    assert.deepEqual(admitted, ['break-glass']);
    assert.equal(judged.findings.filter(({ rule }) => rule === 'no-exec').some((finding) => finding.admitted !== undefined), false);
    const [open] = (await read('buyer', 'governance')).body['breakGlass'] as { state: string; second: { name: string } }[];
    assert.deepEqual([open?.state, open?.second.name], ['open', 'MANAGER']);
    const events = await test.engine.ledger.readStream(`break-glass:${String(asked.body['id'])}`);
    assert.deepEqual(events.map(({ type }) => type), ['BreakGlassAsked', 'BreakGlassUsed']);
  });
});
