import assert from 'node:assert/strict';
import { boundariesOf } from '../engine/support/boundary.ts';
import { crossAll } from '../engine/support/crash-run.ts';
import type { CrashStory } from '../engine/support/crash-run.ts';
import { personFlow, scanFlow, withRetries } from '../engine/support/flows.ts';
import type { CataloguePlace, FlowNode } from '../engine/support/messages.ts';
import { packTemplate } from '../../src/governance/template/pack.ts';
import type { TemplateManifest } from '../../src/governance/template/manifest.ts';
import { makeCentral, publishTemplate } from '../governance/catalogue/support/central.ts';

const ID = 'procure-to-pay/receiving';

/** The flow as an installed version; in the later one every step has another id. */
const installed = (flow: readonly FlowNode[], version: string): FlowNode[] => flow.map((node) => {
  if (node.type === 'tab') return { ...node, env: [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: `${ID}@${version}` }, { name: 'WAYBILL_INSTANCE', type: 'str', value: 'receiving' }] };
  return version === '1.0.0' || typeof node['stepId'] !== 'string' ? node : { ...node, stepId: `${node['stepId']}-2` };
});

async function published(flows: readonly (readonly FlowNode[])[]): Promise<CataloguePlace> {
  const steps = Object.fromEntries(flows.flat().flatMap(({ stepId }) => (typeof stepId === 'string' ? [[stepId, `${stepId}-2`]] : [])));
  const central = await makeCentral();
  for (const version of ['1.0.0', '1.1.0']) {
    const manifest: TemplateManifest = {
      id: ID, version, family: 'procure-to-pay', title: 'Receiving', summary: 'Receives goods.', owner: 'Receiving', kind: 'flow', parameters: { type: 'object', properties: {} }, requires: { nodes: {} },
      migrations: version === '1.0.0' ? [] : [{ from: '^1.0.0 <1.1.0', steps }], changelog: [{ version, date: '2026-11-28', changes: ['Now.'] }],
    };
    // One tab with all steps of both flows: the map is about ids and types.
    const all = installed([...new Map(flows.flat().map((node) => [node.id, { ...node, x: 1, y: 1 }])).values()], version) as never;
    await publishTemplate(central, Buffer.from(packTemplate({ folder: '', manifest, flow: all, readme: '# Receiving\n', tests: {} }).bytes));
  }
  return { source: central.public, rootFile: central.rootFile };
}

/** Killed at a boundary under one version of a template, and started with the next one, whose signed map names every step anew. */
describe('a crash, and an upgrade that gives every step another id', function () {
  this.timeout(120_000);
  const stories = { person: personFlow, retries: (erpUrl: string) => withRetries(scanFlow(erpUrl)) };
  let catalogue: CataloguePlace;
  before(async () => { catalogue = await published(Object.values(stories).map((flow) => flow('http://127.0.0.1:9'))); });

  async function crossed(intake: CrashStory['intake'], flow: (erpUrl: string) => FlowNode[], each: number): Promise<void> {
    const story: CrashStory = { intake, catalogue, flow: (erpUrl) => installed(flow(erpUrl), '1.0.0'), next: (flows) => installed(flows, '1.1.0') };
    // Every so many of all boundaries, and the one at which nobody knows what became of the call.
    const { crossed: number, breaches } = await crossAll(story, 2, (counts) => boundariesOf(counts).filter((at, i) => i % each === each - 2 || (at.kind === 'effect' && at.at === 'committed')));
    assert.deepEqual(breaches, []);
    assert.ok(number >= 4, String(number));
  }

  it('loses, doubles and hides nothing of a case that a person decides: one receipt, under one key', () => crossed('message', stories.person, 11));
  it('loses, doubles and hides nothing of a case that retries', () => crossed('scan', stories.retries, 17));
});
