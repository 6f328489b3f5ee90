import { migrationTo } from '../config-version.ts';

/** Configuration of a service-in node, version 1. */
export interface ServiceInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Id of a config node. */
  readonly site: string;
  /** `family/name@1.2.0`. */
  readonly service: string;
  readonly operation: string;
  readonly process: string;
  readonly template: string;
  /** JSON Pointer (RFC 6901) into the request, or the document that it brings. */
  readonly key: string;
  readonly keyName: string;
  readonly uniqueScope: string;
  /** A request opens a case, is told to the case that waits for it, or brings documents that open a case each. */
  readonly does: 'open' | 'tell' | 'take';
  readonly eventName: string;
  /** Refused when no case waits; else kept. */
  readonly mustMeet: boolean;
  readonly keep: number;
  readonly keepUnit: 'minutes' | 'hours' | 'days';
  /** JSONata over `{ request, caller }`. */
  readonly answer: string;
  readonly configVersion: number;
}

export const SERVICE_IN_DEFAULTS: ServiceInConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  service: '',
  operation: '',
  process: 'order-to-cash',
  template: 'service@1.0.0',
  key: '',
  keyName: '',
  uniqueScope: '',
  does: 'open',
  eventName: '',
  mustMeet: true,
  keep: 7,
  keepUnit: 'days',
  answer: '',
  configVersion: 1,
};

export const migrateServiceIn = migrationTo(SERVICE_IN_DEFAULTS);
