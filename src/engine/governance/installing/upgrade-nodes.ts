import type { PublishedTemplate } from '../../../governance/catalogue/site-catalogue.ts';
import { pairedNodes } from '../../../governance/change/difference.ts';
import { intakeOf, withoutIntake } from '../../../governance/gate/rules/draining.ts';
import type { FlowNode, Flows } from '../../../governance/gate/rules/flows.ts';
import { INSTANCE_ENV } from '../../../governance/gate/rules/installed.ts';
import { envOf, parametersOf } from '../../../governance/gate/rules/provenance.ts';
import { isConfig } from '../../../governance/template/content.ts';
import { waybillId } from '../../../governance/template/ids.ts';
import { carriedOver, configSlotsOf, importOf } from '../../../governance/template/materialise.ts';
import { renumbered } from '../../../governance/template/renumber.ts';

/** Parameters on their way into another version. */
export interface Carried {
  readonly kept: Readonly<Record<string, string | number | boolean>>;
  readonly dropped: readonly { readonly name: string; readonly message: string }[];
}

/** Nodes that are taken out of the flows, and those that are put in under their ids, over what stands there. */
export interface NodeChange {
  readonly remove: readonly string[];
  readonly put: readonly FlowNode[];
}

/** Nodes on these tabs, or in these subflows, without the config nodes, which are the site's. */
export function nodesWithin(flows: Flows, containers: readonly FlowNode[]): readonly FlowNode[] {
  return containers.flatMap((container) => [container, ...flows.on(container.id).filter((node) => !isConfig(node))]);
}

/** The config nodes that the old version uses, or the only one of its type, in the place of the new version's own. */
function configNodesFor(flows: Flows, before: readonly FlowNode[], to: PublishedTemplate): Readonly<Record<string, string>> {
  const used = new Set<string>(before.flatMap((node) => Object.values(node).filter((value): value is string => typeof value === 'string')));
  return Object.fromEntries(configSlotsOf(to).flatMap(({ id, type }) => {
    const ofType = flows.ofType(type);
    const own = ofType.find((node) => used.has(node.id)) ?? (ofType.length === 1 ? ofType[0] : undefined);
    return own === undefined || own.id === id ? [] : [[id, own.id]];
  }));
}

/** What is set at a place, for another version. */
export function carry(flows: Flows, place: FlowNode, to: PublishedTemplate): Carried {
  // At an instance what is not set comes with the new definition.
  const own = new Set(envOf(place).map(({ name }) => name));
  const now = new Map([...parametersOf(flows, place)].filter(([name]) => own.has(name)));
  const { parameters, dropped } = carriedOver(to.manifest, now);
  return { kept: parameters, dropped };
}

/** The tabs of another version in the place of those that stand there: what means the same keeps its id, and so its wires from outside and its secrets. */
export function flowInPlace(flows: Flows, containers: readonly FlowNode[], instance: string, to: PublishedTemplate, kept: Carried['kept'], moved: ReadonlyMap<string, string>): NodeChange {
  const before = nodesWithin(flows, containers);
  const made = importOf(to, { instance: instance === '' ? 'unnamed' : instance, parameters: kept, configNodes: configNodesFor(flows, before, to) });
  const fresh = made.filter((node) => !isConfig(node) && !isOfDefinition(node, made));
  const pairs = pairedNodes(before, fresh, moved);
  const ids = new Map([...pairs].map(([old, node]) => [node.id, old.id]));
  const byId = new Map([...pairs].map(([old]) => [old.id, old]));
  const inside = new Set(before.map(({ id }) => id));
  const put = renumbered(made, ids).map((node) => placed(node, byId.get(node.id), instance, inside));
  const stays = new Set(put.map(({ id }) => id));
  return { remove: before.filter(({ id }) => !stays.has(id)).map(({ id }) => id), put };
}

function isOfDefinition(node: FlowNode, made: readonly FlowNode[]): boolean {
  return node.type === 'subflow' || made.some((other) => other.type === 'subflow' && other.id === node.z);
}

/** What is the site's stays: a tab's name and description, an unnamed instance, and links that come from outside. */
function placed(node: FlowNode, old: FlowNode | undefined, instance: string, inside: ReadonlySet<string>): FlowNode {
  if (node.type === 'tab') {
    const env = envOf(node).filter(({ name }) => instance !== '' || name !== INSTANCE_ENV);
    return { ...node, env, ...(old === undefined ? {} : { label: old.label, info: old['info'] ?? '', ...(old['locked'] === undefined ? {} : { locked: old['locked'] }) }) };
  }
  if (node.type === 'link in' && old !== undefined) {
    return { ...node, links: [...new Set([...linksOf(node), ...linksOf(old).filter((id) => !inside.has(id))])] };
  }
  return node;
}

function linksOf(node: FlowNode): readonly string[] {
  return Array.isArray(node['links']) ? node['links'].filter((id): id is string => typeof id === 'string') : [];
}

