import { setTimeout as sleep } from 'node:timers/promises';
import type { Waybill } from '../api.ts';
import { once } from '../support/reporting.ts';

/** The part of Node-RED's runtime API that the check needs. */
export interface RolesOfFlows {
  readonly nodes?: { getNode?(id: string): { warn?(text: string): void } | undefined | null; eachNode?(each: (node: { readonly id: string; readonly type: string }) => void): void };
}

/** How long a first start may take to make its accounts, ms. */
const firstAccountsMs = 4_000;

/** Deep enough for a matrix of rows and levels. */
const deepest = 6;

/** Every text under a name that ends with `role` (`role`, `unknownOperatorRole`, `toRole`) in a configuration, at any depth. */
export function rolesIn(config: unknown, depth = 0): readonly string[] {
  if (typeof config !== 'object' || config === null || depth > deepest) return [];
  if (Array.isArray(config)) return config.flatMap((each) => rolesIn(each, depth + 1));
  return Object.entries(config).flatMap(([name, value]) => (typeof value === 'string' ? (/(^r|R)ole$/.test(name) && value.trim() !== '' && !value.startsWith('$') ? [value.trim()] : []) : rolesIn(value, depth + 1)));
}

/** After a start of flows: names, on the node itself, roles that a node asks for and nobody holds. A task for such a role would wait for ever. */
export async function warnOfUnheldRoles(RED: RolesOfFlows, waybill: Waybill): Promise<void> {
  const asking: { readonly id: string; readonly directory: string; readonly roles: readonly string[] }[] = [];
  RED.nodes?.eachNode?.((node) => {
    if (!node.type.startsWith('waybill-') || node.type === 'waybill-directory' || (node as { readonly d?: boolean }).d === true) return;
    const { directory } = node as { readonly directory?: unknown };
    const roles = rolesIn(node);
    if (roles.length > 0) asking.push({ id: node.id, directory: typeof directory === 'string' ? directory : '', roles });
  });
  try {
    // A first start makes its accounts while the flows run already.
    if (asking.length > 0 && (await waybill.directory().roles()).length === 0) await sleep(firstAccountsMs, undefined, { ref: false });
    for (const { id, directory, roles } of asking) {
      const unheld = await waybill.directory(directory).unheld(roles);
      if (unheld.length > 0) RED.nodes?.getNode?.(id)?.warn?.(sentence(unheld));
    }
  } catch (error) {
    once('role-check', `It could not be checked whether somebody holds the roles that the flows ask for: ${String(error)}`);
  }
}

function sentence(roles: readonly string[]): string {
  const named = roles.join(', ');
  return roles.length === 1
    ? `Nobody holds the role ${named}, so its tasks would wait for ever: give it to an enabled account, or name another role here.`
    : `Nobody holds the roles ${named}, so their tasks would wait for ever: give them to enabled accounts, or name other roles here.`;
}
