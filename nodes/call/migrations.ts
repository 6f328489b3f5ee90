import type { Mapping } from '../../src/governance/gate/rules/mapping.ts';
import { migrationTo } from '../config-version.ts';

/** One header of a request; `valueType` is a typed input's type. */
export interface CallHeader {
  readonly name: string;
  readonly value: string;
  readonly valueType: string;
}

/** Configuration of a call node, version 1. The bearer token is a credential. */
export interface CallNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Config node of the system whose service is called; blank: the address stands in this node. */
  readonly systemNode: string;
  readonly system: string;
  /** `name@version`. */
  readonly service: string;
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly urlType: string;
  readonly headers: readonly CallHeader[];
  readonly body: string;
  readonly bodyType: string;
  /** Variable that holds the bearer token, where it does not stand in the node. */
  readonly tokenVariable: string;
  readonly timeoutSeconds: number;
  readonly idempotencyHeader: string;
  readonly recovery: 'same-key' | 'query' | 'safe' | 'none';
  readonly queryUrl: string;
  readonly queryUrlType: string;
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  /** 0: as other nodes of the system say. */
  readonly circuitFailures: number;
  readonly openSeconds: number;
  readonly concurrency: number;
  readonly maxDelaySeconds: number;
  /** Dot path in the case document. */
  readonly recordAs: string;
  readonly milestone: string;
  /** How the document that is sent is made of `body`; null: it is sent as it is. */
  readonly mapRequest: Mapping | null;
  /** How what is handed on and kept is made of the answer; null: the answer as it is. */
  readonly mapAnswer: Mapping | null;
  /** Output 3 takes conflicts. */
  readonly conflictOutput: boolean;
  /** Number of the node's outputs, kept by the editor. */
  readonly outputs: number;
  readonly configVersion: number;
}

export const CALL_DEFAULTS: CallNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  systemNode: '',
  system: '',
  service: '',
  operation: '',
  method: 'POST',
  url: '',
  urlType: 'str',
  headers: [],
  body: 'payload',
  bodyType: 'msg',
  tokenVariable: '',
  timeoutSeconds: 30,
  idempotencyHeader: 'Idempotency-Key',
  recovery: 'same-key',
  queryUrl: '',
  queryUrlType: 'str',
  maxAttempts: 8,
  maxMinutes: 1440,
  baseDelaySeconds: 2,
  maxDelaySeconds: 300,
  circuitFailures: 0,
  openSeconds: 30,
  concurrency: 0,
  recordAs: '',
  milestone: '',
  mapRequest: null,
  mapAnswer: null,
  conflictOutput: false,
  outputs: 2,
  configVersion: 1,
};

export const migrateCall = migrationTo(CALL_DEFAULTS);
