import type { Actor, CaseCommand, CaseState } from '../../src/domain/index.ts';
import {
  address, at, claimTask, closeCase, completeStep, createTask, deadLetter, decideAutomatically, decideTask, endCall, enterStep, intendEffect, olga, openCase, openTask,
  poisonRun, raiseException, reachMilestone, recordAudit, recordFacts, recordScan, recordValidation, releaseQuantity, replayEffect, resendToken, reserveQuantity, resolveException,
  resolveOutcome, resumeStep, scheduleRetry, startCall, susan, token, tom, uma,
} from '../domain/support/commands.ts';

/** One command of a story; `refused` when it is part of the story that it is refused. */
export interface Step {
  readonly command: CaseCommand | ((state: CaseState) => CaseCommand);
  readonly refused?: true; readonly epoch?: number; readonly actor?: Actor;
}
export interface Story { readonly title: string; readonly steps: readonly Step[] }

const does = (...commands: readonly CaseCommand[]): readonly Step[] => commands.map((command) => ({ command }));
const inEpoch = (epoch: number, ...commands: readonly CaseCommand[]): readonly Step[] => commands.map((command) => ({ command, epoch }));
const person = (id: string, command: CaseCommand, refused?: true): Step => ({ command, actor: { kind: 'person', id }, ...(refused === undefined ? {} : { refused }) });

/** A pallet is scanned, its message is checked, and its quantity is reserved on the line of the order. */
const arrival = (quantity: { readonly total: string; readonly overBy: string }): readonly Step[] => does(
  openCase({ operators: [olga] }),
  enterStep('t1'),
  recordValidation('t1'),
  reserveQuantity('t1', quantity),
  recordFacts({ runId: 't1', address: address('validate'), patch: { received: quantity }, paths: ['received'] }),
  reachMilestone('t1'),
  completeStep('t1', [token('t2', 'approve')]),
  enterStep('t2', { address: address('approve'), nodeType: 'waybill-approval', guards: [{ milestone: 'validated', factsHash: 'facts-1' }] }),
);

/** The approval is behind the case: it is entered at the call to the ERP. */
const toErp: readonly Step[] = does(
  reachMilestone('t2', 'approved'),
  completeStep('t2', [token('t3', 'post')]),
  enterStep('t3', { address: address('post'), nodeType: 'waybill-erp', guards: [{ milestone: 'approved', factsHash: 'facts-1' }] }),
  intendEffect('t3'),
);

const close: readonly Step[] = does(
  completeStep('t3', [token('t4', 'close')]),
  enterStep('t4', { address: address('close'), nodeType: 'waybill-case-close' }),
  closeCase({ runId: 't4' }),
);

