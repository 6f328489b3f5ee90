import { migrationTo } from '../config-version.ts';

/** Configuration of a validate node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface ValidateNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** `name@version`. */
  readonly contract: string;
  /** JSON Schema 2020-12 as text. */
  readonly schema: string;
  readonly subject: string;
  readonly subjectType: string;
  readonly record: boolean;
  /** Dot path in the case document. */
  readonly recordAs: string;
  readonly reserve: boolean;
  readonly reserveScope: string;
  readonly reserveKey: string;
  readonly reserveKeyType: string;
  readonly reserveQuantity: string;
  readonly reserveQuantityType: string;
  readonly reserveLimit: string;
  readonly reserveLimitType: string;
  readonly milestone: string;
  readonly configVersion: number;
}

export const VALIDATE_DEFAULTS: ValidateNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  contract: '',
  schema: '{\n  "type": "object"\n}',
  subject: 'payload',
  subjectType: 'msg',
  record: false,
  recordAs: '',
  reserve: false,
  reserveScope: '',
  reserveKey: '',
  reserveKeyType: 'jsonata',
  reserveQuantity: '',
  reserveQuantityType: 'jsonata',
  reserveLimit: '',
  reserveLimitType: 'jsonata',
  milestone: 'validated',
  configVersion: 1,
};

export const migrateValidate = migrationTo(VALIDATE_DEFAULTS);
