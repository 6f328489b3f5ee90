import type {
  Address, ArriveBranch, AssignException, AttachmentSubject, AttachPhoto, MergeException, ClaimTask, CloseCase, CompensateCase, CompleteStep, CreateTask, DeadLetter, DecideAutomatically, DecideTask, EndCall, EndGathering, EnterStep, ExpireTask, FailAttempt, HoldToken, RegisterCompensation,
  IntendEffect, IssuedToken, OpenCase, OpenTask, PoisonRun, PoisonToken, RaiseException, ReachMilestone, RecordAudit, RecordFacts, RecordScan, RecordValidation,
  ReleaseQuantity, ReleaseTask, ScheduleTimer, ReplayEffect, ReplayToken, ResendToken, ReserveQuantity, ResolveException, ResolveOutcome, ResumeStep, ScanFacts, ScheduleRetry, StartCall, VoidTask,
} from '../../../src/domain/index.ts';

/** Commands of a receiving case with fixed ids and times; what a test is about, it gives in `change`. */

export const start = Date.UTC(2026, 2, 2, 8, 0, 0);
export const caseId = '019578a0-0000-7000-8000-000000000001';
export const site = 'hamburg';

/** ISO time `minutes` after the start of the case. */
export function at(minutes: number): string {
  return new Date(start + minutes * 60_000).toISOString();
}

export function address(stepId: string): Address {
  return { instance: 'dock-1', stepId };
}

/** Token `id` on wire 0 of port 0 to `target`. */
export function token(id: string, target = 'validate', port = 0, wire = 0): IssuedToken {
  return { tokenId: id, port, wire, target };
}

/** Persons by pseudonym. Olga scans, the others decide. */
export const olga = 'p-olga';
export const susan = 'p-susan';
export const tom = 'p-tom';
export const uma = 'p-uma';

export const scan: ScanFacts = {
  deviceId: 'scanner-7', operator: olga, operatorName: 'Olga', operatorUnknown: false, possibleDuplicate: false,
  transport: { scope: 'transport', keyHash: 'hash-of-transport-id' }, code: ']C100340123450000000011', topic: 'acme/hamburg/inbound/dock-1/scan',
  raw: '{"code":"]C100340123450000000011"}', fields: { sscc: '340123450000000011' },
};

export const openCase = (change: Partial<OpenCase> = {}): OpenCase => ({
  type: 'OpenCase', caseId, process: 'procure-to-pay/receiving', template: 'receiving@1.0.0', title: 'PO 4711 line 10', eligible: true, test: false,
  possibleDuplicate: false, configHash: 'config-1', keys: [{ type: 'sscc', value: '340123450000000011' }], document: { po: '4711', line: 10, quantity: '5' },
  documentHash: 'doc-1', reservations: [{ scope: 'sscc@receiving', keyHash: 'hash-of-sscc' }], scan, operators: [], operatorUnknown: false,
  address: address('scan'), runId: 'r-intake', nodeType: 'waybill-scan-in', tokens: [token('t1')], messages: { '0': '{"payload":{}}' }, ...change,
});

export const recordScan = (change: Partial<ScanFacts> = {}): RecordScan => ({ type: 'RecordScan', scan: { ...scan, ...change } });

export const recordFacts = (change: Partial<RecordFacts> = {}): RecordFacts => ({
  type: 'RecordFacts', patch: { quantity: '6' }, paths: ['quantity'], beforeHash: 'doc-1', afterHash: 'doc-2', correction: false, ...change,
});

export const enterStep = (tokenId: string, change: Partial<EnterStep> = {}): EnterStep => ({
  type: 'EnterStep', tokenId, attempt: 1, address: address('validate'), nodeType: 'waybill-validate', guards: [], exceptionId: `x-${tokenId}`,
  hopLimit: 100, wireMismatch: false, ...change,
});

export const completeStep = (runId: string, tokens: readonly IssuedToken[] = [], change: Partial<CompleteStep> = {}): CompleteStep => ({
  type: 'CompleteStep', runId, tokens, messages: tokens.length === 0 ? {} : { '0': '{"payload":{}}' }, ...change,
});

export const resumeStep = (runId: string, uncleanEpochs = 0): ResumeStep => ({ type: 'ResumeStep', runId, uncleanEpochs });
export const resendToken = (tokenId: string, uncleanEpochs = 0): ResendToken => ({ type: 'ResendToken', tokenId, uncleanEpochs });
export const poisonToken = (tokenId: string, exceptionId = 'x-poison'): PoisonToken => ({ type: 'PoisonToken', tokenId, exceptionId, limit: 3 });
export const poisonRun = (runId: string, exceptionId = 'x-poison'): PoisonRun => ({ type: 'PoisonRun', runId, exceptionId, limit: 3 });