/**
 * The tabs of another version beside those that stand there. What came in there comes into the new one: links from outside lead
 * there, and the intake moves over under its ids, so that a message on its way finds it at the moment of the deploy.
 */
export function flowBeside(flows: Flows, containers: readonly FlowNode[], instance: string, to: PublishedTemplate, kept: Carried['kept']): NodeChange {
  const before = nodesWithin(flows, containers);
  const inside = new Set(before.map(({ id }) => id));
  const intake = intakeOf(before);
  const fresh = importOf(to, { instance, parameters: kept, configNodes: configNodesFor(flows, before, to) });
  const freshIntake = intakeOf(fresh);
  const moved = pairedNodes(before.filter(({ id }) => intake.has(id)), fresh.filter(({ id }) => freshIntake.has(id)));
  const made = renumbered(fresh, new Map([...moved].map(([old, node]) => [node.id, old.id])));
  const target = new Map([...pairedNodes(before.filter(({ type }) => type === 'link in'), made.filter(({ type }) => type === 'link in'))].map(([old, node]) => [old.id, node]));
  const outside = flows.nodes.filter((node) => (node.type === 'link out' || node.type === 'link call') && !inside.has(node.id) && linksOf(node).some((id) => target.has(id)));
  const from = new Map<string, string[]>();
  const repointed = outside.map((node) => ({ ...node, links: linksOf(node).map((id) => {
    const link = target.get(id);
    if (link !== undefined) from.set(link.id, [...from.get(link.id) ?? [], node.id]);
    return link?.id ?? id;
  }) }));
  const put = [...made.map((node) => (from.has(node.id) ? { ...node, links: [...linksOf(node), ...from.get(node.id)!] } : node)), ...repointed];
  const known = new Map(before.map((node) => [node.id, node]));
  const rest = withoutIntake(before, intake).filter((node) => known.get(node.id) !== node);
  return { remove: [...intake].filter((id) => !put.some((node) => node.id === id)), put: [...put, ...rest] };
}

/** Why a flow cannot hand its intake over to another version beside it; undefined when it can. */
export function intakeProblem(flows: Flows, containers: readonly FlowNode[], cases: readonly { readonly address: string }[]): string | undefined {
  const all = nodesWithin(flows, containers);
  const ids = intakeOf(all);
  const intake = all.filter(({ id }) => ids.has(id));
  const within = intake.find(({ type }) => type.startsWith('subflow:'));
  if (within !== undefined) return `"${within.name === undefined || within.name === '' ? within.id : within.name}" takes something in by itself inside a subflow, so the old version cannot stay beside the new one. Finish these cases first.`;
  const steps = new Set(intake.map(({ stepId }) => stepId).filter((stepId) => typeof stepId === 'string' && stepId !== ''));
  return cases.some(({ address }) => steps.has(address.split('/').slice(1).join('/'))) ? 'Cases are just being opened here. Try again in a moment.' : undefined;
}

/**
 * A block's instances at another version. In place they keep their ids, so their cases go on; beside, the old one keeps its
 * cases and its outputs, and what led into it leads into a new one.
 */
export function instancesAt(flows: Flows, instances: readonly { readonly node: FlowNode; readonly kept: Carried['kept']; readonly beside: boolean }[], to: PublishedTemplate, before: readonly FlowNode[]): NodeChange {
  const put = new Map<string, FlowNode>();
  for (const { node, kept, beside } of instances) {
    const id = beside ? waybillId(`${node.id} ${to.manifest.id}@${to.manifest.version}`) : node.id;
    const made = importOf(to, { instance: id, parameters: kept, configNodes: configNodesFor(flows, before, to) });
    const fresh = made.at(-1)!;
    for (const definition of made.slice(0, -1)) put.set(definition.id, definition);
    put.set(id, instanceOf(put.get(node.id) ?? node, fresh, id, to, beside));
    if (beside) for (const source of flows.into(node.id)) put.set(source.id, rewired(put.get(source.id) ?? source, node.id, id));
  }
  return { remove: [], put: [...put.values()] };
}

function instanceOf(old: FlowNode, fresh: FlowNode, id: string, to: PublishedTemplate, beside: boolean): FlowNode {
  const outputs = fresh.wires?.length ?? 0;
  const secrets = envOf(old).filter(({ name, type }) => type === 'cred' && to.manifest.parameters.properties[name]?.writeOnly === true);
  return {
    ...old, id, type: fresh.type, env: [...fresh['env'] as readonly object[], ...secrets],
    wires: Array.from({ length: outputs }, (_each, i) => old.wires?.[i] ?? []), ...(beside ? { y: Number(old['y']) + 80 } : {}),
  };
}

function rewired(source: FlowNode, from: string, to: string): FlowNode {
  return { ...source, wires: (source.wires ?? []).map((output) => output.map((id) => (id === from ? to : id))) };
}
