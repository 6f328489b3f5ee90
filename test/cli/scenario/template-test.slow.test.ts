import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { ScenarioResult } from '../../../src/cli/scenario/runner.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Runs the command line in a folder of its own, as an author of templates would. */
function waybill(cwd: string, ...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(root, 'src/cli/waybill.ts'), ...args], { cwd, env: { ...process.env, TMPDIR: path.join(cwd, 'tmp'), WAYBILL_TIME_ZONE: 'Nowhere/Land' } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
    });
  });
}

const close = (id: string): object => ({ id, type: 'waybill-case-close', stepId: id, outcome: id, outcomeType: 'str', configVersion: 1 });
const flow = [
  { id: 'open', type: 'waybill-case-open', stepId: 'open', process: 'p', template: 't@1.0.0', facts: 'payload', factsType: 'msg', configVersion: 1, wires: [['ask'], []] },
  { id: 'ask', type: 'waybill-approval', stepId: 'ask', question: 'Go?', questionType: 'str', role: 'boss', quorum: 1, covers: 'n', deadline: 3, deadlineUnit: 'days', onExpiry: 'reject', unknownOperatorRole: 'boss', milestone: 'approved', configVersion: 1, wires: [['yes'], ['no'], ['no'], ['no']] },
  close('yes'), close('no'),
];
const scenario = (title: string, ...steps: readonly object[]): object => ({
  title, flow: '../flow.json', clock: { start: '2026-03-02T08:00:00Z', timeZone: 'Europe/Berlin' }, people: [{ name: 'ann', roles: ['boss'] }],
  steps: [{ inject: { node: 'open', msg: { payload: { n: 1 } } } }, ...steps],
});
const approve = { decide: { by: 'ann', decision: 'approve' } };

describe('waybill template test', function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-template-'));
    mkdirSync(path.join(folder, 'receipt/tests'), { recursive: true });
    mkdirSync(path.join(folder, 'tmp'));
    writeFileSync(path.join(folder, 'receipt/flow.json'), JSON.stringify(flow));
    writeFileSync(path.join(folder, 'receipt/tests/a.json'), JSON.stringify(scenario('approved', { ...approve, expect: { outcome: 'yes' } })));
    writeFileSync(path.join(folder, 'receipt/tests/b.json'), JSON.stringify(scenario('late', { advance: 'P3DT1S', expect: { outcome: 'no', now: '2026-03-05T08:00:01Z' } })));
    writeFileSync(path.join(folder, 'bad.json'), JSON.stringify({ ...scenario('mistaken', { ...approve, expect: { outcome: 'no', tasks: [{ status: 'rejected' }] } }), flow }));
    writeFileSync(path.join(folder, 'unplayable.json'), JSON.stringify({ ...scenario('unplayable', { decide: { by: 'eve', decision: 'approve' } }), flow }));
    writeFileSync(path.join(folder, 'strange.json'), JSON.stringify({ ...scenario('strange'), flow: [...flow, { id: 'x', type: 'no-such-node', wires: [] }] }));
    writeFileSync(path.join(folder, 'nobody.json'), JSON.stringify({ ...scenario('nobody', { claim: { by: 'ann', task: 'clerk' } }), flow }));
  });
  after(() => { rmSync(folder, { recursive: true, force: true }); });

  it('plays what a template says, lists it and leaves nothing behind', async () => {
    const { code, out, err } = await waybill(folder, 'template', 'test', 'receipt');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /✔ approved \(\d+ ms\)\n✔ late \(\d+ ms\)\n\n2 scenarios passed, 0 failed/);
    assert.deepEqual(readdirSync(path.join(folder, 'tmp')).filter((name) => name.startsWith('waybill-scenario')), []);
  });

  it('says where one fails and in what, as text and for programs, and goes on with the others', async () => {
    const { code, out } = await waybill(folder, 'template', 'test', 'bad.json', 'receipt');
    assert.equal(code, 1);
    assert.match(out, /✘ mistaken/);
    assert.match(out, /bad\.json, step 2 \(decide\): It is not as expected\./);
    assert.match(out, /tasks\[0\]\.status: expected "rejected", was "approved"/);
    assert.match(out, /outcome: expected "no", was "yes"/);
    assert.match(out, /2 scenarios passed, 1 failed/);
    const json = await waybill(folder, 'template', 'test', 'bad.json', '--json');
    assert.equal(json.code, 1);
    const { results: [only] } = JSON.parse(json.out) as { results: ScenarioResult[] };
    assert.deepEqual([only?.ok, only?.failure?.step, only?.failure?.action], [false, 2, 'decide']);
  });

  it('names a scenario that cannot be played, before anything starts', async () => {
    const { code, out, err } = await waybill(folder, 'template', 'test', 'unplayable.json', 'receipt');
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /unplayable\.json: the scenario "unplayable" cannot be played\.\n {2}step 2 \(decide\): "eve" is none of the people; they are ann/);
  });

  it('says what is there when a step finds no task, and when the flow lacks a node', async () => {
    const { code, out } = await waybill(folder, 'template', 'test', 'nobody.json', 'strange.json');
    assert.equal(code, 1);
    assert.match(out, /There is no open task that fits "clerk"\.\n\s+there is: \{"role":"boss"/);
    assert.match(out, /strange\.json, before its first step: Node-RED did not start the flow: missing-types/);
  });

  it('says what to do without a Node-RED, and how it is used', async () => {
    const none = await waybill(folder, 'template', 'test', 'receipt', '--node-red', 'nowhere');
    assert.equal(none.code, 1);
    assert.match(none.err, /There is no Node-RED in .*nowhere; give the folder that holds its package\.json/);
    for (const args of [['template'], ['template', 'fly'], ['template', 'test'], ['template', 'test', 'receipt', '--jobs', '0'], ['template', 'test', '--what']]) assert.equal((await waybill(folder, ...args)).code, 2, args.join(' '));
    assert.match((await waybill(folder, 'template', 'test', 'missing')).err, /There is no missing; give a file with scenarios/);
    assert.match((await waybill(folder, 'template', 'test', 'receipt', '--only', 'zzz')).err, /No scenario has "zzz" in its title/);
  });
});
