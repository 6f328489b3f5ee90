export type { GatePolicy, ReleasePolicy, RulePolicy } from './rules/policy.ts';
