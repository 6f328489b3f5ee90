import { migrationTo } from '../config-version.ts';

/** Configuration of an audit node, version 2. `x` and `xType` are the two halves of a typed input. */
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
  /** Photos that a person attaches first; 0 asks nobody. */
  readonly photos: number;
  readonly photoRole: string;
  readonly photoQuestion: string;
  readonly photoQuestionType: string;
  /** 0 is none. */
  readonly photoDeadline: number;
  readonly photoDeadlineUnit: 'minutes' | 'hours' | 'days';
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
  photos: 0,
  photoRole: '',
  photoQuestion: '',
  photoQuestionType: 'str',
  photoDeadline: 4,
  photoDeadlineUnit: 'hours',
  configVersion: 2,
};

/** 1 → 2: photos came; a node from before asks for none, and nothing leaves at its second output. */
export const migrateAudit = migrationTo(AUDIT_DEFAULTS);
