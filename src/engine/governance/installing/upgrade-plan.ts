import type { PublishedTemplate, SiteCatalogue } from '../../../governance/catalogue/site-catalogue.ts';
import { differenceOf, pairedNodes } from '../../../governance/change/difference.ts';
import type { DifferenceLine } from '../../../governance/change/difference.ts';
import type { FlowNode, Flows } from '../../../governance/gate/rules/flows.ts';
import { installedTemplates } from '../../../governance/gate/rules/installed.ts';
import type { InstalledTemplate } from '../../../governance/gate/rules/installed.ts';
import { isConfig } from '../../../governance/template/content.ts';
import { waybillId } from '../../../governance/template/ids.ts';
import { freeName } from './import-view.ts';
import { CaseFates, toldTogether } from './upgrade-cases.ts';
import type { CasesAtStep } from './upgrade-cases.ts';
import { carry, flowBeside, flowInPlace, instancesAt, intakeProblem, nodesWithin } from './upgrade-nodes.ts';
import type { Carried, NodeChange } from './upgrade-nodes.ts';

/** What another version of an installed template would change, and how it is put in. */
export interface UpgradePlan extends NodeChange {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  /** What has changed from version to version, by the newest first. */
  readonly changelog: PublishedTemplate['manifest']['changelog'];
  readonly difference: readonly DifferenceLine[];
  /** Nodes that stand in the flows now and would be another, for the marks on the canvas. */
  readonly marks: readonly { readonly id: string; readonly said: 'changed' | 'removed' }[];
  readonly parameters: { readonly kept: readonly { readonly name: string; readonly title: string; readonly value: string }[]; readonly dropped: Carried['dropped']; readonly added: readonly { readonly name: string; readonly title: string; readonly value: string }[] };
  readonly cases: readonly CasesAtStep[];
  /** `in-place`: every open case goes on or moves. `beside`: the old version stays, without intake, until its cases are finished. `refused`: see `reason`. */
  readonly way: 'in-place' | 'beside' | 'refused';
  readonly reason?: string;
}

export interface UpgradeQuestion {
  readonly flows: Flows;
  /** The subflow, or one of the tabs. */
  readonly container: string;
  readonly to: string;
  readonly catalogue: SiteCatalogue;
  /** Open cases by address. */
  readonly counts: ReadonlyMap<string, number>;
}

/** The way from the version that stands there to another one, or to itself as it was published; one sentence where there is none. */
export function upgradePlan({ flows, container, to: version, catalogue, counts }: UpgradeQuestion): UpgradePlan | string {
  const installed = installedTemplates(flows).find(({ containers }) => containers.some(({ id }) => id === container));
  if (installed === undefined) return 'This template does not stand in the flows any more.';
  const to = catalogue.template(installed.id, version);
  if (to === undefined) return `The catalogue of this site does not have ${installed.id} ${version}.`;
  if (to.status === 'retired') return `${to.manifest.title} ${version} is retired, so it cannot be installed any more.`;
  if (to.manifest.kind !== installed.kind) return `Version ${version} is a ${to.manifest.kind} and what stands here is a ${installed.kind}: insert it beside, and take the old one out.`;
  const before = nodesWithin(flows, installed.containers);
  const after = nodesOfVersion(to);
  const places = installed.kind === 'flow' ? installed.containers.slice(0, 1) : flows.ofType(`subflow:${installed.containers[0]!.id}`);
  const carried = places.map((node) => ({ node, ...carry(flows, node, to) }));
  const fates = new CaseFates({ installed: installed.version, to, before, after, versions: catalogue.templates().filter(({ manifest: { id } }) => id === installed.id) });
  const byInstance = (installed.kind === 'flow' ? [installed.instance === '' ? 'main' : installed.instance] : places.map(({ id }) => id)).map((instance) => fates.at(instance, counts));
  const refusal = refusalOf(flows, installed, byInstance.flat(), version);
  const cases = byInstance.flatMap(toldTogether);
  const change = refusal === undefined ? changeOf(flows, installed, to, carried, cases, fates.moved) : { remove: [], put: [] };
  return {
    title: to.manifest.title, from: installed.version, to: version, changelog: to.manifest.changelog, difference: differenceOf(withoutSources(before), withoutSources(after), fates.moved), marks: marksOf(withoutSources(before), withoutSources(after), fates.moved),
    parameters: parametersOf(to, carried.map(({ kept, dropped }) => ({ kept, dropped })), catalogue.template(installed.id, installed.version)), cases,
    way: refusal !== undefined ? 'refused' : cases.some(({ becomes }) => becomes === 'drain') ? 'beside' : 'in-place', ...change, ...(refusal === undefined ? {} : { reason: refusal }),
  };
}

