import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually, startEngine } from '../web/support/real-engine.ts';

const program = fileURLToPath(new URL('../../src/cli/waybill.ts', import.meta.url));

describe('CLI: changes of accounts beside a running engine', function () {
  this.timeout(60_000);

  it('are in the ledger soon, each once', async () => {
    const running = await startEngine(() => Promise.resolve());
    try {
      const waybill = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args, '--home', running.home]);
      await waybill('user', 'add', 'sam', '--role', 'clerk', '--site', 'dc-1', '--generate');
      await waybill('token', 'create', '--user', 'sam', '--name', 'x', '--days', 'never');
      await waybill('user', 'disable', 'sam');
      const changes = async () => (await running.engine.ledger.readAll(1, 1000)).flatMap((event) => (event.type === 'AccountChanged' ? [{ what: event.data.what, actor: event.actor.id }] : []));
      await eventually(async () => ((await changes()).length >= 3 ? true : undefined));
      assert.deepEqual(await changes(), [
        { what: 'account-created roles clerk sites dc-1', actor: 'command-line' },
        { what: 'token-created read without end', actor: 'command-line' },
        { what: 'account-changed disabled', actor: 'command-line' },
      ]);
      assert.deepEqual(await running.accounts.pendingNotes(10), []);
    } finally {
      await running.close();
    }
  });
});
