import { caseClosedAfter } from './case-closed-after.ts';
import { caseOpenedBeforeGoverned } from './case-opened-before-governed.ts';
import { deprecatedVersion } from './deprecated-version.ts';
import { duplicateStepId } from './duplicate-step-id.ts';
import { errorOutputsWired } from './error-outputs-wired.ts';
import { malformedFlows } from './malformed-flows.ts';
import { noExec } from './no-exec.ts';
import { noTokenFanOut } from './no-token-fan-out.ts';
import { parametersInBounds } from './parameters-in-bounds.ts';
import { retiredVersion } from './retired-version.ts';
import type { Rule } from './rule.ts';
import { templateUnchanged } from './template-unchanged.ts';
import { waitInLinkCall } from './wait-in-link-call.ts';

/** Every rule of the gate, in the order in which findings are shown. */
export const RULES: readonly Rule[] = [
  malformedFlows,
  templateUnchanged,
  parametersInBounds,
  retiredVersion,
  deprecatedVersion,
  duplicateStepId,
  caseOpenedBeforeGoverned,
  caseClosedAfter,
  errorOutputsWired,
  noTokenFanOut,
  waitInLinkCall,
  noExec,
];
