export type { GatePolicy, RulePolicy } from './rules/policy.ts';
