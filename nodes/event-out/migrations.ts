import { migrationTo } from '../config-version.ts';

/** Configuration of an event-out node, version 1. `x` and `xType` are the two halves of a typed input. The bearer token is a credential. */
export interface EventOutNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Who receives it: breakdowns and retries are counted by it. */
  readonly system: string;
  readonly to: 'mqtt' | 'http';
  /** Id of a config node. */
  readonly broker: string;
  readonly topic: string;
  readonly topicType: string;
  readonly url: string;
  readonly urlType: string;
  /** Variable that holds the bearer token, where it does not stand in the node. */
  readonly tokenVariable: string;
  readonly mode: 'structured' | 'binary';
  readonly eventType: string;
  /** Blank: the URN of the site. */
  readonly source: string;
  readonly subject: string;
  readonly subjectType: string;
  readonly partitionKey: string;
  readonly partitionKeyType: string;
  /** The extension `sequence`: its place among the events of its source. */
  readonly sequence: boolean;
  readonly data: string;
  readonly dataType: string;
  readonly contract: string;
  readonly dataschema: string;
  /** JSON Schema (2020-12) of the data; blank does not check. */
  readonly schema: string;
  readonly timeoutSeconds: number;
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
  /** 0: as other nodes of the system say. */
  readonly circuitFailures: number;
  readonly openSeconds: number;
  readonly concurrency: number;
  readonly milestone: string;
  readonly configVersion: number;
}

export const EVENT_OUT_DEFAULTS: EventOutNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  system: '',
  to: 'mqtt',
  broker: '',
  topic: '',
  topicType: 'str',
  url: '',
  urlType: 'str',
  tokenVariable: '',
  mode: 'structured',
  eventType: '',
  source: '',
  subject: '',
  subjectType: 'facts',
  partitionKey: '',
  partitionKeyType: 'facts',
  sequence: false,
  data: 'payload',
  dataType: 'msg',
  contract: '',
  dataschema: '',
  schema: '',
  timeoutSeconds: 30,
  maxAttempts: 100,
  maxMinutes: 1440,
  baseDelaySeconds: 1,
  maxDelaySeconds: 60,
  circuitFailures: 0,
  openSeconds: 30,
  concurrency: 0,
  milestone: '',
  configVersion: 1,
};

export const migrateEventOut = migrationTo(EVENT_OUT_DEFAULTS);
