import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { addPerson, ask, signIn, startServer, type TestServer } from './support/server.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';

interface ServerEvent { readonly event: string; readonly id: string | undefined; readonly data: Record<string, unknown> & { readonly topics?: readonly string[]; readonly caseIds?: readonly string[] } }

/** A client of server-sent events that keeps what came. */
class Listener {
  readonly events: ServerEvent[] = [];
  ended = false;
  readonly response: IncomingMessage;
  #rest = '';

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.on('end', () => { this.ended = true; });
    response.on('error', () => { this.ended = true; });
  }

  static async open(url: string, headers: Record<string, string>): Promise<Listener> {
    const sent = request(url, { headers, agent: false });
    sent.end();
    const [response] = await once(sent, 'response') as [IncomingMessage];
    return new Listener(response);
  }

  #take(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n\n');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
      const event = field('event');
      if (event !== undefined) this.events.push({ event, id: field('id'), data: JSON.parse(field('data') ?? '{}') as ServerEvent['data'] });
    }
  }

  change(fits: (event: ServerEvent) => boolean): Promise<ServerEvent> {
    return eventually(() => Promise.resolve(this.events.find((event) => event.event === 'change' && fits(event))));
  }

  topics(): Set<string> {
    return new Set(this.events.flatMap((event) => event.data.topics ?? []));
  }

  close(): void {
    this.response.destroy();
  }
}

