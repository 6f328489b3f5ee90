import { migrationTo } from '../config-version.ts';

/** Configuration of a service-out node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface ServiceOutNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly says: 'answer' | 'refusal';
  /** HTTP; a node's `status` is what the editor shows below it. */
  readonly httpStatus: number;
  readonly body: string;
  readonly bodyType: string;
  /** Of a refusal. */
  readonly code: string;
  readonly detail: string;
  readonly detailType: string;
  readonly configVersion: number;
}

export const SERVICE_OUT_DEFAULTS: ServiceOutNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  says: 'answer',
  httpStatus: 200,
  body: 'payload',
  bodyType: 'msg',
  code: '',
  detail: '',
  detailType: 'str',
  configVersion: 1,
};

export const migrateServiceOut = migrationTo(SERVICE_OUT_DEFAULTS);
