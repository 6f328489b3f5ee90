import type { JsonObject } from '../../../domain/json.ts';
import type { FlowNode, Flows } from './flows.ts';
import { INSTANCE_ENV } from './installed.ts';
import { envOf, TEMPLATE_ENV, templateOf } from './provenance.ts';
import type { EnvEntry } from './provenance.ts';
import { valuesOf } from './env-values.ts';
import type { EnvValue } from './env-values.ts';
import type { Breach, ParameterFacts, Rule, RuleContext, TemplateFacts } from './rule.ts';
import { schemaProblems } from './schema.ts';
import { called, Called, shortened } from './words.ts';

const WHY: Readonly<Record<'expression' | 'machine' | 'circle', string>> = {
  expression: 'an expression that is worked out when the flow runs',
  machine: 'a variable of the machine, or of a place that nobody sees here',
  circle: 'a variable that refers to itself',
};

/** What a site calls its own, besides the parameters. */
const OWN: ReadonlySet<string> = new Set([TEMPLATE_ENV, INSTANCE_ENV, 'WAYBILL_OWNER', 'WAYBILL_FAMILY']);

/** What is wrong with a value, as the end of a sentence; undefined when nothing is. */
function problemOf(facts: ParameterFacts, value: EnvValue): string | undefined {
  if (!value.known) return `is ${WHY[value.why]}, so nobody can judge it`;
  if (isBlank(value.value) && facts.default === undefined) return facts.required === true ? 'has no value' : undefined;
  const is = `is ${shown(value.value)}`;
  if (facts.scope === 'central' && facts.default !== undefined && JSON.stringify(value.value) !== JSON.stringify(facts.default)) return `${is}; it is set centrally, to ${shown(facts.default)}`;
  const [problem] = schemaProblems(facts.schema, asSchema(facts.schema, value.value));
  if (problem === undefined) return undefined;
  return problem.startsWith('is ') ? `${is}; it ${problem}` : `${is} and ${problem}`;
}

const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? 'nothing');

function mendOf(value: EnvValue): string {
  if (!value.known) return 'Write the value itself into the parameter; who cannot asks for a waiver.';
  return isBlank(value.value) ? 'Give it a value in the form of the template.' : 'Set a value within the bounds; who needs more asks for a change of the template, or for a waiver.';
}

/** How a sentence names a parameter: as its form does. */
const titled = (name: string, { title }: ParameterFacts): string => (title === undefined ? name : `"${shortened(title)}"`);

const isBlank = (value: unknown): boolean => value === undefined || value === null || value === '';

/** A number that a form has kept as a text. */
function asSchema({ type }: JsonObject, value: unknown): unknown {
  return (type === 'number' || type === 'integer') && typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
}

/** The parameter is set at the node; `entries` has what is said there, of which any may win. */
function* ofParameter(flows: Flows, node: FlowNode, name: string, facts: ParameterFacts, entries: readonly EnvEntry[]): Generator<Breach> {
  for (const entry of entries) {
    // A secret is no flow's to hold; anything else that is kept as one would be hidden from every check.
    if (entry.type === 'cred' && facts.secret === true) continue;
    for (const value of valuesOf(flows, entry, node)) {
      const problem = problemOf(facts, value);
      if (problem === undefined) continue;
      const central = facts.scope === 'central';
      yield {
        node, property: name,
        message: `The parameter ${titled(name, facts)} of ${called(node)} ${problem}.`,
        mend: central ? 'Take your own value away; who needs another asks for a change of the template.' : mendOf(value),
      };
      return;
    }
  }
}

/** Variables that are no parameters: inside the template they would stand in front of what the site or the machine has. */
function* strangers(node: FlowNode, known: ReadonlySet<string>): Generator<Breach> {
  for (const { name } of envOf(node)) {
    if (known.has(name) || OWN.has(name)) continue;
    yield { node, property: name, message: `The variable ${name} of ${called(node)} is no parameter of its template.`, mend: `Take the variable ${name} away; a template is set by its parameters alone.` };
  }
}

/** A group that stands between the template's nodes and its parameters. */
function* shadows(flows: Flows, container: FlowNode, template: TemplateFacts): Generator<Breach> {
  for (const node of flows.on(container.id)) {
    if (node.type !== 'group') continue;
    for (const { name } of envOf(node)) {
      if (!Object.hasOwn(template.parameters, name)) continue;
      yield { node, property: name, message: `${Called(node)} has a variable ${name}, which for the nodes in the group stands in front of the parameter ${titled(name, template.parameters[name]!)}.`, mend: `Take the variable ${name} away from the group.` };
    }
  }
}

function* ofBlock(flows: Flows, subflow: FlowNode, template: TemplateFacts): Generator<Breach> {
  const defined = envOf(subflow);
  const known = new Set([...Object.keys(template.parameters), ...defined.map(({ name }) => name)]);
  for (const instance of flows.instancesOf(subflow.id)) {
    const set = envOf(instance);
    for (const [name, facts] of Object.entries(template.parameters)) {
      const own = set.filter((entry) => entry.name === name);
      yield* ofParameter(flows, instance, name, facts, own.length > 0 ? own : defined.filter((entry) => entry.name === name));
    }
    yield* strangers(instance, known);
  }
}

function* ofTab(flows: Flows, tab: FlowNode, template: TemplateFacts): Generator<Breach> {
  const set = envOf(tab);
  for (const [name, facts] of Object.entries(template.parameters)) {
    const entries = set.filter((entry) => entry.name === name);
    yield* ofParameter(flows, tab, name, facts, entries);
    if (entries.length === 0) {
      yield { node: tab, property: name, message: `${Called(tab)} has no variable ${name} for the parameter ${titled(name, facts)}, so the template would take whatever the machine calls so.`, mend: 'Set the parameter on the tab; installing the template again does it.' };
    }
  }
  yield* strangers(tab, new Set(Object.keys(template.parameters)));
}

function factsOf(context: RuleContext, container: FlowNode): TemplateFacts | undefined {
  const from = templateOf(container);
  return from === undefined ? undefined : context.templates?.get(`${from.id}@${from.version}`);
}

export const parametersInBounds: Rule = {
  code: 'parameters-in-bounds',
  title: 'Parameters of templates keep their central bounds',
  level: 'error',
  *check(flows, context) {
    for (const container of [...flows.subflows, ...flows.tabs]) {
      const template = factsOf(context, container);
      if (template === undefined) continue;
      yield* shadows(flows, container, template);
      yield* container.type === 'tab' ? ofTab(flows, container, template) : ofBlock(flows, container, template);
    }
  },
};
