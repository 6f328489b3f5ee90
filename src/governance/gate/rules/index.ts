import { duplicateStepId } from './duplicate-step-id.ts';
import { malformedFlows } from './malformed-flows.ts';
import { noExec } from './no-exec.ts';
import type { Rule } from './rule.ts';

/** Every rule of the gate, in the order in which findings are shown. */
export const RULES: readonly Rule[] = [
  malformedFlows,
  duplicateStepId,
  noExec,
];
