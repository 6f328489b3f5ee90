import { migrationTo } from '../config-version.ts';

/** Configuration of a broker node, version 1. User and password are credentials. */
export interface BrokerConfig {
  readonly name: string;
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; '' is the broker of `npm start`, or `WAYBILL_MQTT_URL`. */
  readonly url: string;
  /** '' lets Waybill make a stable one. */
  readonly clientId: string;
  readonly sessionExpirySeconds: number;
  readonly configVersion: number;
}

export const BROKER_DEFAULTS: BrokerConfig = {
  name: '',
  url: '',
  clientId: '',
  sessionExpirySeconds: 604_800,
  configVersion: 1,
};

export const migrateBroker = migrationTo(BROKER_DEFAULTS);
