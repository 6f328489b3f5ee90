import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceDefinition } from '../../../src/domain/service/index.ts';
import { ROOT } from '../../../scripts/lib/paths.ts';

/** The receiving flow as it ships, no longer as the template that it was made from. */
export function shiftFlow(): readonly object[] {
  const nodes = JSON.parse(readFileSync(path.join(ROOT, 'flows/receiving.json'), 'utf8')) as { readonly type: string; readonly env?: readonly { readonly name: string }[] }[];
  return nodes.map((node) => (node.type === 'tab' ? { ...node, env: node.env?.filter(({ name }) => name !== 'WAYBILL_TEMPLATE') } : node));
}

/** How the ERP's services are called in the shift: retries are quick and never end, and a short timeout makes slow answers unknown outcomes. */
export const SHIFT_SERVICES: Partial<ServiceDefinition> = {
  limits: { concurrency: 0, perSecond: 0, burst: 0 }, timeouts: { connectMs: 2_000, headersMs: 2_000, totalMs: 2_000 },
  retry: { maxAttempts: 1_000, maxMinutes: 43_200, baseDelaySeconds: 0.1, maxDelaySeconds: 1 }, circuit: { failures: 1_000, openSeconds: 1 },
};
