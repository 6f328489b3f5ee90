import { migrationTo } from '../config-version.ts';

/** A rule that tells what makes no sense to try again. */
export interface RetryRuleConfig {
  readonly kind: 'status' | 'error' | 'expression';
  readonly match: string;
  readonly verdict: 'permanent' | 'transient';
}

/** Configuration of a retry node, version 1. */
export interface RetryNodeConfig {
  readonly name: string;
  readonly stepId: string;
  readonly requires: string;
  /** What the settings were last filled in from; for the form only. */
  readonly preset: 'api' | 'device' | 'shift' | 'own';
  readonly maxAttempts: number;
  readonly maxMinutes: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
  readonly answerSeconds: number;
  /** JSONata over the message as it arrives at the next governed node; blank: by its HTTP status. */
  readonly failsWhen: string;
  readonly rules: readonly RetryRuleConfig[];
  readonly system: string;
  readonly circuitFailures: number;
  readonly openSeconds: number;
  readonly concurrency: number;
  readonly configVersion: number;
}

export const RETRY_DEFAULTS: RetryNodeConfig = {
  name: '',
  stepId: '',
  requires: '',
  preset: 'api',
  maxAttempts: 5,
  maxMinutes: 60,
  baseDelaySeconds: 2,
  maxDelaySeconds: 300,
  answerSeconds: 60,
  failsWhen: '',
  rules: [],
  system: '',
  circuitFailures: 5,
  openSeconds: 30,
  concurrency: 32,
  configVersion: 1,
};

export const migrateRetry = migrationTo(RETRY_DEFAULTS);
