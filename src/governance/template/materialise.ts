import type { PublishedTemplate } from '../catalogue/site-catalogue.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { INSTANCE_ENV } from '../gate/rules/installed.ts';
import type { EnvEntry } from '../gate/rules/provenance.ts';
import { isConfig } from './content.ts';
import { isGeneratedId, waybillId } from './ids.ts';
import type { TemplateManifest, TemplateParameter } from './manifest.ts';
import { parameterProblems, parameterSchema } from './parameters.ts';
import { renumbered } from './renumber.ts';
import { referenceOf } from './shape.ts';
import { TemplateError } from './template-error.ts';
import { variableType, variableValue } from './variables.ts';
import type { Variable } from './variables.ts';

export type ParameterInput = string | number | boolean;

export interface Installation {
  /** By name; what is not named has its default. Numbers may come as the texts of a form. */
  readonly parameters?: Readonly<Record<string, ParameterInput>>;
  /** By id of a config node in the template's flow: id of the site's own in its place. Those that are not named are imported. */
  readonly configNodes?: Readonly<Record<string, string>>;
  /** What tells this installation from others at the site, for example a new id of Node-RED; all ids that are not shared are made of it. */
  readonly instance: string;
  /** Where a block's instance stands; without it the editor hangs it on the mouse. */
  readonly at?: { readonly z: string; readonly x: number; readonly y: number };
}

/** A config node that a template's flow refers to: the site says which of its own is meant. */
export interface ConfigSlot { readonly id: string; readonly type: string; readonly name: string }

/** Config nodes of a template's flow, for which an installation may name the site's. */
export function configSlotsOf({ flow }: Pick<PublishedTemplate, 'flow'>): readonly ConfigSlot[] {
  return flow.filter(isConfig).map(({ id, type, name }) => ({ id, type, name: name ?? '' }));
}

