import assert from 'node:assert/strict';
import type { Waybill } from '../../src/engine/api.ts';
import { RefusingWaybill } from '../../src/engine/refusing.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';

type Item = Record<string, unknown>;
const items = (body: Record<string, unknown>): Item[] => body['items'] as Item[];

describe('web: API', () => {
  let running: TestEngine;
  let server: TestServer;
  let api: string;
  /** What the server is given; tests put another state over the real engine. */
  let waybill: Waybill;
  const people: Record<string, { readonly userId: string; readonly headers: { readonly authorization: string } }> = {};
  const by = (name: string) => people[name]!.headers;

  before(async () => {
    running = await startEngine(async (store) => {
      for (const [name, role, sites] of [
        ['sam', 'receiving-supervisor', ['dc-1']], ['dana', 'receiving-supervisor', ['dc-2']], ['chris', 'clerk', ['dc-1']], ['alex', 'auditor', ['*']],
        ['morgan', 'site-manager', ['dc-1']], ['quinn', 'quality-lead', ['dc-1']], ['olga', 'operator', ['dc-1']],
      ] as const) people[name] = await addPerson(store, name, [role], sites);
    });
    waybill = running.engine;
    server = await startServer(() => waybill);
    api = server.api;
  });
  after(async () => {
    await server.close();
    await running.close();
  });
  afterEach(() => { waybill = running.engine; });

  const openTask = async (sscc: string, options: { site?: string; operator?: string } = { operator: 'olga' }): Promise<Item> => {
    const caseId = await running.scan({ kind: 'receipt', sscc, operator: 'olga', ...options });
    const role = options.site === 'dc-2' ? 'dana' : 'sam';
    return await eventually(async () => items((await ask(`${api}/tasks?caseId=${caseId}`, { headers: by(role) })).body)[0]);
  };

  describe('tasks', () => {
    it('are decided by the role, and the case closes', async () => {
      const task = await openTask('340123450000000018');
      assert.equal(task['mayDecide'], true);
      assert.deepEqual((task['shown'] as { receipt: { reservation: object } }).receipt.reservation, { total: '112', limit: '105', overBy: '12' });
      const decision = await ask(`${api}/tasks/${String(task['taskId'])}/decision`, {
        method: 'POST', headers: by('sam'), json: { decision: 'approve', factsHash: task['factsHash'], comment: 'Announced by phone.' },
      });
      assert.equal(decision.status, 200);
      assert.deepEqual(decision.body, { taskStatus: 'approved', approvals: 1, quorum: 1 });
      const closed = await eventually(async () => {
        const { body } = await ask(`${api}/cases/${String(task['caseId'])}`, { headers: by('sam') });
        return body['status'] === 'closed' ? body : undefined;
      });
      assert.equal(closed['outcome'], 'received');
      const decided = (closed['events'] as Item[]).find((event) => event['type'] === 'Decided');
      assert.equal((decided?.['actor'] as Item)['name'], 'SAM');
      assert.equal((decided?.['personal'] as Item)['comment'], 'Announced by phone.');
    });

    it('are refused to other roles with the engine\'s own code, and the refusal is in the case', async () => {
      const task = await openTask('340123450000000025');
      const refused = await ask(`${api}/tasks/${String(task['taskId'])}/decision`, {
        method: 'POST', headers: by('morgan'), json: { decision: 'approve', factsHash: task['factsHash'] },
      });
      assert.equal(refused.status, 403);
      assert.equal(refused.headers.get('content-type'), 'application/problem+json');
      assert.equal(refused.body['code'], 'role-missing');
      const { body } = await ask(`${api}/cases/${String(task['caseId'])}`, { headers: by('alex') });
      assert.ok((body['events'] as Item[]).some((event) => event['type'] === 'CommandRefused'));
    });

    it('are never decided by who scanned', async () => {
      const task = await openTask('340123450000000032', { operator: 'sam' });
      const refused = await ask(`${api}/tasks/${String(task['taskId'])}/decision`, {
        method: 'POST', headers: by('sam'), json: { decision: 'approve', factsHash: task['factsHash'] },
      });
      assert.equal(refused.body['code'], 'requester-may-not-decide');
    });

    it('are refused for facts that were not shown, and a second time', async () => {
      const task = await openTask('340123450000000049');
      const decide = (json: object) => ask(`${api}/tasks/${String(task['taskId'])}/decision`, { method: 'POST', headers: by('sam'), json });
      const other = await decide({ decision: 'approve', factsHash: 'another' });
      assert.equal(other.status, 409);
      assert.equal(other.body['code'], 'facts-changed');
      assert.equal((await decide({ decision: 'reject', factsHash: task['factsHash'] })).status, 200);
      const again = await decide({ decision: 'approve', factsHash: task['factsHash'] });
      assert.equal(again.status, 409);
      assert.equal(again.body['code'], 'task-not-open');
    });

    it('are claimed and given back', async () => {
      const task = await openTask('340123450000000056');
      const url = `${api}/tasks/${String(task['taskId'])}`;
      assert.equal((await ask(`${url}/open`, { method: 'POST', headers: by('sam') })).status, 204);
      assert.equal((await ask(`${url}/claim`, { method: 'POST', headers: by('sam') })).status, 204);
      const claimed = (await ask(url, { headers: by('sam') })).body['claimedBy'] as Item;
      assert.equal(claimed['me'], true);
      assert.equal(claimed['name'], 'SAM');
      assert.equal((await ask(`${url}/release`, { method: 'POST', headers: by('sam') })).status, 204);
      assert.equal((await ask(url, { headers: by('sam') })).body['claimedBy'], null);
    });

    it('are seen by their role and by who oversees the site', async () => {
      const task = await openTask('340123450000000063');
      const url = `${api}/tasks/${String(task['taskId'])}`;
      assert.equal((await ask(url, { headers: by('quinn') })).status, 404);
      assert.equal((await ask(url, { headers: by('morgan') })).status, 200);
      assert.equal((await ask(url, { headers: by('olga') })).status, 403);
    });
  });

  describe('sites', () => {
    it('hide what is not in them, from lists, items and commands', async () => {
      const task = await openTask('340123450000000070', { site: 'dc-2' });
      const { taskId, caseId, factsHash } = task as { taskId: string; caseId: string; factsHash: string };
      for (const url of [`${api}/tasks/${taskId}`, `${api}/cases/${caseId}`]) {
        assert.equal((await ask(url, { headers: by('sam') })).status, 404);
        assert.equal((await ask(url, { headers: by('alex') })).status, 200);
      }
      const list = await ask(`${api}/cases?limit=200`, { headers: by('sam') });
      assert.deepEqual([...new Set(items(list.body).map((item) => item['site']))], ['dc-1']);
      assert.deepEqual(items((await ask(`${api}/cases?site=dc-2`, { headers: by('sam') })).body), []);
      const decision = await ask(`${api}/tasks/${taskId}/decision`, { method: 'POST', headers: by('sam'), json: { decision: 'approve', factsHash } });
      assert.equal(decision.status, 404);
    });
  });

  describe('lists', () => {
    it('are paged by cursor without a gap or a repeat', async () => {
      for (let index = 0; index < 5; index += 1) await running.scan({ kind: 'odd', sscc: `34012345000001000${index}`, operator: 'olga' });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({ limit: '3', ...(cursor === undefined ? {} : { cursor }) }).toString();
        const { body } = await ask(`${api}/cases?${query}`, { headers: by('alex') });
        assert.ok(items(body).length <= 3);
        seen.push(...items(body).map((item) => String(item['caseId'])));
        cursor = body['next'] as string | undefined;
      } while (cursor !== undefined);
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen.length, (await running.engine.ledger.counts()).casesOpen + (await running.engine.ledger.counts()).casesClosed);
    });

    it('find cases by business key', async () => {
      const { body } = await ask(`${api}/cases?key=340123450000000018`, { headers: by('sam') });
      assert.equal(items(body).length, 1);
      assert.deepEqual(items(body)[0]?.['keys'], [{ type: 'po', value: '4500001234' }, { type: 'sscc', value: '340123450000000018' }]);
    });

    it('refuse bad parameters and foreign cursors', async () => {
      for (const query of ['limit=0', 'limit=999', 'limit=x', 'status=lost', 'colour=red']) {
        const { status, body } = await ask(`${api}/cases?${query}`, { headers: by('sam') });
        assert.equal(status, 400, query);
        assert.equal(body['code'], 'request-invalid');
      }
      const { status, body } = await ask(`${api}/cases?cursor=nonsense`, { headers: by('sam') });
      assert.equal(status, 400);
      assert.equal(body['code'], 'cursor-invalid');
    });
  });

  describe('Idempotency-Key', () => {
    it('makes a decision happen once and answers a repeat alike, for one person and route', async () => {
      const task = await openTask('340123450000000087');
      const decide = (json: object, key = 'decision-1') => ask(`${api}/tasks/${String(task['taskId'])}/decision`, {
        method: 'POST', headers: { ...by('sam'), 'idempotency-key': key }, json,
      });
      const json = { decision: 'approve', factsHash: task['factsHash'] };
      const first = await decide(json);
      const second = await decide(json);
      assert.equal(first.status, 200);
      assert.deepEqual(second.body, first.body);
      assert.equal(second.headers.get('idempotency-replayed'), 'true');
      assert.equal((await decide({ ...json, decision: 'reject' })).body['code'], 'idempotency-key-reused');
      assert.equal((await decide(json, 'decision-2')).body['code'], 'task-not-open');
      assert.equal((await decide(json, ' ')).body['code'], 'idempotency-key-invalid');
      const events = await running.engine.ledger.readStream(String(task['caseId']));
      assert.equal(events.filter((event) => event.type === 'Decided').length, 1);
    });

    it('holds over a restart of the web server, by the ledger', async () => {
      const task = await openTask('340123450000000094');
      const request = { method: 'POST', headers: { ...by('sam'), 'idempotency-key': 'once' }, json: { decision: 'approve', factsHash: task['factsHash'] } };
      assert.equal((await ask(`${api}/tasks/${String(task['taskId'])}/decision`, request)).status, 200);
      const another = await startServer(() => running.engine);
      try {
        const repeat = await ask(`${another.api}/tasks/${String(task['taskId'])}/decision`, request);
        assert.equal(repeat.status, 200);
        assert.equal(repeat.body['taskStatus'], 'approved');
      } finally {
        await another.close();
      }
    });

    it('must be printable', async () => {
      const { body } = await ask(`${api}/tasks/none/claim`, { method: 'POST', headers: { ...by('sam'), 'idempotency-key': 'a b' } });
      assert.equal(body['code'], 'idempotency-key-invalid');
    });
  });

  it('resolves an exception: details, validation, effect', async () => {
    const caseId = await running.scan({ kind: 'odd', sscc: '340123450000000100', operator: 'olga' });
    const exception = await eventually(async () => items((await ask(`${api}/exceptions?caseId=${caseId}`, { headers: by('chris') })).body)[0]);
    const url = `${api}/exceptions/${String(exception['exceptionId'])}`;
    assert.deepEqual((await ask(url, { headers: by('chris') })).body['detail'], { place: 'Lane Q2' });
    assert.equal((await ask(`${url}/resolution`, { method: 'POST', headers: by('alex'), json: { outcome: 'retry', code: 'found' } })).status, 403);
    assert.equal((await ask(`${url}/resolution`, { method: 'POST', headers: by('dana'), json: { outcome: 'retry', code: 'found' } })).status, 404);
    const bad = await ask(`${url}/resolution`, { method: 'POST', headers: by('chris'), json: { outcome: 'retry', code: 'Not A Code' } });
    assert.equal(bad.body['code'], 'request-invalid');
    const done = await ask(`${url}/resolution`, { method: 'POST', headers: by('chris'), json: { outcome: 'retry', code: 'asn-found', note: 'It came by mail.' } });
    assert.equal(done.status, 204);
    await eventually(async () => ((await ask(`${api}/cases/${caseId}`, { headers: by('chris') })).body['status'] === 'closed' ? true : undefined));
    assert.equal((await ask(`${url}/resolution`, { method: 'POST', headers: by('chris'), json: { outcome: 'retry', code: 'asn-found' } })).status, 409);
  });

  it('shows a dead letter with its request and tries, and replays it', async () => {
    const caseId = await running.scan({ kind: 'ship', sscc: '340123450000000117', operator: 'olga' });
    const letter = await eventually(async () => items((await ask(`${api}/dead-letters?caseId=${caseId}`, { headers: by('chris') })).body)[0]);
    assert.equal(letter['system'], 'erp');
    const url = `${api}/dead-letters/${String(letter['deadLetterId'])}`;
    const { body } = await ask(url, { headers: by('chris') });
    assert.equal((body['request'] as Item)['method'], 'POST');
    assert.equal((body['tries'] as Item[]).length, 1);
    assert.equal((await ask(`${url}/replay`, { method: 'POST', headers: by('quinn') })).status, 403);
    assert.equal((await ask(`${url}/replay`, { method: 'POST', headers: by('chris') })).status, 204);
    assert.notEqual((await ask(`${url}/replay`, { method: 'POST', headers: by('chris') })).status, 204, 'it is replayed once');
  });

  it('shows quarantine by site and discards with a reason', async () => {
    const bytes = Buffer.from('<script>');
    const { quarantineId } = await running.engine.quarantine({ site: 'dc-2', reason: 'malformed', message: 'Not JSON.', bytes });
    assert.deepEqual(items((await ask(`${api}/quarantine`, { headers: by('chris') })).body), []);
    const [held] = items((await ask(`${api}/quarantine`, { headers: by('dana') })).body);
    assert.equal(held?.['quarantineId'], quarantineId);
    assert.equal(held?.['head'], bytes.toString('base64'));
    const url = `${api}/quarantine/${quarantineId}/discard`;
    assert.equal((await ask(url, { method: 'POST', headers: by('chris'), json: { reason: 'test' } })).status, 404);
    assert.equal((await ask(url, { method: 'POST', headers: by('dana'), json: {} })).status, 400);
    assert.equal((await ask(url, { method: 'POST', headers: by('dana'), json: { reason: 'test label' } })).status, 204);
    assert.deepEqual(items((await ask(`${api}/quarantine`, { headers: by('dana') })).body), []);
  });

  describe('the ledger', () => {
    it('is read by auditors: checkpoint, key, entries and tiles', async () => {
      await running.engine.ledger.seal();
      const checkpoint = await ask(`${api}/ledger/checkpoint`, { headers: by('alex') });
      assert.match(String(checkpoint.headers.get('content-type')), /^text\/plain/);
      const [origin, size] = String(checkpoint.body['text']).split('\n');
      const key = String((await ask(`${api}/ledger/key`, { headers: by('alex') })).body['text']);
      assert.ok(key.startsWith(`${origin ?? '?'}+`));
      const width = Math.min(Number(size), 255);
      const path = width === Number(size) ? `000.p/${width}` : '000';
      const tile = await fetch(`${api}/ledger/tile/0/${path}`, { headers: by('alex') });
      assert.equal(tile.status, 200);
      assert.equal((await tile.arrayBuffer()).byteLength, (path === '000' ? 256 : width) * 32);
      assert.equal((await fetch(`${api}/ledger/tile/entries/${path}`, { headers: by('alex') })).status, 200);
    });

    it('has one path for a tile', async () => {
      for (const path of ['0/x000/000', '0/0', '64/000', '-1/000', '0/000.p/256', '0/000.p/0', 'entries/x1/000', '0/999']) {
        const { status } = await ask(`${api}/ledger/tile/${path}`, { headers: by('alex') });
        assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      }
    });

    it('is not for everybody', async () => {
      assert.equal((await ask(`${api}/ledger/checkpoint`, { headers: by('chris') })).status, 403);
    });
  });

  it('counts for the whole ledger and for single sites', async () => {
    const whole = (await ask(`${api}/kpis`, { headers: by('alex') })).body;
    assert.equal(whole['scope'], 'ledger');
    assert.equal(whole['casesOpen'], (await running.engine.ledger.counts()).casesOpen);
    await openTask('340123450000000131', { site: 'dc-2', operator: 'olga' });
    const mine = (await ask(`${api}/kpis`, { headers: by('dana') })).body;
    assert.equal(mine['scope'], 'sites');
    assert.equal(mine['casesOpen'], 1);
    assert.equal(mine['events'], null);
  });

  describe('when the engine cannot write', () => {
    it('refuses commands with the reason and goes on reading', async () => {
      const task = await openTask('340123450000000124');
      const reason = 'The disk is full; free some space.';
      waybill = new Proxy(running.engine, {
        get: (target, name) => {
          if (name === 'state') return 'suspended';
          if (name === 'reason') return reason;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
        },
      });
      const refused = await ask(`${api}/tasks/${String(task['taskId'])}/decision`, {
        method: 'POST', headers: by('sam'), json: { decision: 'approve', factsHash: task['factsHash'] },
      });
      assert.equal(refused.status, 503);
      assert.equal(refused.body['code'], 'engine-not-ready');
      assert.equal(refused.body['detail'], reason);
      assert.ok(refused.headers.get('retry-after'));
      assert.equal((await ask(`${api}/tasks`, { headers: by('sam') })).status, 200);
      const ready = await ask(`${server.url}/waybill/readyz`);
      assert.equal(ready.status, 503);
      assert.deepEqual(ready.body, { status: 'suspended', reason });
      assert.equal((await ask(`${server.url}/waybill/healthz`)).status, 200);
    });

    it('says why when it could not open at all', async () => {
      waybill = new RefusingWaybill(running.engine.settings, 'Another process holds this ledger.');
      const { status, body } = await ask(`${api}/tasks`, { headers: by('sam') });
      assert.equal(status, 503);
      assert.equal(body['detail'], 'Another process holds this ledger.');
      assert.match(String((await ask(`${server.url}/waybill/metrics`)).body['text']), /^waybill_ready 0$/m);
    });
  });

  describe('requests', () => {
    it('that nobody signed are refused before anything else', async () => {
      const { status, body, headers } = await ask(`${api}/cases/none`);
      assert.equal(status, 401);
      assert.equal(body['code'], 'not-signed-in');
      assert.equal(body['type'], 'urn:waybill:problem:not-signed-in');
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
    });

    it('with a bad body are refused by kind', async () => {
      const url = `${api}/session/one-time-link`;
      const send = async (body: string, type = 'application/json') => {
        const response = await fetch(`${api}/session`, { method: 'POST', headers: { 'content-type': type }, body });
        return [response.status, (await response.json() as { code: string }).code];
      };
      assert.deepEqual(await send('{"name":'), [400, 'body-malformed']);
      assert.deepEqual(await send('name=sam', 'application/x-www-form-urlencoded'), [415, 'media-type']);
      assert.deepEqual(await send(JSON.stringify({ name: 'x'.repeat(300_000), password: 'y' })), [413, 'body-too-large']);
      assert.deepEqual(await send('{"name":"sam","password":"x","more":1}'), [400, 'request-invalid']);
      assert.deepEqual(await send('{"__proto__":{"name":"sam"},"password":"x"}'), [400, 'request-invalid']);
      assert.equal((await ask(url, { method: 'PUT', headers: by('alex') })).status, 405);
      assert.equal((await ask(`${api}/nothing`, { headers: by('alex') })).body['code'], 'not-found');
      assert.equal((await ask(`${api}/cases/%ff`, { headers: by('alex') })).status, 404);
    });

    it('get headers that keep browsers careful', async () => {
      const { headers } = await ask(`${api}/me`, { headers: by('sam') });
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-powered-by'), null);
    });
  });

  it('gives metrics in Prometheus form', async () => {
    const text = String((await ask(`${server.url}/waybill/metrics`)).body['text']);
    assert.match(text, /^# TYPE waybill_cases_opened_total counter\nwaybill_cases_opened_total \d+$/m);
    assert.match(text, /^waybill_ready 1$/m);
    for (const line of text.trim().split('\n')) assert.match(line, /^(# TYPE [a-z_0-9:]+ (counter|gauge|histogram)|[a-z_0-9:]+(\{[^}]*\})? -?[\d.e+-]+)$/i);
    assert.equal(new Set(text.match(/^# TYPE \S+/gm)).size, text.match(/^# TYPE \S+/gm)?.length);
  });
});
