import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import { readFlows } from '../../../src/governance/gate/rules/read-flows.ts';
import type { Finding } from '../../../src/governance/gate/rules/rule.ts';
import { runRules } from '../../../src/governance/gate/rules/run.ts';
import { factsOf } from '../../../src/governance/template/facts.ts';
import { importOf } from '../../../src/governance/template/materialise.ts';
import { contentHash } from '../../../src/governance/template/normal-form.ts';
import { packTemplate } from '../../../src/governance/template/pack.ts';

const root = path.join(import.meta.dirname, '../../../templates');
const folders = globSync('*/*/template.json', { cwd: root }).sort().map((file) => path.join(root, path.dirname(file)));

describe('rules on the templates of this package', () => {
  const packed = folders.map((folder) => packTemplate(folder));
  const templates = new Map(packed.map((each) => [`${each.manifest.id}@${each.manifest.version}`, factsOf({ ...each, status: 'published' })]));
  const judge = (nodes: readonly unknown[]): readonly Finding[] => runRules(readFlows(nodes), { now: '2026-11-28T12:00:00Z', site: 'dc-1', templates, contentHash });
  const installed = (each: (typeof packed)[number]): readonly FlowNode[] => importOf(each, { instance: 'dock-1', parameters: Object.fromEntries(Object.entries(each.manifest.parameters.properties)
    .flatMap(([name, { default: value, type }]) => (value === undefined ? [[name, type === 'string' ? 'x' : 1]] : []))) });
  const summary = (findings: readonly Finding[]): readonly string[] => findings.map(({ rule, message }) => `${rule}: ${message}`);

  it('are there', () => {
    assert.ok(packed.length >= 7);
  });

  for (const each of packed) {
    const { id } = each.manifest;
    it(`${id} is installed without a finding`, () => {
      // A block comes without wires; what it leads to is the site's.
      const found = summary(judge(installed(each)));
      assert.deepEqual(each.manifest.kind === 'block' ? found.filter((text) => !/^case-closed-after: Output \d+ of .* is not wired/.test(text)) : found, []);
    });

    it(`${id} is drifted as soon as a node in it is another, not when it is moved, its tabs renamed or switched off`, () => {
      const nodes = installed(each);
      const moved = nodes.map((node) => ({ ...node, ...('x' in node ? { x: 7, y: 9 } : {}), ...(node.type === 'tab' ? { label: 'ours', disabled: true } : {}) }));
      assert.deepEqual(summary(judge(moved)).filter((text) => text.startsWith('template-unchanged')), []);
      const at = nodes.findIndex(({ type }) => type === 'waybill-call' || type === 'waybill-approval');
      const changed = nodes.map((node, i) => (i === at ? { ...node, requires: 'nothing' } : node));
      const switchedOff = nodes.map((node, i) => (i === at ? { ...node, d: true } : node));
      assert.ok(judge(switchedOff).some(({ rule }) => rule === 'template-unchanged'));
      assert.deepEqual(judge(changed).map(({ rule }) => rule).filter((rule) => rule === 'template-unchanged'), ['template-unchanged']);
    });

    it(`${id} is known again as a copy that does not say so`, () => {
      const copy = installed(each).map((node) => (node.type === 'subflow' || node.type === 'tab' ? { ...node, name: 'mine', label: 'mine', meta: {}, env: [] } : node));
      const found = judge(copy).filter(({ rule }) => rule === 'template-unchanged');
      assert.ok(found.length > 0 && found.every(({ message }) => message.includes(id)), summary(found).join('\n'));
    });
  }
});
