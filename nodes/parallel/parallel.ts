import type { NodeAPI } from 'node-red';
import { governedNode } from '../../src/engine/node-red/governed-node.ts';
import type { GovernedConfig } from '../../src/engine/node-red/governed-node.ts';
import { parallelPattern } from '../../src/engine/patterns/parallel.ts';
import type { ParallelConfig } from '../../src/engine/patterns/parallel.ts';
import { migrateParallel } from './migrations.ts';

export default function register(RED: NodeAPI): void {
  governedNode<ParallelConfig & GovernedConfig>(RED, 'waybill-parallel', {
    outputs: 11, migrate: migrateParallel as unknown as (config: Readonly<Record<string, unknown>>) => ParallelConfig & GovernedConfig, pattern: parallelPattern,
    portNames: ({ branches, onNone }) => [...branches.map((branch) => branch.name), ...(onNone === 'output' ? ['none'] : [])],
  });
}
