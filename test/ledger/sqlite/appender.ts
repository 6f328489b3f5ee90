/** Run as a process of its own: appends until it is killed and prints each case as soon as its commit is acknowledged. */
import { writeSync } from 'node:fs';
import { openSqliteLedger } from '../../../src/ledger/sqlite/open.ts';
import { commit, completed, opened } from '../support.ts';

const [home, prefix] = process.argv.slice(2);
if (home === undefined || prefix === undefined) throw new Error('usage: appender.ts <home> <prefix>');
const ledger = await openSqliteLedger({ home, site: 'dc-1' });
writeSync(1, 'open\n');
let n = 0;

async function lane(): Promise<void> {
  for (;;) {
    const id = `${prefix}-${n += 1}`;
    const result = await ledger.append(commit(id, 0, opened({ keys: [id], claims: [id] }), completed('scan', `t-${id}`)));
    if (!result.ok) throw new Error(JSON.stringify(result));
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 40 }, lane));
