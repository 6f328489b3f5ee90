import assert from 'node:assert/strict';

import { installedViews } from '../../../src/engine/governance/installing/installed-view.ts';
import { importView } from '../../../src/engine/governance/installing/import-view.ts';
import { readNodes } from '../../../src/engine/governance/installing/read-nodes.ts';
import { upgradePlan } from '../../../src/engine/governance/installing/upgrade-plan.ts';
import type { UpgradePlan } from '../../../src/engine/governance/installing/upgrade-plan.ts';
import type { SiteCatalogue } from '../../../src/governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import type { TemplateManifest, TemplateMigration } from '../../../src/governance/template/manifest.ts';
import { packTemplate } from '../../../src/governance/template/pack.ts';
import { makeCentral, openSite, publishTemplate } from '../catalogue/support/central.ts';
import { exported, flowManifest, manifest, templateFolder } from '../template/support/templates.ts';

const FLOW = flowManifest.id;
const BLOCK = manifest.id;
const at = { x: 100, y: 100 };

/** Fed by a link; one step asks. */
const flow = (ask: object, intake: readonly FlowNode[] = []): readonly FlowNode[] => [
  { id: 'tab', type: 'tab', label: 'Inbound', env: [{ name: 'days', type: 'num', value: '3' }] },
  { id: 'in', type: 'link in', z: 'tab', ...at, links: [], wires: [['open']] },
  { id: 'open', type: 'waybill-case-open', z: 'tab', ...at, stepId: 'open', wires: [['ask'], []] },
  { id: 'ask', type: 'waybill-approval', z: 'tab', ...at, stepId: 'ask', question: 'Take it?', wires: [['close'], [], [], []], ...ask },
  { id: 'close', type: 'waybill-case-close', z: 'tab', ...at, stepId: 'close', wires: [] },
  ...intake,
];

