import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ruleSet } from '../../src/engine/governance/rules.ts';
import { openEngine } from '../../src/engine/runtime.ts';
import { flowsText } from '../../src/governance/gate/content.ts';
import { judgeFlows } from '../../src/governance/gate/judge.ts';
import { factsOf } from '../../src/governance/template/facts.ts';
import { importOf } from '../../src/governance/template/materialise.ts';
import { contentHash } from '../../src/governance/template/normal-form.ts';
import { packTemplate } from '../../src/governance/template/pack.ts';

type Node = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** What a site could do to a template that is installed, and what refuses it. */
describe('a template that a site would like to be another', () => {
  const packed = packTemplate(path.join(import.meta.dirname, '../../templates/procure-to-pay/goods-receipt'));
  const { id, version } = packed.manifest;
  const templates = new Map([[`${id}@${version}`, factsOf({ ...packed, status: 'published' })]]);
  const installed = importOf(packed, { instance: 'dock-1', parameters: {} }) as readonly Node[];
  const tab = installed.find(({ type }) => type === 'tab')!;
  const call = installed.find(({ type }) => type === 'waybill-call')!;
  const entry = installed.find(({ type }) => type === 'link in')!;
  const mine: readonly Node[] = [{ id: 'mine', type: 'tab', label: 'mine', env: [{ name: 'WAYBILL_OWNER', type: 'str', value: 'us' }, { name: 'WAYBILL_FAMILY', type: 'str', value: 'returns' }] }];
  const opener = (to: string): Node => ({ id: 'opens', type: 'waybill-case-open', z: 'mine', name: 'mine', stepId: 'opens', wires: [[to], []] });
  const set = (what: string, more: object): readonly Node[] => installed.map((node) => (node.id === what ? { ...node, ...more } : node));
  const env = (more: readonly object[]): readonly Node[] => set(tab.id, { env: [...tab['env'] as readonly object[], ...more] });

  const refusedBy = (flows: unknown): readonly string[] => {
    const { findings } = judgeFlows(ruleSet, { flows, before: undefined, known: new Set(), context: { now: '2026-11-28T12:00:00Z', site: 'dc-1', templates, contentHash }, policy: undefined, baseline: undefined, waivers: [], breakGlass: [], warnOnly: false });
    return [...new Set(findings.filter(({ level }) => level === 'error').map(({ rule }) => rule))];
  };

  const ATTACKS: Readonly<Record<string, readonly [flows: () => readonly Node[], rule: string]>> = {
    'a wire from another tab into its middle': [() => [...installed, ...mine, opener(call.id)], 'template-unchanged'],
    'a wire out of its middle': [() => [...set(call.id, { wires: [['debug']] }), ...mine, { id: 'debug', type: 'debug', z: 'mine', wires: [] }], 'template-unchanged'],
    'a node moved to another tab': [() => [...set(call.id, { z: 'mine' }), ...mine], 'template-unchanged'],
    'a node put on its tab': [() => [...installed, { id: 'extra', type: 'debug', z: tab.id, wires: [] }], 'template-unchanged'],
    'a node in it disabled': [() => set(call.id, { d: true }), 'template-unchanged'],
    'a link in that leads elsewhere': [() => set(entry.id, { wires: [[call.id]] }), 'template-unchanged'],
    'a group with variables around a node': [() => [...set(call.id, { g: 'group' }), { id: 'group', type: 'group', z: tab.id, nodes: [call.id], env: [{ name: 'WAYBILL_ERP_URL', type: 'str', value: 'https://other.example.com' }] }], 'template-unchanged'],
    'a variable of its own on the tab': [() => env([{ name: 'WAYBILL_ERP_URL', type: 'str', value: 'https://other.example.com' }]), 'parameters-in-bounds'],
    'a central parameter set anew': [() => env([{ name: 'overTolerancePercentCap', type: 'num', value: '50' }]), 'parameters-in-bounds'],
    'a parameter as an expression': [() => env([{ name: 'supervisorHours', type: 'jsonata', value: '4' }]), 'parameters-in-bounds'],
    'a parameter as a credential': [() => env([{ name: 'supervisorHours', type: 'cred', value: '' }]), 'parameters-in-bounds'],
    'a parameter from the machine': [() => env([{ name: 'supervisorHours', type: 'env', value: 'HOURS' }]), 'parameters-in-bounds'],
    'a tab that is disabled': [() => [...env([{ name: 'supervisorHours', type: 'num', value: '400' }]).map((node) => (node.id === tab.id ? { ...node, disabled: true } : node))], 'parameters-in-bounds'],
    'a label that looks like the name': [() => set(tab.id, { label: 'Gооds receipt', env: (tab['env'] as readonly { name: string; value: string }[]).map((each) => (each.name === 'WAYBILL_TEMPLATE' ? { ...each, value: each.value.replace('o', 'о') } : each)) }), 'template-unchanged'],
    'another version said': [() => env([{ name: 'WAYBILL_TEMPLATE', type: 'str', value: `${id}@9.9.9` }]), 'template-unchanged'],
    'a second node with the step of one in it': [() => [...installed, ...mine, { ...call, id: 'second', z: 'mine', wires: [] }, { id: 'group', type: 'group', z: 'mine', nodes: ['second'], env: [] }].map((node) => (node.id === 'mine' ? { ...node, env: tab['env'] } : node)), 'template-unchanged'],
    'the same id twice': [() => [...installed, { ...call, url: 'https://other.example.com' }], 'malformed-flows'],
  };

  it('is let pass as it is, entered where its owners left it open, moved, renamed and with its tab switched off', () => {
    assert.deepEqual(refusedBy(installed), []);
    assert.deepEqual(refusedBy([...installed, ...mine, opener('out'), { id: 'out', type: 'link out', z: 'mine', mode: 'link', links: [entry.id], wires: [] }]), []);
    assert.deepEqual(refusedBy(set(tab.id, { label: 'Dock 1', disabled: true })), []);
  });
  for (const [name, [flows, rule]] of Object.entries(ATTACKS)) {
    it(`is refused with ${name}`, () => { assert.ok(refusedBy(flows()).includes(rule), refusedBy(flows()).join(', ')); });
  }
});

