import { migrationTo } from '../config-version.ts';

/** Configuration of a wait until node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface WaitUntilNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly mode: 'time' | 'duration' | 'opening';
  readonly until: string;
  readonly untilType: string;
  /** Text, for it may be a path or an expression. */
  readonly duration: string;
  readonly durationType: string;
  readonly durationUnit: 'minutes' | 'hours' | 'days';
  /** Only the calendar's working time counts. */
  readonly working: boolean;
  /** Id of the calendar node; '' is none. */
  readonly calendar: string;
  readonly whenPast: 'go-on' | 'exception';
  readonly configVersion: number;
}

export const WAIT_UNTIL_DEFAULTS: WaitUntilNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  mode: 'duration',
  until: '',
  untilType: 'facts',
  duration: '2',
  durationType: 'num',
  durationUnit: 'hours',
  working: false,
  calendar: '',
  whenPast: 'go-on',
  configVersion: 1,
};

export const migrateWaitUntil = migrationTo(WAIT_UNTIL_DEFAULTS);
