import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { callPattern } from '../../src/engine/patterns/call.ts';
import type { CallConfig } from '../../src/engine/patterns/call.ts';
import { migrateCall } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<CallConfig & GovernedConfig>(RED, 'waybill-call', { outputs: 2, migrate: migrateCall as unknown as (config: Readonly<Record<string, unknown>>) => CallConfig & GovernedConfig, pattern: callPattern, credentials: { token: { type: 'password' } } });
}
