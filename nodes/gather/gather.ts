import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { gatherPattern } from '../../src/engine/patterns/gather.ts';
import type { GatherConfig } from '../../src/engine/patterns/gather.ts';
import { migrateGather } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<GatherConfig & GovernedConfig>(RED, 'waybill-gather', { outputs: 2, migrate: migrateGather as unknown as (config: Readonly<Record<string, unknown>>) => GatherConfig & GovernedConfig, pattern: gatherPattern });
}