/** What stands on a version's tabs, or in the block's own subflow: what an installation is compared with. */
function nodesOfVersion({ manifest: { id, version, kind }, flow }: PublishedTemplate): readonly FlowNode[] {
  const containers = new Set(kind === 'block' ? [waybillId(`${id}@${version}`)] : flow.filter(({ type }) => type === 'tab').map((tab) => tab.id));
  return flow.filter((node) => containers.has(node.id) || (containers.has(String(node.z)) && !isConfig(node)));
}

/** From where a link in is fed is the site's wiring, and no part of the template. */
function withoutSources(nodes: readonly FlowNode[]): readonly FlowNode[] {
  return nodes.map((node) => (node.type === 'link in' ? { ...node, links: [] } : node));
}

function refusalOf(flows: Flows, { kind, containers }: InstalledTemplate, cases: readonly CasesAtStep[], to: string): string | undefined {
  const refused = cases.filter(({ becomes }) => becomes === 'refuse');
  if (refused.length > 0) return `Finish the cases at ${refused.map(({ step }) => `"${step}"`).join(', ')} first: version ${to} does not take them over.`;
  return kind === 'flow' && cases.some(({ becomes }) => becomes === 'drain') ? intakeProblem(flows, containers, cases) : undefined;
}

interface Place extends Carried { readonly node: FlowNode }

function changeOf(flows: Flows, installed: InstalledTemplate, to: PublishedTemplate, places: readonly Place[], cases: readonly CasesAtStep[], moved: ReadonlyMap<string, string>): NodeChange {
  const drains = new Set(cases.filter(({ becomes }) => becomes === 'drain').map(({ address }) => address.split('/')[0]!));
  const { kind, containers, instance } = installed;
  if (kind === 'flow') {
    const kept = places[0]?.kept ?? {};
    if (drains.size === 0) return flowInPlace(flows, containers, instance, to, kept, moved);
    const taken = new Set(installedTemplates(flows).map((each) => each.instance));
    return flowBeside(flows, containers, freeName(to.manifest.id, taken), to, kept);
  }
  const definition = containers[0]!;
  const before = nodesWithin(flows, containers);
  const change = instancesAt(flows, places.map(({ node, kept }) => ({ node, kept, beside: drains.has(node.id) })), to, before);
  const stays = new Set(change.put.map(({ id }) => id));
  // The old definition goes with its last instance; the same version again replaces what is inside.
  const empty = drains.size === 0 && (definition.id !== waybillId(`${to.manifest.id}@${to.manifest.version}`) || places.length > 0);
  return { ...change, remove: empty ? before.filter(({ id }) => !stays.has(id)).map(({ id }) => id) : [] };
}

function marksOf(before: readonly FlowNode[], after: readonly FlowNode[], moved: ReadonlyMap<string, string>): UpgradePlan['marks'] {
  const pairs = pairedNodes(before, after, moved);
  return before.filter(({ type }) => type !== 'tab' && type !== 'subflow' && type !== 'group').flatMap((node): UpgradePlan['marks'] => {
    const fresh = pairs.get(node);
    if (fresh === undefined) return [{ id: node.id, said: 'removed' }];
    return differenceOf([node], [{ ...fresh, id: node.id }]).some(({ kind, property }) => kind === 'changed' && property !== 'wire') ? [{ id: node.id, said: 'changed' }] : [];
  });
}

function parametersOf(to: PublishedTemplate, carried: readonly Carried[], from: PublishedTemplate | undefined): UpgradePlan['parameters'] {
  const { properties } = to.manifest.parameters;
  const kept = new Map(carried.flatMap((one) => Object.entries(one.kept)));
  const dropped = new Map(carried.flatMap((one) => one.dropped.map((each) => [each.name, each])));
  const row = (name: string, value: unknown): { name: string; title: string; value: string } => ({ name, title: properties[name]?.title ?? name, value: value === undefined ? '' : String(value) });
  return {
    kept: [...kept].map(([name, value]) => row(name, value)), dropped: [...dropped.values()],
    added: from === undefined ? [] : Object.entries(properties).filter(([name]) => !Object.hasOwn(from.manifest.parameters.properties, name)).map(([name, { default: preset }]) => row(name, preset)),
  };
}
