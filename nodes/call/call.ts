import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { callPattern } from '../../src/engine/patterns/call.ts';
import type { CallConfig } from '../../src/engine/patterns/call.ts';
import { circuitStatus } from '../../src/engine/node-red/retry-status.ts';
import { circuitOf } from '../../src/engine/patterns/retry.ts';
import { migrateCall } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<CallConfig & GovernedConfig>(RED, 'waybill-call', {
    outputs: 2, migrate: migrateCall as unknown as (config: Readonly<Record<string, unknown>>) => CallConfig & GovernedConfig, pattern: callPattern, circuit: circuitOf, status: circuitStatus, credentials: { token: { type: 'password' } },
    credentialVariables: ({ tokenVariable = '' }) => ({ token: tokenVariable }),
  });
}
