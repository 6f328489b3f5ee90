import { migrationTo } from '../config-version.ts';

/** Configuration of a scan-in node, version 1. */
export interface ScanInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly broker: string;
  readonly pattern: string;
  readonly preset: 'auto' | 'plain-text' | 'proglove' | 'zebra-rfd' | 'waybill' | 'custom';
  /** Field of a scan → JSON pointer (RFC 6901), for the preset `custom`. */
  readonly pointers: Readonly<Record<string, string>>;
  readonly fnc1: string;
  readonly maxBytes: number;
  readonly operatorRequired: boolean;
  readonly process: string;
  readonly template: string;
  readonly uniqueScope: string;
  readonly displayTopic: string;
  readonly configVersion: number;
}

export const SCAN_IN_DEFAULTS: ScanInConfig = {
  name: '',
  stepId: '',
  requires: '',
  site: '',
  broker: '',
  pattern: '{enterprise}/{site}/{area}/{station}/scan',
  preset: 'auto',
  pointers: {},
  fnc1: '',
  maxBytes: 65_536,
  operatorRequired: false,
  process: 'procure-to-pay',
  template: 'receiving@1.0.0',
  uniqueScope: 'receiving',
  displayTopic: '{enterprise}/{site}/{area}/{station}/display',
  configVersion: 1,
};

export const migrateScanIn = migrationTo(SCAN_IN_DEFAULTS);
