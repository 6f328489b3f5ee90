import { migrationTo } from '../config-version.ts';

/** One row of the packaging levels: a trade item, and how many of which it contains; blank: it is a base unit. */
export interface PackagingRowConfig {
  readonly gtin: string;
  readonly contained: string;
  readonly quantity: string;
  /** Unit of measure of the base unit (UN/ECE Recommendation 20). */
  readonly unit: string;
}

/** Configuration of a scan-in node, version 3: what an earlier version has not is off. */
export interface ScanInConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** Ids of config nodes. */
  readonly site: string;
  readonly broker: string;
  readonly pattern: string;
  readonly preset: 'auto' | 'plain-text' | 'proglove' | 'zebra-rfd' | 'waybill' | 'custom' | 'jsonata';
  /** Field of a scan → JSON pointer (RFC 6901), for the preset `custom`. */
  readonly pointers: Readonly<Record<string, string>>;
  /** JSONata that gives an object with the fields of a scan, for the preset `jsonata`. */
  readonly expression: string;
  readonly fnc1: string;
  readonly maxBytes: number;
  /** Same device and code within so many milliseconds are one scan; 0 folds nothing. */
  readonly triggerWindowMs: number;
  readonly operatorRequired: boolean;
  /** Whose messages are taken: everybody's, everybody's with a note of unknown devices, or registered devices' only. */
  readonly devices: 'any' | 'note' | 'registered';
  /** A registered device that reports from another station than its own. */
  readonly otherStation: 'any' | 'note' | 'quarantine';
  /** From packs to base units; none converts nothing. */
  readonly packaging: readonly PackagingRowConfig[];
  /** What becomes of a trade item that is not among them. */
  readonly unknownPacks: 'leave' | 'quarantine';
  readonly process: string;
  readonly template: string;
  readonly uniqueScope: string;
  readonly displayTopic: string;
  /** How the scanner itself is answered. */
  readonly feedback: 'none' | 'json' | 'proglove' | 'proglove-display';
  readonly feedbackTopic: string;
  /** Of what dock and scanner are told. */
  readonly language: 'en' | 'de';
  /** An EPCIS 2.0 event of each scan as the fact `epcis`. */
  readonly epcis: boolean;
  /** Terms of the Core Business Vocabulary 2.0; the disposition may be ''. */
  readonly bizStep: string;
  readonly disposition: string;
  /** A GLN, a GLN with an extension, or a URI, with variables of the topic; '' for names made of site and station. */
  readonly readPoint: string;
  readonly bizLocation: string;
  /** Company prefixes whose keys are written as EPC URNs, separated by blanks or commas. */
  readonly companyPrefixes: string;
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
  expression: '',
  fnc1: '',
  maxBytes: 65_536,
  triggerWindowMs: 0,
  operatorRequired: false,
  devices: 'any',
  otherStation: 'any',
  packaging: [],
  unknownPacks: 'leave',
  process: 'procure-to-pay',
  template: 'receiving@1.0.0',
  uniqueScope: 'receiving',
  displayTopic: '{enterprise}/{site}/{area}/{station}/display',
  feedback: 'none',
  feedbackTopic: '',
  language: 'en',
  epcis: false,
  bizStep: 'receiving',
  disposition: 'in_progress',
  readPoint: '',
  bizLocation: '',
  companyPrefixes: '',
  configVersion: 3,
};

export const migrateScanIn = migrationTo(SCAN_IN_DEFAULTS);
