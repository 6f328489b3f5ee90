import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../../domain/json.ts';
import { differenceOf, isOfTemplate } from '../change/difference.ts';
import type { DifferenceLine } from '../change/difference.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { nodesOfTemplate } from '../gate/rules/installed.ts';
import { movedIn, stepFates, stepMoves } from '../gate/rules/step-moves.ts';
import type { StepFate, Version } from '../gate/rules/step-moves.ts';
import { readFlows } from '../gate/rules/read-flows.ts';
import type { TemplateManifest } from './manifest.ts';
import { contentHash } from './normal-form.ts';
import type { PackedTemplate } from './pack.ts';
import { parameterSchema } from './parameters.ts';
import { readable } from './readable.ts';
import { renumbered } from './renumber.ts';
import { containersIn, shapedFlow } from './shape.ts';

/** One member of the manifest, of a parameter or of the tests. */
export interface MemberChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** `tolerance` or `tolerance.maximum`; `title`; a file of scenarios. */
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
  /** Of a bound: whether sites may do more after it. */
  readonly wider?: boolean;
}

/** What two versions of a template differ in, by meaning. */
export interface TemplateDifference {
  readonly from: string;
  readonly to: string;
  /** The flows have the same content hash: nothing that runs is different. */
  readonly sameContent: boolean;
  readonly manifest: readonly MemberChange[];
  readonly parameters: readonly MemberChange[];
  /** Who decides, when it escalates, how often it is tried again, what a decision table says. */
  readonly policies: readonly DifferenceLine[];
  readonly nodes: readonly DifferenceLine[];
  readonly wires: readonly DifferenceLine[];
  /** What becomes of cases that are open at steps which the second version does not keep. */
  readonly cases: readonly StepFate[];
  readonly tests: readonly MemberChange[];
}

/** Nodes whose properties are policy. */
const POLICIES = /^waybill-(?:approval|escalation|retry|decision|validate|exception)\b/;
/** Members of the manifest that are told by themselves; what is told elsewhere is left out. */
const MEMBERS = ['id', 'family', 'title', 'summary', 'owner', 'kind', 'requires', 'migrations'] as const;

