import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { LedgerError } from '../../../src/ledger/port.ts';
import { ledgerFiles } from '../../../src/ledger/sqlite/files.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { verifyFile } from '../../../src/ledger/sqlite/verify.ts';
import { commit, opened, withFolder } from '../support.ts';

const appender = join(import.meta.dirname, 'appender.ts');

/** Starts the appender; resolves with what it acknowledged once it was killed. */
async function appendUntilKilled(home: string, prefix: string, acknowledgements: number): Promise<string[]> {
  const child = spawn(process.execPath, [appender, home, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > acknowledgements) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close') as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
  // What stands after the last newline was cut off by the kill.
  return output.split('\n').slice(1, -1);
}

describe('a SQLite ledger and its process', function () {
  this.timeout(60_000);

  it('loses nothing that was acknowledged when the process is killed, again and again', () => withFolder(async (home) => {
    const acknowledged: string[] = [];
    for (const [round, count] of [150, 700, 40].entries()) {
      acknowledged.push(...await appendUntilKilled(home, `r${round}`, count));
      const ledger = await openSqliteLedger({ home });
      for (const id of acknowledged) {
        assert.equal((await ledger.readStream(id)).length, 2, id);
        assert.equal((await ledger.getCase(id))?.status, 'open');
      }
      await ledger.close();
      assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
    }
    assert.ok(acknowledged.length > 800);
  }));

  it('is refused to a second process, which names the first', () => withFolder(async (home) => {
    const child = spawn(process.execPath, [appender, home, 'x'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      await assert.rejects(openSqliteLedger({ home }), (error: LedgerError) => error.code === 'held' && error.message.includes(`process ${child.pid}`));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    // The kernel let the lock go with the process.
    await (await openSqliteLedger({ home })).close();
  }));

  it('is refused to a second opening in the same process, which leaves the first its lock', () => withFolder(async (home) => {
    const ledger = await openSqliteLedger({ home });
    for (let i = 0; i < 2; i += 1) await assert.rejects(openSqliteLedger({ home }), (error: LedgerError) => error.code === 'held');
    const child = spawn(process.execPath, [appender, home, 'x'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text; });
    await once(child, 'close');
    assert.match(errors, /is in use by process/);
    await ledger.close();
  }));

  it('goes on when its writer\'s thread dies, with what that had in hand', () => withFolder(async (home) => {
    const threads: Worker[] = [];
    const listen = (worker: Worker): void => { threads.push(worker); };
    process.on('worker', listen);
    const ledger = await openSqliteLedger({ home });
    process.off('worker', listen);
    const states: string[] = [];
    ledger.onHealth(({ state }) => states.push(state));
    const lanes = Array.from({ length: 30 }, async (_, lane) => {
      for (let i = 0; i < 30; i += 1) {
        const result = await ledger.append(commit(`${lane}-${i}`, 0, opened()));
        assert.ok(result.ok);
        if (lane === 0 && i === 10) void threads[0]?.terminate();
      }
    });
    await Promise.all(lanes);
    assert.deepEqual(states, ['suspended', 'ready']);
    assert.equal((await ledger.counts()).events, 900);
    await ledger.close();
    assert.deepEqual(verifyFile(ledgerFiles({ home }), { projections: true }).findings, []);
  }));
});