function read(parameter: TemplateParameter, value: ParameterInput): ParameterInput {
  if (typeof value !== 'string') return value;
  if (parameter.type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return parameter.type !== 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

/** What is wrong with values of parameters, one sentence each, as the form shows them. */
function valueProblems(manifest: TemplateManifest, values: Readonly<Record<string, ParameterInput>>): readonly { readonly name: string; readonly message: string }[] {
  const { properties, required = [] } = manifest.parameters;
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(properties, name)).map((name) => ({ name, message: `The template has no parameter "${name}".` }));
  return [...unknown, ...Object.entries(properties).flatMap(([name, parameter]) => {
    const value = Object.hasOwn(values, name) ? values[name] : parameter.default;
    if (value === undefined || value === '') return required.includes(name) ? [{ name, message: `${parameter.title}: is needed.` }] : [];
    return parameterProblems(parameterSchema(parameter), read(parameter, value)).map((problem) => ({ name, message: `${parameter.title}: ${problem}.` }));
  })];
}

/** Variables that differ from what the template says, by name. */
function variables({ parameters }: TemplateManifest, values: Readonly<Record<string, ParameterInput>>): ReadonlyMap<string, Variable> {
  return new Map(Object.entries(parameters.properties).flatMap(([name, parameter]): [string, Variable][] => {
    if (!Object.hasOwn(values, name) || parameter['x-waybill'].scope === 'central') return [];
    const value = read(parameter, values[name]!);
    if (parameter.writeOnly !== true && value === parameter.default) return [];
    return [[name, { name, type: variableType(parameter), value: parameter.writeOnly === true ? '' : variableValue(value) }]];
  }));
}

/** Secrets that were given, as Node-RED imports them: beside the node's properties. */
function credentials({ parameters }: TemplateManifest, values: Readonly<Record<string, ParameterInput>>): { readonly credentials?: Readonly<Record<string, ParameterInput>> } {
  const secret = Object.entries(values).filter(([name, value]) => parameters.properties[name]?.writeOnly === true && value !== '');
  return secret.length === 0 ? {} : { credentials: Object.fromEntries(secret) };
}

/** The flow with the site's config nodes in the place of the author's. */
function withSiteConfigs(flow: readonly FlowNode[], configNodes: Readonly<Record<string, string>>): readonly FlowNode[] {
  const chosen = new Map(flow.filter((node) => isConfig(node) && Object.hasOwn(configNodes, node.id)).map((node) => [node.id, configNodes[node.id]!]));
  const kept = renumbered(flow, chosen).filter((node) => ![...chosen.values()].includes(node.id));
  return kept;
}

function block(manifest: TemplateManifest, flow: readonly FlowNode[], { instance, parameters = {}, at }: Installation): readonly FlowNode[] {
  const id = waybillId(referenceOf(manifest));
  const definition = flow.find((node) => node.id === id)!;
  const outputs = Array.isArray(definition['out']) ? definition['out'].length : 0;
  return [...flow, {
    id: isGeneratedId(instance) ? instance : waybillId(`${referenceOf(manifest)} ${instance}`), type: `subflow:${id}`, z: '', x: 0, y: 0, ...at, name: '',
    env: [...variables(manifest, parameters).values()], ...credentials(manifest, parameters), wires: Array.from({ length: outputs }, () => []),
  }];
}

function tabs(manifest: TemplateManifest, flow: readonly FlowNode[], { instance, parameters = {} }: Installation): readonly FlowNode[] {
  const set = variables(manifest, parameters);
  // Subflows of the template are shared by all its installations; config nodes are the site's.
  const shared = new Set(flow.filter((node) => node.type === 'subflow').map(({ id }) => id));
  const ids = new Map(flow.filter((node) => !shared.has(node.id) && !shared.has(String(node.z)) && !isConfig(node)).map(({ id }) => [id, waybillId(`${instance} ${id}`)]));
  return renumbered(flow, ids).map((node) => (node.type !== 'tab' ? node : {
    ...node, ...credentials(manifest, parameters), env: [...(node['env'] as readonly Variable[]).map((entry) => set.get(entry.name) ?? entry), { name: INSTANCE_ENV, type: 'str', value: instance }],
  }));
}

/**
 * The nodes that are imported into an editor to install a template: a block's definition, under the id that this version
 * has everywhere, with one instance; or a flow's tabs. Its content hash is the published one.
 * @throws TemplateError `wrong-value`
 */
export function importOf(published: Pick<PublishedTemplate, 'manifest' | 'flow'>, installation: Installation): readonly FlowNode[] {
  const { manifest } = published;
  const problems = valueProblems(manifest, installation.parameters ?? {}).map(({ message }) => message);
  const slots = new Set(configSlotsOf(published).map(({ id }) => id));
  for (const id of Object.keys(installation.configNodes ?? {})) if (!slots.has(id)) problems.push(`The template refers to no config node "${id}".`);
  if (installation.instance === '') problems.push('The installation needs a name that no other one has.');
  if (problems.length > 0) throw new TemplateError('wrong-value', `${manifest.title} cannot be installed like this. ${problems[0]!}`, problems);
  const flow = withSiteConfigs(published.flow, installation.configNodes ?? {});
  return (manifest.kind === 'block' ? block(manifest, flow, installation) : tabs(manifest, flow, installation)).map(drawable);
}

/** The editor cannot draw a group without a style, which who writes a flow by hand may leave out. */
function drawable(node: FlowNode): FlowNode {
  return node.type === 'group' && node['style'] === undefined ? { ...node, style: {} } : node;
}

/** Parameters as they are set now, for another version: what it takes is kept, what it does not is named with the reason. */
export function carriedOver(manifest: TemplateManifest, now: ReadonlyMap<string, EnvEntry>): { readonly parameters: Readonly<Record<string, ParameterInput>>; readonly dropped: readonly { readonly name: string; readonly message: string }[] } {
  const kept: [string, ParameterInput][] = [];
  const dropped: { name: string; message: string }[] = [];
  for (const [name, { type, value }] of now) {
    const parameter = Object.hasOwn(manifest.parameters.properties, name) ? manifest.parameters.properties[name] : undefined;
    if (parameter?.['x-waybill'].scope === 'central' || type === 'cred') continue;
    if (parameter === undefined) {
      dropped.push({ name, message: `The parameter "${name}" is no longer there.` });
    } else if (!['str', 'num', 'bool'].includes(type)) {
      dropped.push({ name, message: `${parameter.title}: was worked out when the flow ran (${type}); set a value.` });
    } else {
      const given = read(parameter, typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : '');
      const wrong = given === '' ? [] : parameterProblems(parameterSchema(parameter), given);
      if (wrong.length > 0) dropped.push({ name, message: `${parameter.title}: ${JSON.stringify(given)} ${wrong[0]!}.` });
      else if (given !== '' || parameter.type === 'string') kept.push([name, given]);
    }
  }
  return { parameters: Object.fromEntries(kept), dropped };
}
