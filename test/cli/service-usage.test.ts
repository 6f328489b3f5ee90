import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { service } from '../../src/cli/commands/service.ts';
import { usageAcross, newestOfEach, readUsageReport } from '../../src/cli/service/usage-merge.ts';
import { usageReport } from '../../src/engine/services/health/usage-report.ts';
import type { CalledService, UsageReport } from '../../src/engine/services/health/usage-report.ts';
import type { HealthSources } from '../../src/engine/services/health/health-view.ts';
import { newFigures } from '../../src/engine/services/health/figures.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { receiptService } from '../nodes/support/services.ts';
import { addPerson, startServer } from '../web/support/server.ts';
import { startEngine } from '../web/support/real-engine.ts';

const caller = { node: 'n1', name: 'Post', type: 'waybill-call', place: 'Receiving', operation: 'post', system: 'erp-1', step: 'post', template: 'p2p/receiving@1.2.0' };
const called = (of: string, more: Partial<CalledService> = {}): CalledService => ({ service: of, title: null, status: 'deprecated', sunset: '2027-06-30', successor: null, stopped: null, calls: 3, lastCallAt: '2026-03-02T10:00:00.000Z', callers: [caller], ...more });
const report = (site: string, at: string, services: readonly CalledService[]): UsageReport => ({ form: 1, site, at, services });

describe('waybill service usage', () => {
  let folder: string;
  let out: string;
  let err: string;
  const [write, writeError] = [process.stdout.write, process.stderr.write];
  before(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-usage-')); });
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const run = async (...args: string[]): Promise<number> => {
    [out, err] = ['', ''];
    process.stdout.write = ((text: string) => { out += text; return true; }) as typeof process.stdout.write;
    process.stderr.write = ((text: string) => { err += text; return true; }) as typeof process.stderr.write;
    try {
      return await service(['usage', ...args]);
    } finally {
      process.stdout.write = write;
      process.stderr.write = writeError;
    }
  };

  it('lists every flow at every site, by the newest report of each, and one service alone when it is asked for', () => {
    const old = report('dc-1', '2026-03-01T00:00:00Z', [called('erp/stock@1.0.0')]);
    const all = [old, report('dc-2', '2026-03-02T00:00:00Z', [called('erp/stock@1.0.0', { title: 'Stock', callers: [] })]), report('dc-1', '2026-03-02T00:00:00Z', [called('erp/stock@1.10.0'), called('erp/stock@1.9.0'), called('erp/stock-moves@1.0.0')])];
    assert.deepEqual(newestOfEach(all).map(({ site, at }) => [site, at.slice(0, 10)]), [['dc-1', '2026-03-02'], ['dc-2', '2026-03-02']]);
    assert.deepEqual(usageAcross(all, 'erp/stock').map(({ service: of, title, sites }) => [of, title, sites.map(({ site }) => site)]), [['erp/stock@1.0.0', 'Stock', ['dc-2']], ['erp/stock@1.9.0', null, ['dc-1']], ['erp/stock@1.10.0', null, ['dc-1']]]);
    assert.equal(usageAcross(all, 'erp/stock@1.9.0').length, 1);
  });

  it('says what is no report, in one sentence each', () => {
    for (const [value, message] of [[{}, /is no report of usage/], [{ form: 2 }, /of the form 2, and this program reads 1/], [{ form: 1, site: 'x', at: 'soon', services: [] }, /lacks its site, its time/], [{ form: 1, site: 'x', at: '2026-03-01T00:00:00Z', services: [7] }, /has a service without its callers/]] as const) {
      assert.throws(() => readUsageReport(value), { name: 'RangeError', message });
    }
  });

  it('has what is called by flows, and what was called lately without any', () => {
    const figures = newFigures('erp/goods-receipts@1.0.0', 'erp-1', '2026-03-02T10:00:00.000Z');
    const sources = {
      book: { figures: () => [figures, newFigures('stock@1', 'erp-1', '2026-03-02T10:00:00.000Z')] }, services: fixedServices([receiptService()]), stops: { of: () => undefined }, now: Date.parse('2026-03-02T11:00:00Z'),
      callers: new Map([['erp/old@1.0.0', [caller]], ['stock@1', [caller]]]),
    } as unknown as HealthSources;
    assert.deepEqual(usageReport('dc-1', sources).services.map(({ service: of, title, status, callers }) => [of, title, status, callers.length]), [['erp/goods-receipts@1.0.0', 'Goods receipts', 'published', 0], ['erp/old@1.0.0', null, null, 1]]);
  });

  it('reads files and folders, and fails where one cannot be read: then not everybody has said so', async () => {
    const reports = path.join(folder, 'reports');
    mkdirSync(reports);
    writeFileSync(path.join(reports, 'dc-1.json'), JSON.stringify(report('dc-1', new Date().toISOString(), [called('erp/stock@1.0.0')])));
    assert.equal(await run('erp/stock', '--from', reports), 0, err);
    assert.match(out, /erp\/stock@1\.0\.0\n {2}dc-1: deprecated until 2027-06-30; 3 calls in 24 hours, the last at .*\n {4}Receiving › Post: post at erp-1 \(p2p\/receiving@1\.2\.0\)\n1 service at 1 site\.\n/);
    writeFileSync(path.join(reports, 'dc-2.json'), '{');
    assert.deepEqual([await run('erp/nothing', '--from', reports), out], [1, 'Nobody calls erp/nothing at 1 site.\n']);
    assert.match(err, /dc-2\.json is no JSON; who calls there is not known/);
    assert.equal(await run('--from', path.join(folder, 'gone')), 1);
    assert.equal(await run(), 2);
  });

  it('asks a running site, and keeps what it says', async function () {
    this.timeout(60_000);
    let token = '';
    const test = await startEngine(async (accounts) => { token = (await addPerson(accounts, 'central', ['central-architect'])).headers.authorization.slice('Bearer '.length); });
    const server = await startServer(() => test.engine);
    const tokenFile = path.join(folder, 'token');
    writeFileSync(tokenFile, token);
    try {
      const kept = path.join(folder, 'kept.json');
      assert.equal(await run('--from', `${server.url}/waybill`, '--token-file', tokenFile, '--out', kept), 0, err);
      assert.equal(readUsageReport(JSON.parse(readFileSync(kept, 'utf8'))).site, 'dc-1');
      assert.equal(await run('--from', `${server.url}/waybill`, '--token-file', tokenFile, '--out', kept), 2, 'what is there is not written over');
    } finally {
      await server.close();
      await test.close();
    }
  });
});
