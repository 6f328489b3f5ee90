import { migrationTo } from '../config-version.ts';

/** Configuration of a case-close node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface CaseCloseConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly outcome: string;
  readonly outcomeType: string;
  readonly cancelOpen: boolean;
  /** Whether registered undos run before the close. */
  readonly compensate: 'auto' | 'always' | 'never';
  readonly configVersion: number;
}

export const CASE_CLOSE_DEFAULTS: CaseCloseConfig = {
  name: '',
  stepId: '',
  requires: '',
  outcome: 'done',
  outcomeType: 'str',
  cancelOpen: false,
  compensate: 'auto',
  configVersion: 1,
};

export const migrateCaseClose = migrationTo(CASE_CLOSE_DEFAULTS);
