import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { exceptionPattern } from '../../src/engine/patterns/exception.ts';
import type { ExceptionConfig } from '../../src/engine/patterns/exception.ts';
import { migrateException } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<ExceptionConfig & GovernedConfig>(RED, 'waybill-exception', { outputs: 1, migrate: migrateException as unknown as (config: Readonly<Record<string, unknown>>) => ExceptionConfig & GovernedConfig, pattern: exceptionPattern });
}
