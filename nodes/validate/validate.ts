import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { validatePattern } from '../../src/engine/patterns/validate.ts';
import type { ValidateConfig } from '../../src/engine/patterns/validate.ts';
import { migrateValidate } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<ValidateConfig & GovernedConfig>(RED, 'waybill-validate', { outputs: 2, migrate: migrateValidate as unknown as (config: Readonly<Record<string, unknown>>) => ValidateConfig & GovernedConfig, pattern: validatePattern });
}