describe('flows that were made to break the gate', () => {
  const judge = (flows: unknown): ReturnType<typeof judgeFlows> => judgeFlows(ruleSet, { flows, before: undefined, known: new Set(), context: { now: '2026-11-28T12:00:00Z' }, policy: undefined, baseline: undefined, waivers: [], breakGlass: [], warnOnly: false });

  it('are refused with a sentence when they are nested without end, and have a hash all the same', () => {
    const flows = JSON.parse(`[{"id":"a","type":"debug","x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}]`) as unknown;
    assert.equal(flowsText(flows).hash.length, 64);
    const { refused, findings } = judge(flows);
    assert.ok(refused);
    assert.deepEqual(findings.map(({ message }) => message), ['A property of node a (debug) is nested deeper than 100 levels.']);
  });

  it('are set aside when they lie on the disk, and what was admitted last runs', async function () {
    this.timeout(30_000);
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-nested-'));
    const engine = await openEngine({ settings: { home, site: 'dc-1', enterprise: 'acme', legalEntity: 'acme-gmbh', publicUrl: undefined, mqttUrl: undefined, erpUrl: undefined, gate: 'enforce' } });
    try {
      const { gate } = engine.governance;
      const good = [{ id: 't', type: 'tab', label: 'x' }];
      assert.ok((await gate.deploy({ scope: '', flows: good, user: undefined, save: () => Promise.resolve(), credentials: () => Promise.resolve({}) })).ok);
      const nested = JSON.parse(`[{"id":"a","type":"debug","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}]`) as readonly { id: string; type: string }[];
      assert.deepEqual(await gate.load({ scope: '', way: 'reload', flows: nested, credentials: {} }), { flows: good, credentials: {}, hold: false });
      assert.match((await gate.judge(nested, 'deploy', undefined)).message, /nested deeper than 100 levels/);
    } finally {
      await engine.close();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('leave nothing behind in what all objects share', () => {
    const flows = JSON.parse('[{"id":"a","type":"function","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"env":[{"name":"__proto__","value":{"polluted":1}}],"func":"return msg"},{"id":"__proto__","type":"tab","polluted":1},{"id":"b","type":"subflow:__proto__","z":"__proto__"}]') as unknown;
    judge(flows);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});
