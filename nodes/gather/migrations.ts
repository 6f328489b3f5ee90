import { migrationTo } from '../config-version.ts';

/** Configuration of a gather node, version 1. */
export interface GatherNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly waitFor: 'all' | 'count';
  readonly count: number;
  /** 0 is no deadline. */
  readonly deadline: number;
  readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  /** Only the calendar's working time counts. */
  readonly working: boolean;
  /** Id of the calendar node; '' is none. */
  readonly calendar: string;
  readonly others: 'cancel' | 'finish';
  readonly merge: 'object' | 'array';
  /** Step id of a parallel; '' is the nearest. */
  readonly parallel: string;
  readonly configVersion: number;
}

export const GATHER_DEFAULTS: GatherNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  waitFor: 'all',
  count: 1,
  deadline: 0,
  deadlineUnit: 'hours',
  working: false,
  calendar: '',
  others: 'cancel',
  merge: 'object',
  parallel: '',
  configVersion: 1,
};

export const migrateGather = migrationTo(GATHER_DEFAULTS);
