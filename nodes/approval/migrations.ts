import { EMPTY_MATRIX } from '../../src/governance/gate/rules/approval-matrix.ts';
import type { ApprovalMatrix } from '../../src/governance/gate/rules/approval-matrix.ts';
import { migrationTo } from '../config-version.ts';
import type { RawConfig } from '../config-version.ts';

/** Configuration of an approval node, version 2. `x` and `xType` are the two halves of a typed input. */
export interface ApprovalNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly question: string;
  readonly questionType: string;
  /** `role` to `hold`: the one level of an approval without a matrix. */
  readonly role: string;
  readonly quorum: number;
  readonly quorumOf: 'count' | 'all';
  /** Comma-separated dot paths of the case document. */
  readonly covers: string;
  /** JSONata; '' never approves by itself. */
  readonly autoApprove: string;
  readonly ruleId: string;
  /** 0 is no deadline. */
  readonly deadline: number;
  readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  /** The deadline is counted in working time of the calendar. */
  readonly working: boolean;
  readonly onExpiry: 'reject' | 'expire';
  /** Seconds in which the last word may be recalled; 0 for none. */
  readonly hold: number;
  readonly unknownOperatorRole: string;
  readonly milestone: string;
  /** Ids of a directory and a calendar node; '' is none. */
  readonly directory: string;
  readonly calendar: string;
  /** Comma-separated dot paths of facts that name who asked for it. */
  readonly requesters: string;
  /** 0 is no reminder. */
  readonly remind: number;
  readonly remindUnit: 'minutes' | 'hours' | 'days';
  readonly bulk: boolean;
  /** Returns for rework; 0 is no end. */
  readonly maxRounds: number;
  /** Rows of an approval matrix; none means the one level above. */
  readonly matrix: ApprovalMatrix;
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
  quorumOf: 'count',
  covers: '',
  autoApprove: '',
  ruleId: '',
  deadline: 4,
  deadlineUnit: 'hours',
  working: false,
  onExpiry: 'reject',
  hold: 0,
  unknownOperatorRole: 'site-manager',
  milestone: 'approved',
  directory: '',
  calendar: '',
  requesters: '',
  remind: 0,
  remindUnit: 'hours',
  bulk: false,
  maxRounds: 0,
  matrix: EMPTY_MATRIX,
  configVersion: 2,
};

/** Version 1 had room for a matrix and knew none: a list, which was always empty. What stands in it is kept, for the deploy to name. */
function matrixOfOne(config: RawConfig): RawConfig {
  const { matrix } = config;
  return Array.isArray(matrix) && matrix.length === 0 ? { ...config, matrix: EMPTY_MATRIX } : config;
}

export const migrateApproval = migrationTo(APPROVAL_DEFAULTS, { 0: matrixOfOne, 1: matrixOfOne });
