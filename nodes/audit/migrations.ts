import { migrationTo } from '../config-version.ts';

/** Configuration of an audit node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface AuditNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly what: string;
  readonly whatType: string;
  readonly why: string;
  readonly whyType: string;
  readonly evidence: string;
  readonly evidenceType: string;
  /** Comma-separated dot paths within the evidence. */
  readonly redact: string;
  readonly configVersion: number;
}

export const AUDIT_DEFAULTS: AuditNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  what: '',
  whatType: 'str',
  why: '',
  whyType: 'str',
  evidence: 'payload',
  evidenceType: 'msg',
  redact: '',
  configVersion: 1,
};

export const migrateAudit = migrationTo(AUDIT_DEFAULTS);
