import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { escalationPattern } from '../../src/engine/patterns/escalation.ts';
import type { EscalationConfig } from '../../src/engine/patterns/escalation.ts';
import { migrateEscalation } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<EscalationConfig & GovernedConfig>(RED, 'waybill-escalation', {
    outputs: 2, migrate: migrateEscalation as unknown as (config: Readonly<Record<string, unknown>>) => EscalationConfig & GovernedConfig, pattern: escalationPattern, showsNext: true,
  });
}
