import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startBareNodeRed } from '../../support/bare-node-red.ts';
import { ROOT } from '../support/sources.ts';

/** What the sidebar's endpoints answer to somebody who did not sign in, in a Node-RED with these people. */
async function answers(adminAuth: object): Promise<number[]> {
  const userDir = mkdtempSync(path.join(tmpdir(), 'waybill-permissions-'));
  const nodeRed = await startBareNodeRed({ nodeRed: path.join(ROOT, 'node_modules/node-red'), userDir, settings: { nodesDir: ROOT, adminAuth } });
  try {
    // It says so a moment after its flows have started.
    while (!nodeRed.log().includes('Server now running')) {
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    return await Promise.all(['site', 'cases?nodes=a'].map(async (question) => (await fetch(`${nodeRed.baseUrl}/waybill-editor/${question}`)).status));
  } finally {
    await nodeRed.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
}

describe('who may see cases in the editor', function () {
  this.timeout(60_000);

  before(() => {
    execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
  });

  it('nobody who is not signed in', async () => {
    assert.deepEqual(await answers({ type: 'credentials', users: [] }), [401, 401]);
  });

  it('who may read flows', async () => {
    assert.deepEqual(await answers({ type: 'credentials', users: [], default: { permissions: 'read' } }), [200, 200]);
  });

  it('not who may read something else', async () => {
    assert.deepEqual(await answers({ type: 'credentials', users: [], default: { permissions: ['library.read'] } }), [401, 401]);
  });
});