export const reachMilestone = (runId: string, milestone = 'validated', factsHash = 'facts-1'): ReachMilestone => ({
  type: 'ReachMilestone', runId, milestone, covers: ['quantity'], factsHash,
});
export const recordValidation = (runId: string, errors: RecordValidation['errors'] = []): RecordValidation => ({ type: 'RecordValidation', runId, contract: 'receipt@1', errors });
export const recordAudit = (runId: string, change: Partial<RecordAudit> = {}): RecordAudit => ({
  type: 'RecordAudit', runId, what: 'seal-checked', why: 'The seal was whole.', attachments: [{ name: 'seal.jpg', sha256: 'aa', bytes: 12 }], ...change,
});

export const reserveQuantity = (runId: string, change: Partial<ReserveQuantity> = {}): ReserveQuantity => ({
  type: 'ReserveQuantity', runId, claimId: `c-${runId}`, scope: 'po-line', keyHash: 'hash-of-po-line', quantity: '5', total: '5', limit: '10', overBy: '0',
  reservationVersion: 1, ...change,
});
export const releaseQuantity = (claimId: string, change: Partial<ReleaseQuantity> = {}): ReleaseQuantity => ({
  type: 'ReleaseQuantity', claimId, total: '0', reservationVersion: 2, ...change,
});

export const createTask = (runId: string, change: Partial<CreateTask> = {}): CreateTask => ({
  type: 'CreateTask', taskId: `task-${runId}`, runId, role: 'supervisor', quorum: 1, at: at(1), dueAt: at(60), onExpiry: 'reject', covers: ['quantity'],
  factsHash: 'facts-1', unknownOperatorRole: 'site-manager', policyVersion: 'over-receipt@1', title: 'Over-receipt', question: 'Take 6 of 5?',
  shown: { quantity: '6' }, ...change,
});
export const openTask = (taskId: string, person = susan): OpenTask => ({ type: 'OpenTask', taskId, person });
export const claimTask = (taskId: string, person = susan, roles: readonly string[] = ['supervisor']): ClaimTask => ({ type: 'ClaimTask', taskId, person, roles });
export const releaseTask = (taskId: string, person = susan): ReleaseTask => ({ type: 'ReleaseTask', taskId, person });
export const decideTask = (taskId: string, change: Partial<DecideTask> = {}): DecideTask => ({
  type: 'DecideTask', taskId, decision: 'approve', person: susan, name: 'Susan', roles: ['supervisor'], channel: 'inbox', authMethod: 'password',
  factsHash: 'facts-1', currentFactsHash: 'facts-1', at: at(5), ...change,
});
export const decideAutomatically = (runId: string): DecideAutomatically => ({
  type: 'DecideAutomatically', runId, ruleId: 'within-tolerance', factsHash: 'facts-1', policyVersion: 'over-receipt@1',
});
export const expireTask = (taskId: string, minutes: number): ExpireTask => ({ type: 'ExpireTask', taskId, at: at(minutes) });
export const voidTask = (taskId: string, reason = 'facts-changed'): VoidTask => ({ type: 'VoidTask', taskId, reason });

export const scheduleTimer = (runId: string, minutes: number, change: Partial<ScheduleTimer> = {}): ScheduleTimer => ({
  type: 'ScheduleTimer', timerId: `timer-${runId}`, runId, purpose: 'wait', dueAt: at(minutes), destructive: false, ...change,
});

