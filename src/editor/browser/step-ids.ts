import type { PlacedNode, Validator } from './node-definition.ts';
import { freeStepId, STEP_ID } from './step-id-names.ts';
import { commonText } from './texts.ts';

const PREFIX = 'waybill-';

/** Every node of the workspace that is a governed step, config nodes are not. */
export function governedNodes(): PlacedNode[] {
  const found: PlacedNode[] = [];
  RED.nodes.eachNode((node) => {
    if (node.type.startsWith(PREFIX) && typeof node['stepId'] === 'string') {
      found.push(node);
    }
    return undefined;
  });
  return found;
}

/**
 * Gives a node that is dropped, pasted or imported a step id that is free in its scope. An id that
 * nobody else has stays: what the ledger knows about a step hangs on it (PROTOCOL §1).
 */
export function assignStepId(node: PlacedNode): void {
  const own = typeof node['stepId'] === 'string' ? node['stepId'] : '';
  const taken = new Set(othersInScope(node).map((other) => other['stepId'] as string));
  if (own === '' || taken.has(own)) {
    node['stepId'] = freeStepId(own === '' ? node.type.slice(PREFIX.length) : own, taken);
  }
}

/** Right form, and not the id of another node that can run beside this one. */
export const validateStepId: Validator = function (value, _options) {
  if (typeof value !== 'string' || value === '') {
    return commonText('error.stepIdMissing');
  }
  if (!STEP_ID.test(value)) {
    return commonText('error.stepIdForm');
  }
  const twin = othersInScope(this).find((other) => other['stepId'] === value && runs(other));
  return twin === undefined || !runs(this) ? true : commonText('error.stepIdTwice', { stepId: value, other: whereIs(twin) });
};

/** Judges again the nodes whose step id another node had or has, so that an outdated red mark goes away. */
export function revalidateStepIds(): void {
  for (const node of governedNodes()) {
    const valid = node['valid'];
    RED.editor.validateNode(node);
    if (valid !== node['valid']) {
      node['dirty'] = true;
    }
  }
}

function othersInScope(node: PlacedNode): PlacedNode[] {
  const scope = scopeOf(node);
  return governedNodes().filter((other) => other.id !== node.id && scopeOf(other) === scope);
}

/**
 * What the instance part of an address will be (src/engine/node-red/instance.ts): the inner nodes of a
 * subflow definition are a scope of their own, and so is a tab or group that sets WAYBILL_INSTANCE.
 */
function scopeOf(node: PlacedNode): string {
  if (node.z !== undefined && RED.nodes.subflow(node.z) !== undefined) {
    return `subflow:${node.z}`;
  }
  for (let group = groupOf(node); group !== undefined; group = groupOf(group)) {
    const named = instanceName(group['env']);
    if (named !== undefined) {
      return `instance:${named}`;
    }
  }
  const tab = node.z === undefined ? undefined : RED.nodes.workspace(node.z);
  return `instance:${instanceName(tab?.env) ?? 'main'}`;
}

function groupOf(node: PlacedNode): PlacedNode | undefined {
  return typeof node['g'] === 'string' ? (RED.nodes.group(node['g']) ?? undefined) : undefined;
}

function instanceName(environment: unknown): string | undefined {
  const variables = Array.isArray(environment) ? (environment as readonly { readonly name?: unknown; readonly value?: unknown }[]) : [];
  const value = variables.filter(({ name }) => name === 'WAYBILL_INSTANCE').at(-1)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function runs(node: PlacedNode): boolean {
  const tab = node.z === undefined ? undefined : RED.nodes.workspace(node.z);
  return node.d !== true && tab?.disabled !== true;
}

function whereIs(node: PlacedNode): string {
  return RED.utils.getNodeLabel(node, node.id);
}
