import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProduct } from '../../scripts/lib/product.ts';
import { withDemoCatalogue } from '../support/demo-catalogue.ts';

/** Plain nodes of Node-RED work beside Waybill as they do without it. */
describe('npm start in a new home', function () {
  this.timeout(120_000);

  it('has its accounts before its flows, and plain http in nodes get query and body', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-http-in-'));
    mkdirSync(path.join(home, 'node-red'));
    writeFileSync(path.join(home, 'node-red/flows.json'), JSON.stringify([
      { id: 't1', type: 'tab', label: 'http' },
      { id: 'in', type: 'http in', z: 't1', url: '/echo', method: 'post', upload: false, swaggerDoc: '', wires: [['f']] },
      { id: 'f', type: 'function', z: 't1', func: 'msg.payload = {body: msg.payload, query: msg.req.query};\nreturn msg;', outputs: 1, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [], wires: [['out']] },
      { id: 'now', type: 'inject', z: 't1', props: [{ p: 'payload' }], repeat: '', crontab: '', once: true, onceDelay: 0, topic: '', payload: '{"k":"1","operator":"chris"}', payloadType: 'json', wires: [['open']] },
      { id: 'open', type: 'waybill-case-open', z: 't1', stepId: 'open', site: 'site', process: 'returns', template: 'first@1.0.0', keyName: 'k', key: 'payload.k', keyType: 'msg', facts: 'payload', factsType: 'msg', operator: 'payload.operator', operatorType: 'msg', wires: [['close'], []] },
      { id: 'close', type: 'waybill-case-close', z: 't1', stepId: 'close', outcome: 'done', outcomeType: 'str', wires: [] },
      { id: 'site', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme' },
      { id: 'out', type: 'http response', z: 't1', statusCode: '201', headers: {}, wires: [] },
    ]));
    await withDemoCatalogue(home);
    const product = await startProduct({ home, patienceMs: 110_000 });
    try {
      const answer = await fetch(`${product.url}/echo?a[b]=1&c=2`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"x":1}', signal: AbortSignal.timeout(30_000) });
      assert.equal(answer.status, 201);
      assert.deepEqual(await answer.json(), { body: { x: 1 }, query: { a: { b: '1' }, c: '2' } });
      const ledger = new DatabaseSync(path.join(home, 'ledger.db'), { readOnly: true });
      const read = ledger.prepare("SELECT CAST(leaf AS TEXT) AS leaf FROM events WHERE type = 'CaseOpened'");
      let opened = read.all() as { readonly leaf: string }[];
      while (opened.length === 0) {
        await sleep(100); // ended by the timeout of this test
        opened = read.all() as { readonly leaf: string }[];
      }
      ledger.close();
      assert.match(opened[0]?.leaf ?? '', /"operatorUnknown":false/, `whoever began the first case is known: ${opened[0]?.leaf ?? ''}`);
    } finally {
      await product.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
