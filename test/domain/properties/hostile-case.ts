import fc from 'fast-check';

import { absentCase, decide, evolve, isOpenRun, own } from '../../../src/domain/index.ts';
import type { AnyEvent, CaseCommand, CaseEvent, CaseState, CreateTask, Decision, ScanFacts } from '../../../src/domain/index.ts';
import * as make from '../support/commands.ts';

/** Stands in everything that is erasable; must never be seen in a leaf. */
export const secret = 'SECRET';

/** Persons with the roles they hold. */
const persons: readonly (readonly [pseudonym: string, roles: readonly string[]])[] = [
  [make.olga, ['supervisor', 'site-manager']], [make.susan, ['supervisor']], [make.tom, ['supervisor']], [make.uma, ['site-manager']],
  ['p-vera', ['supervisor', 'site-manager']], ['p-will', ['clerk']], ['p-xena', ['site-manager']],
];

/** One random command: what it is, and numbers that pick ids, persons and outcomes when its turn comes. */
export interface Move { readonly kind: MoveKind; readonly a: number; readonly b: number; readonly c: number; readonly hostile: boolean }

const weights = {
  OpenCase: 1, RecordScan: 3, RecordFacts: 2, EnterStep: 12, ResumeStep: 1, CompleteStep: 8, ResendToken: 3, PoisonToken: 1, RecordNodeFailure: 2, PoisonRun: 1, ReachMilestone: 2,
  RecordAudit: 1, AnswerService: 2, RecordDecision: 1, RecordValidation: 1, ReserveQuantity: 2, ReleaseQuantity: 1, CreateTask: 8, OpenTask: 1, ClaimTask: 3, ReleaseTask: 1, DecideTask: 12,
  DecideAutomatically: 1, ExpireTask: 2, VoidTask: 1, RecallDecision: 3, ReleaseDecision: 3, ReassignTask: 3, RequestInfo: 3, AnswerInfo: 3, CommentTask: 1, RemindTask: 1, WithdrawTask: 1, RequestReversal: 2, AccumulateAmount: 2, ReleaseAmount: 1, IntendEffect: 6, StartCall: 6, EndCall: 10, ScheduleRetry: 3, DeadLetter: 3, ReplayEffect: 4,
  ResolveOutcome: 3, RaiseException: 4, ResolveException: 6, CloseCase: 1, ScheduleTimer: 2, CancelTimer: 1, RecordNotice: 1, Again: 8,
  AssignException: 2, ReleaseException: 1, ReclassifyException: 1, MergeException: 3, UnmergeException: 1, LinkException: 1, ReopenException: 3, NoteException: 1,
  AttachPhoto: 3, ErasePhoto: 1,
  FailAttempt: 8, HoldToken: 3, ReplayToken: 4, ArriveBranch: 5, EndGathering: 4, RegisterCompensation: 4, CompensateCase: 1,
  AwaitEvent: 3, CorrelateEvent: 3, EndWait: 1,
  ArmEscalation: 3, StartLadder: 5, EscalateLadder: 8, PauseLadder: 2, ResumeLadder: 2, PauseCase: 1, ResumeCase: 1,
} satisfies { readonly [K in CaseCommand['type'] | 'Again']: number };
type MoveKind = keyof typeof weights;

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(...Object.entries(weights).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as MoveKind) }))),
  a: fc.nat(1000), b: fc.nat(1000), c: fc.nat(1000), hostile: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** A case that is opened (mostly at once) and then suffers 20 to 100 commands. */
export const program: fc.Arbitrary<readonly Move[]> = fc.tuple(
  fc.array(move, { maxLength: 3 }), fc.record({ kind: fc.constant<MoveKind>('OpenCase'), a: fc.nat(1000), b: fc.nat(1000), c: fc.nat(1000), hostile: fc.constant(false) }),
  fc.array(move, { minLength: 20, maxLength: 100, size: 'max' }),
).map(([before, open, after]) => [...before, open, ...after]);

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length];
}

const hostileIds = ['constructor', '__proto__', 'toString', '', 'nowhere', 't-0-0'] as const;

