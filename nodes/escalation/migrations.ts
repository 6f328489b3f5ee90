import { migrationTo } from '../config-version.ts';

/** One rung; its time is counted from the start of the ladder. */
export interface EscalationRung {
  readonly value: number | string;
  readonly unit: 'minutes' | 'hours' | 'days';
  /** Only the calendar's working time counts. */
  readonly working: boolean;
  readonly action: 'remind' | 'notify' | 'reassign' | 'raise' | 'reject' | 'exception';
  /** Who is told, decides instead, or decides as well. */
  readonly role: string;
  /** Of the exception that is raised. */
  readonly code: string;
  readonly queue: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
}

/** Configuration of an escalation node, version 1. */
export interface EscalationNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  readonly watch: 'case' | 'task' | 'exception';
  /** Comma-separated step ids; '' is every step. */
  readonly steps: string;
  /** Milestone that ends it; '' is none. */
  readonly until: string;
  readonly calendar: string;
  readonly rungs: readonly EscalationRung[];
  readonly configVersion: number;
}

export const ESCALATION_DEFAULTS: EscalationNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  watch: 'task',
  steps: '',
  until: '',
  calendar: '',
  rungs: [{ value: 4, unit: 'hours', working: false, action: 'remind', role: '', code: '', queue: '', severity: 'high' }],
  configVersion: 1,
};

export const migrateEscalation = migrationTo(ESCALATION_DEFAULTS);
