import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { readBaseline, takeBaseline } from '../../src/governance/gate/rules/baseline.ts';
import { installedTemplates } from '../../src/governance/gate/rules/installed.ts';
import { readFlows } from '../../src/governance/gate/rules/read-flows.ts';
import type { Finding, Rule } from '../../src/governance/gate/rules/rule.ts';
import { DEFAULT_POLICY, refuses, runRules } from '../../src/governance/gate/rules/run.ts';
import { sha256 } from '../../src/governance/gate/rules/sha256.ts';

const now = '2026-11-28T12:00:00.000Z';
const context = { now, site: 'dc-1' };
const tab = { id: 't', type: 'tab', label: 'governed' };
const step = { id: 'g', type: 'waybill-case-close', z: 't', stepId: 'close', wires: [] };
const exec = (id: string, more: object = {}): object => ({ id, type: 'exec', z: 't', command: 'lpr', x: 10, y: 20, wires: [['g']], ...more });
const only = (findings: readonly Finding[], rule = 'no-exec'): readonly Finding[] => findings.filter((each) => each.rule === rule);
const judge = (nodes: readonly unknown[], options = {}, policy = DEFAULT_POLICY): readonly Finding[] => only(runRules(readFlows(nodes), context, policy, options));

describe('findings of the gate', () => {
  it('have the fingerprint of SHA-256', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      assert.equal(sha256(text), createHash('sha256').update(text, 'utf8').digest('hex'));
    }));
  });

  it('keep their fingerprint over renames, moves, other wires and an imported copy', () => {
    const [first] = judge([tab, step, exec('a')]);
    const moved = [{ ...tab, id: 't2', label: 'other' }, { ...step, id: 'g2', z: 't2' }, exec('b', { z: 't2', name: 'print', x: 500, d: true, wires: [] })];
    assert.equal(judge(moved)[0]?.fingerprint, first?.fingerprint);
    assert.notEqual(judge([tab, step, exec('a', { command: 'rm' })])[0]?.fingerprint, first?.fingerprint);
  });

  it('are told apart by a number when they are equal', () => {
    const found = judge([tab, step, exec('a'), exec('b'), exec('c')]).map(({ fingerprint }) => fingerprint);
    assert.deepEqual(found, [found[0], `${found[0]}-2`, `${found[0]}-3`]);
  });

  it('have the level of the policy, beside a case and elsewhere', () => {
    const flows = [tab, step, exec('a'), exec('b', { z: 'plain' })];
    const levels = (rules: object): unknown => judge(flows, {}, { version: '1', rules: { 'no-exec': rules } }).map(({ level }) => level);
    assert.deepEqual(levels({}), ['error', 'warn']);
    assert.deepEqual(levels({ level: 'warn' }), ['warn', 'warn']);
    assert.deepEqual(levels({ level: 'off', elsewhere: 'error' }), []);
    assert.deepEqual(levels({ level: 'error', elsewhere: 'error' }), ['error', 'error']);
    assert.deepEqual(levels({ elsewhere: 'off' }), ['error']);
    assert.deepEqual(levels({ level: 'fatal', options: 'none' }), ['error', 'warn']);
    assert.deepEqual(levels({ options: { types: ['tcp out'] } }), []);
  });

  it('are of functions that have nothing to do with a case where the policy says so, and not else', () => {
    const flows = readFlows([tab, step, { id: 'f', type: 'function', z: 'plain', func: 'require("fs")', wires: [] }]);
    const levels = (rules: unknown): unknown => only(runRules(flows, context, { version: '1', rules } as never), 'function-limits').map(({ level }) => level);
    assert.deepEqual(levels({ 'function-limits': { elsewhere: 'warn' } }), ['warn']);
    assert.deepEqual(levels({ 'function-limits': { elsewhere: 'error' } }), ['error']);
    for (const rules of [{}, { 'function-limits': {} }, { 'function-limits': null }, { 'function-limits': { elsewhere: 'off' } }, null]) assert.deepEqual(levels(rules), []);
  });

  it('are not lost when a policy is unreadable', () => {
    for (const rules of [null, [], 'off', { 'no-exec': null }, { 'no-exec': 'off' }]) {
      assert.equal(judge([tab, step, exec('a')], {}, { version: '1', rules } as never).length, 1, JSON.stringify(rules));
    }
  });

  it('say it when a rule fails, as an error of that rule', () => {
    const broken: Rule = { code: 'broken', title: '', level: 'error', check: () => { throw new Error('no such thing'); } };
    const [finding] = runRules(readFlows([]), context, DEFAULT_POLICY, { rules: [broken] });
    assert.match(finding?.message ?? '', /The rule broken failed on these flows.*no such thing/);
    assert.ok(finding !== undefined && refuses(finding));
  });
});