function scanOf(m: Move): ScanFacts {
  const [operator] = pick(persons, m.a) ?? [make.olga];
  const base = { deviceId: 'd', operatorUnknown: m.b % 12 === 0, possibleDuplicate: false, code: secret, raw: secret, topic: secret, fields: { sscc: secret } };
  return m.c % 3 === 0 ? base : { ...base, operator, operatorName: secret };
}

/** Who holds the role of a task. */
export const members: readonly string[] = [make.susan, make.tom, 'p-vera'];

/** What else a task may ask for. */
function optionsOf(m: Move, state: CaseState): Partial<CreateTask> {
  const sequences = Object.values(state.tasks).map((task) => task.sequence);
  return {
    ...(m.b % 4 === 0 ? { sequence: Math.max(1, ...sequences) + (m.c % 2) } : {}), ...(m.c % 4 === 1 ? { holdSeconds: 30 } : {}), ...(m.c % 5 === 1 ? { quorumOf: 'all' as const, quorum: 1 } : {}),
    ...(m.a % 5 === 1 ? { requesters: ['p-vera'] } : {}), ...(m.a % 17 === 0 ? { requesterUnknown: true } : {}), ...(m.b % 5 === 1 ? { amount: '1000', currency: 'EUR' } : {}),
    ...(m.c % 7 === 1 ? { maxRounds: 1 } : {}), ...(m.a % 3 === 1 ? { remindAt: make.at(30) } : {}), ...(m.b % 3 === 0 ? { bulk: true } : {}),
  };
}

/** For whom somebody acts, and what speaks against it. */
function actingOf(m: Move): { readonly onBehalfOf?: { readonly person: string; readonly roles: readonly string[] }; readonly conflicts?: readonly (readonly [string, string])[]; readonly limit?: { readonly amount: string; readonly currency: string } } {
  const [delegator, theirs] = pick(persons, m.c) ?? [make.susan, []];
  return {
    ...(m.a % 5 === 0 ? { onBehalfOf: { person: delegator, roles: m.c % 3 === 0 ? [] : theirs } } : {}),
    ...(m.b % 7 === 0 ? { conflicts: [['supervisor', 'buyer']] as const } : {}), ...(m.c % 8 === 0 ? { limit: { amount: '500', currency: 'EUR' } } : {}),
  };
}

function where<T>(map: { readonly [id: string]: T }, m: Move, test: (value: T) => boolean): { [id: string]: T } {
  const all = Object.entries(map);
  const fitting = all.filter(([, value]) => test(value));
  // One command in four is about what it does not fit.
  return Object.fromEntries(m.c % 4 === 0 || fitting.length === 0 ? all : fitting);
}

/** A move about nothing leads nowhere: it becomes one that brings about what it lacks. */
function useful(m: Move, state: CaseState): MoveKind {
  const has = (map: object): boolean => Object.keys(map).length > 0;
  if (m.hostile || state.status !== 'open') return m.kind;
  const openRun = Object.values(state.runs).some(isOpenRun);
  if (/Task$/.test(m.kind) && m.kind !== 'CreateTask' && !has(state.tasks)) return openRun ? 'CreateTask' : 'EnterStep';
  if (/Call$|Retry$|Letter$|ReplayEffect|Outcome$/.test(m.kind) && !has(state.effects)) return openRun ? 'IntendEffect' : 'EnterStep';
  if (m.kind === 'ReplayEffect' && !Object.values(state.effects).some((e) => e.state === 'dead')) return m.c % 3 === 0 ? 'DeadLetter' : 'EndCall';
  if (/Exception$/.test(m.kind) && !has(state.exceptions)) return 'RaiseException';
  if (/Step$|^Record(Audit|Decision|Validation)|Effect$|CreateTask|ScheduleTimer|AwaitEvent|ReachMilestone|Reserve|Automatically/.test(m.kind) && m.kind !== 'EnterStep' && !openRun) return 'EnterStep';
  if (/Ladder$/.test(m.kind) && !has(state.ladders)) return !has(state.arms) ? openRun ? 'ArmEscalation' : 'EnterStep' : 'StartLadder';
  if (m.kind === 'CorrelateEvent' && !has(state.waits)) return openRun ? 'AwaitEvent' : 'EnterStep';
  return m.kind;
}

