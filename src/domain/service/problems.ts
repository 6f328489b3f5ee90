import type { Json } from '../json.ts';
import { costProblems } from './cost.ts';
import { authenticationProblems } from './authentication-problems.ts';
import { businessProblems } from './business-problems.ts';
import { contractProblems } from './contract-problems.ts';
import { idempotencyProblems } from './idempotency-problems.ts';
import { isPointer, pointerOf } from '../json-pointer.ts';
import { offerProblems } from './offer.ts';
import type { ServiceProblem } from './problem.ts';
import type { ServiceDefinition, ServiceOperation } from './service.ts';

function* limitProblems({ limits: { concurrency, perSecond, burst, quota } }: ServiceDefinition): Generator<ServiceProblem> {
  const at = '/limits';
  if (perSecond > 0 && burst < 1) yield { at: `${at}/burst`, message: `With ${perSecond} calls a second a burst of at least 1 is needed, else no call ever passes.` };
  if (perSecond === 0 && burst > 0) yield { at: `${at}/burst`, message: 'A burst means something only beside "perSecond"; set that, or make it 0.' };
  if (quota === undefined) return;
  const seconds = quota.per === 'hour' ? 3_600 : 86_400;
  if (perSecond > 0 && perSecond * seconds < quota.calls) yield { at: `${at}/quota/calls`, message: `At ${perSecond} a second no more than ${Math.floor(perSecond * seconds)} calls fit into ${quota.per === 'hour' ? 'an hour' : 'a day'}; a quota of ${quota.calls} is never reached. Lower it, or raise "perSecond".` };
  if (concurrency > quota.calls) yield { at: `${at}/concurrency`, message: `${concurrency} calls at the same time are more than the quota of ${quota.calls} allows in all; lower it.` };
}

function* timeoutProblems({ timeouts: { connectMs, headersMs, totalMs } }: ServiceDefinition): Generator<ServiceProblem> {
  for (const [name, value] of [['connectMs', connectMs], ['headersMs', headersMs]] as const) {
    if (value > totalMs) yield { at: `/timeouts/${name}`, message: `${value} ms are longer than the whole exchange may take ("totalMs" is ${totalMs}); one of the two has to change.` };
  }
}

function* retryProblems({ retry: { maxAttempts, maxMinutes, baseDelaySeconds, maxDelaySeconds }, timeouts: { totalMs } }: ServiceDefinition): Generator<ServiceProblem> {
  if (baseDelaySeconds > maxDelaySeconds) yield { at: '/retry/baseDelaySeconds', message: `The first pause of ${baseDelaySeconds} s is longer than the longest one of ${maxDelaySeconds} s; one of the two has to change.` };
  if (maxAttempts === 1) return;
  if (maxMinutes === 0) yield { at: '/retry/maxMinutes', message: `In 0 minutes none of the ${maxAttempts} attempts is made again; say for how long, or make "maxAttempts" 1.` };
  else if (baseDelaySeconds > maxMinutes * 60) yield { at: '/retry/baseDelaySeconds', message: `The first pause of ${baseDelaySeconds} s is longer than all ${maxMinutes} minutes of retrying; one of the two has to change.` };
  else if (totalMs > maxMinutes * 60_000) yield { at: '/retry/maxMinutes', message: `One exchange may take ${totalMs} ms, which is longer than all ${maxMinutes} minutes of retrying; one of the two has to change.` };
}

function* recoveryProblems(name: string, operation: ServiceOperation, { operations }: ServiceDefinition): Generator<ServiceProblem> {
  const { recovery, effect, idempotency } = operation;
  const at = pointerOf('operations', name, 'recovery');
  if (recovery.by === 'safe' && effect === 'writes') yield { at: `${at}/by`, message: 'What writes is not repeated at will: say "same-key", "query" or "none".' };
  if (recovery.by === 'same-key' && idempotency === undefined) yield { at: `${at}/by`, message: 'To be sent again under the same key, the operation needs a place for the key: add "idempotency", or say "query" or "none".' };
  if (recovery.by !== 'query') return;
  const asked = Object.hasOwn(operations, recovery.operation) ? operations[recovery.operation] : undefined;
  if (recovery.operation === name) yield { at: `${at}/operation`, message: 'An operation cannot ask itself what became of it; name one that reads.' };
  else if (asked === undefined) yield { at: `${at}/operation`, message: `This service has no operation ${JSON.stringify(recovery.operation)}; name one of ${Object.keys(operations).join(', ')}.` };
  else if (asked.effect !== 'reads') yield { at: `${at}/operation`, message: `${JSON.stringify(recovery.operation)} writes; what became of a call is asked by an operation that reads.` };
}

function* maskedProblems({ masked = [] }: ServiceDefinition): Generator<ServiceProblem> {
  for (const [i, pointer] of masked.entries()) if (!isPointer(pointer)) yield { at: `/masked/${i}`, message: `${JSON.stringify(pointer)} is no JSON Pointer, such as /customer/name.` };
}

function* operationProblems(definition: ServiceDefinition): Generator<ServiceProblem> {
  for (const [name, operation] of Object.entries(definition.operations)) {
    const at = pointerOf('operations', name);
    for (const member of ['request', 'answer'] as const) yield* contractProblems(operation[member] as Json | undefined, `${at}/${member}`);
    yield* idempotencyProblems(operation, at);
    yield* recoveryProblems(name, operation, definition);
  }
}

/**
 * What is wrong with a definition that has the shape of resources/service.schema.json: what a schema cannot say. Pure, so
 * that editor, gate, command line and engine say the same. Whether contracts compile, src/governance/service says.
 */
export function serviceProblems(definition: ServiceDefinition): readonly ServiceProblem[] {
  return [
    ...authenticationProblems(definition.authentication), ...limitProblems(definition), ...timeoutProblems(definition), ...retryProblems(definition),
    ...maskedProblems(definition), ...costProblems(definition.cost), ...operationProblems(definition), ...businessProblems(definition), ...offerProblems(definition),
  ];
}