describe('a baseline', () => {
  const baseline = takeBaseline(judge([tab, step, exec('a'), exec('b', { command: 'rm' })]), now);
  const admitted = (nodes: readonly unknown[]): unknown => judge(nodes, { baseline }).map(({ node, admitted: by }) => [node?.id, by?.by]);

  it('admits what was there, wherever it stands and however it was edited since', () => {
    assert.deepEqual(admitted([tab, step, exec('a', { command: 'lp', name: 'x' }), exec('new', { command: 'rm' })]), [['a', 'baseline'], ['new', 'baseline']]);
  });

  it('does not admit a copy of what was there', () => {
    assert.deepEqual(admitted([tab, step, exec('copy'), exec('a'), exec('b', { command: 'rm' })]), [['copy', undefined], ['a', 'baseline'], ['b', 'baseline']]);
  });

  it('does not admit another rule at the same node', () => {
    const other = { ...baseline, findings: baseline.findings.map((entry) => ({ ...entry, rule: 'tls-outside', fingerprint: 'x' })) };
    assert.ok(judge([tab, step, exec('a')], { baseline: other }).every(refuses));
  });

  it('is read from a file, and nothing else is', () => {
    assert.deepEqual(readBaseline(JSON.parse(JSON.stringify(baseline))), baseline);
    assert.deepEqual(readBaseline({ ...baseline, findings: [null, 1, { rule: 'x' }, ...baseline.findings] }), baseline);
    for (const bad of [undefined, null, 'x', [], {}, { ...baseline, version: 2 }, { ...baseline, findings: {} }]) assert.equal(readBaseline(bad), undefined);
  });

  it('has no warnings in it, and no flows that cannot be read', () => {
    assert.deepEqual(takeBaseline(runRules(readFlows([null, exec('a', { z: 'plain' })]), context), now).findings, []);
  });
});

describe('a waiver', () => {
  const [finding] = judge([tab, step, exec('a')]);
  const waiver = { id: 'w-1', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: [finding?.fingerprint ?? ''] }, grantedAt: '2026-11-01T00:00:00Z', expiresAt: '2026-12-01T00:00:00Z' };
  const under = (change: object, at = now): Finding | undefined =>
    only(runRules(readFlows([tab, step, exec('a')]), { ...context, now: at }, DEFAULT_POLICY, { waivers: [{ ...waiver, ...change }] }))[0];

  it('admits the finding that it names, at its site, in its time', () => {
    assert.deepEqual(under({})?.admitted, { by: 'waiver', id: 'w-1', until: waiver.expiresAt });
    for (const change of [{ rule: 'tls-outside' }, { sites: ['dc-2'] }, { sites: [] }, { scope: {} }, { scope: { fingerprints: ['x'] } }, { grantedAt: '2026-11-29T00:00:00Z' }, { grantedAt: 'never' }, { expiresAt: '' }]) {
      assert.equal(under(change)?.admitted, undefined, JSON.stringify(change));
    }
  });

  it('that is over is a finding again, which says so', () => {
    const over = under({}, waiver.expiresAt);
    assert.equal(over?.admitted, undefined);
    assert.match(over?.mend ?? '', /The waiver w-1 for it ended on 2026-12-01\.$/);
  });

  it('does not admit a copy', () => {
    const found = judge([tab, step, exec('a'), exec('b')], { waivers: [waiver] });
    assert.deepEqual(found.map(({ admitted }) => admitted?.by), ['waiver', undefined]);
  });

  it('covers what comes from a template, in one version or in all', () => {
    const block = { id: 's', type: 'subflow', name: 'b', meta: { module: 'waybill-template', type: 'returns/damaged', version: '1.0.0' } };
    const nodes = [tab, step, block, { id: 'i', type: 'subflow:s', z: 't' }, exec('a', { z: 's' })];
    for (const [template, by] of [['returns/damaged', 'waiver'], ['returns/damaged@1.0.0', 'waiver'], ['returns/damaged@1.0.1', undefined], ['returns', undefined]] as const) {
      assert.equal(judge(nodes, { waivers: [{ ...waiver, scope: { template } }] })[0]?.admitted?.by, by, template);
    }
  });
});

