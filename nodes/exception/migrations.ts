import { migrationTo } from '../config-version.ts';

/** Configuration of an exception node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface ExceptionNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly queue: string;
  readonly code: string;
  readonly message: string;
  readonly messageType: string;
  /** Where the goods go meanwhile. */
  readonly place: string;
  readonly placeType: string;
  readonly configVersion: number;
}

export const EXCEPTION_DEFAULTS: ExceptionNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  severity: 'medium',
  queue: '',
  code: '',
  message: '',
  messageType: 'str',
  place: '',
  placeType: 'str',
  configVersion: 1,
};

export const migrateException = migrationTo(EXCEPTION_DEFAULTS);
