import { migrationTo } from '../config-version.ts';

/** Configuration of a wait for event node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface WaitForEventNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** `wait`: a case waits here; `event`: a plain message is the event. */
  readonly mode: 'wait' | 'event';
  readonly site: string;
  readonly eventName: string;
  readonly key: string;
  readonly keyType: string;
  /** 0 waits without an end. */
  readonly timeout: number;
  readonly timeoutUnit: 'minutes' | 'hours' | 'days';
  readonly working: boolean;
  readonly calendar: string;
  readonly recordAs: string;
  readonly data: string;
  readonly dataType: string;
  readonly eventId: string;
  readonly eventIdType: string;
  /** How long the event is kept for a case that does not wait yet; 0: not at all. */
  readonly keep: number;
  readonly keepUnit: 'minutes' | 'hours' | 'days';
  readonly broadcast: boolean;
  readonly configVersion: number;
}

export const WAIT_FOR_EVENT_DEFAULTS: WaitForEventNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  mode: 'wait',
  site: '',
  eventName: '',
  key: '',
  keyType: 'facts',
  timeout: 0,
  timeoutUnit: 'hours',
  working: false,
  calendar: '',
  recordAs: '',
  data: 'payload',
  dataType: 'msg',
  eventId: '',
  eventIdType: 'msg',
  keep: 7,
  keepUnit: 'days',
  broadcast: false,
  configVersion: 1,
};

export const migrateWaitForEvent = migrationTo(WAIT_FOR_EVENT_DEFAULTS);
