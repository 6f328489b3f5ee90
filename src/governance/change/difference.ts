import { hash } from 'node:crypto';
import type { Json } from '../../domain/json.ts';
import type { PublishedTemplate } from '../catalogue/site-catalogue.ts';
import type { FlowNode } from '../gate/rules/flows.ts';

/** Where a node stands on the canvas is no part of what it does. */
const placing: ReadonlySet<string> = new Set(['x', 'y', 'w', 'h', 'g', 'info', 'inputLabels', 'outputLabels']);

/** A proposal as the owners see it: normal form, content hash, difference from the version that it is based on. */
export function proposalOf(nodes: readonly FlowNode[], _base: PublishedTemplate | undefined): { readonly nodes: readonly Json[]; readonly proposedHash: string; readonly difference?: Json } {
  const normal = nodes.map((node) => Object.fromEntries(Object.entries(node).filter(([key]) => !placing.has(key)).sort(([a], [b]) => (a < b ? -1 : 1)))) as unknown as readonly Json[];
  return { nodes: normal, proposedHash: `sha256:${hash('sha256', JSON.stringify(normal))}` };
}
