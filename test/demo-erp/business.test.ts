import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isWrite } from '../../demo/erp/business.ts';
import { createDemoErp, type DemoErp } from '../../demo/erp/server.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { templateFolders } from '../../scripts/template-picture.ts';
import { readServiceFolder } from '../../src/governance/service/folder.ts';

type Body = Record<string, unknown>;

describe('Demo ERP: what the templates ask', () => {
  let erp: DemoErp;
  before(async () => { erp = await createDemoErp({ storePath: ':memory:' }); });
  after(() => erp.close());

  async function call(method: string, at: string, body?: unknown, key?: string): Promise<{ status: number; body: Body }> {
    const response = await fetch(erp.url + at, { method, headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Body };
  }

  it('keeps what is posted once per key, and refuses a key that was used for another request', async () => {
    const first = await call('POST', '/stock-adjustments', { location: 'A', lines: [] }, 'k-1');
    assert.deepEqual([first.status, first.body['number']], [201, 'SA-000001']);
    assert.deepEqual(await call('POST', '/stock-adjustments', { location: 'A', lines: [] }, 'k-1'), { status: 200, body: first.body });
    assert.equal((await call('POST', '/stock-adjustments', { location: 'B', lines: [] }, 'k-1')).status, 422);
    assert.equal((await call('PUT', '/orders/1/hold', {}, 'k-1')).status, 422);
    assert.equal((await call('POST', '/requisitions', {})).status, 400);
    assert.equal((await call('POST', '/requisitions', [], 'k-2')).status, 400);
    assert.equal((await call('POST', '/nothing', {}, 'k-3')).status, 405);
    assert.equal((await call('GET', '/nothing')).status, 404);
  });

  it('has less to spare while something is reserved, and never too little', async () => {
    const spare = async (): Promise<unknown> => (await call('GET', '/sites/dc-2/availability?item=10042')).body['available'];
    const held = await call('POST', '/sites/dc-2/reservations', { item: '10042', quantity: '480.5' }, 'r-1');
    assert.equal(await spare(), '19.5');
    assert.deepEqual([(await call('POST', '/sites/dc-2/reservations', { item: '10042', quantity: '20' }, 'r-2')).status, await spare()], [409, '19.5']);
    assert.equal((await call('DELETE', `/sites/dc-2/reservations/${String(held.body['number'])}`, undefined, 'r-3')).status, 201);
    assert.equal(await spare(), '500');
  });

  it('counts open orders and adjustments', async () => {
    await call('POST', '/warehouse-tasks', { item: '10042', to: 'F-01', quantity: '84' }, 'w-1');
    assert.deepEqual(((await call('GET', '/stock-position?location=F-01&item=10042')).body['openOrders'] as Body[]).map(({ quantity }) => quantity), ['84']);
    await call('POST', '/stock-adjustments', { location: 'A-1', lines: [{ item: '10042', quantity: '-2' }] }, 'a-1');
    assert.deepEqual((await call('GET', '/stock-movements?location=A-1&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z')).body, { lines: [{ item: '10042', quantity: '-2', reason: 'cycle-count' }] });
  });

  it('takes every address that a template writes to', () => {
    const wrong: string[] = [];
    for (const folder of templateFolders()) {
      for (const node of JSON.parse(readFileSync(path.join(folder, 'flow.json'), 'utf8')) as { type: string; method?: string; url?: string; service?: string; operation?: string; systemNode?: string }[]) {
        if (node.type !== 'waybill-call') continue;
        if ((node.systemNode ?? '') !== '') {
          const operation = readServiceFolder(path.join(ROOT, 'services', node.service?.split('@')[0] ?? '')).definition.operations[node.operation ?? ''];
          const address = `/${String(operation?.binding['path']).replace(/^\//, '').replaceAll(/\{[^}]*\}/g, 'x')}`;
          if (operation?.effect !== 'reads' && address !== '/goods-receipts' && !isWrite(address)) wrong.push(`${path.basename(folder)}: ${address}`);
          continue;
        }
        if (node.method === 'GET') continue;
        // Texts of the expression as they are, what stands between them as one name.
        const parts = [...(node.url ?? '').matchAll(/"(\/[^"]*|WAYBILL_ERP_URL)"|(&)/g)].map((found) => found[1]).filter((part) => part !== undefined && part !== 'WAYBILL_ERP_URL');
        const text = parts.map((part, i) => (i < parts.length - 1 || part!.endsWith('/') ? part!.replace(/\/?$/, '/x') : part!)).join('').split('?')[0]!;
        if (!/^\/goods-receipts$/.test(text) && !isWrite(text)) wrong.push(`${path.basename(folder)}: ${text}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});
