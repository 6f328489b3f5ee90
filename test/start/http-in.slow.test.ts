import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startProduct } from '../../scripts/lib/product.ts';
import { withDemoCatalogue } from '../support/demo-catalogue.ts';

/** Plain nodes of Node-RED work beside Waybill as they do without it. */
describe('npm start: http in nodes of a flow', function () {
  this.timeout(120_000);

  it('get query and body, and answer JSON', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-http-in-'));
    mkdirSync(path.join(home, 'node-red'));
    writeFileSync(path.join(home, 'node-red/flows.json'), JSON.stringify([
      { id: 't1', type: 'tab', label: 'http' },
      { id: 'in', type: 'http in', z: 't1', url: '/echo', method: 'post', upload: false, swaggerDoc: '', wires: [['f']] },
      { id: 'f', type: 'function', z: 't1', func: 'msg.payload = {body: msg.payload, query: msg.req.query};\nreturn msg;', outputs: 1, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [], wires: [['out']] },
      { id: 'out', type: 'http response', z: 't1', statusCode: '201', headers: {}, wires: [] },
    ]));
    await withDemoCatalogue(home);
    const product = await startProduct({ home });
    try {
      const answer = await fetch(`${product.url}/echo?a[b]=1&c=2`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"x":1}', signal: AbortSignal.timeout(30_000) });
      assert.equal(answer.status, 201);
      assert.deepEqual(await answer.json(), { body: { x: 1 }, query: { a: { b: '1' }, c: '2' } });
    } finally {
      await product.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
