import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { release } from '../../src/governance/catalogue/publisher/release.ts';
import { stagePolicy } from '../../src/governance/catalogue/publisher/stage.ts';
import { FAMILY, makeCentral, packedTemplate, publishTemplate, signAll } from '../governance/catalogue/support/central.ts';

const program = fileURLToPath(new URL('../../src/cli/waybill.ts', import.meta.url));
const receiving = fileURLToPath(new URL('../../flows/receiving.json', import.meta.url));

interface Ended { readonly code: number | null; readonly out: string; readonly err: string }

function waybill(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'check', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => { resolve({ code, out, err }); });
  });
}

describe('CLI: waybill check', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-check-test-'));
  after(() => { rmSync(folder, { recursive: true, force: true }); });
  const file = (name: string, content: unknown): string => {
    const target = path.join(folder, name);
    writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
    return target;
  };
  const bad = [
    { id: 't', type: 'tab', label: 'Dock \u001b[31mone' }, { id: 's', type: 'waybill-scan-in', z: 't', stepId: 's', wires: [['c']] }, { id: 'c', type: 'waybill-case-close', z: 't', stepId: 'c', wires: [] },
    { id: 'x', type: 'exec', z: 't', name: 'print', command: 'lpr', wires: [[], [], []] },
  ];

  it('lets flows pass that keep the rules, and says what to look at', async () => {
    const { code, out, err } = await waybill(receiving);
    assert.deepEqual([code, out, err], [0, 'These flows pass the gate.\n', '']);
    const example = await waybill(fileURLToPath(new URL('../../examples/04-approval.json', import.meta.url)));
    assert.deepEqual([example.code, example.err], [0, '']);
    assert.match(example.out, /These flows pass the gate; 1 to look at\.\n$/);
  });

  it('names the node, what is wrong and what to do, and ends with 1', async () => {
    const { code, out } = await waybill(file('bad.json', bad));
    assert.equal(code, 1);
    assert.match(out, /^Dock one\n {2}error {2}"print" \(exec\) runs a program of the machine.*\[x\]\n {9}Call a service instead/);
    assert.match(out, / no-exec  [0-9a-f]{32}\n/, 'a waiver names it by its fingerprint');
    assert.match(out, /The gate would refuse these flows: 1 finding; 2 to look at\.\n$/);
    assert.ok(!out.includes('\u001b'), 'what a name says does not steer the terminal');
  });

  it('knows what a baseline has, and nothing that came after', async () => {
    const baseline = path.join(folder, 'baseline.json');
    const taken = await waybill(file('bad.json', bad), '--write-baseline', baseline);
    assert.deepEqual([taken.code, taken.out], [0, `${baseline}: 1 breach of today.\n`]);
    assert.equal((await waybill(file('bad.json', bad), '--baseline', baseline)).code, 0);
    const later = await waybill(file('later.json', [...bad, { ...bad[3], id: 'y' }]), '--baseline', baseline, '--json');
    const { ok, findings } = JSON.parse(later.out) as { ok: boolean; findings: { rule: string; node?: { id: string }; admitted?: { by: string } }[] };
    assert.deepEqual([later.code, ok], [1, false]);
    assert.deepEqual(findings.filter(({ rule }) => rule === 'no-exec').map(({ node, admitted }) => [node?.id, admitted?.by]), [['x', 'baseline'], ['y', undefined]]);
  });

  it('takes levels from a policy, and says which rules it does not know', async () => {
    const policy = file('policy.json', { version: '7', rules: { 'no-exec': { level: 'off' }, 'no-such-rule': { level: 'error' } } });
    const { code, err } = await waybill(file('bad.json', bad), '--policy', policy);
    assert.equal(code, 0);
    assert.match(err, /names rules that this version does not have: no-such-rule\./);
  });

  it('judges by a signed catalogue: its templates, its policy', async () => {
    const central = await makeCentral();
    await publishTemplate(central, packedTemplate(`${FAMILY}/goods-receipt`, '1.0.0'));
    await stagePolicy(central.folder, Buffer.from(JSON.stringify({ version: '3', rules: { 'no-exec': { level: 'off' } } })), Date.now());
    await signAll(central.folder, central.board);
    await release(central.folder, central.online, Date.now());
    const forged = [...bad, { id: 'f', type: 'tab', label: 'forged', env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: `${FAMILY}/goods-receipt@9.9.9` }] }];
    const { code, out } = await waybill(file('forged.json', forged), '--catalogue', central.public, '--json');
    const { policy, findings } = JSON.parse(out) as { policy: string; findings: { rule: string; level: string; message: string }[] };
    assert.deepEqual([code, policy], [1, '3']);
    assert.deepEqual(findings.filter(({ level }) => level === 'error').map(({ rule }) => rule), ['template-unchanged']);
    assert.match(findings[0]?.message ?? '', /goods-receipt@9\.9\.9, which the catalogue does not have: nobody has signed it/);
  });

  for (const [about, args, says] of [
    ['no file', [], /Say which flows/], ['two files', [receiving, receiving], /one file at a time/], ['a strange option', [receiving, '--fast'], /Unknown option '--fast'/],
    ['a file that is not there', ['nowhere.json'], /There is no file nowhere\.json/], ['a folder', [folder], /cannot be read/],
    ['a catalogue that is not there', [receiving, '--catalogue', '/nowhere'], /There is no catalogue at \/nowhere: no such folder\. Name a folder, or an address/],
    ['a baseline that is none', [receiving, '--baseline', receiving], /is no baseline; "waybill check --write-baseline/], ['a policy that is none', [receiving, '--policy', receiving], /is no policy/],
    ['a root beside a catalogue that is not there', [receiving, '--catalogue', path.join(folder, 'none'), '--root', receiving], /catalogue .* cannot be used/],
  ] as const) {
    it(`says in a sentence what is wrong with ${about}`, async () => {
      const { code, err, out } = await waybill(...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, says);
      assert.ok(!err.includes('    at '), 'no stack');
    });
  }

  it('says where a file is no JSON, and judges one that is no list', async () => {
    assert.match((await waybill(file('broken.json', '[{'))).err, /is no JSON/);
    const { code, out } = await waybill(file('object.json', '\uFEFF{"x": null}'));
    assert.equal(code, 1);
    assert.match(out, /The flows are not a list of nodes\./);
    assert.ok(readFileSync(path.join(folder, 'object.json'), 'utf8').startsWith('\uFEFF'), 'nothing was changed');
  });
});
