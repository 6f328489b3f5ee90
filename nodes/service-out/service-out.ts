import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { serviceOutPattern } from '../../src/engine/patterns/service-out.ts';
import type { ServiceOutConfig } from '../../src/engine/patterns/service-out.ts';
import { migrateServiceOut } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<ServiceOutConfig & GovernedConfig>(RED, 'waybill-service-out', { outputs: 1, migrate: migrateServiceOut as unknown as (config: Readonly<Record<string, unknown>>) => ServiceOutConfig & GovernedConfig, pattern: serviceOutPattern });
}
