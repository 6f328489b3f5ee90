import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { auditPattern } from '../../src/engine/patterns/audit.ts';
import type { AuditConfig } from '../../src/engine/patterns/audit.ts';
import { migrateAudit } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<AuditConfig & GovernedConfig>(RED, 'waybill-audit', { outputs: 2, migrate: migrateAudit as unknown as (config: Readonly<Record<string, unknown>>) => AuditConfig & GovernedConfig, pattern: auditPattern });
}
