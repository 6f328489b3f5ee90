import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { caseClosePattern } from '../../src/engine/patterns/case-close.ts';
import type { CaseCloseConfig } from '../../src/engine/patterns/case-close.ts';
import { migrateCaseClose } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<CaseCloseConfig & GovernedConfig>(RED, 'waybill-case-close', { outputs: 0, migrate: migrateCaseClose as unknown as (config: Readonly<Record<string, unknown>>) => CaseCloseConfig & GovernedConfig, pattern: caseClosePattern });
}
