import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { approvalPattern } from '../../src/engine/patterns/approval/approval.ts';
import type { ApprovalConfig } from '../../src/engine/patterns/approval/approval.ts';
import { migrateApproval } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<ApprovalConfig & GovernedConfig>(RED, 'waybill-approval', { outputs: 4, showsNext: true, migrate: migrateApproval as unknown as (config: Readonly<Record<string, unknown>>) => ApprovalConfig & GovernedConfig, pattern: approvalPattern });
}
