import { recordAccess } from './access-log.ts';
import type { Caller } from './auth/authenticate.ts';
import type { Services } from './operation.ts';
import { problemTable, type WebError } from './problems.ts';

/** Recorded where they are found, or nothing that anybody tried. */
const recordedElsewhere: ReadonlySet<string> = new Set([
  'not-allowed', 'scope-missing', 'pin-wrong', 'pin-required', 'pin-missing', 'not-signed-in', 'too-many-attempts', 'idempotency-in-progress', 'delegation-unknown',
]);
/** Refusals of the engine that reach no case and no stream, besides those of what is not there. */
const reachNothing: ReadonlySet<string> = new Set(['site-not-yours']);
const longestMessage = 500;

/**
 * Records a command that was refused before it came to a case: another site's task, an Idempotency-Key with another body, a body
 * that is too large or does not fit. What a case refuses is recorded with the case.
 */
export async function recordRefusedCommand(services: Services, caller: Caller, command: string, error: WebError, remoteAddress: string | undefined): Promise<void> {
  const { code, status } = error;
  const cameToNothing = Object.hasOwn(problemTable, code) || status === 404 || reachNothing.has(code);
  if (status < 400 || status >= 500 || !cameToNothing || recordedElsewhere.has(code)) return;
  const { userId, name, authMethod } = caller.identity;
  await recordAccess(services, {
    kind: 'command-refused', name, userId, authMethod, reason: code, command, message: error.message.toWellFormed().slice(0, longestMessage), ...(remoteAddress === undefined ? {} : { remoteAddress }),
  });
}
