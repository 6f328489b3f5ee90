import assert from 'node:assert/strict';
import fc from 'fast-check';
import { goesOnAt, byOrigin, movesOf } from '../../src/governance/gate/rules/moves.ts';
import { placedSteps } from '../../src/governance/gate/rules/placed-steps.ts';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import type { TemplateFacts } from '../../src/governance/gate/rules/rule.ts';
import { stepMoves, stepTypes } from '../../src/governance/gate/rules/step-moves.ts';
import type { Version } from '../../src/governance/gate/rules/step-moves.ts';

type Steps = Readonly<Record<string, string>>;

const version = (of: string, steps: Steps, ...maps: readonly (readonly [string, Steps])[]): Version => ({
  id: 'returns/inbound', version: of, flow: Object.entries(steps).map(([stepId, type]) => ({ id: stepId, type: `waybill-${type}`, z: 'tab', stepId })), migrations: maps.map(([from, map]) => ({ from, steps: map })),
});
const told = (to: Version, ...all: readonly Version[]): Readonly<Record<string, string>> => Object.fromEntries([...stepMoves(to, all)].map(([stepId, move]) => [stepId, move.to]));

describe('steps that go on under another id', () => {
  const first = version('1.0.0', { ask: 'approval', post: 'call' });
  const second = version('1.1.0', { decide: 'approval', post: 'call' }, ['^1.0.0 <1.1.0', { ask: 'decide' }]);

  it('go by the map of the version, and over those between for what it says nothing of', () => {
    const third = version('2.0.0', { settle: 'approval', book: 'call' }, ['~1.1.0', { decide: 'settle' }], ['<2.0.0', { post: 'book' }]);
    assert.deepEqual(told(second, first, second), { ask: 'decide' });
    assert.deepEqual(told(third, first, second, third), { ask: 'settle', decide: 'settle', post: 'book' });
    assert.deepEqual(told(third, second, third), { decide: 'settle', post: 'book' }, 'what no version of the catalogue has is not known');
    assert.deepEqual(told(version('2.0.0', { ask: 'approval' }, ['<2.0.0', { decide: 'ask' }]), first, second), { decide: 'ask' }, 'the step that is there again wins over the way round');
  });

  it('never go to a step of another type, over one neither, nor where two versions want them at two places', () => {
    assert.deepEqual(told(version('1.1.0', { decide: 'call' }, ['<1.1.0', { ask: 'decide' }]), first), {});
    const other = version('1.1.0', { decide: 'call' }, ['<1.1.0', { ask: 'decide' }]);
    assert.deepEqual(told(version('2.0.0', { settle: 'approval' }, ['~1.1.0', { decide: 'settle' }]), first, other), {});
    const torn = version('2.0.0', { a: 'approval', b: 'approval' }, ['~1.0.0', { ask: 'a' }], ['~1.2.0', { ask: 'b' }]);
    assert.deepEqual(told(torn, first, version('1.2.0', { ask: 'approval' })), {});
    assert.deepEqual(told(version('2.0.0', { a: 'approval' }, ['~1.0.0', { ask: 'drain' }]), first), {});
  });

  it('go by the map also when the version that had them was withdrawn; what type they were, each case says', () => {
    assert.deepEqual([...stepMoves(second, [second])], [['ask', { to: 'decide', type: undefined }]]);
  });

  it('go only to steps that are there, of their own type, away from what is not there, whatever the maps say', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'constructor', '__proto__');
    const steps = fc.uniqueArray(fc.tuple(ids, fc.constantFrom('approval', 'call')), { selector: ([id]) => id, maxLength: 4 });
    const map = fc.array(fc.tuple(ids, fc.oneof(ids, fc.constantFrom('drain', 'refuse'))), { maxLength: 4 });
    const versions = fc.array(fc.tuple(steps, fc.constantFrom('*', '<1.3.0', '~1.1.0', '^1.0.0', 'none'), map), { minLength: 1, maxLength: 6 });
    const of = (rows: readonly (readonly [string, string])[]): Steps => Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(rows));
    fc.assert(fc.property(versions, fc.nat(5), (all, pick) => {
      const made = all.map(([own, range, lines], i) => version(`1.${i}.0`, of(own), [range, of(lines)]));
      const to = made[pick % made.length]!;
      const here = stepTypes(to);
      const moves = stepMoves(to, made);
      for (const [stepId, move] of moves) {
        assert.ok(here.has(move.to) && !here.has(stepId));
        if (move.type !== undefined) assert.equal(here.get(move.to), move.type);
      }
      assert.deepEqual(new Map([...stepMoves(to, [...made].reverse())].sort()), new Map([...moves].sort()), 'in whatever order the catalogue tells them');
    }));
  });

  it('are known at every instance of a block and of a flow, and at none besides', () => {
    const facts = (of: Version, kind: 'block' | 'flow'): TemplateFacts => ({ ...of, id: `returns/${kind}`, family: 'returns', owner: 'Quality', kind, contentHash: `sha256:${of.version}${kind}`, status: 'published', parameters: {} });
    const templates = new Map([first, second].flatMap((each) => (['block', 'flow'] as const).map((kind) => [`returns/${kind}@${each.version}`, facts(each, kind)] as const)));
    const step = { type: 'waybill-approval', stepId: 'decide', wires: [] };
    const flows = readFlows([
      { id: 'sub', type: 'subflow', name: 'block', meta: { module: 'waybill-template', type: 'returns/block', version: '1.1.0' } }, { ...step, id: 'in', z: 'sub' },
      { id: 'outer', type: 'subflow', name: 'around' }, { id: 'inner', type: 'subflow:sub', z: 'outer', wires: [] },
      { id: 'tab', type: 'tab', label: 'ours', env: [] }, { ...step, id: 'own', z: 'tab' },
      { id: 'one', type: 'subflow:sub', z: 'tab', wires: [] }, { id: 'around', type: 'subflow:outer', z: 'tab', wires: [] },
      { id: 'named', type: 'subflow:sub', z: 'tab', env: [{ name: 'WAYBILL_INSTANCE', type: 'str', value: 'dock-2' }], wires: [] },
      { id: 'flow', type: 'tab', label: 'flow', env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'returns/flow@1.1.0' }, { name: 'WAYBILL_INSTANCE', type: 'str', value: 'inbound' }] }, { ...step, id: 'there', z: 'flow' },
      { id: 'late', type: 'tab', label: 'late', env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'returns/flow@9.0.0' }, { name: 'WAYBILL_INSTANCE', type: 'str', value: 'later' }] }, { ...step, id: 'soon', z: 'late' },
    ]);
    const { moves, unknown } = movesOf(flows, templates);
    assert.deepEqual(moves.map(({ from, to }) => `${from} → ${to}`).sort(), ['around-inner/ask → around-inner/decide', 'dock-2/ask → dock-2/decide', 'inbound/ask → inbound/decide', 'one/ask → one/decide']);
    assert.deepEqual([...unknown], [['later', 'returns/flow 9.0.0']]);
    const placed = placedSteps(flows);
    assert.equal(goesOnAt('dock-2/ask', placed, byOrigin(moves))?.node.id, 'in');
    assert.equal(goesOnAt('main/ask', placed, byOrigin(moves)), undefined);
    assert.deepEqual(movesOf(flows, undefined).moves, []);
  });
});
