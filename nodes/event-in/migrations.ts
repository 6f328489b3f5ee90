import { migrationTo } from '../config-version.ts';

/** Who may send: a source as a whole, or its beginning with a `*`; and over HTTP the SHA-256 of the sender's token, base64url. */
export interface EventSenderConfig {
  readonly source: string;
  readonly tokenHash: string;
}

/** Configuration of an event-in node, version 2: what version 1 has not is off. */
export interface EventInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly broker: string;
  readonly from: 'mqtt' | 'http';
  /** MQTT topic filter. */
  readonly topic: string;
  /** Last part of the HTTP address. */
  readonly path: string;
  /** Hosts whose webhooks are answered, separated by commas. */
  readonly origins: string;
  /** Requests that one sender may make in a second. */
  readonly perSecond: number;
  readonly sources: readonly EventSenderConfig[];
  /** Of whom events are taken: everybody, everybody with a note of unknown sources, or registered sources only. */
  readonly devices: 'any' | 'note' | 'registered';
  /** Types, separated by commas; whole, or with a `*` at the end; none: all. */
  readonly types: string;
  readonly dataschema: string;
  /** Whether the data of an event is judged by the contract whose URI it names: not, where the site knows it, or known ones only. */
  readonly bySchema: 'off' | 'known' | 'only';
  readonly contract: string;
  /** JSON Schema (2020-12) of the data; blank does not check. */
  readonly schema: string;
  readonly maxBytes: number;
  /** `open`: a case each; `report`: news for the cases that wait for it. */
  readonly does: 'open' | 'report';
  readonly process: string;
  readonly template: string;
  /** JSON pointer (RFC 6901) into the event. */
  readonly key: string;
  readonly keyName: string;
  readonly uniqueScope: string;
  readonly eventName: string;
  readonly keep: number;
  readonly keepUnit: 'minutes' | 'hours' | 'days';
  readonly broadcast: boolean;
  readonly configVersion: number;
}

export const EVENT_IN_DEFAULTS: EventInConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  broker: '',
  from: 'mqtt',
  topic: 'events/#',
  path: '',
  origins: '',
  perSecond: 100,
  sources: [],
  devices: 'any',
  types: '',
  dataschema: '',
  bySchema: 'off',
  contract: '',
  schema: '',
  maxBytes: 65_536,
  does: 'open',
  process: 'procure-to-pay',
  template: 'receiving@1.0.0',
  key: '/subject',
  keyName: 'event',
  uniqueScope: '',
  eventName: '',
  keep: 7,
  keepUnit: 'days',
  broadcast: false,
  configVersion: 2,
};

export const migrateEventIn = migrationTo(EVENT_IN_DEFAULTS);
