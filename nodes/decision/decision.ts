import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { decisionPattern } from '../../src/engine/patterns/decision.ts';
import type { DecisionConfig } from '../../src/engine/patterns/decision.ts';
import { migrateDecision } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<DecisionConfig & GovernedConfig>(RED, 'waybill-decision', { outputs: 2, migrate: migrateDecision as unknown as (config: Readonly<Record<string, unknown>>) => DecisionConfig & GovernedConfig, pattern: decisionPattern });
}
