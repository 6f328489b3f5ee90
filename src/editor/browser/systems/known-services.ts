import { ask } from '../intake/server.ts';
import type { PlacedNode } from '../node-definition.ts';
import type { ListedService } from './service-choice.ts';

let known: readonly ListedService[] | undefined;
let asked = false;

/** The services of the catalogue, as they are now; kept for the judgement of nodes on the canvas. */
export async function askServices(): Promise<readonly ListedService[]> {
  asked = true;
  const { services } = await ask<{ readonly services: readonly ListedService[] }>('services', { method: 'GET' });
  known = services;
  return services;
}

/** What the operation that a node calls takes; undefined where that is not known yet, or nothing is said of it. */
export function requestOf({ type, service, operation }: { readonly type: string; readonly service?: unknown; readonly operation?: unknown }): object | undefined {
  if (!asked) askServices().then(() => { judgeAgain(type); }, () => { asked = false; });
  const request = known?.find(({ reference }) => reference === service)?.operations.find(({ name }) => name === operation)?.request;
  return typeof request === 'object' ? request : undefined;
}

/** Nodes that were judged before it was known what their operations take. */
function judgeAgain(type: string): void {
  const nodes: PlacedNode[] = [];
  RED.nodes.eachNode((node) => {
    if (node.type === type) nodes.push(node);
    return undefined;
  });
  for (const node of nodes) {
    RED.editor.validateNode(node);
    node['dirty'] = true;
  }
  RED.view.redraw();
}
