import type { Json } from '../../domain/json.ts';
import type { PublishedTemplate } from '../catalogue/site-catalogue.ts';
import type { FlowNode } from '../gate/rules/flows.ts';
import { TEMPLATE_ENV } from '../gate/rules/provenance.ts';
import { isConfig } from '../template/content.ts';
import { contentHash, normalised } from '../template/normal-form.ts';
import { TemplateError } from '../template/template-error.ts';
import { readable } from '../template/readable.ts';
import { differenceOf, isOfTemplate } from './difference.ts';
import { secretsIn } from './secrets.ts';

/** Nodes and bytes of one proposal: a template is far smaller. */
const mostNodes = 2_000;
export const mostBytes = 192 * 1024;

/** A proposal as the owners see it. */
export interface Proposal {
  /** The nodes that count, as they are imported, without credentials. Of the site's own config nodes there is the type alone. */
  readonly nodes: readonly Json[];
  /** Content hash of the normal form. */
  readonly proposedHash: string;
  /** From the published version; absent when this site does not have it. */
  readonly difference?: Json;
}

/**
 * Makes a proposal of a Node-RED export. `problem`: one sentence that says what to mend first.
 * @param running nodes of the site, for the config nodes that an export of single nodes leaves out
 */
export function proposalOf(exported: unknown, base: PublishedTemplate | undefined, running: readonly FlowNode[] = []): Proposal | { readonly problem: string } {
  const problem = exportProblem(exported);
  if (problem !== undefined) return { problem };
  const all = withConfigs(exported as readonly FlowNode[], running);
  try {
    const content = normalised(all).map(({ node }) => shared(node));
    const nodes = [...content, ...standIns(all, content)];
    return { nodes: nodes as unknown as readonly Json[], proposedHash: contentHash(nodes), ...(base === undefined ? {} : { difference: differenceOf(readable(base.flow), readable(nodes)).filter(isOfTemplate) as unknown as Json }) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { problem: error.message };
  }
}

/** The export with the config nodes of the site that it refers to, by their type alone. */
function withConfigs(exported: readonly FlowNode[], running: readonly FlowNode[]): readonly FlowNode[] {
  const there = new Set(exported.map(({ id }) => id));
  const words = wordsIn(exported);
  return [...exported, ...running.filter((node) => isConfig(node) && !there.has(node.id) && words.has(node.id)).map(({ id, type }) => ({ id, type }))];
}

/** Every text that may be an id. */
function wordsIn(nodes: readonly FlowNode[]): ReadonlySet<string> {
  return new Set((JSON.stringify(nodes).match(/"(?:[^"\\]|\\.)*"/g) ?? []).filter((word) => word.length <= 66).map((word) => word.slice(1, -1)));
}

/** What stands for the site's config nodes, so that references to them keep their type; their addresses stay at the site. */
function standIns(all: readonly FlowNode[], content: readonly FlowNode[]): readonly FlowNode[] {
  const kept = new Set(content.map(({ id }) => id));
  const words = wordsIn(content);
  return all.filter((node) => isConfig(node) && !kept.has(node.id) && words.has(node.id)).map(({ id, type }) => ({ id, type }));
}

/** What of a node leaves the site: no credentials, and of the variables of a tab their names, as the values are the site's parameters. */
function shared(node: FlowNode): FlowNode {
  const { credentials: _credentials, ...rest } = node;
  if (node.type !== 'tab' || !Array.isArray(rest['env'])) return rest as FlowNode;
  return { ...rest, env: (rest['env'] as readonly unknown[]).map(withoutValue) } as FlowNode;
}

function withoutValue(entry: unknown): unknown {
  const { name, type } = (typeof entry === 'object' && entry !== null ? entry : {}) as { readonly name?: unknown; readonly type?: unknown };
  return name === TEMPLATE_ENV ? entry : { name, type, value: '' };
}

function exportProblem(nodes: unknown): string | undefined {
  if (!Array.isArray(nodes) || nodes.length === 0) return 'The proposal has no nodes; export the changed block or tab and send what the export holds.';
  if (nodes.length > mostNodes) return `The proposal has ${nodes.length} nodes; at most ${mostNodes} are taken. Propose one template at a time.`;
  if (!nodes.every(isNode)) return 'The proposal is no export of Node-RED: every node has an id and a type.';
  if (new Set(nodes.map(({ id }) => id)).size !== nodes.length) return 'Two nodes of the proposal have the same id; export it again.';
  if (JSON.stringify(nodes).length > mostBytes) return `The proposal is larger than ${mostBytes / 1024} KiB; take pictures and data out of it.`;
  const [found] = secretsIn(nodes);
  if (found !== undefined) return `The proposal holds what looks like a secret (${found.property} of ${found.node}); take it out, and use a credential or a parameter.`;
  return undefined;
}

function isNode(node: unknown): node is FlowNode {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return false;
  const { id, type } = node as { id?: unknown; type?: unknown };
  return typeof id === 'string' && id !== '' && typeof type === 'string' && type !== '';
}
