import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteAccounts } from '../../../src/ledger/sqlite/accounts.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { eventsIn } from '../../governance/gate/support/gated-node-red.ts';
import { eventually } from '../../nodes/support/rig.ts';
import { MailSink } from '../../support/mail-sink.ts';

describe('a kill between sending and recording', function () {
  this.timeout(60_000);
  let home: string;
  let sink: MailSink;
  const children: ChildProcess[] = [];
  const start = (title = ''): ChildProcess => {
    const child = fork(join(import.meta.dirname, 'support/desk-process.ts'), [home, sink.url, title], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(child);
    return child;
  };
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'waybill-kill-'));
    sink = await MailSink.start();
    const accounts = openSqliteAccounts({ home });
    await accounts.createUser({ id: 'user-susan', name: 'susan', displayName: 'Susan', roles: ['supervisor'], sites: ['*'], email: 'susan@example.com', passwordHash: 'none', disabled: false, createdAt: new Date().toISOString() });
    await accounts.close();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await sink.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('sends again under the same id, and records it once', async () => {
    // The mail is here, and its sender dies before it hears so.
    sink.received = (nth) => { if (nth === 1) children[0]?.kill('SIGKILL'); };
    const first = start('Killed in the middle');
    await once(first, 'exit');
    assert.equal(sink.mails.length, 1);
    const second = start();
    await eventually(() => (sink.mails.length > 1 ? true : undefined));
    await eventually(() => (eventsIn(home, 'TaskNotified').length > 0 ? true : undefined));
    second.send('close');
    await once(second, 'exit');
    assert.equal(sink.mails.length, 2);
    const ids = sink.mails.map((mail) => mail.headers.get('message-id')?.[0]);
    assert.equal(ids[0], ids[1]);
    const ledger = await openSqliteLedger({ home, site: 'dc-1' });
    try {
      const told = (await ledger.readAll(1, 1_000)).filter((event) => event.type === 'TaskNotified');
      assert.deepEqual(told.map(({ data }) => [data.ok, data.purpose]), [[true, 'created']]);
    } finally {
      await ledger.close();
    }
  });
});
