import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/cli/waybill.ts', import.meta.url));
const sample = (name: string): string => fileURLToPath(new URL(`../connectors/edi/samples/${name}`, import.meta.url));

describe('waybill edi', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'waybill-edi-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const run = (args: readonly string[], input: string | Buffer = ''): { status: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'edi', ...args], { cwd: folder, input });
    return { status, out: stdout.toString(), err: stderr.toString() };
  };

  it('checks files, and says of each what is wrong and where', () => {
    const damaged = path.join(folder, 'damaged.edi');
    writeFileSync(damaged, readFileSync(sample('850.edi'), 'latin1').replace('PO-4711**20260302', 'PO-4711**20261341').replace('Oat', '\u001B[2JOat'));
    const { status, out } = run(['check', sample('orders.edi'), damaged]);
    assert.equal(status, 1);
    const [first, second, third] = out.split('\n');
    assert.equal(first, `${sample('orders.edi')}: 1 interchange, 1 × ORDERS, nothing wrong`);
    assert.equal(second, `${damaged}: 1 interchange, 1 × 850, 1 finding`);
    assert.match(third ?? '', /^ {2}error date: Interchange \d{9}, group 7, message 0001 \(850\), segment 2 BEG, element 5, byte \d+, line 4: "20261341" is no date of the calendar/);
    assert.ok(!out.includes('\u001B'));
    const json = JSON.parse(run(['check', '--json', damaged]).out) as { findings: { place: { segment: number } }[] }[];
    assert.equal(json[0]?.findings[0]?.place.segment, 2);
  });

  it('reads into JSON and writes it back byte for byte, through files and through pipes', () => {
    for (const name of ['856.edi', 'orders-syntax4-utf8.edi']) {
      const bytes = readFileSync(sample(name));
      const json = path.join(folder, 'document.json');
      assert.deepEqual(run(['read', sample(name), '--out', json]), { status: 0, out: `The documents written to ${json}.\n`, err: '' });
      const out = path.join(folder, 'out.edi');
      assert.equal(run(['write', json, '--out', out]).status, 0);
      assert.ok(readFileSync(out).equals(bytes));
      assert.equal(run(['write', '-'], run(['read', '-'], bytes).out).out, bytes.toString());
    }
  });

  it('acknowledges with the number it is given', () => {
    const { status, out } = run(['ack', sample('orders.edi'), '--control-number', '31']);
    assert.equal(status, 0);
    assert.match(out, /^UNA:\+\.\? '\r\nUNB\+UNOC:3\+4098765000003:14\+4012345000009:14\+\d{6}:\d{4}\+31'\r\nUNH\+1\+CONTRL:D:3:UN'\r\nUCI\+REF\d+\+.*\+7'\r\n/);
    assert.match(run(['ack', sample('997.edi'), '--control-number', '31']).err, /There is nothing to acknowledge/);
  });

  it('gives out the schema of a document', () => {
    assert.equal((JSON.parse(run(['schema', 'orders']).out) as { title: string }).title, 'Purchase order (ORDERS)');
    assert.deepEqual(run(['schema', '998']), { status: 2, out: '', err: 'waybill edi: Say which message: 850, 855, 856, 940, 943, 944, 945, 810, 997, 999, ORDERS, ORDRSP, DESADV, RECADV, INVOIC, CONTRL.\n' });
  });

  it('says what to do when it is called wrongly or given something else', () => {
    assert.deepEqual(run(['ack', sample('850.edi')]), { status: 2, out: '', err: 'waybill edi: Say --control-number <number>, the next one of your own interchanges, of at most nine digits.\n' });
    assert.deepEqual(run(['write', '-'], '{"a": 1}'), { status: 1, out: '', err: 'waybill edi: - needs "interchanges", as "waybill edi read" writes them.\n' });
    assert.match(run(['write', '-'], 'ISA*').err, /^waybill edi: - is no JSON: /);
    assert.match(run(['read', path.join(folder, 'none.edi')]).err, /ENOENT/);
    assert.match(run(['check', '-'], 'what is this').out, /-: 0 interchanges, no message, 1 finding\n {2}error not-edi: Byte 0, line 1: "what is this" begins neither/);
    assert.equal(run([]).status, 2);
    assert.equal(run(['--help']).status, 0);
  });
});
