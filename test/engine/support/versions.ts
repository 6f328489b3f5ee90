import { noCatalogue } from '../../../src/engine/governance/no-catalogue.ts';
import type { PublishedTemplate, SiteCatalogue } from '../../../src/governance/catalogue/site-catalogue.ts';
import type { FlowNode } from '../../../src/governance/gate/rules/flows.ts';
import type { TemplateManifest, TemplateMigration } from '../../../src/governance/template/manifest.ts';

const ID = 'procure-to-pay/steps';

/** Steps of a version by step id, each with the type of its node. */
export type Steps = Readonly<Record<string, string>>;

/** A version whose flow has these steps on one tab. */
export function version(of: string, steps: Steps, migrations: readonly TemplateMigration[] = []): PublishedTemplate {
  const manifest: TemplateManifest = {
    id: ID, version: of, family: 'procure-to-pay', title: 'Steps', summary: 'Steps.', owner: 'Receiving', kind: 'flow', parameters: { type: 'object', properties: {} }, requires: { nodes: {} },
    changelog: [{ version: of, date: '2026-11-28', changes: ['Now.'] }], migrations,
  };
  return { manifest, flow: flowOf(of, steps), contentHash: `sha256:${of}`, status: 'published', ring: 'all', publishedAt: '2026-11-28T00:00:00.000Z', readme: '', signedBy: [] };
}

/** The version as it stands in the flows, as an instance of its own. */
export function flowOf(of: string, steps: Steps, instance = 'test'): readonly FlowNode[] {
  const env = [{ name: 'WAYBILL_TEMPLATE', type: 'str', value: `${ID}@${of}` }, { name: 'WAYBILL_INSTANCE', type: 'str', value: instance }];
  return [{ id: 'tab', type: 'tab', label: 'Steps', env } as FlowNode, ...Object.entries(steps).map(([stepId, type]): FlowNode => ({ id: `n-${stepId}`, type, z: 'tab', stepId, x: 1, y: 1, wires: [] }))];
}

/** What a site has of a catalogue; `put` is what came with a look at it. */
export function versions(...first: readonly PublishedTemplate[]): SiteCatalogue & { put(...more: readonly PublishedTemplate[]): void } {
  let all = first;
  const state = () => ({ state: 'fresh', checkedAt: '2026-11-28T00:00:00.000Z', source: 'test' }) as const;
  return {
    ...noCatalogue, state, refresh: () => Promise.resolve(state()), templates: () => all,
    template: (id, of) => all.find(({ manifest }) => manifest.id === id && manifest.version === of),
    put: (...more) => { all = more; },
  };
}