export const intendEffect = (runId: string, change: Partial<IntendEffect> = {}): IntendEffect => ({
  type: 'IntendEffect', effectId: `e-${runId}`, runId, generation: 1, idempotencyKey: `key-${runId}`, requestHash: 'request-1', system: 'erp',
  service: 'goods-receipt@1', operation: 'post', recovery: 'same-key', request: { quantity: '5' }, callId: 'call-1', at: at(2), guards: [], exceptionId: `x-${runId}`, ...change,
});
export const startCall = (effectId: string, callId = 'call-2'): StartCall => ({ type: 'StartCall', effectId, callId });
export const endCall = (effectId: string, outcome: EndCall['outcome'], callId = 'call-1', change: Partial<EndCall> = {}): EndCall => ({
  type: 'EndCall', effectId, callId, outcome, durationMs: 12, ...change,
});
export const scheduleRetry = (effectId: string, minutes = 3): ScheduleRetry => ({ type: 'ScheduleRetry', effectId, callId: `retry-${effectId}`, dueAt: at(minutes) });
export const deadLetter = (effectId: string, deadLetterId = `dead-${effectId}`): DeadLetter => ({ type: 'DeadLetter', effectId, deadLetterId, reason: 'attempts-used' });
export const replayEffect = (deadLetterId: string, change: Partial<ReplayEffect> = {}): ReplayEffect => ({
  type: 'ReplayEffect', deadLetterId, person: 'p-clerk', guards: [], requestHash: 'request-1', at: at(30), ...change,
});
export const resolveOutcome = (effectId: string, outcome: ResolveOutcome['outcome'], change: Partial<ResolveOutcome> = {}): ResolveOutcome => ({
  type: 'ResolveOutcome', effectId, method: 'person', outcome, ...change,
});

export const raiseException = (change: Partial<RaiseException> = {}): RaiseException => ({
  type: 'RaiseException', exceptionId: 'x-1', class: 'business', severity: 'medium', queue: 'clerk', code: 'damaged', message: 'The goods are damaged.', ...change,
});
export const resolveException = (exceptionId: string, outcome: ResolveException['outcome'], change: Partial<ResolveException> = {}): ResolveException => ({
  type: 'ResolveException', exceptionId, code: 'seen-to', outcome, successorTokenId: `${exceptionId}-successor`, at: at(20), ...change,
});
export const assignException = (exceptionId: string, assignee = susan, takeOver = false): AssignException => ({ type: 'AssignException', exceptionId, assignee, takeOver });
/** `into` as it stands in the case `elsewhere`, unless the case itself knows it. */
export const mergeException = (exceptionId: string, into: string, change: Partial<MergeException> = {}): MergeException => ({
  type: 'MergeException', exceptionId, into: { exceptionId: into, caseId: 'elsewhere', open: true, merged: false }, isMain: false, ...change,
});
export const attachPhoto = (subject: AttachmentSubject, change: Partial<AttachPhoto> = {}): AttachPhoto => ({
  type: 'AttachPhoto', attachmentId: 'a-1', subject, sha256: 'hash-1', bytes: 1200, mime: 'image/jpeg', by: susan, ...change,
});
export const closeCase = (change: Partial<CloseCase> = {}): CloseCase => ({ type: 'CloseCase', outcome: 'received', cancelOpen: false, at: at(90), ...change });

export const policy = { maxAttempts: 3, maxElapsedMs: 3_600_000, baseDelayMs: 60_000, maxDelayMs: 600_000 };
export const failAttempt = (tokenId: string, change: Partial<FailAttempt> = {}): FailAttempt => ({
  type: 'FailAttempt', tokenId, attempt: 1, outcome: 'transient', errorClass: 'http-503', error: 'HTTP 503', httpStatus: 503, policy, random: 0.5,
  startedAt: at(1), at: at(2), deadLetterId: `dead-${tokenId}`, ...change,
});
export const holdToken = (tokenId: string, change: Partial<HoldToken> = {}): HoldToken => ({
  type: 'HoldToken', tokenId, dueAt: at(3), at: at(2), system: 'erp', policy, deadLetterId: `dead-${tokenId}`, ...change,
});
export const replayToken = (tokenId: string, change: Partial<ReplayToken> = {}): ReplayToken => ({
  type: 'ReplayToken', tokenId, deadLetterId: `dead-${tokenId}`, person: 'p-clerk', guards: [], ...change,
});
export const arriveBranch = (runId: string, forkId: string, change: Partial<ArriveBranch> = {}): ArriveBranch => ({ type: 'ArriveBranch', runId, forkId, message: `{"v":1,"p":{"payload":"${runId}"}}`, ...change });
export const endGathering = (runId: string, merged: readonly string[], change: Partial<EndGathering> = {}): EndGathering => ({
  type: 'EndGathering', runId, merged, outcome: 'complete', cancelOthers: false, ...change,
});
export const registerCompensation = (runId: string, change: Partial<RegisterCompensation> = {}): RegisterCompensation => ({
  type: 'RegisterCompensation', runId, how: 'flow', name: `undo ${runId}`, message: '{"v":1,"p":{}}', ...change,
});
export const compensateCase = (change: Partial<CompensateCase> = {}): CompensateCase => ({ type: 'CompensateCase', outcome: 'cancelled', at: at(90), ...change });
