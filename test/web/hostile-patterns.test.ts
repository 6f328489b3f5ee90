import assert from 'node:assert/strict';
import { operations } from '../../src/web/server/operations.ts';
import { jpeg } from '../support/photos.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;
type Person = Awaited<ReturnType<typeof addPerson>>;
const items = (body: Item): Item[] => body['items'] as Item[];
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const html = '<img src=x onerror="alert(1)"><script>alert(document.cookie)</script>';
const hostileIds = ['__proto__', 'constructor', 'toString', '%2e%2e', '..%2f..%2f..%2fetc%2fpasswd', '%2e%2e%5cledger.db', 'a%00b', '%3Cscript%3E', '%F0%9F%92%A5', "'%20OR%201=1--", 'x'.repeat(200), '%', 'null'];

describe('web: hostile calls of the patterns', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Person> = {};
  let serial = 0;
  const sscc = (): string => `3401234560${String(serial += 1).padStart(8, '0')}`;
  const call = (method: string, path: string, who: string, json?: unknown, headers: Record<string, string> = {}): ReturnType<typeof ask> =>
    ask(`${server.api}/${path}`, { method, headers: { ...people[who]!.headers, ...headers }, ...(json === undefined ? {} : { json }) });
  const post = (path: string, who: string, json?: unknown, headers?: Record<string, string>): ReturnType<typeof ask> => call('POST', path, who, json, headers);
  const raw = (path: string, who: string, body: string, type = 'application/json', method = 'POST'): Promise<Response> =>
    fetch(`${server.api}/${path}`, { method, headers: { ...people[who]!.headers, 'content-type': type }, body });
  const position = (): number => test.engine.ledger.health().lastPosition;
  /** Refusals on record since a position. */
  const refusals = async (since: number): Promise<{ readonly command: string; readonly code: string; readonly by: string; readonly text: string }[]> =>
    (await test.engine.ledger.readAll(since + 1, 200)).flatMap((event) => (event.type === 'CommandRefused' ? [{ ...event.data, by: event.actor.id, text: JSON.stringify(event.data) }] : []));
  /** Refused with this status and code, on record under the person's pseudonym, and nothing else recorded. */
  async function refused(who: string, answer: () => ReturnType<typeof ask>, status: number, code: string, what: string): Promise<void> {
    const before = position();
    const { status: was, body } = await answer();
    assert.deepEqual([was, body['code']], [status, code], `${what}: ${JSON.stringify(body)}`);
    assert.match(String(body['detail']), /[.!]$|^body|^path/, what);
    const recorded = (await test.engine.ledger.readAll(before + 1, 20)).filter(({ actor }) => actor.kind === 'person');
    assert.deepEqual(recorded.map(({ type, actor }) => [type, actor.id]), [['CommandRefused', test.engine.pseudonym(people[who]!.userId)]], what);
    assert.deepEqual((await refusals(before)).map((one) => one.code), [code], what);
  }

  const found = async (list: string, caseId: string, who: string): Promise<Item> => await eventually(async () => items((await call('GET', `${list}?caseId=${caseId}`, who)).body)[0]);
  async function taskAt(site: string): Promise<Item> {
    return await found('tasks', await test.scan({ kind: 'receipt', sscc: sscc(), site, operator: 'olga' }), site === 'dc-1' ? 'sam' : 'dsam');
  }
  async function exceptionAt(site: string): Promise<Item> {
    return await found('exceptions', await test.scan({ kind: 'odd', sscc: sscc(), site, operator: 'olga' }), site === 'dc-1' ? 'chris' : 'dana');
  }
  async function deadLetterAt(site: string): Promise<Item> {
    return await found('dead-letters', await test.scan({ kind: 'ship', sscc: sscc(), site, operator: 'olga' }), site === 'dc-1' ? 'chris' : 'dana');
  }
  async function photo(who: string): Promise<string> {
    const response = await fetch(`${server.api}/attachments`, { method: 'POST', headers: { ...people[who]!.headers, 'content-type': 'image/jpeg' }, body: Buffer.from(jpeg([], Buffer.alloc(0), (serial += 1))) });
    assert.equal(response.status, 201);
    return String((await response.json() as Item)['sha256']);
  }

  before(async () => {
    test = await startEngine(async (accounts) => {
      for (const [name, roles, sites] of [
        ['sam', ['receiving-supervisor'], ['dc-1']], ['chris', ['clerk'], ['dc-1']], ['dana', ['clerk'], ['dc-2']], ['dsam', ['receiving-supervisor'], ['dc-2']], ['mo', ['site-manager'], ['dc-1']],
        ['root', ['admin', 'site-manager', 'receiving-supervisor'], ['*']], ['olga', ['operator'], ['dc-1']], ['anna', ['buyer'], ['dc-1']], ['ben', ['buyer'], ['dc-1']],
      ] as const) people[name] = await addPerson(accounts, name, roles, sites);
    });
    server = await startServer(() => test.engine);
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('what belongs to another site is not there, and each attempt is on record', async function () {
    this.timeout(90_000);
    const [task, there, here, letter] = [await taskAt('dc-2'), await exceptionAt('dc-2'), await exceptionAt('dc-1'), await deadLetterAt('dc-2')];
    const sha256 = await photo('dana');
    assert.equal((await post(`exceptions/${String(there['exceptionId'])}/photos`, 'dana', { sha256 })).status, 204);
    const asked = position();
    const batch = await post('dead-letters/replays', 'dana', { ids: [letter['deadLetterId']], ratePerSecond: 0.01 });
    assert.equal(batch.status, 200, JSON.stringify(batch.body));
    // It replays the first by itself, in dana's name; nothing of it may come between what others try.
    await eventually(async () => (await test.engine.ledger.readAll(asked + 1, 50)).find(({ type }) => type === 'Replayed'));
    const noted = await post('handover-notes', 'dana', { site: 'dc-2', text: 'for us' });
    const tried: readonly (readonly [who: string, path: string, body?: unknown, code?: string])[] = [
      ['sam', `tasks/${String(task['taskId'])}/decision`, { decision: 'approve', factsHash: task['factsHash'] }], ['sam', `tasks/${String(task['taskId'])}/claim`], ['sam', `tasks/${String(task['taskId'])}/release`],
      ...(['question', 'answer', 'comment', 'withdrawal', 'reassignment', 'recall', 'reversal'] as const).map((what) => ['sam', `tasks/${String(task['taskId'])}/${what}`, what === 'recall' ? undefined : { [{ question: 'question', answer: 'answer', comment: 'comment' }[what as string] ?? 'reason']: 'x' }] as const),
      ['sam', `tasks/${String(task['taskId'])}/open`], ['sam', `tasks/${String(task['taskId'])}/photos`, { sha256 }],
      ['chris', `exceptions/${String(there['exceptionId'])}/resolution`, { outcome: 'cancel', code: 'seen-to' }], ['chris', `exceptions/${String(there['exceptionId'])}/assignment`, { assignee: 'me' }],
      ['chris', `exceptions/${String(there['exceptionId'])}/reclassification`, { severity: 'low' }], ['chris', `exceptions/${String(there['exceptionId'])}/merge`, { into: here['exceptionId'] }],
      ['chris', `exceptions/${String(here['exceptionId'])}/merge`, { into: there['exceptionId'] }, 'exception-unknown'], ['chris', `exceptions/${String(here['exceptionId'])}/link`, { other: there['exceptionId'] }, 'exception-unknown'],
      ['chris', `exceptions/${String(there['exceptionId'])}/reopening`, { reason: 'x' }], ['chris', `exceptions/${String(there['exceptionId'])}/note`, { note: 'x' }], ['chris', `exceptions/${String(there['exceptionId'])}/photos`, { sha256 }],
      ['chris', `dead-letters/${String(letter['deadLetterId'])}/replay`, {}], ['chris', `dead-letters/${String(letter['deadLetterId'])}/discard`, { reason: 'x' }],
      ['chris', `dead-letters/replays/${String(batch.body['batchId'])}/stop`, undefined, 'replay-batch-unknown'],
      ['chris', `handover-notes/${String(noted.body['noteId'])}/settlement`], ['chris', 'handover-notes', { site: 'dc-2', text: 'x' }],
      ['chris', `cases/${String(there['caseId'])}/photos`, { sha256 }], ['chris', `cases/${String(there['caseId'])}/effects/constructor/outcome`, { outcome: 'happened' }],
      ['mo', `attachments/${sha256}/erasure`, { reason: 'x' }, 'attachment-unknown'],
    ];
    for (const [who, path, body, code] of tried) await refused(who, () => post(path, who, body), 404, code ?? 'not-found', path);
    await refused('chris', () => post('events', 'chris', { name: 'a', key: '1', site: 'dc-2' }), 403, 'site-not-yours', 'event');
    for (const path of [`exceptions/${String(there['exceptionId'])}`, `exceptions/${String(there['exceptionId'])}/like`, `dead-letters/${String(letter['deadLetterId'])}`, `dead-letters/replays/${String(batch.body['batchId'])}`, `attachments/${sha256}`, `cases/${String(there['caseId'])}`]) {
      assert.equal((await call('GET', path, 'chris')).status, 404, path);
    }
    // In a list of many, what is not there says so by itself and the rest goes its way.
    const before = position();
    const decided = await post('tasks/decisions', 'sam', { decision: 'approve', tasks: [{ taskId: task['taskId'], factsHash: task['factsHash'] }] });
    assert.deepEqual(items(decided.body).map(({ ok, code }) => [ok, code]), [[false, 'not-found']]);
    const bulk = await post('exceptions/resolutions', 'chris', { exceptionIds: [here['exceptionId'], there['exceptionId']], outcome: 'acknowledged', code: 'seen-to' });
    assert.doesNotMatch(JSON.stringify(bulk.body), /dc-2/);
    assert.deepEqual((await refusals(before)).map(({ command, code }) => [command, code]), [['decideTasks', 'not-found'], ['ResolveException', 'outcome-not-possible'], ['resolveExceptions', 'not-found']]);
    assert.equal((await call('GET', `exceptions/${String(there['exceptionId'])}`, 'dana')).body['status'], 'open');
    const dry = await post('dead-letters/replays', 'chris', { ids: [letter['deadLetterId']], dryRun: true });
    assert.deepEqual([dry.body['total'], dry.body['unknown']], [0, [letter['deadLetterId']]]);
  });

  it('somebody else\'s delegation is neither made nor ended', async () => {
    const made = await post('delegations', 'anna', { to: people['ben']!.userId, toTime: inDays(1) });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await refused('chris', () => call('DELETE', `delegations/${String(made.body['delegationId'])}`, 'chris'), 403, 'delegation-of-other', 'end');
    await refused('ben', () => post('delegations', 'ben', { from: people['anna']!.userId, to: people['chris']!.userId, toTime: inDays(1) }), 403, 'delegation-of-other', 'grant');
    await refused('ben', () => call('DELETE', 'delegations/__proto__', 'ben'), 404, 'delegation-unknown', 'unknown');
    for (const roles of [['__proto__'], ['constructor'], ['../buyer'], ['buyer\u0000'], ['Buyer'], [html.slice(0, 64)], ['ｂｕｙｅｒ']]) {
      await refused('anna', () => post('delegations', 'anna', { to: people['ben']!.userId, roles, toTime: inDays(1) }), 422, 'delegation-beyond-own', JSON.stringify(roles));
    }
    await refused('anna', () => post('delegations', 'anna', { to: '__proto__', toTime: inDays(1) }), 404, 'not-found', 'to');
    for (const toTime of ['', 'NaN', '1e999', '+999999-01-01T00:00:00Z', html]) {
      const { status } = await post('delegations', 'anna', { to: people['ben']!.userId, toTime });
      assert.ok(status === 400 || status === 422, `${toTime}: ${status}`);
    }
  });

  it('an Idempotency-Key that comes again with another body is refused, and nothing is done', async () => {
    const task = await taskAt('dc-1');
    const here = await exceptionAt('dc-1');
    const decision = { decision: 'reject', factsHash: task['factsHash'] };
    for (const [who, path, first, second] of [
      ['chris', `exceptions/${String(here['exceptionId'])}/note`, { note: 'one' }, { note: 'two' }],
      ['chris', 'handover-notes', { site: 'dc-1', text: 'one' }, { site: 'dc-1', text: 'two' }],
      ['chris', 'events', { name: 'a', key: '1' }, { name: 'a', key: '2' }],
      ['anna', 'delegations', { to: people['ben']!.userId, fromTime: inDays(5), toTime: inDays(6) }, { to: people['chris']!.userId, fromTime: inDays(5), toTime: inDays(6) }],
      ['sam', `tasks/${String(task['taskId'])}/decision`, decision, { ...decision, decision: 'approve' }],
    ] as const) {
      const key = { 'idempotency-key': `replayed-${path.slice(0, 8)}` };
      const done = await post(path, who, first, key);
      assert.ok(done.status < 300, `${path}: ${JSON.stringify(done.body)}`);
      const { status, body } = await post(path, who, second, key);
      assert.deepEqual([status, body['code']], [422, 'idempotency-key-reused'], path);
      const again = await post(path, who, first, key);
      assert.deepEqual([again.status, again.body], [done.status, done.body], path);
    }
    const all = await refusals(0);
    assert.deepEqual(all.filter(({ code }) => code === 'idempotency-key-reused').map(({ command }) => command), ['noteException', 'noteHandover', 'reportEvent', 'grantDelegation', 'decideTask']);
    assert.equal((await test.engine.ledger.getTask(String(task['taskId'])))?.status, 'rejected');
    for (const key of ['', ' ', 'x'.repeat(256), 'ü']) assert.equal((await post('handover-notes', 'chris', { site: 'dc-1', text: 'x' }, { 'idempotency-key': key })).status, 400, `key ${key.length}`);
  });

  it('a forged or stale hash decides nothing, and it is on record with the case', async () => {
    const task = await taskAt('dc-1');
    const path = `tasks/${String(task['taskId'])}/decision`;
    for (const factsHash of ['0'.repeat(64), '__proto__', html, `${String(task['factsHash'])} `]) await refused('sam', () => post(path, 'sam', { decision: 'approve', factsHash }), 409, 'facts-changed', factsHash);
    for (const body of [{ decision: 'approve' }, { decision: 'approve', factsHash: '' }, { decision: 'approve', factsHash: null }, { decision: 'approve', factsHash: 'x'.repeat(257) }, { decision: 'APPROVE', factsHash: task['factsHash'] }, { decision: ['approve'], factsHash: task['factsHash'] }]) {
      await refused('sam', () => post(path, 'sam', body), 400, 'request-invalid', JSON.stringify(body));
    }
    assert.equal((await call('GET', path, 'sam')).status, 405, 'a GET decides nothing');
    assert.equal((await call('GET', `tasks/${String(task['taskId'])}`, 'sam')).body['status'], 'open');
  });

  it('nobody acts in a name, for a role or in bulk without the right to it', async () => {
    const task = await taskAt('dc-1');
    const path = `tasks/${String(task['taskId'])}`;
    const decision = { decision: 'approve', factsHash: task['factsHash'] };
    await refused('sam', () => post(`${path}/decision`, 'sam', { ...decision, onBehalfOf: people['sam']!.userId }), 403, 'delegation-self-approval', 'oneself');
    for (const onBehalfOf of [people['mo']!.userId, people['dsam']!.userId, '__proto__', 'nobody']) await refused('sam', () => post(`${path}/decision`, 'sam', { ...decision, onBehalfOf }), 403, 'delegation-missing', onBehalfOf);
    for (const to of ['nobody', '__proto__', people['dsam']!.userId]) await refused('sam', () => post(`${path}/question`, 'sam', { question: 'Why?', to }), 404, 'not-found', to);
    for (const body of [{ toPerson: 'nobody' }, { toPerson: people['dsam']!.userId }, { toPerson: people['chris']!.userId }, { toRole: '__proto__' }, { toRole: html.slice(0, 64) }]) {
      const before = position();
      const { status } = await post(`${path}/reassignment`, 'sam', { ...body, reason: 'x' });
      assert.ok(status === 403 || status === 409, `${JSON.stringify(body)}: ${status}`);
      assert.equal((await refusals(before)).length, 1, JSON.stringify(body));
    }
    for (const [what, body] of [['answer', { answer: 'x' }], ['recall', undefined], ['reversal', { reason: 'x' }], ['withdrawal', { reason: 'x' }]] as const) {
      const { status, body: { code } } = await post(`${path}/${what}`, 'sam', body);
      assert.ok(status === 403 || status === 409, `${what}: ${status} ${String(code)}`);
    }
    const bulk = await post('tasks/decisions', 'sam', { decision: 'approve', tasks: [{ taskId: task['taskId'], factsHash: task['factsHash'] }, { taskId: '__proto__', factsHash: 'x' }, { taskId: task['taskId'], factsHash: 'forged' }] });
    assert.deepEqual(items(bulk.body).map(({ ok, code }) => [ok, code]), [[false, 'bulk-not-allowed'], [false, 'not-found']]);
    await refused('sam', () => post('tasks/decisions', 'sam', { decision: 'approve', tasks: Array.from({ length: 101 }, (_, i) => ({ taskId: `t${i}`, factsHash: 'x' })) }), 400, 'request-invalid', 'too many');
    await refused('sam', () => post('tasks/decisions', 'sam', { decision: 'rework', tasks: [{ taskId: 'x', factsHash: 'x' }] }), 400, 'request-invalid', 'no rework in bulk');
    assert.equal((await call('GET', path, 'sam')).body['status'], 'open');
  });

  it('a delegate opens, claims and decides in the name of the delegator, and nothing after it is over', async () => {
    const [task, next] = [await taskAt('dc-1'), await taskAt('dc-1')];
    const path = `tasks/${String(task['taskId'])}`;
    assert.equal((await call('GET', path, 'ben')).status, 404);
    const made = await post('delegations', 'sam', { to: people['ben']!.userId, roles: ['receiving-supervisor'], toTime: inDays(1) });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal((await call('GET', path, 'ben')).status, 200);
    for (const what of ['open', 'claim', 'release', 'claim']) assert.equal((await post(`${path}/${what}`, 'ben')).status, 204, what);
    assert.equal((await post(`${path}/photos`, 'ben', { sha256: await photo('ben'), caption: 'as seen' })).status, 204);
    assert.equal((await post(`${path}/decision`, 'ben', { decision: 'approve', factsHash: task['factsHash'] })).status, 200);
    const [decided] = (await test.engine.ledger.readStream(String(task['caseId']))).flatMap((event) => (event.type === 'Decided' ? [event.data] : []));
    assert.deepEqual([decided?.decider, decided?.onBehalfOf], [people['ben'], people['sam']].map((person) => test.engine.pseudonym(person!.userId)));
    assert.equal((await call('DELETE', `delegations/${String(made.body['delegationId'])}`, 'sam')).status, 204);
    await refused('ben', () => post(`tasks/${String(next['taskId'])}/decision`, 'ben', { decision: 'approve', factsHash: next['factsHash'] }), 404, 'not-found', 'over');
    await refused('ben', () => post(`tasks/${String(next['taskId'])}/decision`, 'ben', { decision: 'approve', factsHash: next['factsHash'], onBehalfOf: people['sam']!.userId }), 404, 'not-found', 'over, named');
  });

  it('texts that are too long or too large are refused and not kept', async function () {
    this.timeout(90_000);
    const [task, here] = [await taskAt('dc-1'), await exceptionAt('dc-1')];
    const exception = `exceptions/${String(here['exceptionId'])}`;
    const ofTask = (what: string, name: string): readonly [string, string, (text: string) => object, number] => ['sam', `tasks/${String(task['taskId'])}/${what}`, (text) => ({ [name]: text }), 2000];
    const texts: readonly (readonly [who: string, path: string, (text: string) => object, most: number])[] = [
      ['sam', `tasks/${String(task['taskId'])}/decision`, (comment) => ({ decision: 'approve', factsHash: task['factsHash'], comment }), 2000],
      ofTask('question', 'question'), ofTask('answer', 'answer'), ofTask('comment', 'comment'), ofTask('withdrawal', 'reason'), ofTask('reversal', 'reason'),
      ['sam', `tasks/${String(task['taskId'])}/reassignment`, (reason) => ({ toRole: 'buyer', reason }), 2000],
      ['sam', 'tasks/decisions', (comment) => ({ decision: 'approve', comment, tasks: [{ taskId: 'x', factsHash: 'x' }] }), 2000],
      ['chris', `${exception}/note`, (note) => ({ note }), 2000], ['chris', `${exception}/resolution`, (note) => ({ outcome: 'acknowledged', code: 'seen-to', note }), 2000],
      ['chris', `${exception}/reopening`, (reason) => ({ reason }), 500], ['chris', `${exception}/reclassification`, (reason) => ({ severity: 'low', reason }), 500],
      ['chris', 'handover-notes', (text) => ({ site: 'dc-1', text }), 2000], ['chris', `${exception}/photos`, (caption) => ({ sha256: 'a'.repeat(64), caption }), 300],
      ['anna', 'delegations', (reason) => ({ to: people['ben']!.userId, toTime: inDays(1), reason }), 500],
    ];
    for (const [who, path, body, most] of texts) {
      await refused(who, () => post(path, who, body('x'.repeat(most + 1))), 400, 'request-invalid', `${path} ${most + 1}`);
      await refused(who, () => post(path, who, body('x'.repeat(10 * 1024 * 1024))), 413, 'body-too-large', `${path} 10 MB`);
    }
    assert.ok((await test.engine.ledger.readAll(0, 1_000)).every((event) => JSON.stringify(event).length < 70_000));
  });

  it('HTML stays text: kept as it was written, and answered as JSON that no browser takes for a page', async () => {
    const here = await exceptionAt('dc-1');
    const exception = `exceptions/${String(here['exceptionId'])}`;
    assert.equal((await post(`${exception}/note`, 'chris', { note: html })).status, 204);
    assert.equal((await post(`${exception}/photos`, 'chris', { sha256: await photo('chris'), caption: html })).status, 204);
    assert.equal((await post('handover-notes', 'chris', { site: 'dc-1', text: html })).status, 201);
    const task = await taskAt('dc-1');
    assert.equal((await post(`tasks/${String(task['taskId'])}/comment`, 'sam', { comment: html })).status, 204);
    const asked = await call('GET', `tasks/${String(task['taskId'])}`, 'sam');
    assert.match(JSON.stringify(asked.body), /<script>alert\(document\.cookie\)<\/script>/);
    const shown = await call('GET', exception, 'chris');
    assert.deepEqual([(shown.body['notes'] as Item[])[0]?.['note'], (shown.body['photos'] as Item[])[0]?.['caption']], [html, html]);
    const notes = await call('GET', 'handover-notes', 'chris');
    assert.ok(items(notes.body).some((note) => note['text'] === html));
    const problem = await call('POST', `exceptions/${encodeURIComponent('<script>')}/note`, 'chris', { note: 'x' });
    for (const { headers } of [shown, notes, problem, asked]) {
      assert.match(String(headers.get('content-type')), /^application\/(problem\+)?json/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(String(headers.get('content-security-policy')), /default-src 'none'/);
    }
  });

  it('no id, hash or name of any operation leads anywhere else, or breaks the server', async function () {
    this.timeout(60_000);
    for (const operation of operations.filter(({ params, access }) => params !== undefined && access !== 'public')) {
      for (const id of hostileIds) {
        const path = operation.path.replace(/\{\w+\}/g, id).slice(1);
        const response = await fetch(`${server.api}/${path}`, {
          method: operation.method.toUpperCase(), headers: { ...people['root']!.headers, ...(operation.body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(operation.body === undefined ? {} : { body: '{}' }),
        });
        const text = await response.text();
        // A client takes `..` out of a path before it asks: what is asked for can be another operation, `cases/../epcis`.
        const asked = new URL(`${server.api}/${path}`).pathname.slice(new URL(server.api).pathname.length);
        const another = operations.some((each) => each.path === asked && each.method === operation.method);
        assert.ok(response.status >= (another ? 200 : 400) && response.status < 500, `${operation.id} ${id.slice(0, 30)}: ${response.status} ${text.slice(0, 200)}`);
        assert.doesNotMatch(text, /root:|SQLite|\/tmp\/|at .*\.ts/, operation.id);
      }
    }
    assert.deepEqual(server.log, []);
  });

  it('bodies of another kind, shape or size are refused by every operation', async function () {
    this.timeout(120_000);
    const before = new Map((await test.accounts.listUsers()).map((user) => [user.id, JSON.stringify(user.roles)]));
    for (const operation of operations.filter(({ body, access }) => body !== undefined && access !== 'public')) {
      const path = operation.path.replace('{sha256}', 'a'.repeat(64)).replace(/\{\w+\}/g, 'nowhere').slice(1);
      const method = operation.method.toUpperCase();
      const expect = async (body: string, type: string, statuses: readonly number[]): Promise<void> => {
        const response = await raw(path, 'root', body, type, method);
        const text = await response.text();
        assert.ok(statuses.includes(response.status), `${operation.id} ${type} ${body.slice(0, 40)}: ${response.status} ${text.slice(0, 200)}`);
      };
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/html', 'application/jsonp', '']) await expect('{"a":1}', type, [415]);
      for (const body of ['{', 'NaN', '{"a":NaN}', '{"a":1e', '\u0000', '{"a":"\u0001"}']) await expect(body, 'application/json', [400]);
      // Where anything may stand in the body, the id decides.
      for (const body of ['null', '[]', '"x"', '5', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', `${'['.repeat(20_000)}${']'.repeat(20_000)}`]) await expect(body, 'application/json', [400, 403, 404, 422]);
      await expect(`{"a":"${'x'.repeat(300_000)}"}`, 'application/json', [413]);
    }
    assert.deepEqual(server.log, []);
    assert.deepEqual(new Map((await test.accounts.listUsers()).map((user) => [user.id, JSON.stringify(user.roles)])), before);
    assert.equal(({} as Item)['x'], undefined);
  });

  it('a correction or an edit of hostile keys changes the facts it names and nothing else', async () => {
    const here = await exceptionAt('dc-1');
    const answer = await raw(`exceptions/${String(here['exceptionId'])}/resolution`, 'chris', '{"outcome":"continue","code":"seen-to","correction":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"note":"ok"}}');
    assert.ok(answer.status < 500, String(answer.status));
    assert.equal(({} as Item)['polluted'], undefined);
    assert.deepEqual(server.log, []);
    const letter = await deadLetterAt('dc-1');
    const replay = await raw(`dead-letters/${String(letter['deadLetterId'])}/replay`, 'chris', '{"request":{"__proto__":{"polluted":1},"toString":"x"}}');
    assert.ok(replay.status < 500, String(replay.status));
    assert.equal(({} as Item)['polluted'], undefined);
    assert.equal((await raw('exceptions/summary', 'chris', '', 'application/json')).status, 405);
  });

  it('a batch of replays that is asked for again after a restart is the same batch, also when nothing is left to replay', async function () {
    this.timeout(90_000);
    const letter = await deadLetterAt('dc-2');
    const json = { filter: { system: 'erp' }, ratePerSecond: 100 };
    const key = { 'idempotency-key': 'batch-1' };
    const first = await post('dead-letters/replays', 'dana', json, key);
    assert.equal(first.status, 200, JSON.stringify(first.body));
    await eventually(async () => ((await call('GET', `dead-letters/replays/${String(first.body['batchId'])}`, 'dana')).body['batch'] as Item)['status'] === 'done' ? true : undefined);
    for (const open of items((await call('GET', 'dead-letters', 'dana')).body)) assert.equal((await post(`dead-letters/${String(open['deadLetterId'])}/discard`, 'dana', { reason: 'done with' })).status, 204);
    const other = await startServer(() => test.engine);
    const second = await ask(`${other.api}/dead-letters/replays`, { method: 'POST', headers: { ...people['dana']!.headers, ...key }, json });
    await other.close();
    assert.deepEqual([second.status, second.body['batchId'], second.body['total']], [200, first.body['batchId'], first.body['total']], JSON.stringify([second.body, letter]));
  });

  it('JSON that is nested without end is refused before anything walks through it', async function () {
    this.timeout(90_000);
    const [here, letter] = [await exceptionAt('dc-1'), await deadLetterAt('dc-1')];
    const deep = (open: string, close: string, levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
    for (const value of [deep('[', ']', 30_000), deep('{"a":', '}', 30_000), deep('[{"a":', '}]', 101)]) {
      for (const [path, body] of [
        ['events', `{"name":"a","key":"1","data":${value}}`], [`exceptions/${String(here['exceptionId'])}/resolution`, `{"outcome":"continue","code":"seen-to","correction":{"x":${value}}}`],
        [`dead-letters/${String(letter['deadLetterId'])}/replay`, `{"request":${value}}`], ['dead-letters/replays', `{"filter":{},"dryRun":true,"edit":${value}}`],
      ] as const) {
        const response = await raw(path, 'chris', body);
        assert.deepEqual([response.status, (await response.json() as Item)['code']], [400, 'body-malformed'], `${path} ${value.slice(0, 12)}`);
      }
    }
    assert.deepEqual(server.log, []);
    assert.equal((await raw('events', 'chris', `{"name":"deep","key":"1","data":${deep('[', ']', 90)}}`)).status, 200);
  });

  it('rates and lists are bounded', async () => {
    const letter = await deadLetterAt('dc-1');
    for (const ratePerSecond of [-1, 0, 0.001, 101, 1e308, '5', null, [5]]) {
      await refused('chris', () => post('dead-letters/replays', 'chris', { ids: [letter['deadLetterId']], ratePerSecond }), 400, 'request-invalid', JSON.stringify(ratePerSecond));
    }
    assert.equal((await raw('dead-letters/replays', 'chris', `{"ids":["x"],"ratePerSecond":Infinity}`)).status, 400);
    assert.equal((await raw('dead-letters/replays', 'chris', `{"ids":["x"],"ratePerSecond":1e999}`)).status, 400);
    const many = Array.from({ length: 10_000 }, (_, i) => `x${i}`);
    await refused('chris', () => post('dead-letters/replays', 'chris', { ids: many }), 400, 'request-invalid', 'ids');
    await refused('chris', () => post('exceptions/resolutions', 'chris', { exceptionIds: many, outcome: 'cancel', code: 'seen-to' }), 400, 'request-invalid', 'exceptionIds');
    assert.ok([400, 413].includes((await post('exceptions/resolutions', 'chris', { exceptionIds: Array.from({ length: 10_000 }, () => String(letter['caseId'])), outcome: 'cancel', code: 'seen-to' })).status));
    for (const body of [{}, { ids: [], filter: {} }, { ids: ['x'], filter: {} }, { filter: { kind: '__proto__' } }, { ids: ['x'], whenOpen: 'force' }]) {
      await refused('chris', () => post('dead-letters/replays', 'chris', body), 400, 'request-invalid', JSON.stringify(body));
    }
    for (const queue of ['__proto__', '', ' x', 'a\nb', html, 'x'.repeat(65), 'ü']) {
      const here = await exceptionAt('dc-1');
      const { status } = await post(`exceptions/${String(here['exceptionId'])}/reclassification`, 'chris', { queue });
      assert.equal(status, 400, queue);
    }
    for (const query of ['limit=0', 'limit=-1', 'limit=NaN', 'limit=1e9', 'olderThanHours=-1', 'status=__proto__', 'cursor=__proto__', 'cursor=%00', 'sort=constructor']) {
      assert.equal((await call('GET', `exceptions?${query}`, 'chris')).status, 400, query);
    }
  });

  it('links that stand for a person never come to the log', async () => {
    const token = `${'a'.repeat(40)}.${'b'.repeat(43)}`;
    const broken = new Proxy(test.engine, {
      get(target, name): unknown {
        if (name === 'notifications') return { absences: { offer: () => Promise.reject(new Error('broken')) } };
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
    const other = await startServer(() => broken);
    try {
      assert.equal((await fetch(`${other.url}/waybill/absence/${token}`)).status, 500);
      assert.equal(other.log.length, 1);
      assert.match(other.log[0] ?? '', /\/absence\/…: .*broken/);
      assert.doesNotMatch(other.log.join(), /aaaa|bbbb/);
    } finally {
      await other.close();
    }
  });

  it('a flood of refusals of one kind is thinned out in the ledger', async () => {
    const before = position();
    for (let i = 0; i < 60; i++) assert.equal((await post('exceptions/flood/note', 'mo', { note: 'x' })).status, 404);
    const recorded = await refusals(before);
    assert.ok(recorded.length > 0 && recorded.length <= 20, String(recorded.length));
    assert.ok(recorded.every(({ text }) => !/MO|"x"/.test(text)), 'no name, no text in data');
  });
});
