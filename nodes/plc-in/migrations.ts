import type { AnswerWhen, PlcEventType } from '../../src/governance/gate/rules/plc-event.ts';
import type { PlcTag } from '../../src/governance/gate/rules/plc-tag.ts';
import type { PlcTrigger } from '../../src/governance/gate/rules/plc-trigger.ts';
import { migrationTo } from '../config-version.ts';

/** Configuration of a plc in node, version 1. */
export interface PlcInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly endpoint: string;
  /** '' is the name of the endpoint. */
  readonly device: string;
  readonly mode: 'values' | 'handshake' | 'events';
  /** `values`: what is watched. `handshake`: further facts of a telegram. */
  readonly tags: readonly PlcTag[];
  readonly triggers: readonly PlcTrigger[];
  /** Node ids of a handshake. */
  readonly sequence: string;
  readonly handlingUnit: string;
  readonly position: string;
  readonly acknowledge: string;
  /** 0: that of the tag's type. */
  readonly largest: number;
  /** `events`: node that tells them; '' is the whole server. */
  readonly notifier: string;
  readonly eventTypes: readonly PlcEventType[];
  /** Node ids. */
  readonly sources: readonly string[];
  readonly leastSeverity: number;
  /** Whether suppressed and shelved alarms open cases. */
  readonly suppressed: boolean;
  readonly acknowledgeWhen: AnswerWhen;
  readonly confirmWhen: AnswerWhen;
  /** Field of an event that is the business key; '' for what fits. */
  readonly keyField: string;
  readonly title: string;
  /** Name of the tag whose value is the business key. */
  readonly keyTag: string;
  readonly keyType: string;
  readonly uniqueScope: string;
  readonly process: string;
  readonly template: string;
  readonly publishingMs: number;
  /** 0: as the endpoint says. */
  readonly outageSeconds: number;
  readonly configVersion: number;
}

export const PLC_IN_DEFAULTS: PlcInConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  endpoint: '',
  device: '',
  mode: 'values',
  tags: [],
  triggers: [],
  sequence: '',
  handlingUnit: '',
  position: '',
  acknowledge: '',
  largest: 0,
  notifier: '',
  eventTypes: [],
  sources: [],
  leastSeverity: 1,
  suppressed: false,
  acknowledgeWhen: 'never',
  confirmWhen: 'never',
  keyField: '',
  title: '',
  keyTag: '',
  keyType: '',
  uniqueScope: '',
  process: 'inventory-movement',
  template: 'shop-floor@1.0.0',
  publishingMs: 250,
  outageSeconds: 0,
  configVersion: 1,
};

export const migratePlcIn = migrationTo(PLC_IN_DEFAULTS);
