import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { retryStatus } from '../../src/engine/node-red/retry-status.ts';
import { circuitOf, retryPattern, retryPolicy } from '../../src/engine/patterns/retry.ts';
import type { RetryConfig } from '../../src/engine/patterns/retry.ts';
import { migrateRetry } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<RetryConfig & GovernedConfig>(RED, 'waybill-retry', {
    outputs: 2, migrate: migrateRetry as unknown as (config: Readonly<Record<string, unknown>>) => RetryConfig & GovernedConfig,
    pattern: retryPattern, tokenPolicy: retryPolicy, circuit: circuitOf, status: retryStatus,
  });
}
