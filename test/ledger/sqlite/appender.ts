/** Run as a process of its own: appends until it is killed and prints each case as soon as its commit is acknowledged. */
import { writeSync } from 'node:fs';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { commit, completed, opened } from '../support.ts';

const [home, prefix] = process.argv.slice(2);
if (home === undefined || prefix === undefined) throw new Error('usage: appender.ts <home> <prefix>');
const ledger = await openSqliteLedger({ home, site: 'dc-1' });
let n = 0;

/** Waits while the pipe is full: who reads it may be busy. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line); // so short a line goes whole or not at all
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

async function lane(): Promise<void> {
  for (;;) {
    const id = `${prefix}-${n += 1}`;
    const result = await ledger.append(commit(id, 0, opened({ keys: [id], claims: [id] }), completed('scan', `t-${id}`)));
    if (!result.ok) throw new Error(JSON.stringify(result));
    say(`${id}\n`);
  }
}

say('open\n');
await Promise.all(Array.from({ length: 40 }, lane));
