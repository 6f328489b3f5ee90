import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { demoData } from '../../demo/erp/seed.ts';

const MAIN = new URL('../../demo/erp/main.ts', import.meta.url).pathname;

describe('Demo ERP as a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'demo-erp-'));
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(...more: string[]): Promise<{ child: ChildProcess; url: string }> {
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--store', join(folder, 'erp.sqlite'), '--scenarios', '20', ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
    return { child, url: `http://127.0.0.1:${(JSON.parse(line) as { listening: number }).listening}` };
  }

  it('keeps what it answered over SIGKILL, seeds an empty store only, and ends on SIGTERM', async () => {
    const first = await start();
    const line = demoData(1, 20).lines.find((one) => !one.deliveryComplete);
    assert.ok(line);
    const body = JSON.stringify({ po: line.po, line: line.line, gtin: line.gtin, quantity: '1', unit: line.unit, postingDate: '2026-06-01', reference: 'case-1' });
    const post = (url: string, key: string): Promise<Response> => fetch(`${url}/goods-receipts`, { method: 'POST', headers: { 'idempotency-key': key }, body });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => post(first.url, `k-${i}`)));
    assert.ok(answers.every((answer) => answer.status === 201));
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start();
    const { items } = (await (await fetch(`${second.url}/goods-receipts?reference=case-1`)).json()) as { items: unknown[] };
    assert.equal(items.length, 50);
    assert.equal((await post(second.url, 'k-7')).headers.get('idempotent-replay'), 'true');
    const found = (await (await fetch(`${second.url}/purchase-orders/${line.po}/lines/${line.line}`)).json()) as { received: string };
    assert.equal(found.received, '50');
    second.child.kill('SIGTERM');
    assert.deepEqual(await once(second.child, 'exit'), [0, null]);
  });

  it('says in one line why it cannot start', async () => {
    const child = spawn(process.execPath, [MAIN, '--store', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 1);
    assert.match(said, /^demo ERP: the store .+ cannot be opened .+--store\n$/);
  });
});
