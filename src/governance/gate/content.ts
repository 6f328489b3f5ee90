import { hash } from 'node:crypto';
import type { FlowNode } from './rules/flows.ts';

/** Flows as text, which is written and hashed once for all that need it. */
export interface FlowsText { readonly text: string; readonly hash: string }

/** What stands for flows that no JSON can be made of; a rule says why they are refused. */
const NO_TEXT = '"These flows are nested too deep to be written down."';

/** JSON of a value; a sentence in its place when it is nested deeper than can be written. */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent) ?? 'null';
  } catch (error) {
    if (error instanceof RangeError) return NO_TEXT;
    throw error;
  }
}

/** JSON of flows, and its SHA-256 as Node-RED hashes them for its revision, so that the two compare. */
export function flowsText(flows: unknown): FlowsText {
  const text = jsonText(flows);
  return { text, hash: hash('sha256', text) };
}

export function flowsHash(flows: unknown): string {
  return flowsText(flows).hash;
}

/**
 * The nodes as rules see them: without credentials, which belong to no rule. What is disabled stays marked, and rules judge
 * it like the rest, because a tab that is disabled today is enabled tomorrow with one click. What is no node stays as it
 * is: a rule says so.
 * @returns undefined when it is no list at all
 */
export function judgedNodes(flows: unknown): readonly FlowNode[] | undefined {
  return Array.isArray(flows) ? (flows as readonly unknown[]).map((each) => (typeof each === 'object' && each !== null ? plain(each as FlowNode) : each as FlowNode)) : undefined;
}

function plain(node: FlowNode): FlowNode {
  if (!('credentials' in node)) return node;
  const { credentials: _credentials, ...rest } = node;
  return rest as FlowNode;
}
