import assert from 'node:assert/strict';
import { ScriptedHttpSystem } from '../../../src/cli/scenario/systems.ts';

describe('a scripted system', () => {
  let system: ScriptedHttpSystem;
  afterEach(async () => { await system.close(); });
  const post = (path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${system.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

  it('answers in order, then otherwise, and remembers what it read', async () => {
    system = await ScriptedHttpSystem.open('erp', { answers: [{ status: 503, headers: { 'retry-after': '9' } }, { status: 201, body: { n: 1 }, times: 2 }], otherwise: { status: 418 } });
    const first = await post('/a?b=1', { x: 1 }, { 'Idempotency-Key': 'k' });
    assert.deepEqual([first.status, first.headers.get('retry-after')], [503, '9']);
    assert.deepEqual([(await post('/a')).status, await (await post('/a')).json(), (await post('/a')).status], [201, { n: 1 }, 418]);
    const [call] = system.calls;
    assert.deepEqual([call?.method, call?.path, call?.query, call?.body, call?.key, call?.answered], ['POST', '/a', { b: '1' }, { x: 1 }, 'k', 503]);
    assert.equal(system.calls.length, 4);
  });

  it('gives an answer only to requests that fit it', async () => {
    system = await ScriptedHttpSystem.open('erp', { answers: [{ when: { path: '/b', body: { x: 2 } }, status: 204 }, { when: { path: { $matches: '^/c' } }, status: 410 }] });
    assert.deepEqual([(await post('/a')).status, (await post('/b', { x: 1 })).status, (await post('/c/1')).status, (await post('/b', { x: 2, y: 3 })).status], [200, 200, 410, 204]);
  });

  it('hangs, breaks the connection, goes down and comes back at the same address', async () => {
    system = await ScriptedHttpSystem.open('erp', { answers: [{ hang: true }, { reset: true }] });
    const abort = new AbortController();
    const hanging = fetch(system.url, { signal: abort.signal });
    while (system.held === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    abort.abort();
    await assert.rejects(hanging);
    while (system.held > 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    await assert.rejects(post('/'));
    assert.deepEqual(system.calls.map(({ answered }) => answered), ['hang', 'reset']);
    const { url } = system;
    await system.set({ down: true });
    await assert.rejects(post('/'));
    assert.equal(system.calls.length, 2, 'it was never reached');
    await system.set({ down: false, answers: [{ status: 202 }] });
    assert.deepEqual([system.url, (await post('/')).status], [url, 202]);
  });
});
