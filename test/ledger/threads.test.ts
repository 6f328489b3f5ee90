import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ledger = path.join(import.meta.dirname, '../../src/ledger/sqlite');
const program = (folder: string): string => `
  import { keepThreads } from ${JSON.stringify(path.join(ledger, 'threads.ts'))};
  import { openSqliteLedger } from ${JSON.stringify(path.join(ledger, 'open.ts'))};
  keepThreads();
  const ids = [];
  for (const home of ['a', 'b', 'a']) {
    const opened = await openSqliteLedger({ home: ${JSON.stringify(folder)} + '/' + home, site: home });
    ids.push(opened.ledgerId);
    if ((await opened.readAll(1, 10)).length !== 0) throw new Error('something is there');
    await opened.close();
  }
  console.log(JSON.stringify(ids));
  process.exit(0);
`;

describe('threads of a ledger that are kept', function () {
  this.timeout(60_000);

  it('serve one ledger after the other, and each is its own', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'waybill-threads-'));
    try {
      const file = path.join(folder, 'program.mjs');
      writeFileSync(file, program(folder));
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 50_000 });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => { said += text; });
      await new Promise((resolve) => child.once('close', resolve));
      const [a, b, again] = JSON.parse(said) as string[];
      assert.ok(a !== b && a === again, said);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
