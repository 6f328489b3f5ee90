import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { RequestBook } from '../../src/engine/offered/requests/request-book.ts';
import { HealthBook } from '../../src/engine/services/health/health-book.ts';
import { addPerson, ask, startServer, type TestServer } from './support/server.ts';
import { eventually, startEngine, type TestEngine } from './support/real-engine.ts';

describe('health of services over the API', () => {
  let test: TestEngine;
  let server: TestServer;
  const people: Record<string, Awaited<ReturnType<typeof addPerson>>> = {};
  const get = async (what: string, who = 'engineer') => await ask(`${server.api}/${what}`, { headers: people[who]!.headers });
  type Row = Readonly<Record<string, unknown>> & { readonly id: string };
  const rows = async (who = 'engineer') => (await get('service-health', who)).body['rows'] as readonly Row[];
  let caseId: string;

  before(async () => {
    test = await startEngine(async (accounts) => {
      people['engineer'] = await addPerson(accounts, 'engineer', ['engineer']);
      people['elsewhere'] = await addPerson(accounts, 'elsewhere', ['engineer'], ['dc-2']);
      people['supervisor'] = await addPerson(accounts, 'supervisor', ['supervisor']);
      people['operator'] = await addPerson(accounts, 'operator', ['operator']);
    });
    server = await startServer(() => test.engine);
    // Nobody listens at the address.
    caseId = await test.scan({ kind: 'ship', sscc: '340123450000000032', operator: 'olga' });
    await eventually(async () => ((await rows()).find(({ deadLetters }) => deadLetters === 1) === undefined ? undefined : true));
  });
  after(async () => {
    await server.close();
    await test.close();
  });

  it('is a row for each service at a system, with what failed last in one sentence', async () => {
    const [row, ...others] = await rows();
    assert.equal(others.length, 0);
    const { service, system, status, calls, success, again, deadLetters, unknown, quota } = row!;
    assert.deepEqual({ service, system, status, calls, success, again, deadLetters, unknown, quota }, { service: 'receipts@1', system: 'erp', status: null, calls: 1, success: 0, again: 1, deadLetters: 1, unknown: 0, quota: null });
    const failure = row!['lastFailure'] as Readonly<Record<string, unknown>>;
    assert.deepEqual([failure['caseId'], failure['outcome']], [caseId, 'transient']);
    assert.match(String(failure['said']), /\S+ \S+/);
    assert.equal((row!['trend'] as readonly unknown[]).length, 48);
    const detail = await get(`service-health/${row!.id}`);
    assert.deepEqual([detail.status, (detail.body['failures'] as readonly unknown[]).length, detail.body['system']], [200, 1, 'erp']);
    assert.equal((await get('service-health/bm90aGluZw')).status, 404);
  });

  it('names no case of a site that the reader does not work at, and is nobody\'s business who reads no figures', async () => {
    assert.equal(((await rows('elsewhere'))[0]?.['lastFailure'] as { said: unknown }).said, null);
    assert.equal((await get('service-health', 'operator')).status, 403);
  });

  it('is in the metrics', async () => {
    const text = await (await fetch(`${server.url}/waybill/metrics`)).text();
    for (const line of ['waybill_service_calls_total{service="receipts@1",system="erp",outcome="transient"} 1', 'waybill_service_dead_letters_open{service="receipts@1",system="erp"} 1', '# TYPE waybill_service_call_seconds histogram']) assert.ok(text.includes(line), `${line}\n${text}`);
  });

  it('has who calls what this site offers, and names the callers to who reads findings', async () => {
    const { engine } = test;
    engine.requestAnswered({ service: 'carrier/pod@1.0.0', operation: 'confirm', caller: 'dhl', outcome: 'done' });
    for (const code of ['contract-broken', 'contract-broken', 'idempotency-key-reused']) engine.requestAnswered({ service: 'carrier/pod@1.0.0', operation: 'confirm', caller: 'dhl', outcome: 'refused', code });
    engine.requestAnswered({ service: 'carrier/pod@1.0.0', operation: 'confirm', caller: '', outcome: 'unknown', code: 'token-invalid' });
    const { body } = await get('service-requests');
    const [own, stranger, ...others] = body['rows'] as readonly Row[];
    assert.equal(others.length, 0);
    assert.deepEqual([own!['caller'], own!['status'], own!['answered'], own!['calls'], own!['done'], own!['refused'], own!['why']], ['dhl', null, false, 4, 1, 3, [{ code: 'contract-broken', count: 2 }, { code: 'idempotency-key-reused', count: 1 }]]);
    assert.deepEqual([stranger!['caller'], stranger!['unknown']], [null, 1]);
    const masked = await get('service-requests', 'supervisor');
    assert.deepEqual((masked.body['rows'] as readonly Row[]).map((row) => row['caller']), ['•••', null]);
    assert.equal((await get('service-requests', 'operator')).status, 403);
    const text = await (await fetch(`${server.url}/waybill/metrics`)).text();
    for (const line of ['waybill_service_in_requests_total{endpoint="carrier/pod@1.0.0 confirm",caller="dhl",outcome="refused"} 3', 'waybill_service_in_requests_total{endpoint="carrier/pod@1.0.0 confirm",caller="",outcome="unknown"} 1']) assert.ok(text.includes(line), `${line}\n${text}`);
  });

  it('keeps who calls over a restart, and no more rows than it says', async () => {
    const { ledger, clock } = test.engine;
    const open = (ledgerId = ledger.ledgerId): RequestBook => {
      const book = new RequestBook({ file: path.join(test.home, 'requests-of-a-test.json'), ledgerId, clock });
      book.start();
      return book;
    };
    let book = open();
    for (let n = 0; n < 250; n += 1) book.count({ service: 'carrier/pod@1.0.0', operation: 'confirm', caller: `c-${n}`, outcome: 'refused', code: 'contract-broken' });
    for (let n = 0; n < 50; n += 1) book.count({ service: 'carrier/pod@1.0.0', operation: 'confirm', caller: 'c-249', outcome: 'refused', code: `own-${n}` });
    await book.close();
    book = open();
    const last = book.rows().find(({ caller }) => caller === 'c-249');
    assert.deepEqual([book.rows().length, last?.total.refused, Object.keys(last?.hours[0]?.why ?? {}).length], [200, 51, 21], 'codes of flows are bounded too');
    await book.close();
    const other = open('another ledger');
    assert.equal(other.rows().length, 0);
    await other.close();
  });

  it('filters the dead letters of a system', async () => {
    assert.equal(((await get('dead-letters?system=erp')).body['items'] as readonly unknown[]).length, 1);
    assert.equal(((await get('dead-letters?system=other')).body['items'] as readonly unknown[]).length, 0);
  });

  it('is the same after a kill: what no file has is counted from the ledger', async () => {
    const { ledger, clock } = test.engine;
    const counted = async (file: string) => {
      const book = new HealthBook({ file: path.join(test.home, file), ledger, clock, costOf: () => undefined });
      book.start();
      await eventually(() => Promise.resolve(book.behind ? undefined : true));
      const [figures] = book.figures();
      const open = [...book.open().values()];
      await book.close();
      return { transient: figures?.total.transient, deadLetters: figures?.total.deadLetters, failed: figures?.failures[0]?.caseId, open };
    };
    const expected = { transient: 1, deadLetters: 1, failed: caseId, open: [{ dead: 1, unknown: 0 }] };
    assert.deepEqual(await counted('killed.json'), expected);
    assert.deepEqual(await counted('killed.json'), expected, 'nothing is counted twice');
    writeFileSync(path.join(test.home, 'torn.json'), '{"form":1,');
    assert.deepEqual(await counted('torn.json'), expected);
  });
});
