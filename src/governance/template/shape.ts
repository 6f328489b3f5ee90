import type { FlowNode, Flows } from '../gate/rules/flows.ts';
import { nodesOfTemplate } from '../gate/rules/installed.ts';
import { TEMPLATE_MODULE, envOf } from '../gate/rules/provenance.ts';
import { readFlows } from '../gate/rules/read-flows.ts';
import { idOfSubflow } from '../gate/rules/subflows.ts';
import { waybillId } from './ids.ts';
import type { TemplateManifest } from './manifest.ts';
import { normalised } from './normal-form.ts';
import { renumbered } from './renumber.ts';
import { TemplateError } from './template-error.ts';
import { blockVariables, flowVariables } from './variables.ts';

/** Group of the palette in which blocks stand. */
const CATEGORY = 'Waybill templates';

/** `<id>@<version>`. */
export function referenceOf({ id, version }: Pick<TemplateManifest, 'id' | 'version'>): string {
  return `${id}@${version}`;
}

/**
 * Containers of a template in an export: the one subflow that is used by no other, or all tabs.
 * @throws TemplateError `wrong-flow`
 */
export function containersIn(flows: Flows, kind: TemplateManifest['kind']): readonly FlowNode[] {
  if (kind === 'flow') {
    if (flows.tabs.length === 0) throw new TemplateError('wrong-flow', 'The flow has no tab. Export the whole tab from the editor ("current flow"), not only the nodes.');
    return flows.tabs;
  }
  const inner = new Set(flows.nodes.filter((node) => flows.byId.get(String(node.z))?.type === 'subflow').map(({ type }) => idOfSubflow(type)));
  const outer = flows.subflows.filter(({ id }) => !inner.has(id));
  if (outer.length === 1) return outer;
  throw new TemplateError('wrong-flow', outer.length === 0
    ? 'The flow has no subflow. A block is one; export it from the editor, or say "kind": "flow".'
    : `The flow has ${outer.length} subflows beside each other (${outer.map(({ name, id }) => name ?? id).join(', ')}). A block is one, with the subflows that it uses in it.`);
}

/** Names of a container's variables that are no parameters. */
function undeclaredVariables(container: FlowNode, manifest: TemplateManifest): readonly string[] {
  return envOf(container).map(({ name }) => name).filter((name) => !name.startsWith('WAYBILL_') && !Object.hasOwn(manifest.parameters.properties, name));
}

/** The block's help in the editor, Markdown. The reference as code: with its @ it would be taken for an address. */
function helpOf(manifest: TemplateManifest): string {
  const rows = Object.values(manifest.parameters.properties).map(({ title, description = '', 'x-waybill': { scope, unit } }) => {
    const locked = scope === 'central' ? ' Set centrally.' : '';
    return `- **${unit === undefined ? title : `${title} (${unit})`}**${description === '' ? '' : `: ${description}`}${locked}`;
  });
  return [manifest.summary, `\`${referenceOf(manifest)}\`, answered for by ${manifest.owner}. Its page: *Page* in its form, or in the tab *Waybill: templates*.`, ...(rows.length === 0 ? [] : ['### Parameters', rows.join('\n')])].join('\n\n');
}

function definition(node: FlowNode, manifest: TemplateManifest): FlowNode {
  return {
    ...node, name: manifest.title, category: CATEGORY, env: blockVariables(manifest),
    info: helpOf(manifest),
    meta: { module: TEMPLATE_MODULE, type: manifest.id, version: manifest.version, author: manifest.owner, desc: manifest.summary },
  };
}

/** New ids, in an order that neither the old ones nor the places decide. */
function newIds(nodes: readonly FlowNode[], reference: string, block: FlowNode | undefined): ReadonlyMap<string, string> {
  const content = normalised(nodes).map(({ node }) => node);
  const counted = new Set(content);
  // Groups for the eye and the config nodes of the author, by what they hold.
  const others = nodes.filter((node) => !counted.has(node)).map((node) => ({ node, text: JSON.stringify({ ...node, id: '', z: '', nodes: [] }) }));
  const ordered = [...content, ...others.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ node }) => node)];
  return new Map(ordered.map((node, i) => [node.id, node === block ? waybillId(reference) : waybillId(`${reference} ${i}`)]));
}

/**
 * A template's flow as it is published, from an export of the editor: what does not belong to it is left out, ids are
 * the same for the same content, the container says where it comes from and has one variable for each parameter.
 * @throws TemplateError `wrong-flow`, `too-alike`
 */
export function shapedFlow(manifest: TemplateManifest, exported: readonly FlowNode[]): readonly FlowNode[] {
  const flows = readFlows(exported);
  if (flows.malformed.length > 0) throw new TemplateError('wrong-flow', 'The flow is no export of Node-RED.', flows.malformed.map(({ message, mend }) => `${message} ${mend}`));
  const containers = containersIn(flows, manifest.kind);
  const undeclared = containers.flatMap((container) => undeclaredVariables(container, manifest));
  if (undeclared.length > 0) throw new TemplateError('wrong-flow', `The flow has variables that are no parameters: ${[...new Set(undeclared)].join(', ')}. Declare each in template.json, with the scope "central" when sites must not change it.`);
  const nodes = nodesOfTemplate(flows, containers).map((node): FlowNode => {
    const { credentials: _credentials, ...rest } = node;
    const open = rest as unknown as FlowNode;
    if (!containers.includes(node)) return inside(open, flows);
    return manifest.kind === 'block' ? definition(open, manifest) : { ...open, env: flowVariables(manifest) };
  });
  const ids = newIds(nodes, referenceOf(manifest), manifest.kind === 'block' ? nodes.find(({ id }) => id === containers[0]!.id) : undefined);
  const order = new Map([...ids.keys()].map((id, i) => [id, i]));
  return renumbered([...nodes].sort((a, b) => order.get(a.id)! - order.get(b.id)!), ids);
}

/** A node as it is after a way through the editor: without wires and links to what is not there, and with expressions as its inputs of one line keep them. */
function inside(node: FlowNode, flows: Flows): FlowNode {
  const there = (id: unknown): boolean => flows.byId.has(String(id));
  const expressions = Object.entries(node).filter(([name, value]) => typeof value === 'string' && value.includes('\n') && node[`${name}Type`] === 'jsonata');
  return {
    ...node, ...Object.fromEntries(expressions.map(([name, value]) => [name, (value as string).replace(/\r?\n/g, '\t')])),
    ...(node.wires === undefined ? {} : { wires: node.wires.map((wires) => wires.filter(there)) }),
    ...(Array.isArray(node['links']) ? { links: node['links'].filter(there) } : {}),
  };
}
