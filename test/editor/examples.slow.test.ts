import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { bareNodeRed } from '../house/support/installations.ts';
import { startBareNodeRed } from '../support/bare-node-red.ts';
import type { BareNodeRed } from '../support/bare-node-red.ts';
import { flowFiles, flowOf } from './support/flows.ts';
import { ROOT } from './support/sources.ts';

/** Examples that begin with a button. */
const WITH_BUTTON = flowFiles().filter((file) => file.startsWith('examples/') && flowOf(file).some(({ type }) => type === 'inject'));

function templateOf(file: string): string {
  return String(flowOf(file).find(({ type }) => type === 'waybill-case-open')?.['template']);
}

for (const version of ['5.0.7', '4.1.15']) {
  describe(`the examples in a bare Node-RED ${version}`, function () {
    this.timeout(120_000);

    let userDir: string;
    let nodeRed: BareNodeRed;

    before(async () => {
      execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
      userDir = mkdtempSync(path.join(tmpdir(), 'waybill-examples-'));
      nodeRed = await startBareNodeRed({ nodeRed: await bareNodeRed(version), userDir, settings: { nodesDir: ROOT }, env: { WAYBILL_ERP_URL: 'http://127.0.0.1:9', WAYBILL_MQTT_URL: 'mqtt://127.0.0.1:9' } });
    });

    after(async () => {
      await nodeRed?.stop();
      rmSync(userDir, { recursive: true, force: true });
    });

    const post = (pathname: string, body?: unknown): Promise<Response> =>
      fetch(`${nodeRed.baseUrl}${pathname}`, { method: 'POST', headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

    const running = async (): Promise<string[]> =>
      ((await nodeRed.json('/waybill-editor/site')) as { nodes: { address: string }[] }).nodes.map(({ address }) => address).sort();

    /** Cases of a template, read beside the running engine. */
    const opened = (template: string): number => {
      const database = new DatabaseSync(path.join(userDir, 'waybill-home/ledger.db'), { readOnly: true });
      try {
        return Number(database.prepare('SELECT count(*) AS n FROM cases WHERE template = ?').get(template)?.['n']);
      } finally {
        database.close();
      }
    };

    /** Looks until it is so; the test's own time limit ends the waiting. */
    const until = async (look: () => Promise<boolean> | boolean): Promise<void> => {
      while (!(await look())) {
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
    };

    for (const file of WITH_BUTTON) {
      it(`${path.basename(file, '.json')} starts, and its button opens a case`, async () => {
        const flow = flowOf(file);
        assert.ok(flow.some(({ type }) => type === 'comment'), 'a comment says what to do');
        assert.equal((await post('/flows', flow)).status, 204);
        // A node that makes an event of a plain message is no step of a case.
        const steps = flow.flatMap(({ stepId, mode }) => (stepId === undefined || mode === 'event' ? [] : [`main/${String(stepId)}`])).sort();
        await until(async () => (await running()).join() === steps.join());
        const button = flow.find(({ type }) => type === 'inject')?.id ?? '';
        // The button of a node that has not started yet is not found.
        await until(async () => (await post(`/inject/${button}`)).status === 200);
        await until(() => opened(templateOf(file)) === 1);
      });
    }

    it('none of them complains', () => {
      // An ERP that is not there is waited for, which is no error of the flow. A printer that is not there is what the example of retry shows.
      const shown = /\[error\] \[http request:print the label\] RequestError: connect ECONNREFUSED 127\.0\.0\.1:9$/;
      assert.deepEqual(nodeRed.log().split('\n').filter((line) => line.includes('[error]') && !shown.test(line)), []);
    });
  });
}
