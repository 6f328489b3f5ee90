import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { release } from '../../../src/governance/catalogue/publisher/release.ts';
import { stageWaiver } from '../../../src/governance/catalogue/publisher/stage.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import { makeCentral, signAll, temporary, type Central } from '../catalogue/support/central.ts';
import { bundled } from '../../support/bundled.ts';
import '../../support/kept-threads.ts';

const run = promisify(execFile);

describe('a site that is killed while it asks, decides and takes a waiver over', function () {
  this.timeout(240_000);
  let central: Central;
  let site: string;
  /** Resolves with what it said; undefined when it was killed. */
  const start = async (home: string, ...kill: string[]): Promise<{ readonly appends: number; readonly changeId: string } | undefined> => {
    try {
      const { stdout } = await run(process.execPath, [site, home, central.public, central.rootFile, ...kill]);
      return JSON.parse(stdout) as { appends: number; changeId: string };
    } catch (error) {
      assert.equal((error as { signal?: string }).signal, 'SIGKILL', String((error as { stderr?: string }).stderr));
      return undefined;
    }
  };
  /** What is in the ledger in the end, whatever happened on the way. */
  const verdict = async (home: string): Promise<object> => {
    const ledger = await openSqliteLedger({ home, site: 'dc-1' });
    try {
      const changes = (await ledger.listChanges({}, { limit: 10 })).items;
      const events = await ledger.readStream(`change:${changes[0]?.change_id ?? ''}`);
      const tasks = (await ledger.listTasks({}, { limit: 10 })).items;
      return {
        changes: changes.map(({ status }) => status), said: events.filter(({ type }) => type === 'ChangeCommented').length,
        outcomes: events.filter((event) => event.type === 'ChangeDecided' && event.data.outcome !== undefined).length,
        waivers: (await ledger.readStream('waiver:w1')).map(({ type }) => type), tasks: tasks.map(({ role, status }) => [role, status]),
      };
    } finally {
      await ledger.close();
    }
  };

  before(async () => {
    site = await bundled(path.join(import.meta.dirname, 'support/site-process.ts'));
    central = await makeCentral();
    // It ends within a week, so that it is a task, too.
    await stageWaiver(central.folder, { id: 'w1', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: ['g'] }, reason: 'The old one.', grantedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 3 * 86_400_000).toISOString(), family: 'returns' }, Date.now());
    await signAll(central.folder, central.returns);
    await release(central.folder, central.online, Date.now());
  });

  it('has each of it once, wherever it ended', async () => {
    const expected = { changes: ['waived'], said: 1, outcomes: 1, waivers: ['WaiverGranted'], tasks: [['owner:returns', 'open']] };
    const whole = temporary('killed');
    const { appends = 0 } = await start(whole) ?? {};
    assert.ok(appends >= 8, `${appends} commits`);
    assert.deepEqual(await verdict(whole), expected);
    for (let n = 1; n <= appends; n += 1) {
      // Before a commit is as after the one before, but for what was already acknowledged: taken in turns.
      const at = n % 2 === 0 ? 'before' : 'after';
      const home = temporary('killed');
      await start(home, String(n), at);
      assert.ok(await start(home) !== undefined);
      assert.deepEqual(await verdict(home), expected, `commit ${n} ${at}`);
      assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
    }
  });
});
