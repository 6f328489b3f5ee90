import { migrationTo } from '../config-version.ts';

/** Configuration of a notify node, version 1. `x` and `xType` are the two halves of a typed input; addresses of hooks are credentials. */
export interface NotifyNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly mail: boolean;
  readonly teams: boolean;
  readonly slack: boolean;
  readonly webhook: boolean;
  /** To whom mails go. */
  readonly to: 'role' | 'person' | 'address';
  readonly role: string;
  readonly person: string;
  readonly personType: string;
  readonly address: string;
  readonly addressType: string;
  readonly subject: string;
  readonly subjectType: string;
  readonly text: string;
  readonly textType: string;
  /** A link to the case is added. */
  readonly link: boolean;
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly configVersion: number;
}

export const NOTIFY_DEFAULTS: NotifyNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  mail: true,
  teams: false,
  slack: false,
  webhook: false,
  to: 'role',
  role: '',
  person: '',
  personType: 'str',
  address: '',
  addressType: 'str',
  subject: '',
  subjectType: 'str',
  text: '',
  textType: 'str',
  link: true,
  maxAttempts: 12,
  maxMinutes: 1440,
  configVersion: 1,
};

export const migrateNotify = migrationTo(NOTIFY_DEFAULTS);
