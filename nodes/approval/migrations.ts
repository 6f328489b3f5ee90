import { migrationTo } from '../config-version.ts';

/** Configuration of an approval node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface ApprovalNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly question: string;
  readonly questionType: string;
  readonly role: string;
  readonly quorum: number;
  /** Comma-separated dot paths of the case document. */
  readonly covers: string;
  /** JSONata; '' never approves by itself. */
  readonly autoApprove: string;
  readonly ruleId: string;
  /** 0 is no deadline. */
  readonly deadline: number;
  readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  readonly onExpiry: 'reject' | 'expire';
  readonly unknownOperatorRole: string;
  readonly milestone: string;
  /** Rows of an approval matrix; empty means the one level above. */
  readonly matrix: readonly unknown[];
  readonly configVersion: number;
}

export const APPROVAL_DEFAULTS: ApprovalNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  question: '',
  questionType: 'str',
  role: '',
  quorum: 1,
  covers: '',
  autoApprove: '',
  ruleId: '',
  deadline: 4,
  deadlineUnit: 'hours',
  onExpiry: 'reject',
  unknownOperatorRole: 'site-manager',
  milestone: 'approved',
  matrix: [],
  configVersion: 1,
};

export const migrateApproval = migrationTo(APPROVAL_DEFAULTS);