function change(name: string, before: Json | undefined, after: Json | undefined): MemberChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  return [{ kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed', name, before: before ?? null, after: after ?? null }];
}

/** Whether the first bound lets through all that the second does, and more; undefined for what is no bound. */
function wider(member: string, before: Json | undefined, after: Json | undefined): boolean | undefined {
  if (member === 'maximum' || member === 'exclusiveMaximum' || member === 'maxLength') return after === undefined || (typeof before === 'number' && typeof after === 'number' && after > before);
  if (member === 'minimum' || member === 'exclusiveMinimum' || member === 'minLength') return after === undefined || (typeof before === 'number' && typeof after === 'number' && after < before);
  if (member === 'enum') return after === undefined || (Array.isArray(before) && Array.isArray(after) && after.some((each: Json) => !before.includes(each)));
  return undefined;
}

/** What the parameter takes, and how it is shown. */
function described(manifest: TemplateManifest, name: string): Readonly<Record<string, Json>> | undefined {
  const parameter = Object.hasOwn(manifest.parameters.properties, name) ? manifest.parameters.properties[name] : undefined;
  if (parameter === undefined) return undefined;
  const { 'x-waybill': { scope, unit }, title, description, writeOnly, default: value } = parameter;
  const { const: _fixed, ...schema } = parameterSchema(parameter);
  const all = { title, description, default: value, ...schema, writeOnly, scope, unit, required: manifest.parameters.required?.includes(name) === true ? true : undefined };
  return Object.fromEntries(Object.entries(all).filter(([, each]) => each !== undefined)) as Readonly<Record<string, Json>>;
}

function parameters(from: TemplateManifest, to: TemplateManifest): readonly MemberChange[] {
  const names = [...new Set([...Object.keys(from.parameters.properties), ...Object.keys(to.parameters.properties)])];
  return names.flatMap((name) => {
    const [before, after] = [described(from, name), described(to, name)];
    if (before === undefined || after === undefined) return change(name, before, after);
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((member) => change(`${name}.${member}`, before[member], after[member]).map((each) => {
      // From central to site is more freedom, too.
      const more = member === 'scope' ? after['scope'] === 'site' : wider(member, before[member], after[member]);
      return more === undefined ? each : { ...each, wider: more };
    }));
  });
}

/** Scenarios of all files by title: a file that was only renamed is no difference. */
function scenarios(tests: PackedTemplate['tests']): ReadonlyMap<string, Json> {
  return new Map(Object.entries(tests).flatMap(([file, content]) => {
    const { scenarios: set, ...common } = content as { readonly scenarios?: readonly Json[]; readonly [name: string]: Json | undefined };
    const { title: _title, $schema: _schema, ...shared } = common;
    const all = Array.isArray(set) ? (set as readonly Json[]).map((one) => ({ ...shared, ...(one as object) }) as Json) : [content];
    return all.map((one): [string, Json] => [String((one as { readonly title?: Json }).title ?? file), one]);
  }));
}

/** The nodes that belong to it; under ids that are never those of another one's, unless both come from the author's editor. */
function flowOf({ manifest, flow }: PackedTemplate, apart: string | undefined): readonly FlowNode[] {
  const flows = readFlows(flow);
  const nodes = nodesOfTemplate(flows, containersIn(flows, manifest.kind));
  return readable(apart === undefined ? nodes : renumbered(nodes, new Map(nodes.map(({ id }) => [id, `${apart}${id}`]))));
}

const versionOf = ({ manifest: { id, version, migrations }, flow }: PackedTemplate): Version => ({ id, version, flow: readFlows(flow).nodes, ...(migrations === undefined ? {} : { migrations }) });

/**
 * @param side what a template was read from: ids of an author's folder stay the same from version to version, those of a packed one do not
 * @throws TemplateError `wrong-flow`, `too-alike`
 */
export function templateDifference(from: PackedTemplate, to: PackedTemplate, side: { readonly sameIds: boolean }): TemplateDifference {
  const sameContent = contentHash(shapedFlow(from.manifest, from.flow)) === contentHash(shapedFlow(to.manifest, to.flow));
  // Where all that runs is the same, what is left is nodes of one name that were paired crosswise.
  const lines = sameContent ? [] : differenceOf(flowOf(from, side.sameIds ? undefined : 'a:'), flowOf(to, side.sameIds ? undefined : 'b:'), movedIn(stepMoves(versionOf(to), [versionOf(from)])));
  // What the parameters say is told as parameters.
  const flow = lines.filter((line) => isOfTemplate(line) && !(line.property === 'env' && /^(?:tab|subflow)\b/.test(line.node)));
  const policy = ({ node, property, kind }: DifferenceLine): boolean => kind === 'changed' && property !== 'wire' && POLICIES.test(node);
  const [before, after] = [scenarios(from.tests), scenarios(to.tests)];
  const members = (manifest: TemplateManifest): Readonly<Record<string, Json>> => manifest as unknown as Readonly<Record<string, Json>>;
  return {
    from: `${from.manifest.id}@${from.manifest.version}`, to: `${to.manifest.id}@${to.manifest.version}`,
    sameContent,
    manifest: MEMBERS.flatMap((name) => change(name, members(from.manifest)[name], members(to.manifest)[name])),
    parameters: parameters(from.manifest, to.manifest),
    policies: flow.filter(policy), nodes: flow.filter((line) => line.property !== 'wire' && !policy(line)), wires: flow.filter(({ property }) => property === 'wire'),
    cases: from.manifest.id !== to.manifest.id || from.manifest.version === to.manifest.version ? [] : stepFates(versionOf(from), versionOf(to)),
    tests: [...new Set([...before.keys(), ...after.keys()])].flatMap((title) => change(title, before.get(title), after.get(title))),
  };
}

/** Whether there is anything to tell. */
export function isSame({ manifest, parameters: named, policies, nodes, wires, tests, sameContent }: TemplateDifference): boolean {
  return sameContent && [manifest, named, policies, nodes, wires, tests].every((part) => part.length === 0);
}
