import { migrationTo } from '../config-version.ts';

/** One value for the controller; numbers of the bounds are text, as they are typed. */
export interface PlcOutValue {
  readonly name: string; readonly nodeId: string; readonly type: string; readonly value: string; readonly valueType: string;
  readonly least: string; readonly most: string; readonly allowed: string; readonly maxLength: number; readonly readBack: boolean; readonly tolerance: string;
}

/** A tag that has to hold before; `tag` is its node id. */
export interface PlcOutInterlock { readonly tag: string; readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='; readonly value: boolean | number | string }

/** Configuration of a plc out node, version 1. */
export interface PlcOutNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Id of a config node. */
  readonly endpoint: string;
  readonly action: 'write' | 'call' | 'acknowledge' | 'confirm';
  /** Path of the facts where the alarm stands, and what is said with it. */
  readonly alarm: string;
  readonly comment: string;
  readonly commentType: string;
  /** Tags with their values, or the arguments of the method, in its order. */
  readonly writes: readonly PlcOutValue[];
  readonly objectId: string;
  readonly methodId: string;
  readonly interlocks: readonly PlcOutInterlock[];
  readonly onInterlock: 'wait' | 'refuse';
  readonly interlockSeconds: number;
  readonly inOrder: boolean;
  readonly readBackSeconds: number;
  readonly recovery: 'read-back' | 'again' | 'person';
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** 0: as other nodes of the controller say. */
  readonly circuitFailures: number;
  readonly openSeconds: number;
  readonly recordAs: string;
  readonly milestone: string;
  readonly configVersion: number;
}

export const PLC_OUT_DEFAULTS: PlcOutNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  endpoint: '',
  action: 'write',
  alarm: 'plc',
  comment: '',
  commentType: 'str',
  writes: [],
  objectId: '',
  methodId: '',
  interlocks: [],
  onInterlock: 'wait',
  interlockSeconds: 300,
  inOrder: false,
  readBackSeconds: 3,
  recovery: 'read-back',
  maxAttempts: 20,
  maxMinutes: 60,
  baseDelaySeconds: 1,
  maxDelaySeconds: 30,
  circuitFailures: 0,
  openSeconds: 30,
  recordAs: '',
  milestone: '',
  configVersion: 1,
};

export const migratePlcOut = migrationTo(PLC_OUT_DEFAULTS);
