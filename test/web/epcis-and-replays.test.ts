import assert from 'node:assert/strict';
import { epcisEvent, timeZoneOffsets } from '../../src/intake/epcis/index.ts';
import { parseGs1 } from '../../src/intake/gs1/index.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { schemaFaults } from '../intake/epcis/support.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { startEngine, type TestEngine } from './support/real-engine.ts';

describe('EPCIS events and replays of events over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const get = (path: string, who = 'engineer'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { headers: people[who]!.headers });
  const post = (path: string, json: object, who = 'engineer'): ReturnType<typeof ask> => ask(`${server.api}/${path}`, { method: 'POST', headers: people[who]!.headers, json });
  const cases: string[] = [];

  async function scanned(site: string, number: string): Promise<void> {
    const gs1 = parseGs1(`(01)09506000134352(21)${number}`, { referenceYear: 2026 });
    assert.ok(gs1.ok);
    const epcis = epcisEvent({ gs1 }, { at: Date.now(), variables: { station: 'dock-1' }, scanId: number }, {
      bizStep: 'receiving', readPoint: '', bizLocation: '', companyPrefixes: [], gln: '', enterprise: 'acme', site, offsetAt: timeZoneOffsets('UTC'),
    }) as unknown as JsonObject;
    const opened = await test.engine.nodes.openCase({
      step: test.intake, process: 'p', template: 't@1.0.0', site, title: number, keys: [], document: { epcis }, message: { payload: number }, transportId: `x/${number}`, device: 'x',
      scan: { code: number, topic: 't', fields: { epcis } },
    });
    cases.push(opened.caseId);
  }

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['engineer'] = await addPerson(accounts, 'engineer', ['engineer'], ['*']);
      people['clerk'] = await addPerson(accounts, 'clerk', ['clerk']);
      people['far'] = await addPerson(accounts, 'far', ['engineer'], ['dc-2']);
    });
    server = await startServer(() => test.engine);
    for (const number of ['1', '2', '3']) await scanned('dc-1', number);
    await scanned('dc-2', '4');
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('gives the events of a case as a document that GS1\'s schema takes, to those who may see the case', async () => {
    const { status, body } = await get(`cases/${cases[0] ?? ''}/epcis`);
    assert.equal(status, 200);
    assert.deepEqual(schemaFaults(body), []);
    const { eventList } = body['epcisBody'] as { readonly eventList: readonly { readonly epcList: readonly string[]; readonly recordTime: string }[] };
    assert.deepEqual(eventList.map(({ epcList }) => epcList), [['https://id.gs1.org/01/09506000134352/21/1']]);
    assert.ok(Math.abs(Date.parse(eventList[0]?.recordTime ?? '') - Date.now()) < 60_000);
    assert.equal((await get(`cases/${cases[0] ?? ''}/epcis`, 'far')).status, 404);
  });

  it('gives those of a time, in order, of the caller\'s sites', async () => {
    const epcs = async (path: string, who?: string): Promise<readonly string[]> => ((await get(path, who)).body['items'] as readonly { readonly epcList: readonly string[] }[]).map(({ epcList }) => epcList[0]?.split('/').at(-1) ?? '');
    assert.deepEqual(await epcs('epcis?from=2020-01-01T00:00:00Z'), ['1', '2', '3', '4']);
    assert.deepEqual(await epcs('epcis?from=2020-01-01T00:00:00Z&site=dc-1'), ['1', '2', '3']);
    assert.deepEqual(await epcs('epcis?from=2020-01-01T00:00:00Z', 'far'), ['4']);
    assert.deepEqual(await epcs('epcis?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z'), []);
    assert.deepEqual(await epcs(`epcis?from=${new Date(Date.now() + 60_000).toISOString()}`), []);
    assert.equal((await get('epcis?from=yesterday')).status, 400);
    assert.equal((await get('epcis?from=2020-01-01T00:00:00Z&cursor=x')).body['code'], 'cursor-invalid');
  });

  it('replays are for those who may stop a system\'s traffic, need a reason, and find nothing where nothing was sent', async () => {
    const range = { from: '2020-01-01T00:00:00Z' };
    assert.equal((await post('event-replays', { ...range, reason: 'x' }, 'clerk')).status, 403);
    assert.equal((await post('event-replays', range)).body['code'], 'request-invalid');
    assert.equal((await post('event-replays', { from: 'soon', dryRun: true })).body['code'], 'request-invalid');
    assert.deepEqual((await post('event-replays', { ...range, dryRun: true })).body, { replayId: null, total: 0, found: [] });
    assert.deepEqual([(await post('event-replays', { ...range, reason: 'x' })).body['code'], (await post('event-replays', { ...range, reason: 'x', site: 'dc-1' }, 'far')).body['code']], ['nothing-to-replay', 'site-unknown']);
    assert.deepEqual((await get('event-replays', 'clerk')).body, { items: [] });
    assert.equal((await post('event-replays/none/stop', {})).body['code'], 'event-replay-unknown');
  });
});
