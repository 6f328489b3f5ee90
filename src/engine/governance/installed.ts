import type { Flows, FlowNode } from '../../governance/gate/rules/flows.ts';
import { installedTemplates, nodesOfTemplate, switchedOn } from '../../governance/gate/rules/installed.ts';
import { parametersOf } from '../../governance/gate/rules/provenance.ts';
import { contentHash } from '../../governance/template/normal-form.ts';
import type { InstalledTemplate } from './port.ts';

/** Where a template's parameters are set: at each instance of a block, or on the tabs of a flow. */
function placesOf(flows: Flows, kind: 'block' | 'flow', containers: readonly FlowNode[]): readonly FlowNode[] {
  return kind === 'flow' ? containers : containers.flatMap(({ id }) => flows.ofType(`subflow:${id}`));
}

/** What a deploy brought is asked for again by the next one, which replaces it. */
const known = new WeakMap<Flows, readonly InstalledTemplate[]>();

/** Templates that stand in flows, with what is set at them. */
export function installedIn(flows: Flows | undefined): readonly InstalledTemplate[] {
  if (flows === undefined) return [];
  const installed = known.get(flows) ?? read(flows);
  known.set(flows, installed);
  return installed;
}

function read(flows: Flows): readonly InstalledTemplate[] {
  return installedTemplates(flows).map(({ id, version, kind, containers, instance }) => ({
    id, version, kind, instance, containers: containers.map((container) => container.id), contentHash: hashOf(flows, containers),
    places: placesOf(flows, kind, containers).map((place) => ({
      node: place.id, parameters: Object.fromEntries([...parametersOf(flows, place)].map(([name, { value }]) => [name, value === undefined ? null : JSON.stringify(value)])),
    })),
  }));
}

/** What cannot be brought into normal form has none; a rule says so. */
function hashOf(flows: Flows, containers: readonly FlowNode[]): string | undefined {
  try {
    return contentHash(nodesOfTemplate(flows, containers).map(switchedOn));
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