describe('an upgrade of an installed template', function () {
  this.timeout(60_000);

  let catalogue: SiteCatalogue;

  before(async () => {
    const central = await makeCentral();
    const publish = async (of: TemplateManifest, version: string, content: readonly FlowNode[], more: Partial<TemplateManifest> = {}): Promise<void> => {
      await publishTemplate(central, Buffer.from(packTemplate(templateFolder({ manifest: { ...of, ...more, version, changelog: [{ version, date: '2026-11-28', changes: ['Now.'] }] }, flow: content })).bytes));
    };
    const migrations: readonly TemplateMigration[] = [{ from: '^1.0.0', steps: { ask: 'refuse' } }];
    await publish(flowManifest, '1.0.0', flow({}));
    await publish(flowManifest, '1.1.0', flow({ question: 'Take it all the same?' }));
    await publish(flowManifest, '2.0.0', flow({ stepId: 'decide' }));
    await publish(flowManifest, '3.0.0', flow({ stepId: 'decide' }), { migrations });
    // Renamed with a map: from 1.x, then once more, then to a step of another type, and back again.
    await publish(flowManifest, '4.0.0', flow({ stepId: 'decide', name: 'the decision' }), { migrations: [{ from: '<4.0.0', steps: { ask: 'decide' } }] });
    await publish(flowManifest, '5.0.0', flow({ stepId: 'settle' }), { migrations: [{ from: '^4.0.0', steps: { decide: 'settle' } }] });
    await publish(flowManifest, '6.0.0', flow({ stepId: 'settle', type: 'waybill-exception' }), { migrations: [{ from: '<6.0.0', steps: { ask: 'settle', decide: 'settle' } }] });
    await publish(flowManifest, '7.0.0', flow({}), { migrations: [{ from: '^4.0.0', steps: { decide: 'ask' } }] });
    const own: readonly FlowNode[] = [{ id: 'own', type: 'inject', z: 'tab', name: 'own', ...at, wires: [['mapped']] }, { id: 'mapped', type: 'change', z: 'tab', name: 'mapped', ...at, rules: [], wires: [['open']] }];
    const scans: readonly FlowNode[] = [{ id: 'scan', type: 'waybill-scan-in', z: 'tab', ...at, stepId: 'scan', pattern: 'a/b/scan', wires: [['ask']] }];
    await publish(flowManifest, '1.0.1', flow({}, own));
    await publish(flowManifest, '2.0.1', flow({ stepId: 'decide' }, own));
    await publish(flowManifest, '1.0.2', flow({}, scans));
    await publish(flowManifest, '2.0.2', flow({ stepId: 'decide' }, scans));
    await publish(manifest, '1.2.0', exported);
    await publish(manifest, '1.3.0', exported.map((node) => (node.id === 'ask' ? { ...node, question: 'Really?' } : node)), {
      parameters: { ...manifest.parameters, properties: { ...manifest.parameters.properties, hours: { ...manifest.parameters.properties['hours']!, 'x-waybill': { scope: 'site', bounds: { minimum: 1, maximum: 6 } } } } },
    });
    await publish(manifest, '2.0.0', exported.map((node) => (node.id === 'ask' ? { ...node, stepId: 'decide' } : node)));
    const site = await openSite(central);
    await site.refresh();
    catalogue = site;
  });

  const install = (id: string, version: string): readonly FlowNode[] => {
    const made = importView(catalogue, { id, version, configs: new Map(), taken: new Set() });
    assert.ok(typeof made !== 'string', String(made));
    return made.nodes;
  };
  const states = (nodes: readonly FlowNode[]): readonly string[] => installedViews(readNodes(nodes)!, catalogue).map(({ id, version, state }) => `${id}@${version} ${state}`).sort();
  const plan = (nodes: readonly FlowNode[], container: string, to: string, open: Readonly<Record<string, number>> = {}): UpgradePlan => {
    const made = upgradePlan({ flows: readNodes(nodes)!, container, to, catalogue, counts: new Map(Object.entries(open)) });
    assert.ok(typeof made !== 'string', String(made));
    return made;
  };
  const applied = (nodes: readonly FlowNode[], { remove, put }: UpgradePlan): readonly FlowNode[] => {
    const fresh = new Map(put.map((node) => [node.id, node]));
    return [...nodes.filter(({ id }) => !remove.includes(id)).map((node) => fresh.get(node.id) ?? node), ...put.filter(({ id }) => !nodes.some((node) => node.id === id))];
  };
  const tabOf = (nodes: readonly FlowNode[]): FlowNode => nodes.find(({ type }) => type === 'tab')!;
  const byStep = (nodes: readonly FlowNode[], stepId: string): FlowNode | undefined => nodes.find((node) => node['stepId'] === stepId);

  describe('of a flow', () => {
    /** Installed, renamed by the site, fed from a tab of its own. */
    const before = (version = '1.0.0'): readonly FlowNode[] => {
      const nodes = install(FLOW, version);
      const link = nodes.find(({ type }) => type === 'link in')!;
      return [
        ...nodes.map((node) => (node.type === 'tab' ? { ...node, label: 'Ours' } : node.id === link.id ? { ...node, links: ['feeder'] } : node)),
        { id: 'own-tab', type: 'tab', label: 'Scans' }, { id: 'feeder', type: 'link out', z: 'own-tab', ...at, links: [link.id], wires: [] },
      ];
    };

    it('puts the new content under the old ids, so that open cases go on and links from outside still lead in', () => {
      const nodes = before();
      const made = plan(nodes, tabOf(nodes).id, '1.1.0', { 'inbound/ask': 2 });
      assert.deepEqual([made.way, made.cases.map(({ step, count, becomes }) => [step, count, becomes])], ['in-place', [['ask', 2, 'go-on']]]);
      assert.deepEqual(made.difference.map(({ kind, property }) => [kind, property]), [['changed', 'question']]);
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${FLOW}@1.1.0 as-published`]);
      assert.deepEqual(after.map(({ id }) => id).sort(), nodes.map(({ id }) => id).sort());
      assert.deepEqual([tabOf(after).label, after.find(({ type }) => type === 'link in')?.['links']], ['Ours', ['feeder']]);
      assert.equal(byStep(after, 'ask')?.['question'], 'Take it all the same?');
    });

    it('lets the old version finish the cases at a step that is gone, beside the new one, which gets what comes in', () => {
      const nodes = before();
      const made = plan(nodes, tabOf(nodes).id, '2.0.0', { 'inbound/ask': 2, 'inbound/open': 1 });
      assert.deepEqual([made.way, made.cases.map(({ step, becomes }) => `${step} ${becomes}`).sort()], ['beside', ['ask drain', 'open drain']]);
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${FLOW}@1.0.0 as-published`, `${FLOW}@2.0.0 as-published`]);
      const [link] = after.find(({ id }) => id === 'feeder')?.['links'] as readonly string[];
      assert.equal(after.find(({ id }) => id === after.find((node) => node.id === link)?.z)?.['type'], 'tab');
      assert.notEqual(after.find((node) => node.id === link)?.z, tabOf(nodes).id, 'the old one takes nothing in any more');
      const instances = after.filter(({ type }) => type === 'tab').flatMap((tab) => (tab['env'] as readonly { name: string; value: string }[] | undefined ?? []).filter(({ name }) => name === 'WAYBILL_INSTANCE').map(({ value }) => value));
      assert.equal(new Set(instances).size, 2, 'their steps have addresses of their own');
    });

    it('lets cases go on at the step that the map names, over the versions between as well, and never at one of another type', () => {
      const nodes = before();
      const fate = (of: readonly FlowNode[], to: string, open: Readonly<Record<string, number>>): unknown => {
        const { way, cases } = plan(of, tabOf(of).id, to, open);
        return [way, ...cases.map(({ address, becomes, to: at }) => `${address} ${becomes}${at === undefined ? '' : ` ${at}`}`)];
      };
      const open = { 'inbound/ask': 2, 'inbound/open': 1, 'other/ask': 5, 'inbound/nowhere': 1 };
      assert.deepEqual(fate(nodes, '4.0.0', open), ['in-place', 'inbound/ask move the decision', 'inbound/open go-on']);
      assert.deepEqual(fate(nodes, '5.0.0', open), ['in-place', 'inbound/ask move settle', 'inbound/open go-on'], 'by the map of 4.0.0, then by its own');
      assert.deepEqual(fate(nodes, '6.0.0', open), ['beside', 'inbound/ask drain', 'inbound/open drain']);
      const fourth = applied(nodes, plan(nodes, tabOf(nodes).id, '4.0.0', open));
      assert.deepEqual([byStep(fourth, 'decide')?.id, states(fourth)], [byStep(nodes, 'ask')?.id, [`${FLOW}@4.0.0 as-published`]]);
      // What came in before and after it moved.
      const later = { 'inbound/ask': 2, 'inbound/decide': 3 };
      assert.deepEqual(fate(fourth, '5.0.0', later), ['in-place', 'inbound/ask move settle', 'inbound/decide move settle']);
      assert.deepEqual(fate(fourth, '1.1.0', later), ['beside', 'inbound/ask drain', 'inbound/decide drain'], 'there is no way back for what came in after it');
      assert.deepEqual(fate(fourth, '1.1.0', { 'inbound/ask': 2 }), ['in-place', 'inbound/ask go-on'], 'what came in before it goes on where it was');
      assert.deepEqual(fate(fourth, '7.0.0', later), ['in-place', 'inbound/ask go-on', 'inbound/decide move ask'], 'unless the template gives one');
    });

    it('is refused while cases rest where the template says that nobody takes them over', () => {
      const nodes = before();
      const made = plan(nodes, tabOf(nodes).id, '3.0.0', { 'inbound/ask': 1 });
      assert.deepEqual([made.way, made.put, made.remove], ['refused', [], []]);
      assert.match(made.reason ?? '', /Finish the cases at "ask" first/);
      assert.equal(plan(nodes, tabOf(nodes).id, '3.0.0').way, 'in-place', 'without open cases there is nothing to wait for');
    });

    it('moves the intake of its own over to the new version, under the same ids, and lets the old one finish its cases without it', () => {
      const nodes = before('1.0.1');
      const own = nodes.find(({ type }) => type === 'inject')!;
      const made = plan(nodes, tabOf(nodes).id, '2.0.1', { 'inbound/ask': 2 });
      assert.deepEqual([made.way, made.remove], ['beside', []]);
      assert.deepEqual([...plan(nodes, tabOf(nodes).id, '2.0.0', { 'inbound/ask': 2 }).remove].sort(), nodes.filter(({ name = '' }) => ['own', 'mapped'].includes(name)).map(({ id }) => id).sort(), 'a version without it has none');
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${FLOW}@1.0.1 draining`, `${FLOW}@2.0.1 as-published`]);
      const moved = after.find(({ id }) => id === own.id)!;
      const successor = after.find(({ id }) => id === moved.z)!;
      assert.notEqual(successor.id, tabOf(nodes).id);
      assert.equal(after.find(({ id }) => moved.wires?.[0]?.[0] === id)?.z, successor.id, 'it leads into the new version');
      assert.equal(after.filter(({ type }) => type === 'inject').length, 1);
      assert.deepEqual(states(applied(after, plan(after, tabOf(nodes).id, '1.0.1'))), [`${FLOW}@1.0.1 as-published`, `${FLOW}@2.0.1 draining`], 'the way back: the intake moves again');
    });

    it('waits for the cases that are just being opened by an intake of its own', () => {
      const nodes = before('1.0.2');
      const counts = { 'inbound/ask': 1, 'inbound/scan': 1 };
      assert.match(plan(nodes, tabOf(nodes).id, '2.0.2', counts).reason ?? '', /just being opened here. Try again/);
      const made = plan(nodes, tabOf(nodes).id, '2.0.2', { 'inbound/ask': 1 });
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${FLOW}@1.0.2 draining`, `${FLOW}@2.0.2 as-published`]);
      assert.deepEqual(after.filter(({ type }) => type === 'waybill-scan-in').map(({ id, z }) => [id, z === tabOf(nodes).id]), [[nodes.find(({ type }) => type === 'waybill-scan-in')!.id, false]]);
    });

    it('counts as changed where something else than the whole intake is missing', () => {
      const nodes = before('1.0.1');
      const without = (...names: readonly string[]): readonly FlowNode[] => nodes.filter(({ name = '' }) => !names.includes(name)).map((node) => (node.wires === undefined ? node : { ...node, wires: node.wires.map((output) => output.filter((id) => !names.includes(nodes.find((each) => each.id === id)?.name ?? ''))) }));
      assert.deepEqual([states(without('own')), states(without('own', 'mapped')), states(without('mapped'))], [[`${FLOW}@1.0.1 drifted`], [`${FLOW}@1.0.1 draining`], [`${FLOW}@1.0.1 drifted`]]);
    });

    it('to the version that stands there puts back what was changed', () => {
      const nodes = before();
      const changed = nodes.map((node) => (node['stepId'] === 'ask' ? { ...node, question: 'Mine' } : node)).concat({ id: 'more', type: 'debug', z: tabOf(nodes).id, ...at, wires: [] });
      assert.deepEqual(states(changed), [`${FLOW}@1.0.0 drifted`]);
      const made = plan(changed, tabOf(nodes).id, '1.0.0');
      assert.deepEqual(made.marks.map(({ said }) => said).sort(), ['changed', 'removed']);
      const after = applied(changed, made);
      assert.deepEqual([states(after), made.remove], [[`${FLOW}@1.0.0 as-published`], ['more']]);
    });

    it('carries parameters over, and names those that the new version does not take', () => {
      const nodes = before().map((node) => (node.type === 'tab' && node.id !== 'own-tab' ? { ...node, env: (node['env'] as readonly { name: string }[]).map((entry) => (entry.name === 'days' ? { name: 'days', type: 'num', value: '9' } : entry)) } : node));
      const made = plan(nodes, tabOf(nodes).id, '1.1.0');
      assert.deepEqual(made.parameters.kept, []);
      assert.match(made.parameters.dropped[0]?.message ?? '', /Days: 9 must be <= 5/);
    });
  });

  describe('of a block', () => {
    const before = (hours: string): readonly FlowNode[] => {
      const nodes = install(BLOCK, '1.2.0');
      const instance = { ...nodes.at(-1)!, z: 'own-tab', ...at, env: [{ name: 'hours', type: 'num', value: hours }, { name: 'key', type: 'cred', value: '' }], wires: [['end'], []] };
      return [
        ...nodes.slice(0, -1), { id: 'own-tab', type: 'tab', label: 'Ours' }, instance, { ...instance, id: 'second' },
        { id: 'source', type: 'inject', z: 'own-tab', ...at, wires: [[instance.id, 'second']] }, { id: 'end', type: 'debug', z: 'own-tab', ...at, wires: [] },
      ];
    };
    const definition = (nodes: readonly FlowNode[]): string => nodes.find(({ type }) => type === 'subflow')!.id;

    it('changes what its instances are, keeps their ids, parameters and secrets, and takes the old definition out', () => {
      const nodes = before('6');
      const [instance] = nodes.filter(({ type }) => type.startsWith('subflow:'));
      const made = plan(nodes, definition(nodes), '1.3.0', { 'second/ask': 1 });
      assert.equal(made.way, 'in-place');
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${BLOCK}@1.3.0 as-published`]);
      const now = after.filter(({ type }) => type.startsWith('subflow:'));
      assert.deepEqual(now.map(({ id }) => id), [instance!.id, 'second']);
      assert.deepEqual((now[0]?.['env'] as readonly { name: string; value: string }[]).map(({ name, value }) => [name, value]), [['hours', '6'], ['key', '']]);
      assert.deepEqual(now[0]?.wires, [['end'], []]);
    });

    it('drops a value that is past the new bound, and says so', () => {
      const nodes = before('12');
      const made = plan(nodes, definition(nodes), '1.3.0');
      assert.match(made.parameters.dropped[0]?.message ?? '', /Time to decide: 12 must be <= 6/);
    });

    it('leaves the instance whose cases are not taken over, with a new one in its place on the wires', () => {
      const nodes = before('4');
      const [instance] = nodes.filter(({ type }) => type.startsWith('subflow:'));
      const made = plan(nodes, definition(nodes), '2.0.0', { 'second/ask': 3 });
      assert.equal(made.way, 'beside');
      const after = applied(nodes, made);
      assert.deepEqual(states(after), [`${BLOCK}@1.2.0 as-published`, `${BLOCK}@2.0.0 as-published`]);
      const at2 = after.filter(({ type }) => type.startsWith('subflow:') && type !== `subflow:${definition(nodes)}`).map(({ id }) => id);
      assert.equal(at2.length, 2);
      assert.ok(at2.includes(instance!.id), 'the one without such cases is changed where it stands');
      assert.deepEqual([...after.find(({ id }) => id === 'source')!.wires![0]!].sort(), [...at2].sort());
      assert.equal(after.find(({ id }) => id === 'second')?.type, `subflow:${definition(nodes)}`);
    });
  });

  it('is one sentence where there is no way', () => {
    const nodes = install(FLOW, '1.0.0');
    const flows = readNodes(nodes)!;
    const ask = (container: string, to: string): unknown => upgradePlan({ flows, container, to, catalogue, counts: new Map() });
    assert.match(String(ask('nowhere', '1.1.0')), /does not stand in the flows any more/);
    assert.match(String(ask(tabOf(nodes).id, '9.9.9')), /does not have returns\/inbound 9\.9\.9/);
  });
});
