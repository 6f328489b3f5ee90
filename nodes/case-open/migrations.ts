import { migrationTo } from '../config-version.ts';

/** Configuration of a case-open node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface CaseOpenConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Id of a site node. */
  readonly site: string;
  readonly process: string;
  readonly template: string;
  readonly keyName: string;
  readonly key: string;
  readonly keyType: string;
  readonly unique: boolean;
  readonly uniqueScope: string;
  readonly facts: string;
  readonly factsType: string;
  readonly title: string;
  readonly titleType: string;
  readonly operator: string;
  readonly operatorType: string;
  readonly transportId: string;
  readonly transportIdType: string;
  /** Comma-separated step ids of approvals whose reversals this node opens. */
  readonly reversalsOf: string;
  readonly configVersion: number;
}

export const CASE_OPEN_DEFAULTS: CaseOpenConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  process: 'procure-to-pay',
  template: 'receiving@1.0.0',
  keyName: '',
  key: '',
  keyType: 'msg',
  unique: false,
  uniqueScope: '',
  facts: 'payload',
  factsType: 'msg',
  title: '',
  titleType: 'str',
  operator: '',
  operatorType: 'msg',
  transportId: '',
  transportIdType: 'msg',
  reversalsOf: '',
  configVersion: 1,
};

export const migrateCaseOpen = migrationTo(CASE_OPEN_DEFAULTS);
