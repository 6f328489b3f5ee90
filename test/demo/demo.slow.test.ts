import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../../scripts/lib/paths.ts';

interface Ended { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs the demo; `onOutput` sees everything that it printed so far. */
async function demo(args: readonly string[], onOutput: (out: string, interrupt: () => void) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/demo.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    onOutput(out, () => child.kill('SIGINT'));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { err += chunk; });
  const [code] = await once(child, 'close') as [number | null];
  return { code, out, err };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

describe('npm run demo', function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-demo-test-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  it('plays the whole shift, and says only what it has checked', async () => {
    const { code, out, err } = await demo(['--fast', '--home', path.join(folder, 'home')]);
    assert.equal(code, 0, `${out}\n${err}`);
    for (const said of [
      /goods receipts are in the ERP/, /280 CS where 200 were ordered/, /waits for a supervisor/, /exception in the clerks' queue/, /The case went on where it had stopped/,
      /The ERP goes down: its process \d+ was killed/, /acknowledged meanwhile; waiting for the ERP: \d+; given up: none/, /Every waiting case went on by itself/,
      /closed as "over"/, /exactly one goods receipt for each/, /nothing was changed, lost or moved/, /proven with the public key alone/, /In a copy somebody turned the decision round/,
    ]) assert.match(out, said);
    assert.equal(err, '');
  });

  it('ends everything that it started on Ctrl-C, whenever it comes', async () => {
    const home = path.join(folder, 'home');
    let waybill = 0;
    const { code } = await demo(['--home', home], (out, interrupt) => {
      if (waybill !== 0 || !out.includes('The shift begins')) return;
      waybill = Number(readFileSync(path.join(home, 'ledger.db.pid'), 'utf8'));
      interrupt();
    });
    assert.equal(code, 130);
    assert.ok(waybill > 0);
    assert.equal(isAlive(waybill), false);
    const { port } = JSON.parse(readFileSync(path.join(home, 'demo-erp.json'), 'utf8')) as { port: number };
    await assert.rejects(fetch(`http://127.0.0.1:${port}/_stats`));
  });

  it('does not play in a home that has a ledger, and says what to do', async () => {
    mkdirSync(path.join(folder, 'used'));
    writeFileSync(path.join(folder, 'used/ledger.db'), '');
    const { code, err } = await demo(['--fast', '--home', path.join(folder, 'used')]);
    assert.equal(code, 2);
    assert.match(err, /has a ledger already.*Give a new folder with --home/);
    assert.equal(existsSync(path.join(folder, 'used/demo-erp.json')), false);
  });
});
