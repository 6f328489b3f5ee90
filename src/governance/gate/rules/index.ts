import { approvalNotWeaker } from './approval-not-weaker.ts';
import { caseClosedAfter } from './case-closed-after.ts';
import { caseOpenedBeforeGoverned } from './case-opened-before-governed.ts';
import { deprecatedService } from './deprecated-service.ts';
import { deprecatedVersion } from './deprecated-version.ts';
import { duplicateStepId } from './duplicate-step-id.ts';
import { duplicateSubscription } from './duplicate-subscription.ts';
import { errorOutputsWired } from './error-outputs-wired.ts';
import { functionLimits } from './function-limits.ts';
import { malformedFlows } from './malformed-flows.ts';
import { modulesAllowed } from './modules-allowed.ts';
import { noCallAroundConnector } from './no-call-around-connector.ts';
import { noExec } from './no-exec.ts';
import { noSecrets } from './no-secrets.ts';
import { noTokenFanOut } from './no-token-fan-out.ts';
import { noWholeBroker } from './no-whole-broker.ts';
import { openCasesRemoved } from './open-cases-removed.ts';
import { ownerAndFamily } from './owner-and-family.ts';
import { parametersInBounds } from './parameters-in-bounds.ts';
import { requestIncomplete } from './request-incomplete.ts';
import { retiredService } from './retired-service.ts';
import { retiredVersion } from './retired-version.ts';
import type { Rule } from './rule.ts';
import { serviceAnswered } from './service-answered.ts';
import { serviceUnknown } from './service-unknown.ts';
import { templateUnchanged } from './template-unchanged.ts';
import { tlsOutside } from './tls-outside.ts';
import { unauthenticatedEndpoint } from './unauthenticated-endpoint.ts';
import { waitInLinkCall } from './wait-in-link-call.ts';

/** Every rule of the gate, in the order in which findings are shown. */
export const RULES: readonly Rule[] = [
  malformedFlows,
  templateUnchanged,
  parametersInBounds,
  retiredVersion,
  deprecatedVersion,
  openCasesRemoved,
  duplicateStepId,
  duplicateSubscription,
  noWholeBroker,
  caseOpenedBeforeGoverned,
  caseClosedAfter,
  serviceAnswered,
  errorOutputsWired,
  noTokenFanOut,
  waitInLinkCall,
  approvalNotWeaker,
  serviceUnknown,
  requestIncomplete,
  retiredService,
  deprecatedService,
  noCallAroundConnector,
  unauthenticatedEndpoint,
  noSecrets,
  tlsOutside,
  noExec,
  modulesAllowed,
  functionLimits,
  ownerAndFamily,
];