describe('reading flows', () => {
  const anything = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('id', 'type', 'z', 'wires', 'env', 'links', 'meta', '__proto__', 'constructor')), tie('value'), { maxKeys: 5 })),
  })).value;
  const id = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString');
  const type = fc.constantFrom('tab', 'subflow', 'subflow:a', 'subflow:b', 'group', 'function', 'exec', 'link in', 'link out', 'link call', 'mqtt in', 'mqtt-broker', 'http request', 'inject', 'switch', 'catch', 'waybill-approval', 'waybill-call', 'waybill-case-open', 'waybill-case-close', 'waybill-scan-in', 'waybill-broker', 'global-config');
  const ends = fc.array(fc.record({ wires: fc.array(fc.record({ id, port: fc.nat(2) }), { maxLength: 2 }) }), { maxLength: 2 });
  const node = fc.record({
    id, type, z: fc.oneof({ weight: 4, arbitrary: id }, fc.constant(null)), g: id, wires: fc.oneof(fc.array(fc.array(id, { maxLength: 3 }), { maxLength: 3 }), anything), links: fc.oneof(fc.array(id), anything), env: anything, meta: anything, in: fc.oneof(ends, anything), out: fc.oneof(ends, anything), stepId: fc.oneof(id, anything),
    rules: anything, matrix: anything, url: anything, broker: anything, topic: anything, func: anything, name: anything, scope: anything, headers: anything, outputs: anything,
  }, { requiredKeys: ['id', 'type'] });

  it('never throws, nor do rules, whatever is in them', () => {
    fc.assert(fc.property(fc.oneof(anything, fc.array(fc.oneof(node, anything), { maxLength: 12 })), anything, (input, rules) => {
      const flows = readFlows(input);
      const found = runRules(flows, { ...context, before: flows, openCases: new Map([['main/a', 1]]), templates: new Map(), provider: () => undefined }, { version: '1', rules } as never);
      assert.deepEqual(found.filter(({ message }) => message.includes('failed on these flows')).map(({ message }) => message), []);
    }), { numRuns: 400 });
  });

  it('follows wires, links of either end and link calls', () => {
    const flows = readFlows([
      { id: 'a', type: 'function', wires: [['b'], ['out', 'b']] }, { id: 'b', type: 'debug', wires: [] },
      { id: 'out', type: 'link out', links: ['in'] }, { id: 'out2', type: 'link out', links: [] }, { id: 'ret', type: 'link out', mode: 'return', links: ['in'] },
      { id: 'in', type: 'link in', links: ['out', 'out2', 'ret'], wires: [['b']] }, { id: 'call', type: 'link call', links: ['in'], wires: [['b']] },
    ]);
    const ids = (nodes: readonly { id: string }[]): string => nodes.map((each) => each.id).join(' ');
    assert.equal(ids(flows.outOf('a', 1)), 'out b');
    assert.equal(ids(flows.outOf('a')), 'b out b');
    assert.equal(ids(flows.into('in')), 'out out2 call');
    assert.equal(ids(flows.outOf('ret')), '');
    assert.equal(ids(flows.outOf('call')), 'b in');
  });

  it('counts the rest of what it does not name', () => {
    const found = runRules(readFlows(Array.from({ length: 100_000 }, () => null)), context);
    assert.equal(found.length, 21);
    assert.equal(found.at(-1)?.message, '99980 more: entries that are no objects.');
  });

  it('stops at subflows that contain each other', () => {
    const flows = readFlows([
      { id: 's1', type: 'subflow' }, { id: 's2', type: 'subflow' }, { id: 'x', type: 'subflow:s2', z: 's1' }, { id: 'y', type: 'subflow:s1', z: 's2' }, { id: 'z', type: 'subflow:s1', z: 's1' },
      { ...step, z: 's1' }, exec('e', { z: 's2' }),
    ]);
    assert.equal(only(runRules(flows, context))[0]?.level, 'error');
  });
});

describe('a variable that stands twice on a tab', () => {
  const variable = (type: string, value: string): object => ({ name: 'WAYBILL_INSTANCE', type, value });
  const instanceOf = (...env: object[]): string | undefined => installedTemplates(readFlows([
    { id: 't', type: 'tab', env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: 'returns/inbound@1.0.0' }, ...env] },
  ]))[0]?.instance;

  it('counts as Node-RED takes it: the last one, and what refers to another variable after all', () => {
    assert.equal(instanceOf(variable('str', 'first'), variable('str', 'last')), 'last');
    assert.equal(instanceOf(variable('env', 'ELSEWHERE'), variable('str', 'plain')), 'ELSEWHERE');
    assert.equal(instanceOf(variable('jsonata', '$x'), variable('str', 'plain')), '$x');
  });
});