/** Stories by the file that each is recorded in. */
export const stories: { readonly [file: string]: Story } = {
  'receiving-within-tolerance.json': {
    title: 'A pallet within the tolerance is received without a person, and scanned once more after the close.',
    steps: [
      ...arrival({ total: '5', overBy: '0' }), ...does(decideAutomatically('t2')), ...toErp,
      ...does(endCall('e-t3', 'success', 'call-1', { httpStatus: 201, response: { grn: '5000000001' } }), recordAudit('t3')), ...close,
      ...does(recordScan({ operator: tom, operatorName: 'Tom' })),
    ],
  },
  'receiving-over-receipt.json': {
    title: 'More than ordered: the requester is refused, the facts change, two persons approve, and the goods are received.',
    steps: [
      ...arrival({ total: '12', overBy: '2' }), ...does(createTask('t2', { quorum: 2 })),
      person(olga, decideTask('task-t2', { person: olga, name: 'Olga' }), true),
      person(susan, openTask('task-t2')), person(susan, claimTask('task-t2')),
      person(uma, recordFacts({ correction: true, patch: { quantity: '7' }, beforeHash: 'doc-2', afterHash: 'doc-3' })),
      person(susan, decideTask('task-t2', { currentFactsHash: 'facts-2' }), true),
      ...does(createTask('t2', { taskId: 'task-2', quorum: 2, factsHash: 'facts-2' })),
      person(susan, claimTask('task-2')),
      person(susan, decideTask('task-2', { factsHash: 'facts-2', currentFactsHash: 'facts-2', comment: 'Needed today.' })),
      person(tom, decideTask('task-2', { person: tom, name: 'Tom', factsHash: 'facts-2', currentFactsHash: 'facts-2' })),
      ...toErp, ...does(endCall('e-t3', 'success', 'call-1', { httpStatus: 201, response: { grn: '5000000002' } })), ...close,
    ],
  },
  'receiving-dead-letter.json': {
    title: 'The ERP is down: retries, a crash, a dead letter, a replay with the same key, an outcome found out, and the goods are received.',
    steps: [
      ...arrival({ total: '5', overBy: '0' }), ...does(decideAutomatically('t2')), ...toErp,
      ...does(endCall('e-t3', 'transient', 'call-1', { errorClass: 'connect', error: 'connection refused' }), scheduleRetry('e-t3', 25), startCall('e-t3', 'call-2')),
      ...inEpoch(2, resumeStep('t3', 1), endCall('e-t3', 'unknown', 'call-2', { errorClass: 'interrupted' }), scheduleRetry('e-t3', 30), startCall('e-t3', 'call-3'), endCall('e-t3', 'transient', 'call-3', { httpStatus: 503 }), deadLetter('e-t3')),
      person(susan, replayEffect('dead-e-t3', { request: { quantity: '4' }, requestHash: 'request-2' }), true),
      person(susan, replayEffect('dead-e-t3', { batchId: 'batch-1' })),
      ...inEpoch(2, startCall('e-t3', 'call-4'), endCall('e-t3', 'unknown', 'call-4', { errorClass: 'timeout' }), closeCase({ cancelOpen: true })).map((step, i): Step => i === 2 ? { ...step, refused: true } : step),
      person(susan, resolveOutcome('e-t3', 'happened', { method: 'query', response: { grn: '5000000003' } })),
      ...close,
    ],
  },
  'receiving-cancelled.json': {
    title: 'A message is resent, forked and replaced, a guard stops it, a step is poisoned, a task expires, and a person cancels the case.',
    steps: [
      ...does(openCase({ tokens: [token('t1'), token('t5', 'label', 1)] })), ...inEpoch(2, resendToken('t1', 1)),
      ...does(enterStep('t1', { attempt: 2 }), enterStep('t1', { attempt: 2, exceptionId: 'x-fork' }), reserveQuantity('t1', { overBy: '1' })),
      { command: enterStep('forged', { exceptionId: 'x-forged' }), refused: true },
      ...does(
        enterStep('t5', { address: address('label'), guards: [{ milestone: 'approved', factsHash: 'facts-1' }], exceptionId: 'x-guard' }),
        resolveException('x-guard', 'retry', { successorTokenId: 't6', note: 'Wired as approved.', name: 'Susan' }),
        enterStep('t5', { address: address('label'), attempt: 1 }),
        raiseException({ exceptionId: 'x-stall', class: 'stalled-token', code: 'stalled', tokenId: 't6' }),
        enterStep('t6', { address: address('label'), nodeType: 'waybill-audit' }),
        createTask('t1', { onExpiry: 'expire' }),
      ),
      { command: decideTask('task-t1', { at: at(61) }), refused: true },
      ...inEpoch(3, resumeStep('t6', 3), poisonRun('t6', 'x-poison')),
      person(susan, resolveException('x-poison', 'cancel', { name: 'Susan' })),
      ...does(releaseQuantity('c-t1'), closeCase({ cancelOpen: true, outcome: 'cancelled', note: 'Sent back to the supplier.' }), resolveException('x-fork', 'acknowledged')),
    ],
  },
};
