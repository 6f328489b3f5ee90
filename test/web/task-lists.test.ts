import assert from 'node:assert/strict';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;
const hence = (ms: number): string => new Date(Date.now() + ms).toISOString();
const day = 86_400_000;

describe('web: lists of tasks', () => {
  let running: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  let serial = 0;

  const call = (name: string, path: string, method = 'GET', json?: object): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { method, headers: people[name]!.headers, ...(json === undefined ? {} : { json }) });
  const list = async (name: string, query = '?limit=100'): Promise<readonly Item[]> => {
    const { status, body } = await call(name, `tasks${query}`);
    assert.equal(status, 200);
    return body['items'] as Item[];
  };
  const has = async (name: string, taskId: string, query?: string): Promise<boolean> => (await list(name, query)).some((item) => item['taskId'] === taskId);
  /** A task of receiving supervisors, as the site's manager sees it. */
  async function asked(site = 'dc-1'): Promise<{ readonly taskId: string; readonly factsHash: string }> {
    serial += 1;
    const caseId = await running.scan({ kind: 'receipt', sscc: `3401234500001${String(serial).padStart(5, '0')}`, operator: 'olga', site });
    const task = await eventually(async () => (await running.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    return { taskId: task.task_id, factsHash: task.facts_hash };
  }
  async function delegate(from: string, to: string, more: object = {}): Promise<string> {
    const { status, body } = await call(from, 'delegations', 'POST', { to: people[to]!.userId, toTime: hence(day), ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return String(body['delegationId']);
  }
  const open = async (name: string): Promise<number> => Number((await call(name, 'tasks/summary')).body['open']);

  beforeEach(async () => {
    running = await startEngine(async (store) => {
      for (const [name, role, sites] of [
        ['sam', 'receiving-supervisor', ['dc-1', 'dc-2']], ['sue', 'receiving-supervisor', ['dc-1']], ['bea', 'buyer', ['dc-1']], ['far', 'buyer', ['dc-9']], ['wide', 'buyer', ['dc-1', 'dc-2']],
        ['morgan', 'site-manager', ['dc-1']], ['olga', 'operator', ['dc-1', 'dc-2']],
      ] as const) people[name] = await addPerson(store, name, [role], sites);
    });
    server = await startServer(() => running.engine);
  });
  afterEach(async () => {
    await server.close();
    await running.close();
  });

  it('a delegate has it listed and counted with for whom, decides it in that name, and no more once the delegation has ended', async () => {
    const { taskId, factsHash } = await asked();
    const other = await asked();
    assert.deepEqual(await list('bea'), []);
    const delegationId = await delegate('sam', 'bea');
    const items = await list('bea');
    assert.deepEqual(items.map((item) => item['taskId']), [taskId, other.taskId]);
    assert.deepEqual([items[0]?.['mayDecide'], items[0]?.['delegators']], [true, [{ userId: people['sam']!.userId, name: 'SAM' }]]);
    assert.equal(await open('bea'), 2);
    assert.deepEqual((await list('sam')).map((item) => item['delegators']), [[], []], 'whoever has it of their own has it for nobody');
    assert.equal((await call('bea', `tasks/${taskId}/open`, 'POST')).status, 204);
    assert.equal((await call('bea', `tasks/${taskId}/decision`, 'POST', { decision: 'approve', factsHash })).status, 200);
    const task = await running.engine.ledger.getTask(taskId);
    const decided = (await running.engine.ledger.readStream(task!.case_id)).find((event) => event.type === 'Decided');
    assert.equal(decided?.actor.onBehalfOf, running.engine.pseudonym(people['sam']!.userId));
    assert.equal((await call('sam', `delegations/${delegationId}`, 'DELETE')).status, 204);
    assert.deepEqual(await list('bea'), []);
    assert.equal(await open('bea'), 0);
    assert.equal((await call('bea', `tasks/${other.taskId}`)).status, 404);
    assert.deepEqual((await list('sam')).map((item) => item['taskId']), [other.taskId]);
  });

  it('page by page the same, by role, and only of the roles and the time that were given', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await asked()).taskId);
    await delegate('sam', 'bea', { toTime: hence(4_000) });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await call('bea', `tasks?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`);
      seen.push(...(body['items'] as Item[]).map((item) => item['taskId']));
      cursor = body['next'] as string | undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ids);
    assert.equal((await list('bea', '?role=receiving-supervisor')).length, 5);
    assert.deepEqual(await list('bea', '?role=buyer'), []);
    await eventually(async () => ((await list('bea')).length === 0 ? true : undefined));
  });

  it('nothing of another site, whatever was delegated', async () => {
    const here = await asked('dc-1');
    const there = await asked('dc-2');
    await delegate('sam', 'bea');
    assert.deepEqual([await has('bea', here.taskId), await has('bea', there.taskId), await has('bea', there.taskId, '?site=dc-2')], [true, false, false]);
    assert.equal(await open('bea'), 1);
    await delegate('sam', 'wide', { sites: ['dc-2'] });
    assert.deepEqual([await has('wide', here.taskId), await has('wide', there.taskId)], [false, true], 'of the sites that were given only');
    assert.equal(await open('wide'), 1);
    assert.deepEqual([await list('far'), await open('far')], [[], 0]);
  });

  it('a role that the delegator has no longer gives nothing', async () => {
    const { taskId } = await asked();
    await delegate('sam', 'bea');
    assert.equal(await has('bea', taskId), true);
    await running.accounts.updateUser(people['sam']!.userId, { roles: ['buyer'] });
    running.engine.accountsChanged();
    assert.equal(await has('bea', taskId), false);
    assert.equal(await open('bea'), 0);
  });

  it('what was given to one person is theirs, and not of who stands in for another', async () => {
    const { taskId } = await asked();
    await delegate('sam', 'bea');
    const given = await call('sue', `tasks/${taskId}/reassignment`, 'POST', { toPerson: people['sue']!.userId, reason: 'mine' });
    assert.equal(given.status, 204, JSON.stringify(given.body));
    assert.deepEqual([await has('bea', taskId), await open('bea')], [false, 0]);
    // She is moved to another role meanwhile: it is in her list still, and not hers to decide.
    await running.accounts.updateUser(people['sue']!.userId, { roles: ['buyer'] });
    running.engine.accountsChanged();
    const [item] = await list('sue');
    assert.deepEqual([item?.['taskId'], item?.['mayDecide'], item?.['delegators'], (item?.['assignee'] as Item)['me']], [taskId, false, [], true]);
    assert.equal(await open('sue'), 1);
  });
});
