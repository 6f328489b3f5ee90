import { drainingHash } from './draining.ts';
import type { FlowNode, Flows } from './flows.ts';
import { installedTemplates, nodesOfTemplate, switchedOn } from './installed.ts';
import { likeness, nodesWithin, sizeOf, sketchOf } from './likeness.ts';
import type { Sketch } from './likeness.ts';
import { numberOption } from './options.ts';
import { templateOf } from './provenance.ts';
import type { Breach, Rule, RuleContext, TemplateFacts } from './rule.ts';
import { called, Called, counted, shortened } from './words.ts';

const titled = (node: FlowNode): string => `"${shortened(node.label || node.name || node.id)}"`;

/** The content hash; a text in its place when none can be made, which then fits no template. */
function hashOf(contentHash: NonNullable<RuleContext['contentHash']>, nodes: readonly FlowNode[]): string {
  try {
    return contentHash(nodes);
  } catch (error) {
    return `none: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What says that it is a template. */
function* ofInstalled(flows: Flows, context: RuleContext, templates: ReadonlyMap<string, TemplateFacts>): Generator<Breach> {
  for (const { id, version, kind, containers } of installedTemplates(flows)) {
    const [node] = containers;
    if (node === undefined) continue;
    const facts = templates.get(`${id}@${version}`);
    if (facts === undefined) {
      const others = [...templates.values()].filter((each) => each.id === id).length;
      yield {
        node, about: `${id}@${version}`,
        message: `${titled(node)} says that it is ${id}@${version}, which the catalogue does not have: nobody has signed it.`,
        mend: others > 0 ? `Install ${others === 1 ? 'the version' : `one of the ${counted(others, 'version')}`} that the catalogue has.` : 'Install a template of the catalogue, or let the catalogue be refreshed.',
      };
    } else if (facts.kind !== kind) {
      yield { node, about: `${id}@${version}`, message: `${titled(node)} says that it is ${id}@${version}, which is a ${facts.kind}, but it is a ${kind === 'flow' ? 'tab' : 'subflow'}.`, mend: 'Install the template anew.' };
    } else if (context.contentHash !== undefined) {
      if (kind === 'flow') yield* fromOutside(flows, `${id}@${version}`, containers);
      const nodes = nodesOfTemplate(flows, containers);
      const hash = hashOf(context.contentHash, nodes);
      if (hash === facts.contentHash) continue;
      const on = hashOf(context.contentHash, nodes.map(switchedOn));
      // A version that only finishes its cases has handed its intake over to the one beside it.
      if (on === facts.contentHash || on === drainingHash(facts, context.contentHash)) continue;
      yield {
        node, about: hash,
        message: `${titled(node)} is not ${id}@${version} any more: something inside was changed at this site.`,
        mend: 'Install the version again (its parameters stay), or ask for a change of the template.',
      };
    }
  }
}

/** Wires into the middle of a flow: the editor draws none from one tab to another, and Node-RED follows them all the same. */
function* fromOutside(flows: Flows, template: string, containers: readonly FlowNode[]): Generator<Breach> {
  const places = new Set(containers.map(({ id }) => id));
  for (const inner of containers.flatMap(({ id }) => flows.on(id))) {
    for (const node of flows.into(inner.id)) {
      if (places.has(node.z ?? '') || node.wires?.some((ids) => ids.includes(inner.id)) !== true) continue;
      yield {
        node, property: 'wires', about: `into ${template}`,
        message: `${Called(node)} is wired into ${called(inner)}, in the middle of ${template}: nobody has signed that way.`,
        mend: 'Take the wire away; a template is entered at its "link in".',
      };
    }
  }
}

/** Sketches of templates, kept as long as the catalogue keeps their flows. */
const sketches = new WeakMap<readonly FlowNode[], Sketch>();

function sketchOfTemplate(flow: readonly FlowNode[]): Sketch {
  const known = sketches.get(flow) ?? sketchOf(flow);
  sketches.set(flow, known);
  return known;
}

interface Copied { readonly template: TemplateFacts; readonly share: number }

/** The template that is most like a flow, where it is like one. */
function mostLike(sketch: Sketch, templates: Iterable<TemplateFacts>, least: number, smallest: number): Copied | undefined {
  let best: Copied | undefined;
  for (const template of templates) {
    if (template.flow === undefined) continue;
    const other = sketchOfTemplate(template.flow);
    if (sizeOf(other) < smallest) continue;
    const share = likeness(sketch, other);
    if (share >= least && share >= (best?.share ?? 0)) best = { template, share };
  }
  return best;
}

/** What is a template, or nearly, and does not say so. */
function* ofCopies(flows: Flows, templates: ReadonlyMap<string, TemplateFacts>, least: number, smallest: number): Generator<Breach> {
  if (![...templates.values()].some(({ flow }) => flow !== undefined)) return;
  const within = new Set<string>();
  for (const container of [...flows.tabs, ...flows.subflows]) {
    if (templateOf(container) === undefined) continue;
    for (const node of nodesWithin(flows, container)) if (node.z !== undefined) within.add(node.z);
  }
  for (const container of [...flows.subflows, ...flows.tabs]) {
    // A subflow that a template uses inside is judged with the template.
    if (templateOf(container) !== undefined || within.has(container.id) || !flows.isGoverned(container)) continue;
    const copied = mostLike(sketchOf(nodesWithin(flows, container)), templates.values(), least, smallest);
    if (copied === undefined) continue;
    const { id, version } = copied.template;
    yield {
      node: container, about: `copy of ${id}`,
      message: copied.share === 1 ? `${titled(container)} is a copy of ${id}@${version} that does not say so.` : `${titled(container)} is ${id}@${version} to ${Math.floor(copied.share * 100)} per cent, but does not say so.`,
      mend: 'Use the template itself and set its parameters; who needs more asks for a change of it.',
    };
  }
}

export const templateUnchanged: Rule = {
  code: 'template-unchanged',
  title: 'A template is as it was signed',
  level: 'error',
  options: { likeness: 0.8, nodes: 4 },
  *check(flows, context, options) {
    if (context.templates === undefined) return;
    yield* ofInstalled(flows, context, context.templates);
    yield* ofCopies(flows, context.templates, numberOption(options, 'likeness', 0.8), numberOption(options, 'nodes', 4));
  },
};
