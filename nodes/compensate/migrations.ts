import { migrationTo } from '../config-version.ts';

/** Configuration of a compensate node, version 1. `x` and `xType` are the two halves of a typed input. */
export interface CompensateNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly mode: 'register' | 'done';
  readonly undoName: string;
  readonly undoNameType: string;
  readonly how: 'flow' | 'task';
  readonly role: string;
  readonly question: string;
  readonly questionType: string;
  /** Photos at least, of an undo by hands; 0 asks for none. */
  readonly photos: number;
  /** 0 is no deadline. */
  readonly deadline: number;
  readonly deadlineUnit: 'minutes' | 'hours' | 'days';
  readonly working: boolean;
  /** Id of the calendar node; '' is none. */
  readonly calendar: string;
  /** Number of the node's outputs, kept by the editor. */
  readonly outputs: number;
  readonly configVersion: number;
}

export const COMPENSATE_DEFAULTS: CompensateNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  mode: 'register',
  undoName: '',
  undoNameType: 'str',
  how: 'flow',
  role: '',
  question: '',
  questionType: 'str',
  photos: 0,
  deadline: 0,
  deadlineUnit: 'hours',
  working: false,
  calendar: '',
  outputs: 2,
  configVersion: 1,
};

export const migrateCompensate = migrationTo(COMPENSATE_DEFAULTS);