describe('GET changes', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const open: Listener[] = [];
  const listen = async (who: string, query = '', more: Record<string, string> = {}): Promise<Listener> => {
    const listener = await Listener.open(`${server.api}/changes${query}`, { ...people[who]!.headers, ...more });
    open.push(listener);
    return listener;
  };

  beforeEach(async () => {
    test = await startEngine(async (accounts) => {
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      // A role that a template names: it works its own tasks and reads cases, nothing more.
      people['quality'] = await addPerson(accounts, 'quality', ['quality-lead']);
      people['supervisor'] = await addPerson(accounts, 'supervisor', ['receiving-supervisor']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['clerk'], ['dc-2']);
      people['device'] = await addPerson(accounts, 'device', ['device']);
    });
    server = await startServer(() => test.engine);
  });
  afterEach(async () => {
    for (const listener of open.splice(0)) listener.close();
    await server.close();
    await test.close();
  });

  it('says first where it is, then at once that a case was opened, and nothing of its content', async () => {
    const listener = await listen('clerk');
    assert.equal(listener.response.statusCode, 200);
    assert.equal(listener.response.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(listener.response.headers['x-accel-buffering'], 'no');
    assert.match(String(listener.response.headers['cache-control']), /no-transform/);
    const ready = await eventually(() => Promise.resolve(listener.events[0]));
    assert.equal(ready.event, 'ready');
    const caseId = await test.scan({ kind: 'receipt', sscc: '340123450000000018' });
    const change = await listener.change((event) => event.data.caseIds?.includes(caseId) === true);
    assert.ok(change.data.topics?.includes('cases'));
    assert.deepEqual(Object.keys(change.data).sort(), ['caseIds', 'more', 'position', 'topics']);
    assert.ok(Number(change.id) > Number(ready.data['position']));
    await listener.change((event) => event.data.topics?.includes('tasks') === true);
  });

  it('tells of tasks only who may see them, and of other sites nothing', async () => {
    const [supervisor, quality, elsewhere, device] = await Promise.all([listen('supervisor'), listen('quality'), listen('elsewhere'), listen('device')]);
    const caseId = await test.scan({ kind: 'receipt', sscc: '340123450000000025', operator: 'device' });
    await supervisor.change((event) => event.data.topics?.includes('tasks') === true);
    await quality.change((event) => event.data.caseIds?.includes(caseId) === true);
    const odd = await test.scan({ kind: 'odd', sscc: '340123450000000032' });
    await supervisor.change((event) => event.data.topics?.includes('exceptions') === true);
    await quality.change((event) => event.data.caseIds?.includes(odd) === true);
    assert.deepEqual([...quality.topics()].sort(), ['cases']);
    assert.ok(!JSON.stringify(elsewhere.events).includes(caseId));
    assert.ok(!elsewhere.topics().has('cases'));
    assert.equal(device.topics().size, 0);
  });

  it('tells a delegate of the tasks from the moment of the delegation to its end, and begins anew at both', async () => {
    const before = await listen('quality');
    await eventually(() => Promise.resolve(before.events[0]));
    const granted = await ask(`${server.api}/delegations`, { method: 'POST', headers: people['supervisor']!.headers, json: { to: people['quality']!.userId, toTime: new Date(Date.now() + 3_600_000).toISOString() } });
    assert.equal(granted.status, 201);
    await eventually(() => Promise.resolve(before.ended ? true : undefined));
    assert.ok(before.events.at(-1)?.data.topics?.includes('tasks'), 'what is shown is read again');
    const during = await listen('quality');
    const caseId = await test.scan({ kind: 'receipt', sscc: '340123450000000087', operator: 'device' });
    await during.change((event) => event.data.topics?.includes('tasks') === true && event.data.caseIds?.includes(caseId) === true);
    assert.equal((await ask(`${server.api}/delegations/${String(granted.body['delegationId'])}`, { method: 'DELETE', headers: people['supervisor']!.headers })).status, 204);
    await eventually(() => Promise.resolve(during.ended ? true : undefined));
    const after = await listen('quality');
    const later = await test.scan({ kind: 'receipt', sscc: '340123450000000094', operator: 'device' });
    await after.change((event) => event.data.caseIds?.includes(later) === true);
    await eventually(async () => (await test.engine.ledger.listTasks({ caseId: later, status: 'open' }, { limit: 1 })).items[0]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(!after.topics().has('tasks'));
  });

  it('tells of a task that was given to one person, whatever role they hold', async () => {
    const caseId = await test.scan({ kind: 'receipt', sscc: '340123450000000100', operator: 'device' });
    const task = await eventually(async () => (await test.engine.ledger.listTasks({ caseId, status: 'open' }, { limit: 1 })).items[0]);
    const listener = await listen('quality');
    await eventually(() => Promise.resolve(listener.events[0]));
    const given = await ask(`${server.api}/tasks/${task.task_id}/reassignment`, { method: 'POST', headers: people['supervisor']!.headers, json: { toPerson: people['supervisor']!.userId, reason: 'mine' } });
    assert.equal(given.status, 204);
    await listener.change((event) => event.data.topics?.includes('tasks') === true);
  });

  it('tells of one case only when asked for one', async () => {
    const first = await test.scan({ kind: 'odd', sscc: '340123450000000049' });
    const listener = await listen('clerk', `?caseId=${first}`);
    const all = await listen('clerk');
    const second = await test.scan({ kind: 'odd', sscc: '340123450000000056' });
    await all.change((event) => event.data.caseIds?.includes(second) === true);
    assert.ok(!JSON.stringify(listener.events).includes(second));
    const hidden = await ask(`${server.api}/changes?caseId=${first}`, { headers: people['elsewhere']!.headers });
    assert.equal(hidden.status, 404);
  });

  it('tells who comes back after a sleep that something was missed, once and with all topics', async () => {
    const before = await listen('clerk');
    const ready = await eventually(() => Promise.resolve(before.events[0]));
    await test.scan({ kind: 'odd', sscc: '340123450000000063' });
    for (const back of [await listen('clerk', `?after=${String(ready.id)}`), await listen('clerk', '', { 'last-event-id': String(ready.id) })]) {
      const change = await back.change(() => true);
      assert.deepEqual(change.data.topics, ['tasks', 'cases', 'exceptions', 'dead-letters', 'quarantine', 'system', 'handover', 'changes', 'devices']);
      assert.equal(change.data['more'], true);
    }
    const current = await listen('clerk', `?after=${test.engine.ledger.health().lastPosition}`);
    await eventually(() => Promise.resolve(current.events[0]));
    assert.deepEqual(current.events.map((event) => event.event), ['ready']);
  });

  it('puts a flood together: far fewer changes than commits, each with at most 50 cases and a word that there are more', async () => {
    const listener = await listen('clerk');
    await eventually(() => Promise.resolve(listener.events[0]));
    const ids = await Promise.all(Array.from({ length: 300 }, (_, i) => test.scan({ kind: 'odd', sscc: String(340123460000000000n + BigInt(i)) })));
    await listener.change((event) => event.data['more'] === true);
    const changes = listener.events.filter((event) => event.event === 'change');
    assert.ok(changes.length < ids.length / 3, `${changes.length} changes for ${ids.length} cases`);
    for (const change of changes) assert.ok((change.data.caseIds?.length ?? 0) <= 50);
  });

  it('ends with the session, and says so', async () => {
    const session = await signIn(server, 'clerk');
    const listener = await Listener.open(`${server.api}/changes`, { cookie: session.cookie });
    open.push(listener);
    await eventually(() => Promise.resolve(listener.events[0]));
    await ask(`${server.api}/session`, { method: 'DELETE', headers: { 'cookie': session.cookie, 'x-waybill-csrf': session.csrf, 'origin': server.url } });
    // Whatever is recorded of people and their access lets the sessions be looked at.
    await test.engine.recordAccess({ kind: 'account-changed', name: 'clerk', reason: 'test' });
    await eventually(() => Promise.resolve(listener.ended ? true : undefined));
    assert.equal(listener.events.at(-1)?.event, 'signed-out');
  });

  it('refuses strangers, and a ninth stream of one session with a sentence', async () => {
    assert.equal((await ask(`${server.api}/changes`)).status, 401);
    for (let i = 0; i < 8; i++) await listen('quality');
    const ninth = await ask(`${server.api}/changes`, { headers: people['quality']!.headers });
    assert.equal(ninth.status, 429);
    assert.equal(ninth.body['code'], 'too-many-streams');
    open.shift()?.close();
    const again = await eventually(async () => {
      const listener = await listen('quality');
      return listener.response.statusCode === 200 ? listener : undefined;
    });
    assert.equal(again.response.statusCode, 200);
  });

  it('lets a client that takes nothing cost no memory, and tells it afterwards what it missed, in one', async () => {
    const slow = await listen('clerk');
    await eventually(() => Promise.resolve(slow.events[0]));
    slow.response.pause();
    const last = await test.scan({ kind: 'odd', sscc: '340123450000000070' });
    slow.response.resume();
    await slow.change((event) => event.data.caseIds?.includes(last) === true || event.data['more'] === true);
  });

  it('ends when the engine is shut down in order', async () => {
    const listener = await listen('clerk');
    await eventually(() => Promise.resolve(listener.events[0]));
    await test.engine.drain();
    await eventually(() => Promise.resolve(listener.ended ? true : undefined));
  });
});