const raising: ReadonlySet<CaseCommand['type']> = new Set<CaseCommand['type']>(['EnterStep', 'PoisonToken', 'PoisonRun', 'RaiseException', 'EscalateLadder', 'IntendEffect']);

/** A command once more, as the engine sends it: what it might raise gets an id of its own, also when an earlier try has raised something. */
function again(command: CaseCommand, state: CaseState, serial: number): CaseCommand {
  if (!raising.has(command.type) || !('exceptionId' in command) || own(state.exceptions, command.exceptionId ?? '') === undefined) return command;
  return { ...command, exceptionId: `x-${serial}` } as CaseCommand;
}

/** Turns a move into a command about what the case has by now; a hostile one names what it has not, or is late. */
export function commandOf(m: Move, state: CaseState, serial: number, earlier: readonly CaseCommand[]): CaseCommand {
  const id = (map: object, n = m.a): string => (m.hostile ? pick(hostileIds, n) : pick(Object.keys(map), n)) ?? 'nowhere';
  const runs = where(state.runs, m, isOpenRun);
  const live = where(state.tokens, m, (t) => t.state === 'live');
  const tasks = where(state.tasks, m, (t) => t.status === 'open');
  const exceptions = where(state.exceptions, m, (e) => e.status === 'open');
  const calling = where(state.effects, m, (e) => e.state === 'calling');
  const idle = where(state.effects, m, (e) => e.state !== 'calling' && e.state !== 'known');
  const [person, roles] = pick(persons, m.b) ?? [make.susan, []];
  const forked = m.kind === 'CompleteStep' && m.c % 3 === 0;
  const tokens = Array.from({ length: 1 + (m.b % 3) }, (_, i) => make.token(`t-${serial}-${i}`, 'next', i % 2, i));
  const facts = `facts-${m.c % 5 === 0 ? 2 : 1}`;
  switch (useful(m, state)) {
    case 'Again': return again(pick(earlier, m.a) ?? make.recordScan(), state, serial);
    case 'OpenCase': return make.openCase({
      runId: `r-${serial}`, tokens, messages: { '0': secret }, document: { secret }, title: secret, keys: [{ type: 'sscc', value: secret }],
      operators: m.c % 2 === 0 ? [make.olga] : [], operatorUnknown: m.b % 15 === 0, scan: m.a % 4 === 0 ? undefined : scanOf(m),
    });
    case 'RecordScan': return { type: 'RecordScan', scan: scanOf(m) };
    case 'RecordFacts': return make.recordFacts({ patch: { note: secret }, afterHash: `doc-${serial}`, correction: m.b % 2 === 0, ...(m.c % 2 === 0 ? { runId: id(runs) } : {}) });
    case 'EnterStep': return make.enterStep(id(live), {
      attempt: 1 + (m.b % 3), address: make.address(`step-${m.c % 3}`), ...(m.b % 7 === 0 ? { formerly: [secret, 'i/step-1'] } : {}), exceptionId: `x-${serial}`, hopLimit: m.b % 5 === 0 ? 2 : 50, wireMismatch: m.b % 11 === 0,
      guards: m.b % 4 === 0 ? [{ milestone: m.hostile ? 'constructor' : 'approved', factsHash: m.hostile ? undefined : facts }] : [],
      ...(m.a % 2 === 0 ? { message: secret } : {}),
    });
    case 'ResumeStep': return make.resumeStep(id(runs), m.b % 4);
    case 'CompleteStep': {
      const runId = id(runs);
      const joins = m.c % 3 === 1 ? pick(state.runs[runId]?.forks ?? [], m.b)?.forkId : undefined;
      return make.completeStep(runId, tokens.map((token, i) => (forked ? { ...token, fork: { forkId: runId, branch: `branch-${i}`, of: tokens.length } } : token)), { messages: { '0': secret }, ...(joins === undefined ? {} : { joins }) });
    }
    case 'ResendToken': return make.resendToken(id(live), m.b % 4);
    case 'PoisonToken': return make.poisonToken(id(live), `x-${serial}`);
    case 'RecordNodeFailure': return { type: 'RecordNodeFailure', tokenId: id(m.b % 3 === 0 ? live : state.tokens), message: secret };
    case 'PoisonRun': return make.poisonRun(id(runs), `x-${serial}`);
    case 'ReachMilestone': return make.reachMilestone(id(runs), 'approved', facts);
    case 'RecordAudit': return make.recordAudit(id(runs), { why: secret, evidence: { secret } });
    case 'AnswerService': return { type: 'AnswerService', runId: id(runs), status: 200, refusal: false, body: { secret }, bodyHash: 'h' };
    case 'RecordDecision': return { type: 'RecordDecision', runId: id(runs), table: 't', tableHash: 'h', hitPolicy: 'first', rules: ['r1'], inputs: { secret }, answer: { secret } };
    case 'RecordValidation': return make.recordValidation(id(runs), m.b % 2 === 0 ? [] : [{ message: secret }]);
    case 'ReserveQuantity': return make.reserveQuantity(id(runs));
    case 'ReleaseQuantity': return make.releaseQuantity(id(state.holds));
    case 'CreateTask': return make.createTask(id(runs), {
      taskId: `k-${serial}`, quorum: 1 + (m.b % 3), level: 1 + (m.a % 2), levels: 2, ...optionsOf(m, state), title: secret, question: secret, shown: { secret }, dueAt: make.at(60), onExpiry: m.c % 2 === 0 ? 'reject' : 'expire',
      ...(m.a % 6 === 0 ? { kind: 'evidence', photos: 1 } : {}),
    });
    case 'OpenTask': return make.openTask(id(tasks), person);
    case 'ClaimTask': return make.claimTask(id(tasks), person, roles);
    case 'ReleaseTask': return make.releaseTask(id(tasks), person);
    case 'DecideTask': return make.decideTask(id(tasks), {
      decision: m.c % 6 === 1 ? 'reject' : m.c % 11 === 2 ? 'rework' : 'approve', person, roles, name: secret, ...actingOf(m), members, heldUntil: make.at(8), bulk: m.c % 5 === 2, comment: secret, at: make.at(m.c % 9 === 0 ? 61 : 5),
      factsHash: m.c % 13 === 0 ? 'facts-0' : 'facts-1', currentFactsHash: m.c % 17 === 0 ? 'facts-2' : 'facts-1',
    });
    case 'DecideAutomatically': return make.decideAutomatically(id(runs));
    case 'ExpireTask': return make.expireTask(id(tasks), m.b % 2 === 0 ? 61 : 5);
    case 'VoidTask': return make.voidTask(id(tasks));
    case 'RecallDecision': return { type: 'RecallDecision', taskId: id(tasks), person: m.b % 2 === 0 ? Object.values(tasks)[0]?.held?.decider ?? person : person, at: make.at(m.c % 3 === 0 ? 9 : 7) };
    case 'ReleaseDecision': return { type: 'ReleaseDecision', taskId: id(tasks), at: make.at(m.c % 3 === 0 ? 7 : 9), currentFactsHash: m.c % 7 === 0 ? 'facts-2' : 'facts-1', ...(m.b % 2 === 0 ? { members } : {}) };
    case 'ReassignTask': return {
      type: 'ReassignTask', taskId: id(tasks), person, roles, ...actingOf(m), reason: secret, at: make.at(5), name: secret, byRule: m.c % 5 === 0,
      ...(m.a % 2 === 0 ? { toRole: { role: m.b % 2 === 0 ? 'supervisor' : 'buyer', held: m.c % 7 !== 0 } } : { toPerson: { person: pick(persons, m.c)?.[0] ?? make.tom, holdsRole: m.c % 7 !== 0 } }),
    };
    case 'RequestInfo': return { type: 'RequestInfo', taskId: id(tasks), person, roles, ...actingOf(m), infoId: `i-${serial}`, question: secret, at: make.at(5), ...(m.c % 3 === 0 ? { to: 'p-will' } : {}) };
    case 'AnswerInfo': return { type: 'AnswerInfo', taskId: id(where(state.tasks, m, (t) => t.info !== undefined)), person: m.b % 2 === 0 ? 'p-will' : person, roles, answer: secret, at: make.at(6), ...(m.c % 2 === 0 ? { dueAt: make.at(70), remindAt: make.at(65) } : {}) };
    case 'CommentTask': return { type: 'CommentTask', taskId: id(tasks), person, name: secret, comment: secret };
    case 'RemindTask': return { type: 'RemindTask', taskId: id(tasks), at: make.at(m.b % 2 === 0 ? 31 : 5) };
    case 'WithdrawTask': return { type: 'WithdrawTask', taskId: id(tasks), person, roles, reason: secret };
    case 'RequestReversal': return { type: 'RequestReversal', taskId: id(where(state.tasks, m, (t) => t.status === 'approved')), person, roles, reversalCaseId: `rc-${serial}`, reason: secret, at: make.at(30) };
    case 'AccumulateAmount': return { type: 'AccumulateAmount', runId: id(runs), claimId: id(runs), scope: 'amount:buy', keyHash: 'hash-of-supplier', amount: '100', currency: 'EUR', at: make.at(1), total: '100', reservationVersion: serial };
    case 'ReleaseAmount': return { type: 'ReleaseAmount', claimId: id(state.amounts) };
    case 'ScheduleTimer': return make.scheduleTimer(id(runs), m.b % 90, { timerId: m.c % 3 === 0 ? 'timer' : `timer-${serial}` });
    case 'CancelTimer': return { type: 'CancelTimer', timerId: id(state.timers) };
    case 'RecordNotice': return {
      type: 'RecordNotice', ...(m.b % 3 === 0 ? { exceptionId: id(exceptions) } : { taskId: id(tasks) }), channel: 'mail', purpose: 'created', cause: serial, ok: m.c % 2 === 0, recipients: [person],
    };
    case 'AwaitEvent': return { type: 'AwaitEvent', runId: id(runs), name: 'arrived', keyHash: `hash-${m.b % 2}`, key: secret, at: make.at(0), ...(m.c % 2 === 0 ? {} : { dueAt: make.at(30) }) };
    case 'CorrelateEvent': return {
      type: 'CorrelateEvent', runId: id(where(state.waits, m, (w) => w.signalId === undefined)), signalId: `signal-${serial}`, name: 'arrived', keyHash: `hash-${m.b % 2}`, broadcast: m.c % 3 === 0,
      claim: { scope: 'event-taken', keyHash: `taken-${serial}` }, key: secret, data: secret, at: make.at(m.c % 4 === 0 ? 31 : 5),
    };
    case 'ArmEscalation': return {
      type: 'ArmEscalation', runId: id(runs), watch: pick(['case', 'task', 'exception'] as const, m.b) ?? 'case', steps: [], ...(m.c % 3 === 0 ? { until: 'approved' } : {}),
      rungs: (['remind', 'raise', 'reassign', 'exception', 'reject'] as const).slice(m.a % 3).map((action, i) => ({ value: 10 * (i + 1), unit: 'minutes', working: false, action, role: 'site-manager' })),
    };
    case 'StartLadder': {
      const arm = Object.values(state.arms)[m.a % Math.max(1, Object.keys(state.arms).length)];
      const subject = arm?.watch === 'task' ? id(tasks) : arm?.watch === 'exception' ? id(exceptions) : state.caseId;
      return { type: 'StartLadder', ladderId: `ladder-${serial}`, armId: arm?.armId ?? 'nowhere', subject: { kind: arm?.watch ?? 'case', id: subject }, at: make.at(0), dues: [10, 20, 30, 40, 50].map((minutes) => make.at(minutes)) };
    }
    case 'EscalateLadder': {
      const ladderId = id(state.ladders);
      return { type: 'EscalateLadder', ladderId, rung: m.c % 7 === 0 ? m.c % 4 : (state.ladders[ladderId]?.next ?? 0) + 1, at: make.at(m.b % 70), exceptionId: `x-${serial}` };
    }
    case 'PauseLadder': return { type: 'PauseLadder', ladderId: id(state.ladders), reason: 'person', at: make.at(5), left: [60_000, 120_000, 180_000] };
    case 'ResumeLadder': return { type: 'ResumeLadder', ladderId: id(state.ladders), dues: [make.at(20), make.at(30), make.at(40)] };
    case 'PauseCase': return { type: 'PauseCase', by: person, reason: 'supplier', note: secret, name: secret, at: make.at(5) };
    case 'ResumeCase': return { type: 'ResumeCase', by: person, reason: 'answered', name: secret };
    case 'EndWait': return { type: 'EndWait', runId: id(state.waits) };
    case 'IntendEffect': return make.intendEffect(id(runs), {
      effectId: `e-${serial}`, idempotencyKey: `key-${serial}`, callId: `call-${serial}`, generation: 1 + (m.c % 3), recovery: pick(['same-key', 'query', 'safe', 'none'] as const, m.b) ?? 'none', request: { secret },
    });
    case 'StartCall': return make.startCall(id(idle), `call-${serial}`);
    case 'EndCall': {
      const effectId = id(calling);
      const callId = m.b % 5 === 0 ? `call-${m.b}` : state.effects[effectId]?.openCallId ?? 'nowhere';
      return make.endCall(effectId, pick(['success', 'transient', 'permanent', 'unknown'] as const, m.c) ?? 'unknown', callId, m.b % 2 === 0 ? { response: { secret } } : { error: secret, errorClass: 'timeout' });
    }
    case 'ScheduleRetry': return make.scheduleRetry(id(idle));
    case 'DeadLetter': return make.deadLetter(id(idle), `dead-${serial}`);
    case 'ReplayEffect': {
      const dead = Object.values(where(state.effects, m, (e) => e.state === 'dead')).flatMap((e) => e.deadLetterId ?? []);
      return make.replayEffect(m.hostile ? 'nowhere' : pick(dead, m.a) ?? 'nowhere', m.b % 2 === 0 ? {} : { request: { secret, n: m.b }, requestHash: `request-${m.b}` });
    }
    case 'ResolveOutcome': return make.resolveOutcome(id(idle), m.b % 2 === 0 ? 'happened' : 'not-happened', m.c % 2 === 0 ? {} : { response: { secret } });
    case 'FailAttempt': {
      const tokenId = id(live);
      const attempt = m.c % 5 === 0 ? 1 + (m.b % 3) : state.tokens[tokenId]?.attempt ?? 1;
      return make.failAttempt(tokenId, {
        attempt, outcome: m.b % 4 === 0 ? 'permanent' : 'transient', error: secret, deadLetterId: `dead-${serial}`, random: (m.b % 10) / 10,
        policy: { ...make.policy, maxAttempts: 1 + (m.a % 3) }, startedAt: make.at(serial), at: make.at(serial + 1), answer: secret,
        ...(m.c % 3 === 0 ? { reroute: { tokens: [make.token(`g-${serial}`, 'gave-up', 1)], message: secret } } : {}),
      });
    }
    case 'HoldToken': return make.holdToken(id(live), { at: make.at(serial), dueAt: make.at(serial + 1), deadLetterId: `dead-${serial}` });
    case 'ReplayToken': {
      const dead = Object.values(where(state.tokens, m, (t) => t.retry?.deadLetterId !== undefined)).filter((t) => t.retry?.deadLetterId !== undefined);
      const token = m.hostile ? undefined : pick(dead, m.a);
      return make.replayToken(token?.tokenId ?? id(state.tokens), {
        deadLetterId: token?.retry?.deadLetterId ?? 'nowhere', person, ...(m.b % 2 === 0 ? {} : { message: secret }), ...(m.c % 7 === 0 ? { circuitOpen: true } : {}),
      });
    }
    case 'RaiseException': return make.raiseException({
      exceptionId: `x-${serial}`, code: `code-${m.b % 3}`, message: secret, detail: { secret }, payload: secret,
      ...(m.b % 7 === 0 ? { resolutions: [{ code: m.b % 2 === 0 ? 'seen-to' : 'rework', label: '', reason: m.c % 2 === 0, outcomes: m.c % 5 === 0 ? ['retry'] : [] }] } : {}),
      ...(m.c % 3 === 0 ? { tokenId: id(live) } : m.c % 3 === 1 ? { runId: id(runs) } : {}),
    });
    case 'ResolveException': return make.resolveException(id(exceptions), pick(['retry', 'continue', 'cancel', 'acknowledged'] as const, m.b) ?? 'retry', { successorTokenId: `s-${serial}`, note: secret, name: secret, by: person });
    case 'AssignException': return make.assignException(id(exceptions), person, m.c % 3 === 0);
    case 'ReleaseException': return { type: 'ReleaseException', exceptionId: id(exceptions) };
    case 'ReclassifyException': return { type: 'ReclassifyException', exceptionId: id(exceptions), severity: m.b % 2 === 0 ? 'high' : 'low', ...(m.c % 2 === 0 ? { category: 'damaged', reason: secret } : { priority: 1 }) };
    case 'MergeException': return make.mergeException(id(exceptions), m.b % 4 === 0 ? `x-elsewhere-${m.c % 2}` : id(exceptions, m.b), { isMain: m.c % 7 === 0 });
    case 'UnmergeException': return { type: 'UnmergeException', exceptionId: id(exceptions), reason: m.b % 2 === 0 ? 'person' : 'outcome-not-possible' };
    case 'LinkException': return { type: 'LinkException', exceptionId: id(exceptions), other: id(exceptions, m.b) };
    case 'ReopenException': return { type: 'ReopenException', exceptionId: id(where(state.exceptions, m, (e) => e.status === 'resolved')), reason: secret };
    case 'NoteException': return { type: 'NoteException', exceptionId: id(exceptions), noteId: `n-${serial}`, note: secret, name: secret };
    case 'AttachPhoto': return make.attachPhoto(pick([{ kind: 'case', id: state.caseId }, { kind: 'exception', id: id(exceptions) }, { kind: 'task', id: id(tasks) }] as const, m.b) ?? { kind: 'case', id: '' }, {
      attachmentId: `a-${serial}`, sha256: `hash-${m.c % 9}`, caption: secret,
    });
    case 'ErasePhoto': return { type: 'ErasePhoto', attachmentId: id(state.attachments), reason: secret };
    case 'ArriveBranch': {
      const inFork = where(state.runs, m, (run) => isOpenRun(run) && run.forks !== undefined);
      const runId = id(inFork);
      return make.arriveBranch(runId, pick(state.runs[runId]?.forks ?? [], m.b)?.forkId ?? 'nowhere', { message: secret, ...(m.c % 2 === 0 ? {} : { need: 1 + (m.b % 3) }), ...(m.a % 5 === 0 ? { at: make.address(`step-${m.b % 3}`) } : {}) });
    }
    case 'EndGathering': {
      const held = pick(Object.values(state.gatherings).filter((one) => one.status === 'open' || one.status === 'ended'), m.a);
      const complete = (held?.arrived.length ?? 0) >= (held?.need ?? 1);
      return make.endGathering(held?.holder ?? id(runs), held?.arrived.map((one) => one.runId) ?? [], { outcome: m.c % 7 === 0 || !complete ? 'partial' : 'complete', cancelOthers: m.b % 2 === 0 });
    }
    case 'RegisterCompensation': return make.registerCompensation(id(runs), { how: m.b % 2 === 0 ? 'flow' : 'task', name: secret, question: secret, message: secret });
    case 'CompensateCase': return make.compensateCase({ note: secret, ...(m.c % 2 === 0 ? { runId: id(runs) } : {}) });
    case 'CloseCase': return make.closeCase({ cancelOpen: m.b % 3 === 0, compensate: m.a % 2 === 0, note: secret, ...(m.c % 2 === 0 ? { runId: id(runs) } : {}) });
  }
}

/** What one command did. */
export interface Turn { readonly command: CaseCommand; readonly before: CaseState; readonly decision: Decision; readonly recorded: readonly CaseEvent[]; readonly after: CaseState }

export function record(event: AnyEvent, serial: number): CaseEvent {
  return { ...event, epoch: 1 + Math.floor(serial / 20), site: make.site, streamId: make.caseId, recordedAt: new Date(make.start + serial * 1000).toISOString() };
}

/** Plays a program; calls `look` after every command. */
export function play(moves: readonly Move[], look: (turn: Turn) => void): CaseState {
  let state = absentCase;
  const earlier: CaseCommand[] = [];
  moves.forEach((m, serial) => {
    const command = commandOf(m, state, serial, earlier);
    earlier.push(command);
    const decision = decide(state, command);
    const before = state;
    const recorded = decision.events.map((event) => record(event, serial));
    state = recorded.reduce(evolve, state);
    look({ command, before, decision, recorded, after: state });
  });
  return state;
}
