import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { waitUntilPattern } from '../../src/engine/patterns/wait-until.ts';
import type { WaitUntilConfig } from '../../src/engine/patterns/wait-until.ts';
import { migrateWaitUntil } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<WaitUntilConfig & GovernedConfig>(RED, 'waybill-wait-until', {
    outputs: 1, migrate: migrateWaitUntil as unknown as (config: Readonly<Record<string, unknown>>) => WaitUntilConfig & GovernedConfig, pattern: waitUntilPattern, showsNext: true,
  });
}
