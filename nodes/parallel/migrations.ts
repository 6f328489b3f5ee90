import { migrationTo } from '../config-version.ts';

/** One branch: output n. A blank condition always takes it. */
export interface Branch {
  readonly name: string;
  readonly condition: string;
  readonly conditionType: string;
}

/** Configuration of a parallel node, version 1. */
export interface ParallelNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly branches: readonly Branch[];
  /** When no condition holds: an exception, or the last output. */
  readonly onNone: 'raise' | 'output';
  /** Number of the node's outputs, kept by the editor. */
  readonly outputs: number;
  readonly configVersion: number;
}

export const PARALLEL_DEFAULTS: ParallelNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  branches: [
    { name: 'a', condition: '', conditionType: 'jsonata' },
    { name: 'b', condition: '', conditionType: 'jsonata' },
  ],
  onNone: 'raise',
  outputs: 2,
  configVersion: 1,
};

export const migrateParallel = migrationTo(PARALLEL_DEFAULTS);
