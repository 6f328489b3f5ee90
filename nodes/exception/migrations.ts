import { migrationTo } from '../config-version.ts';

/** One line of the priorities: the first that fits decides. `age` is hours since the case was opened. */
export interface PriorityRuleConfig {
  readonly on: 'amount' | 'age' | 'facts';
  /** Dot path of the fact. */
  readonly path: string;
  readonly op: 'gt' | 'ge' | 'lt' | 'le' | 'eq' | 'ne' | 'set';
  readonly value: string;
  readonly priority: 1 | 2 | 3 | 4 | 5;
}

/** A code by which the exception may be resolved. */
export interface ResolutionConfig {
  readonly code: string;
  /** What people read; '' is the code. */
  readonly label: string;
  /** A note has to come with it. */
  readonly reason: boolean;
  /** Empty: any. */
  readonly outcomes: readonly ('retry' | 'continue' | 'cancel')[];
}

/** Configuration of an exception node, version 2. `x` and `xType` are the two halves of a typed input. */
export interface ExceptionNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly queue: string;
  readonly code: string;
  readonly message: string;
  readonly messageType: string;
  /** Where the goods go meanwhile. */
  readonly place: string;
  readonly placeType: string;
  /** Class, for counting; '' is none. */
  readonly category: string;
  readonly amount: string;
  readonly amountType: string;
  readonly currency: string;
  readonly currencyType: string;
  readonly priorityBy: 'severity' | 'rules' | 'expression';
  readonly priorityRules: readonly PriorityRuleConfig[];
  readonly priorityExpression: string;
  /** 0 is no deadline. */
  readonly due: number;
  readonly dueUnit: 'minutes' | 'hours' | 'days';
  readonly dueWorking: boolean;
  /** Id of a calendar node; '' is none. */
  readonly calendar: string;
  /** Empty: any code. */
  readonly resolutions: readonly ResolutionConfig[];
  readonly configVersion: number;
}

export const EXCEPTION_DEFAULTS: ExceptionNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  severity: 'medium',
  queue: '',
  code: '',
  message: '',
  messageType: 'str',
  place: '',
  placeType: 'str',
  category: '',
  amount: '',
  amountType: 'facts',
  currency: '',
  currencyType: 'str',
  priorityBy: 'severity',
  priorityRules: [],
  priorityExpression: '',
  due: 0,
  dueUnit: 'hours',
  dueWorking: false,
  calendar: '',
  resolutions: [],
  configVersion: 2,
};

/** 1 → 2: class, priority, deadline and resolution codes came; a node from before has none of them and works as it did. */
export const migrateException = migrationTo(EXCEPTION_DEFAULTS);
