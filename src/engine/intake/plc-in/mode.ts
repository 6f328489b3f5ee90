import type { Node } from 'node-red';
import type { PlcEventConfig } from '../../../domain/plc/event.ts';
import type { PlcTag } from '../../../domain/plc/tag.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';
import type { PlcIntakePort, PlcOpeningOptions, PlcOutcome } from '../../../intake/opcua/index.ts';
import type { StepHandle, Waybill } from '../../api.ts';
import type { OpcUaLink } from '../opcua-endpoint-node.ts';
import type { IntakeSite } from '../site-node.ts';
import type { PlcSamples } from './samples.ts';

/** What a *plc in* node takes from its controller: one of these names a file of this folder. */
export type PlcInMode = 'values' | 'handshake' | 'events';

export interface PlcInNodeConfig extends PlcEventConfig {
  readonly stepId: string;
  readonly site: string;
  readonly endpoint: string;
  readonly mode: PlcInMode;
  /** `values`: what is watched. `handshake`: further facts of a telegram. */
  readonly tags: readonly PlcTag[];
  readonly triggers: readonly PlcTrigger[];
  /** Node ids of a handshake. */
  readonly sequence: string;
  readonly handlingUnit: string;
  readonly position: string;
  readonly acknowledge: string;
  /** Largest sequence number; 0: that of the tag's type. */
  readonly largest: number;
  readonly publishingMs: number;
  /** 0: as the endpoint says. */
  readonly outageSeconds: number;
  /** '': the name of the endpoint. */
  readonly device: string;
  readonly keyTag: string;
  /** Of an event: the field that is the key; '' for what fits. */
  readonly keyField: string;
  readonly keyType: string;
  readonly uniqueScope: string;
  readonly title: string;
  readonly process: string;
  readonly template: string;
}

/** What a mode works with. */
export interface PlcAround {
  readonly node: Node;
  readonly config: PlcInNodeConfig;
  readonly waybill: Waybill;
  readonly site: IntakeSite;
  readonly step: StepHandle;
  readonly link: OpcUaLink;
  readonly samples: PlcSamples;
  readonly port: PlcIntakePort;
  readonly opening: PlcOpeningOptions;
  readonly onOutcome: (outcome: PlcOutcome) => void;
  /** What is wrong now changed. */
  readonly onProblems: () => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
}

/** A mode at work. */
export interface PlcRunning {
  /** What is not as it should be now, one sentence each, the worst first. */
  problems(): readonly string[];
  /** Nothing comes while it is so. */
  readonly standing: () => boolean;
  counters(): Readonly<Record<string, number>> & { readonly lastAt?: number };
  lastProblem(): { readonly at: number; readonly reason: string } | undefined;
  /** @param removed no successor comes */
  close(removed: boolean): Promise<void>;
}

export interface PlcMode {
  /** What the status counts: the names of one and of more. */
  readonly counted: readonly [one: string, more: string];
  /** What has to be mended in the configuration before it can start, in one sentence. */
  problem(config: PlcInNodeConfig): string | undefined;
  start(around: PlcAround): PlcRunning;
}
