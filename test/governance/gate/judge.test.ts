import assert from 'node:assert/strict';
import { flowsHash, judgedNodes } from '../../../src/governance/gate/content.ts';
import { judgeFlows } from '../../../src/governance/gate/judge.ts';
import type { JudgeInput, RuleSet } from '../../../src/governance/gate/judge.ts';
import { withOneFlow } from '../../../src/governance/gate/one-flow.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { runRules } from '../../../src/governance/gate/rules/run.ts';
import { readBaseline, takeBaseline } from '../../../src/governance/gate/rules/baseline.ts';
import { hello, twins } from './support/flows.ts';

const rules: RuleSet = { read: readFlows, run: (flows, context, policy, { baseline, waivers }) => runRules(flows, context, policy, { baseline: readBaseline(baseline), waivers }) };
const policy = { version: '1', rules: { 'case-closed-after': { level: 'off' }, 'owner-and-family': { level: 'off' }, 'unauthenticated-endpoint': { level: 'off' } } } as const;

function input(flows: unknown, more: Partial<JudgeInput> = {}): JudgeInput {
  return { flows, before: undefined, known: new Set(), context: { now: '2026-11-28T12:00:00.000Z', site: 'dc-1' }, policy, baseline: undefined, waivers: [], breakGlass: [], warnOnly: false, ...more };
}

describe('the judgement of the gate', () => {
  it('refuses for an error that nothing admits, and says whose it is', () => {
    const first = judgeFlows(rules, input(twins()));
    assert.equal(first.refused, true);
    const known = new Set(first.findings.map(({ fingerprint }) => fingerprint));
    const again = judgeFlows(rules, input([...twins(), ...hello('x')], { known }));
    assert.deepEqual([again.refused, again.findings.map(({ yours }) => yours)], [true, first.findings.map(() => false)]);
    assert.equal(judgeFlows(rules, input(hello('x'))).refused, false);
  });

  it('lets pass what the baseline has, and nothing that comes to it', () => {
    const { breaches } = judgeFlows(rules, input(twins()));
    const baseline = takeBaseline(breaches, '2026-11-01T00:00:00.000Z');
    const judged = judgeFlows(rules, input([...twins(), ...hello('x')], { baseline }));
    assert.deepEqual([judged.refused, judged.findings.map(({ admitted }) => admitted?.by)], [false, ['baseline']]);
    const third: FlowNode = { id: 'twin-3', type: 'waybill-audit', z: 'twins-tab', name: 'third', stepId: 'evidence', wires: [[]] };
    assert.equal(judgeFlows(rules, input([...twins(), third], { baseline })).refused, true);
  });

  it('lets pass by break-glass the rules that it names, and only them', () => {
    const glass = { id: 'b', rules: ['duplicate-step-id'], until: '2026-11-28T14:00:00.000Z' };
    const judged = judgeFlows(rules, input(twins(), { breakGlass: [glass] }));
    assert.deepEqual([judged.refused, judged.findings.map(({ admitted }) => admitted)], [false, [{ by: 'break-glass', id: 'b', until: glass.until }]]);
    assert.equal(judgeFlows(rules, input(twins(), { breakGlass: [{ ...glass, rules: ['no-exec'] }] })).refused, true);
  });

  it('only warns where the site has just begun, and still knows what the breaches are', () => {
    const { refused, findings, breaches } = judgeFlows(rules, input(twins(), { warnOnly: true }));
    assert.deepEqual([refused, findings.map(({ level }) => level), breaches.map(({ level }) => level)], [false, ['warn'], ['error']]);
  });

  for (const flows of [undefined, null, 'flows', 7, { flows: [] }]) {
    it(`refuses what is no list of nodes: ${JSON.stringify(flows)}`, () => {
      const { refused, findings } = judgeFlows(rules, input(flows));
      assert.deepEqual([refused, findings.map(({ rule }) => rule)], [true, ['flows-readable']]);
    });
  }

  for (const flows of [[null], [7], [[]], [{}], [{ id: 1, type: 2 }], [{ id: 'a', type: 'tab', disabled: true, d: { d: {} }, credentials: null }], [{ id: '__proto__', type: 'constructor', wires: [['__proto__']] }]]) {
    it(`does not crash on ${JSON.stringify(flows)}`, () => {
      assert.doesNotThrow(() => judgeFlows(rules, input(flows)));
    });
  }

  it('sees nodes without credentials, and judges disabled ones like the rest', () => {
    const [tab, node] = judgedNodes([{ id: 't', type: 'tab', disabled: true }, { id: 'n', type: 'x', z: 't', d: true, credentials: { password: 's' } }]) ?? [];
    assert.deepEqual([tab, node], [{ id: 't', type: 'tab', disabled: true }, { id: 'n', type: 'x', z: 't', d: true }]);
    assert.equal(judgeFlows(rules, input(twins(true))).refused, true);
    assert.equal(judgeFlows(rules, input(twins().map((each) => (each.type === 'tab' ? each : { ...each, d: true })))).refused, true);
  });

  it('hashes as Node-RED does for its revision', () => {
    assert.equal(flowsHash([]), '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945');
  });
});

describe('a deploy of one flow', () => {
  const running = [...hello('a', 'a'), ...hello('b', 'b'), { id: 'cfg', type: 'mqtt-broker' }] as readonly FlowNode[];
  const ids = (nodes: readonly FlowNode[]): string[] => nodes.map(({ id }) => id);

  it('adds, changes and removes a tab with what stands on it', () => {
    assert.deepEqual(ids(withOneFlow(running, undefined, { label: 'New', nodes: [{ id: 'n', type: 'debug' }] })), [...ids(running), 'new-flow', 'n']);
    const changed = withOneFlow(running, 'a-tab', { label: 'A', nodes: [{ id: 'only', type: 'debug', z: 'elsewhere' }] });
    assert.deepEqual(changed.filter(({ z, id }) => z === 'a-tab' || id === 'a-tab'), [{ id: 'a-tab', type: 'tab', label: 'A' }, { id: 'only', type: 'debug', z: 'a-tab' }]);
    assert.deepEqual(ids(withOneFlow(running, 'a-tab', undefined)), ids(running).filter((id) => !id.startsWith('a-')));
  });

  it('replaces config nodes and subflows by the global one', () => {
    const changed = withOneFlow(running, 'global', { configs: [{ id: 'other', type: 'mqtt-broker' }], subflows: [{ id: 's', type: 'subflow', nodes: [{ id: 'in-s', type: 'debug', z: 's' }], configs: [] }] });
    assert.deepEqual(ids(changed), [...ids(running).filter((id) => id !== 'cfg'), 'other', 'in-s', 's']);
    assert.equal(changed.find(({ id }) => id === 's')?.['nodes'], undefined);
  });

  it('takes any body', () => {
    for (const body of [null, 7, [], { nodes: 'x' }, { nodes: [null] }]) assert.doesNotThrow(() => judgedNodes(withOneFlow(running, 'a-tab', body)));
  });
});
