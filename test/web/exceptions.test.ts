import assert from 'node:assert/strict';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;
const items = (body: Record<string, unknown>): Item[] => body['items'] as Item[];

describe('web: exceptions', () => {
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  const people: Record<string, { readonly userId: string; readonly headers: { readonly authorization: string } }> = {};
  const by = (name: string) => people[name]!.headers;
  let serial = 0;

  before(async () => {
    running = await startEngine(async (store) => {
      for (const [name, role, sites] of [
        ['sam', 'receiving-supervisor', ['dc-1']], ['dana', 'receiving-supervisor', ['dc-2']], ['chris', 'clerk', ['dc-1']], ['alex', 'auditor', ['*']], ['olga', 'operator', ['dc-1']], ['both', 'clerk', ['dc-1', 'dc-2']],
      ] as const) people[name] = await addPerson(store, name, [role], sites);
    });
    server = await startServer(() => running.engine);
    api = server.api;
  });
  after(async () => {
    await server.close();
    await running.close();
  });

  const raised = async (kind: 'odd' | 'damaged' = 'odd', site = 'dc-1'): Promise<Item> => {
    serial += 1;
    const caseId = await running.scan({ kind, sscc: `3401234500000${String(serial).padStart(5, '0')}`, site, operator: 'olga' });
    return await eventually(async () => items((await ask(`${api}/exceptions?caseId=${caseId}`, { headers: by('both') })).body)[0]);
  };
  const post = (item: Item, what: string, json: unknown, who = 'chris', headers: Record<string, string> = {}) =>
    ask(`${api}/exceptions/${String(item['exceptionId'])}/${what}`, { method: 'POST', headers: { ...by(who), ...headers }, json });
  const read = async (item: Item, who = 'both'): Promise<Item> => (await ask(`${api}/exceptions/${String(item['exceptionId'])}`, { headers: by(who) })).body;
  const outcomeOf = (item: Item): Promise<unknown> => eventually(async () => {
    const { body } = await ask(`${api}/cases/${String(item['caseId'])}`, { headers: by('both') });
    return body['status'] === 'closed' ? body['outcome'] : undefined;
  });

  it('carry class, priority by rule, deadline and amount', async () => {
    const item = await raised('damaged');
    assert.equal(item['category'], 'damaged-goods');
    assert.equal(item['basePriority'], 5);
    assert.ok(Date.parse(String(item['dueAt'])) - Date.parse(String(item['raisedAt'])) < 4 * 3_600_000 + 1_000);
    // Due in four hours, so it is no matter for later.
    assert.equal(item['priority'], 2);
    assert.match(JSON.stringify((await read(item))['detail']), /no amount; correct the facts/);
  });

  describe('of a class with resolution codes', () => {
    it('take no other code, and say which there are', async () => {
      const item = await raised('damaged');
      const other = await post(item, 'resolution', { outcome: 'retry', code: 'whatever' });
      assert.equal(other.status, 409);
      assert.equal(other.body['code'], 'resolution-undeclared');
      assert.match(String(other.body['detail']), /repacked \(Repacked\) with retry, written-off with cancel/);
      assert.deepEqual(other.body['codes'], ['repacked', 'written-off']);
      assert.equal((await post(item, 'resolution', { outcome: 'cancel', code: 'repacked' })).body['code'], 'resolution-outcome');
      assert.equal((await post(item, 'resolution', { outcome: 'cancel', code: 'written-off' })).body['code'], 'resolution-needs-note');
      assert.equal((await post(item, 'resolution', { outcome: 'cancel', code: 'written-off', note: '  ' })).body['code'], 'resolution-needs-note');
      assert.equal((await post(item, 'resolution', { outcome: 'retry', code: 'repacked' })).status, 204);
      assert.equal(await outcomeOf(item), 'received');
    });

    it('stand aside when the case is cancelled through another exception', async () => {
      const item = await raised('damaged');
      assert.equal((await post(item, 'resolution', { outcome: 'cancel', code: 'written-off', note: 'Wet through.' })).status, 204);
      assert.equal(await outcomeOf(item), 'cancelled');
    });
  });

  describe('are assigned', () => {
    it('to oneself, and by another person only when that person says so', async () => {
      const item = await raised();
      assert.equal((await post(item, 'assignment', { assignee: 'me' })).status, 204);
      assert.deepEqual((await read(item, 'chris'))['assignee'], { id: running.engine.pseudonym(people['chris']!.userId), name: 'CHRIS', me: true });
      assert.equal((await post(item, 'assignment', { assignee: 'me' }, 'sam')).body['code'], 'assigned-to-other');
      assert.equal((await post(item, 'assignment', { assignee: 'me', takeOver: true }, 'sam')).status, 204);
      assert.equal(items((await ask(`${api}/exceptions?assignee=me&caseId=${String(item['caseId'])}`, { headers: by('sam') })).body).length, 1);
      assert.equal(items((await ask(`${api}/exceptions?assignee=none&caseId=${String(item['caseId'])}`, { headers: by('sam') })).body).length, 0);
      assert.equal((await post(item, 'assignment', { assignee: null }, 'sam')).status, 204);
      assert.equal((await read(item))['assignee'], null);
    });

    it('to a person who may work them, and to nobody else', async () => {
      const item = await raised();
      assert.equal((await post(item, 'assignment', { assignee: people['sam']!.userId })).status, 204);
      for (const unsuitable of [people['dana']!.userId, people['olga']!.userId, 'nobody']) {
        assert.equal((await post(item, 'assignment', { assignee: unsuitable, takeOver: true })).body['code'], 'person-unsuitable');
      }
    });

    it('to one of two who take it at the same instant', async () => {
      const item = await raised();
      const answers = await Promise.all([post(item, 'assignment', { assignee: 'me' }, 'sam'), post(item, 'assignment', { assignee: 'me' }, 'chris')]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
    });
  });

  it('are reclassified, and move in the list', async () => {
    const item = await raised();
    assert.equal((await post(item, 'reclassification', {})).status, 400);
    assert.equal((await post(item, 'reclassification', { priority: 6 })).status, 400);
    assert.equal((await post(item, 'reclassification', { queue: 'quality', severity: 'critical', priority: 1, category: 'no-notice', reason: 'The supplier calls it an emergency.' })).status, 204);
    const { queue, severity, basePriority, category } = await read(item);
    assert.deepEqual({ queue, severity, basePriority, category }, { queue: 'quality', severity: 'critical', basePriority: 1, category: 'no-notice' });
    const first = items((await ask(`${api}/exceptions?sort=urgency`, { headers: by('chris') })).body)[0];
    assert.equal(first?.['exceptionId'], item['exceptionId']);
    assert.equal(items((await ask(`${api}/exceptions?class=no-notice&severity=critical&queue=quality`, { headers: by('chris') })).body).length, 1);
    assert.equal((await ask(`${api}/exceptions/summary`, { headers: by('chris') })).body['critical'], 1);
    await post(item, 'resolution', { outcome: 'cancel', code: 'done-with' });
  });

  it('are found by words, and page by page in the order of urgency', async () => {
    const item = await raised();
    assert.ok(items((await ask(`${api}/exceptions?q=PURCHASING%20carton&caseId=${String(item['caseId'])}`, { headers: by('chris') })).body).length === 1);
    assert.deepEqual(items((await ask(`${api}/exceptions?q=nothing-like-it`, { headers: by('chris') })).body), []);
    assert.deepEqual(items((await ask(`${api}/exceptions?olderThanHours=1`, { headers: by('chris') })).body), []);
    const whole = items((await ask(`${api}/exceptions?sort=urgency&limit=200`, { headers: by('chris') })).body).map((each) => each['exceptionId']);
    const paged: unknown[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const { body } = await ask(`${api}/exceptions?sort=urgency&limit=2${next === '' ? '' : `&cursor=${next}`}`, { headers: by('chris') });
      paged.push(...items(body).map((each) => each['exceptionId']));
      next = body['next'] as string | undefined;
    }
    assert.deepEqual(paged, whole);
  });

  describe('that are like each other', () => {
    it('are suggested within the sites of the person', async () => {
      const [one, two, elsewhere] = [await raised(), await raised(), await raised('odd', 'dc-2')];
      const like = (who: string) => ask(`${api}/exceptions/${String(one['exceptionId'])}/like`, { headers: by(who) }).then(({ body }) => items(body).map((each) => each['exceptionId']));
      assert.ok((await like('chris')).includes(two['exceptionId']));
      assert.ok(!(await like('chris')).includes(one['exceptionId']));
      assert.ok(!(await like('chris')).includes(elsewhere['exceptionId']));
      assert.ok((await like('both')).includes(elsewhere['exceptionId']));
    });

    it('are resolved together once merged, each in its case', async () => {
      const [main, one, two] = [await raised(), await raised(), await raised('odd', 'dc-2')];
      assert.equal((await post(one, 'merge', { into: main['exceptionId'] })).status, 204);
      assert.equal((await post(one, 'merge', { into: main['exceptionId'] })).status, 204);
      assert.equal((await post(two, 'merge', { into: main['exceptionId'] }, 'both')).status, 204);
      assert.equal((await read(one))['mergedInto'], main['exceptionId']);
      assert.equal(((await read(main))['merged'] as unknown[]).length, 2);
      assert.equal(((await read(main, 'chris'))['merged'] as unknown[]).length, 1);
      assert.ok(!items((await ask(`${api}/exceptions?merged=hide&limit=200`, { headers: by('both') })).body).some((each) => each['exceptionId'] === one['exceptionId']));
      assert.equal((await post(main, 'resolution', { outcome: 'retry', code: 'notice-came' })).status, 204);
      for (const each of [main, one, two]) assert.equal(await outcomeOf(each), 'received');
      const resolved = await read(one);
      assert.deepEqual([resolved['resolution'], resolved['outcome']], ['notice-came', 'retry']);
    });

    it('form no chains and no circles', async () => {
      const [a, b, c] = [await raised(), await raised(), await raised()];
      assert.equal((await post(a, 'merge', { into: a['exceptionId'] })).body['code'], 'merge-itself');
      assert.equal((await post(a, 'merge', { into: b['exceptionId'] })).status, 204);
      assert.equal((await post(b, 'merge', { into: a['exceptionId'] })).body['code'], 'merge-chain');
      assert.equal((await post(b, 'merge', { into: c['exceptionId'] })).body['code'], 'merge-chain');
      assert.equal((await post(c, 'merge', { into: a['exceptionId'] })).body['code'], 'merge-chain');
      assert.equal((await post(a, 'merge', { into: null })).status, 204);
      assert.equal((await post(a, 'merge', { into: null })).body['code'], 'not-merged');
      const answers = await Promise.all([post(a, 'merge', { into: c['exceptionId'] }), post(c, 'merge', { into: a['exceptionId'] })]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
    });

    it('are not merged with what is resolved', async () => {
      const [main, one] = [await raised(), await raised()];
      await post(one, 'resolution', { outcome: 'cancel', code: 'gone' });
      await outcomeOf(one);
      assert.equal((await post(one, 'merge', { into: main['exceptionId'] })).body['code'], 'exception-resolved');
      assert.equal((await post(main, 'merge', { into: one['exceptionId'] })).body['code'], 'main-resolved');
    });

    it('are linked both ways', async () => {
      const [a, b, far] = [await raised(), await raised(), await raised('odd', 'dc-2')];
      assert.equal((await post(a, 'link', { other: b['exceptionId'] })).status, 204);
      assert.equal((await post(b, 'link', { other: a['exceptionId'] })).status, 204);
      assert.deepEqual(((await read(b))['linked'] as Item[]).map((each) => each['exceptionId']), [a['exceptionId']]);
      assert.equal((await post(a, 'link', { other: a['exceptionId'] })).body['code'], 'link-itself');
      assert.equal((await post(a, 'link', { other: far['exceptionId'] })).status, 404);
    });
  });

  it('are resolved in bulk, and each is told', async () => {
    const [one, two, far] = [await raised(), await raised(), await raised('odd', 'dc-2')];
    const exceptionIds = [one, two, far].map((each) => each['exceptionId']).concat('nowhere');
    const headers = { ...by('chris'), 'idempotency-key': 'bulk-1' };
    const answer = await ask(`${api}/exceptions/resolutions`, { method: 'POST', headers, json: { exceptionIds, outcome: 'retry', code: 'notice-came' } });
    assert.equal(answer.status, 200);
    assert.deepEqual((answer.body['results'] as Item[]).map((each) => [each['ok'], each['code']]), [[true, undefined], [true, undefined], [false, 'not-found'], [false, 'not-found']]);
    const again = await ask(`${api}/exceptions/resolutions`, { method: 'POST', headers, json: { exceptionIds, outcome: 'retry', code: 'notice-came' } });
    assert.deepEqual(again.body, answer.body);
    assert.equal((await ask(`${api}/exceptions/resolutions`, { method: 'POST', headers: by('chris'), json: { exceptionIds: Array.from({ length: 101 }, (_, i) => `x-${i}`), outcome: 'retry', code: 'notice-came' } })).status, 400);
    assert.equal((await ask(`${api}/exceptions/resolutions`, { method: 'POST', headers: by('alex'), json: { exceptionIds, outcome: 'retry', code: 'notice-came' } })).status, 403);
  });

  it('are opened again only while their case is open', async () => {
    const item = await raised();
    assert.equal((await post(item, 'reopening', { reason: 'Not done.' })).body['code'], 'exception-open');
    await post(item, 'resolution', { outcome: 'cancel', code: 'returned' });
    await outcomeOf(item);
    const refused = await post(item, 'reopening', { reason: 'It came back.' });
    assert.deepEqual([refused.status, refused.body['code']], [409, 'case-closed']);
  });

  describe('take notes', () => {
    it('as they are written, HTML and all', async () => {
      const item = await raised();
      const note = '<img src=x onerror=alert(1)> asked "purchasing" & waited';
      assert.equal((await post(item, 'note', { note }, 'chris', { 'idempotency-key': 'note-1' })).status, 204);
      assert.equal((await post(item, 'note', { note }, 'chris', { 'idempotency-key': 'note-1' })).status, 204);
      const notes = (await read(item))['notes'] as Item[];
      assert.equal(notes.length, 1);
      assert.equal(notes[0]?.['note'], note);
      assert.equal(notes[0]?.['by'], 'CHRIS');
    });

    it('of a bounded length', async () => {
      const item = await raised();
      assert.equal((await post(item, 'note', { note: 'x'.repeat(2_001) })).status, 400);
      assert.equal((await post(item, 'note', { note: 'x'.repeat(10_000_000) })).status, 413);
      assert.equal((await post(item, 'note', { note: '' })).status, 400);
    });
  });

  it('of other sites and for other roles are out of reach, and refusals are in the ledger', async () => {
    const item = await raised('odd', 'dc-2');
    for (const [what, json] of [['assignment', { assignee: 'me' }], ['note', { note: 'x' }], ['merge', { into: 'x' }], ['link', { other: 'x' }], ['reopening', { reason: 'x' }], ['reclassification', { priority: 1 }], ['resolution', { outcome: 'retry', code: 'done' }]] as const) {
      assert.equal((await post(item, what, json)).status, 404, what);
      assert.equal((await post(item, what, json, 'alex')).status, 403, what);
    }
    const mine = await raised();
    await post(mine, 'assignment', { assignee: 'me' });
    await post(mine, 'assignment', { assignee: 'me' }, 'sam');
    const { body } = await ask(`${api}/cases/${String(mine['caseId'])}`, { headers: by('sam') });
    assert.ok((body['events'] as Item[]).some((event) => event['type'] === 'CommandRefused' && event['reasonCode'] === 'assigned-to-other'));
  });
});
