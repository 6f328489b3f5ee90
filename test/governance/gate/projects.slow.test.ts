import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';
import { hello, twins } from './support/flows.ts';
import { startGated } from './support/gated-node-red.ts';
import type { Gated } from './support/gated-node-red.ts';

describe('projects of Node-RED behind the gate', function () {
  this.timeout(60_000);
  let userDir: string;
  let nodeRed: Gated | undefined;

  before(function () {
    try {
      execFileSync('git', ['--version'], { stdio: 'pipe' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.skip();
    }
    execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], { cwd: ROOT, stdio: 'pipe' });
    userDir = mkdtempSync(path.join(tmpdir(), 'waybill-projects-'));
  });
  after(async () => {
    await nodeRed?.stop();
    if (userDir !== undefined) rmSync(userDir, { recursive: true, force: true });
  });

  const says = async (id: string, expected: string | undefined): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const response = await fetch(`${nodeRed!.baseUrl}/${id}`);
      const text = response.ok ? await response.text() : undefined;
      if (text === expected) return;
      if (n > 100) assert.equal(text, expected);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  };
  const project = async (name: string): Promise<number> => (await nodeRed!.send('POST', '/projects', { name, summary: name, files: { flow: 'flows.json' }, credentialSecret: `secret of ${name}` })).status;
  const flowFile = (name: string): string => path.join(userDir, 'projects', name, 'flows.json');

  it('each have an admitted version of their own; what is pulled in and refused does not run', async () => {
    const git = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };
    nodeRed = await startGated({ version: '5.0.7', userDir, env: git, settings: { editorTheme: { tours: false, projects: { enabled: true } } } });
    assert.equal(await project('dock'), 200);
    assert.equal((await nodeRed.deploy(hello('dock', 'dock'))).status, 200);
    await says('dock', 'dock');
    assert.equal(await project('yard'), 200);
    await says('dock', undefined);
    assert.equal((await nodeRed.deploy(hello('yard', 'yard'))).status, 200);
    await says('yard', 'yard');

    // Somebody pulled what breaks a rule into the other project.
    writeFileSync(flowFile('dock'), JSON.stringify([...hello('pulled', 'dock'), ...twins()]));
    assert.ok([200, 204].includes((await nodeRed.send('PUT', '/projects/dock', { active: true })).status));
    await says('dock', 'dock');
    await says('yard', undefined);
    assert.deepEqual(nodeRed.events('DeployRefused').map(({ way }) => way), ['project']);

    assert.ok([200, 204].includes((await nodeRed.send('PUT', '/projects/yard', { active: true })).status));
    await says('yard', 'yard');
  });
});
