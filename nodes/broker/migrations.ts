import { migrationTo } from '../config-version.ts';

/** Configuration of a broker node, version 1. User and password are credentials. */
export interface BrokerConfig {
  readonly name: string;
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; '' is the broker of `npm start`, or `WAYBILL_MQTT_URL`. */
  readonly url: string;
  /** '' lets Waybill make a stable one. */
  readonly clientId: string;
  readonly sessionExpirySeconds: number;
  /** Id of a `tls-config` node of Node-RED; '' trusts the authorities that Node.js knows. */
  readonly tls: string;
  /** MQTT version: `auto` is 5, and 3.1.1 (`4`) where the broker knows no better. */
  readonly protocol: 'auto' | '5' | '4';
  readonly keepaliveSeconds: number;
  /** Name of the group that shares the messages; '' for none. */
  readonly sharedGroup: string;
  readonly configVersion: number;
}

export const BROKER_DEFAULTS: BrokerConfig = {
  name: '',
  url: '',
  clientId: '',
  sessionExpirySeconds: 604_800,
  tls: '',
  protocol: 'auto',
  keepaliveSeconds: 30,
  sharedGroup: '',
  configVersion: 1,
};

export const migrateBroker = migrationTo(BROKER_DEFAULTS);
