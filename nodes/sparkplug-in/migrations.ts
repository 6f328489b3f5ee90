import { migrationTo } from '../config-version.ts';

/** Configuration of a sparkplug-in node, version 2: what version 1 has not is off. */
export interface SparkplugInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly broker: string;
  /** '' is `waybill-<enterprise>-<site>`. */
  readonly hostId: string;
  /** Edge nodes are asked to report anew where something is missing. */
  readonly primary: boolean;
  /** Names with commas between; '' for all. */
  readonly groups: string;
  readonly edgeNodes: string;
  /** `-`: metrics of edge nodes themselves. */
  readonly devices: string;
  /** Of whom reports are taken: everybody, everybody with a note of unknown ones, or registered edge nodes and devices only. */
  readonly register: 'any' | 'note' | 'registered';
  readonly metrics: string;
  readonly trigger: 'report' | 'change' | 'rising' | 'falling' | 'either' | 'above' | 'below' | 'stable';
  readonly limit: number;
  readonly hysteresis: number;
  readonly deadband: number;
  readonly forSeconds: number;
  /** Values that an edge node kept while it could not send. */
  readonly historical: boolean;
  /** Name of a fact → metric that it is taken from. */
  readonly facts: Readonly<Record<string, string>>;
  readonly keyFact: string;
  readonly keyType: string;
  readonly uniqueScope: string;
  readonly title: string;
  readonly process: string;
  readonly template: string;
  readonly reorderMs: number;
  readonly maxEdgeNodes: number;
  readonly maxMetrics: number;
  readonly configVersion: number;
}

export const SPARKPLUG_IN_DEFAULTS: SparkplugInConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  broker: '',
  hostId: '',
  primary: true,
  groups: '',
  edgeNodes: '',
  devices: '',
  register: 'any',
  metrics: '',
  trigger: 'report',
  limit: 0,
  hysteresis: 0,
  deadband: 0,
  forSeconds: 0,
  historical: true,
  facts: {},
  keyFact: '',
  keyType: '',
  uniqueScope: '',
  title: '',
  process: 'inventory-movement',
  template: 'shop-floor@1.0.0',
  reorderMs: 2_000,
  maxEdgeNodes: 200,
  maxMetrics: 20_000,
  configVersion: 2,
};

export const migrateSparkplugIn = migrationTo(SPARKPLUG_IN_DEFAULTS);
