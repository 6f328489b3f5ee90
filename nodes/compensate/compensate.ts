import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { compensatePattern } from '../../src/engine/patterns/compensate.ts';
import type { CompensateConfig } from '../../src/engine/patterns/compensate.ts';
import { migrateCompensate } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<CompensateConfig & GovernedConfig>(RED, 'waybill-compensate', { outputs: 2, migrate: migrateCompensate as unknown as (config: Readonly<Record<string, unknown>>) => CompensateConfig & GovernedConfig, pattern: compensatePattern });
}
