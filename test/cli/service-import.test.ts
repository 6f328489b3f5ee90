import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/lib/paths.ts';
import { allDefinitionProblems } from '../../src/governance/service/check.ts';
import { service } from '../../src/cli/commands/service.ts';

const ORDERS = path.join(ROOT, 'test/connectors/openapi/orders.yaml');

describe('waybill service import openapi', () => {
  let folder: string;
  let said: string;
  const write = { out: process.stdout.write.bind(process.stdout), err: process.stderr.write.bind(process.stderr) };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-openapi-'));
    said = '';
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  async function run(...args: string[]): Promise<number> {
    const hear = ((text: string) => { said += text; return true; }) as typeof process.stdout.write;
    [process.stdout.write, process.stderr.write] = [hear, hear];
    try {
      return await service(args);
    } finally {
      [process.stdout.write, process.stderr.write] = [write.out, write.err];
    }
  }

  it('writes a draft, says what a person has to look at, and overwrites nothing', async () => {
    const out = path.join(folder, 'wms', 'orders');
    assert.equal(await run('import', 'openapi', ORDERS, '--out', out, '--system', 'wms'), 0);
    const definition = JSON.parse(readFileSync(path.join(out, 'service.json'), 'utf8')) as { id: string; operations: object };
    assert.deepEqual([definition.id, Object.keys(definition.operations).length], ['wms/orders', 4]);
    assert.deepEqual(allDefinitionProblems(definition), [], 'the draft is a definition that can be used');
    assert.match(said, /wms\/orders@0\.1\.0 with 4 operations[\s\S]*uploadLabel is left out/);
    assert.equal(await run('import', 'openapi', ORDERS, '--out', out), 1);
    assert.match(said, /is there already; nothing was written/);
  });

  it('says what is missing', async () => {
    assert.equal(await run('import', 'openapi', ORDERS), 2);
    assert.equal(await run('import', 'openapi', ORDERS, '--out', path.join(folder, 'Wms', 'Orders')), 2);
    assert.equal(await run('import', 'openapi', path.join(folder, 'none.json'), '--out', path.join(folder, 'a', 'b')), 1);
    assert.match(said, /Say where to[\s\S]*is no id of a service[\s\S]*none\.json is not there/);
  });
});
