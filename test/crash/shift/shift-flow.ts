import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../scripts/lib/paths.ts';

/** The receiving flow as it ships, no longer as the template that it was made from, with retries that are quick and never end, and a short timeout, so that slow answers become unknown outcomes. */
export function shiftFlow(): readonly object[] {
  const nodes = JSON.parse(readFileSync(path.join(ROOT, 'flows/receiving.json'), 'utf8')) as { readonly type: string; readonly env?: readonly { readonly name: string }[] }[];
  return nodes.map((node) => {
    if (node.type === 'tab') return { ...node, env: node.env?.filter(({ name }) => name !== 'WAYBILL_TEMPLATE') };
    return node.type !== 'waybill-call' ? node : { ...node, timeoutSeconds: 2, maxAttempts: 1_000_000, maxMinutes: 100_000, baseDelaySeconds: 0.1, maxDelaySeconds: 1 };
  });
}
