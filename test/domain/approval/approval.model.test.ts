import assert from 'node:assert/strict';

import fc from 'fast-check';

import { absentCase, decide, evolve, isApproved, standingApprovals } from '../../../src/domain/index.ts';
import type { Acting, CaseCommand, CaseEvent, CaseState, CreateTask } from '../../../src/domain/index.ts';
import * as make from '../support/commands.ts';
import { record } from '../properties/hostile-case.ts';
import { modelRuns, modelTimeoutMs } from '../support/model-runs.ts';
import { limits, manager, people, Reference } from './approval-reference.ts';
import type { Actor, Answer, Level, LevelPlan, Plan, Says } from './approval-reference.ts';

const conflicts = [['supervisor', 'buyer']] as const;
const hash = (facts: number): string => `facts-${facts}`;

/** The case, as the engine asks for it and people work it. */
class Real {
  state: CaseState = absentCase;
  readonly events: CaseEvent[] = [];
  serial = 0;
  run = 't-1';

  constructor() {
    this.does(make.openCase({ tokens: [make.token('t-1')], operators: [make.olga] }));
    this.does(make.enterStep('t-1'));
  }
  does(command: CaseCommand): Answer {
    this.serial += 1;
    const decision = decide(this.state, command);
    const recorded = decision.events.map((event) => record(event, this.serial));
    this.events.push(...recorded);
    this.state = recorded.reduce(evolve, this.state);
    return decision.kind === 'refused' ? 'refused' : decision.events.length === 0 ? 'nothing' : 'accepted';
  }
}

type Step = fc.Command<Reference, Real>;

/** What the directory says of who acts. */
function acting(m: Reference, actor: Actor): Acting {
  const roles = m.rolesFor({ person: actor.person, behind: undefined });
  return {
    person: actor.person, roles, ...(m.plan.conflicts ? { conflicts } : {}),
    ...(actor.behind === undefined ? {} : { onBehalfOf: { person: actor.behind, roles: m.rolesFor(actor) } }),
  };
}

function createTask(m: Reference, r: Real, level: Level): CreateTask {
  const { dueAt: _due, ...task } = make.createTask(r.run, { taskId: level.id, at: make.at(m.now) });
  return {
    ...task, role: level.role, quorum: level.quorum === 'all' ? 1 : level.quorum, quorumOf: level.quorum === 'all' ? 'all' : 'count', level: level.number, levels: m.plan.levels.length, sequence: m.asking,
    factsHash: hash(level.facts), requesters: m.plan.requesters, holdSeconds: level.hold * 60, ...(level.due === undefined ? {} : { dueAt: make.at(level.due) }),
    ...(m.plan.amount === undefined ? {} : { amount: String(m.plan.amount), currency: 'EUR' }), ...(m.plan.maxRounds === undefined ? {} : { maxRounds: m.plan.maxRounds }),
  };
}

/** Sheet and case agree on everything that can be seen of the approval. */
function look(m: Reference, r: Real): void {
  for (const level of m.levels) {
    const task = r.state.tasks[level.id];
    assert.ok(task !== undefined, `${level.id} is not there`);
    const seen = {
      status: task.status, role: task.role, words: task.decisions.map((each) => `${each.person} ${each.decision}`), counting: standingApprovals(task).length, claimed: task.claimedBy, assignee: task.assignee,
      question: task.info?.by, due: task.dueAt, held: task.held === undefined ? undefined : [task.held.until, task.held.outcome, task.held.decider],
    };
    assert.deepEqual(seen, {
      status: level.status, role: level.role, words: level.words.map((word) => `${word.person} ${word.says}`), counting: level.words.filter((word) => word.says === 'approve' && word.counts).length, claimed: level.claimedBy, assignee: level.assignee,
      question: level.question?.by, due: level.due === undefined ? undefined : make.at(level.due),
      held: level.held === undefined ? undefined : [make.at(level.held.until), level.held.outcome, level.held.by],
    });
  }
  const open = Object.values(r.state.tasks).filter((task) => task.status === 'open').map((task) => task.taskId);
  assert.deepEqual(open, m.levels.filter((level) => level.status === 'open').map((level) => level.id), 'open tasks');
  assert.equal(isApproved(r.state, r.run), m.approved, 'the approval as a whole');
}

/** Read from the ledger alone: an approval is the word of enough different people, none of whom took part by then. */
function audit(m: Reference, r: Real): void {
  const tookPart = new Set<string | undefined>([make.olga, ...m.plan.requesters]);
  const words = new Map<string, string[][]>();
  for (const event of r.events) {
    if (event.type === 'ScanRecorded') tookPart.add(event.data.operator);
    // What was said while the operators were known does not count once one is not.
    if (event.type === 'ScanRecorded' && event.data.operatorUnknown && !tookPart.has('nobody knows')) {
      words.clear();
      tookPart.add('nobody knows');
    }
    if (event.type === 'FactsCorrected' || event.type === 'InfoAnswered') tookPart.add(event.data.by);
    if (event.type === 'DecisionRecalled') words.get(event.data.taskId)?.pop();
    const taskId = event.type === 'Decided' || event.type === 'DecisionReleased' ? event.data.taskId : undefined;
    if (taskId === undefined || (event.type !== 'Decided' && event.type !== 'DecisionReleased')) continue;
    const said = words.get(taskId) ?? [];
    words.set(taskId, said);
    if (event.type === 'Decided') said.push(event.data.decision === 'approve' ? [event.data.decider, ...(event.data.onBehalfOf === undefined ? [] : [event.data.onBehalfOf])] : []);
    if (event.data.outcome !== 'approved') continue;
    const counting = said.filter((names) => names.length > 0 && !names.some((name) => tookPart.has(name)));
    const task = r.state.tasks[taskId];
    assert.ok(counting.length >= (task?.quorum ?? Infinity), `${taskId} was approved by ${counting.length} of ${task?.quorum}`);
    assert.equal(new Set(counting.flat()).size, counting.flat().length, `${taskId} was approved twice by one person`);
  }
}

function step(name: string, act: (m: Reference, r: Real) => void): Step {
  return { check: () => true, run: (m, r) => { act(m, r); look(m, r); audit(m, r); }, toString: () => name };
}

/** The engine looks what is to be asked; a case that has its outcome goes on, and comes round to the approval again. */
const engine = step('engine', (m, r) => {
  if (m.over !== undefined || m.approved) {
    const token = `t-${r.serial}`;
    assert.equal(r.does(make.completeStep(r.run, [make.token(token)])), 'accepted');
    assert.equal(r.does(make.enterStep(token)), 'accepted');
    m.setAside();
    Object.assign(m, { over: undefined, asking: 1 });
    r.run = token;
  }
  const { anew, numbers } = m.next();
  if (anew) {
    for (const level of m.levels.filter((one) => one.status === 'open')) assert.equal(r.does(make.voidTask(level.id)), 'accepted');
    m.setAside();
    m.asking += 1;
  }
  for (const number of numbers) assert.equal(r.does(createTask(m, r, m.put(`task-${r.serial}-${number}`, number))), 'accepted');
});

/** A process that was ended in between asks what was asked already. */
const asksTwice = step('engine asks twice', (m, r) => {
  const { numbers } = m.next();
  for (const level of m.levels) if (numbers.length === 0 && level.status !== 'voided') assert.equal(r.does({ ...createTask(m, r, level), taskId: `again-${r.serial}` }), 'nothing');
});

const advance = (minutes: number): Step => step(`${minutes} min`, (m) => { m.now += minutes; });
const scan = (operator: string | undefined): Step => step(`scan by ${operator ?? 'nobody'}`, (m, r) => {
  const { operator: _olga, ...anybody } = make.scan;
  r.does({ type: 'RecordScan', scan: { ...anybody, ...(operator === undefined ? {} : { operator }), operatorUnknown: operator === undefined } });
  if (operator === undefined) m.loseOperator();
  else m.takesPart(operator);
});
const correct = (by: string, covered: boolean): Step => step(`${by} corrects ${covered ? 'covered' : 'other'} facts`, (m, r) => {
  r.does(make.recordFacts({ correction: true, by }));
  if (covered) m.facts += 1;
  m.takesPart(by);
});
const staff = (person: string, role: string): Step => step(`${person} joins or leaves ${role}`, (m) => {
  const held = m.roles.get(person);
  if (held?.delete(role) === false) held.add(role);
});
const absence = (from: string, to: string): Step => step(`${to} stands in for ${from}, or not any more`, (m) => {
  if (!m.standsIn.delete(`${from}>${to}`)) m.standsIn.add(`${from}>${to}`);
});

/** Something about one of the levels, by its place. */
function about(name: string, place: number, act: (m: Reference, r: Real, id: string) => readonly [Answer, Answer]): Step {
  return step(`level ${place + 1}: ${name}`, (m, r) => {
    const level = m.levels[place % Math.max(1, m.levels.length)];
    if (level === undefined) return;
    const [real, expected] = act(m, r, level.id);
    assert.equal(real, expected, name);
  });
}
const called = ({ person, behind }: Actor): string => `${person}${behind === undefined ? '' : ` for ${behind}`}`;

function decision(m: Reference, r: Real, taskId: string, actor: Actor, says: Says, seen: number): readonly [Answer, Answer] {
  const level = m.open(taskId);
  const limit = limits[actor.behind ?? actor.person];
  const real = r.does(make.decideTask(taskId, {
    decision: says, ...acting(m, actor), at: make.at(m.now), factsHash: hash(seen), currentFactsHash: hash(m.facts), heldUntil: make.at(m.now + (level?.hold ?? 0)),
    ...(limit === undefined ? {} : { limit: { amount: String(limit), currency: 'EUR' } }), members: level === undefined ? [] : m.members(level),
  }));
  return [real, m.decide(taskId, actor, says, seen)];
}
const decides = (place: number, actor: Actor, says: Says, stale: boolean): Step => about(`${called(actor)} ${says}s${stale ? ' of old facts' : ''}`, place, (m, r, taskId) => decision(m, r, taskId, actor, says, m.facts - (stale ? 1 : 0)));
/** One of those who may; what is random alone rarely comes to an outcome. */
const ableDecides = (place: number, nth: number, says: Says): Step => about(`able ${nth} ${says}s`, place, (m, r, taskId) => {
  const level = m.open(taskId);
  const able = level === undefined ? [] : m.able(level);
  const who = able[nth % Math.max(1, able.length)] ?? { person: make.susan, behind: undefined };
  return decision(m, r, taskId, who, says, m.facts);
});
/** Somebody who has approved has to do with the goods afterwards. */
const approverScans = (place: number, nth: number): Step => step(`approver ${nth} of level ${place + 1} scans`, (m, r) => {
  const names = m.levels[place % Math.max(1, m.levels.length)]?.words.flatMap((word) => word.names) ?? [];
  const operator = names[nth % Math.max(1, names.length)];
  if (operator === undefined) return;
  r.does(make.recordScan({ operator }));
  m.takesPart(operator);
});
const claims = (place: number, actor: Actor): Step => about(`${called(actor)} claims`, place, (m, r, taskId) => [r.does({ type: 'ClaimTask', taskId, ...acting(m, actor) }), m.claim(taskId, actor)]);
const givesBack = (place: number, { person }: Actor): Step => about(`${person} gives back`, place, (m, r, taskId) => [r.does(make.releaseTask(taskId, person)), m.giveBack(taskId, person)]);
const claimant = (place: number): Step => about('the claimant gives back', place, (m, r, taskId) => {
  const person = m.open(taskId)?.claimedBy ?? make.susan;
  return [r.does(make.releaseTask(taskId, person)), m.giveBack(taskId, person)];
});
const reassigns = (place: number, actor: Actor, to: { readonly role: string } | { readonly person: string }): Step => about(`${called(actor)} reassigns to ${Object.values(to).join()}`, place, (m, r, taskId) => {
  const level = m.open(taskId);
  const given = 'role' in to ? { toRole: { role: to.role, held: people.some((person) => m.holds(person, to.role)) } }
    : { toPerson: { person: to.person, holdsRole: level !== undefined && m.holds(to.person, m.asked(level)) } };
  return [r.does({ type: 'ReassignTask', taskId, ...acting(m, actor), ...given, reason: 'away', at: make.at(m.now) }), m.reassign(taskId, actor, to)];
});
const asks = (place: number, actor: Actor, to: string | undefined): Step => about(`${called(actor)} asks ${to ?? 'who wanted it'}`, place, (m, r, taskId) => [
  r.does({ type: 'RequestInfo', taskId, ...acting(m, actor), infoId: `i-${r.serial}`, question: 'Why?', at: make.at(m.now), ...(to === undefined ? {} : { to }) }), m.ask(taskId, actor, to),
]);
function answered(m: Reference, r: Real, taskId: string, person: string): readonly [Answer, Answer] {
  const left = m.open(taskId)?.question?.left;
  const real = r.does({ type: 'AnswerInfo', taskId, person, roles: m.rolesFor({ person, behind: undefined }), answer: 'So.', at: make.at(m.now), ...(left === undefined ? {} : { dueAt: make.at(m.now + left) }) });
  return [real, m.answer(taskId, person)];
}
const answers = (place: number, { person }: Actor): Step => about(`${person} answers`, place, (m, r, taskId) => answered(m, r, taskId, person));
const whoIsAsked = (place: number): Step => about('who is asked answers', place, (m, r, taskId) => answered(m, r, taskId, m.open(taskId)?.question?.to ?? make.olga));
const comments = (place: number, { person }: Actor): Step => about(`${person} comments`, place, (m, r, taskId) => [r.does({ type: 'CommentTask', taskId, person, name: person, comment: 'Hm.' }), m.comment(taskId)]);
const withdraws = (place: number, { person }: Actor): Step => about(`${person} withdraws`, place, (m, r, taskId) => [r.does({ type: 'WithdrawTask', taskId, person, roles: m.rolesFor({ person, behind: undefined }), reason: 'not needed' }), m.withdraw(taskId, person)]);
const recalls = (place: number, { person }: Actor): Step => about(`${person} recalls`, place, (m, r, taskId) => [r.does({ type: 'RecallDecision', taskId, person, at: make.at(m.now) }), m.recall(taskId, person)]);
const decider = (place: number): Step => about('the decider recalls', place, (m, r, taskId) => {
  const person = m.open(taskId)?.held?.by ?? make.susan;
  return [r.does({ type: 'RecallDecision', taskId, person, at: make.at(m.now) }), m.recall(taskId, person)];
});
const thinksAgain = (place: number): Step => about('the decider recalls, and says it again', place, (m, r, taskId) => {
  const level = m.open(taskId);
  const person = level?.held?.by ?? make.susan;
  const recalled = [r.does({ type: 'RecallDecision', taskId, person, at: make.at(m.now) }), m.recall(taskId, person)] as const;
  return recalled[1] === 'accepted' && recalled[0] === 'accepted' ? decision(m, r, taskId, { person, behind: undefined }, 'approve', m.facts) : recalled;
});
const releases = (place: number): Step => about('hold over', place, (m, r, taskId) => {
  const level = m.open(taskId);
  const members = level?.quorum === 'all' ? { members: m.members(level) } : {};
  return [r.does({ type: 'ReleaseDecision', taskId, at: make.at(m.now), currentFactsHash: hash(m.facts), ...members, ...(m.plan.conflicts ? { conflicts } : {}) }), m.release(taskId)];
});
const expires = (place: number): Step => about('deadline', place, (m, r, taskId) => [r.does({ type: 'ExpireTask', taskId, at: make.at(m.now) }), m.expire(taskId)]);

const place = fc.nat({ max: 2 });
const person = fc.constantFrom(...people);
const role = fc.constantFrom('supervisor', 'buyer', manager);
const actor: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 3, arbitrary: person.map((each) => ({ person: each, behind: undefined })) },
  { weight: 1, arbitrary: fc.constantFrom(['p-susan', 'p-uma'], ['p-tom', 'p-paul'], ['p-mia', 'p-vera'], ['p-olga', 'p-tom'], ['p-uma', 'p-paul'], ['p-uma', 'p-uma'], ['p-susan', 'p-tom']).map(([behind, each]) => ({ person: each ?? '', behind })) },
);
const approves = fc.tuple(place, actor).map(([where, who]) => decides(where, who, 'approve', false));
const able = fc.tuple(place, fc.nat(9), fc.constantFrom<Says>('approve', 'approve', 'approve', 'approve', 'approve', 'approve', 'reject', 'rework')).map(([where, nth, says]) => ableDecides(where, nth, says));
/** What comes from outside and ends much of what was said; rare, else nothing would come to an outcome. */
const outside = fc.oneof(
  fc.constant(scan(undefined)),
  person.map(scan), fc.tuple(person, fc.boolean()).map(([by, covered]) => correct(by, covered)),
  fc.tuple(place, fc.nat(3)).map(([where, nth]) => approverScans(where, nth)), fc.tuple(place, fc.nat(3)).map(([where, nth]) => approverScans(where, nth)),
  fc.tuple(person, role).map(([who, what]) => staff(who, what)), fc.tuple(person, person).map(([from, to]) => absence(from, to)),
  fc.tuple(place, actor).map(([where, who]) => withdraws(where, who)),
);
const steps = fc.commands<Reference, Real>([
  fc.constant(engine), fc.constant(engine), fc.constant(engine), fc.constant(asksTwice), able, able, able, able, able, able, approves,
  fc.tuple(place, actor, fc.constantFrom<Says>('approve', 'approve', 'approve', 'reject', 'rework'), fc.nat(5)).map(([where, who, says, n]) => decides(where, who, says, n === 0)),
  fc.integer({ min: 1, max: 25 }).map(advance), fc.integer({ min: 4, max: 6 }).map(advance), outside,
  fc.tuple(place, actor).map(([where, who]) => claims(where, who)), fc.tuple(place, actor).map(([where, who]) => givesBack(where, who)), place.map(claimant),
  fc.tuple(place, actor, fc.oneof(role.map((each) => ({ role: each })), person.map((each) => ({ person: each })))).map(([where, who, to]) => reassigns(where, who, to)),
  fc.tuple(place, actor, fc.option(person)).map(([where, who, to]) => asks(where, who, to ?? undefined)), fc.tuple(place, actor).map(([where, who]) => answers(where, who)), place.map(whoIsAsked),
  fc.tuple(place, actor).map(([where, who]) => comments(where, who)), fc.tuple(place, actor).map(([where, who]) => recalls(where, who)),
  place.map(decider), place.map(thinksAgain), place.map(releases), place.map(releases), place.map(expires),
], { maxCommands: 80, size: 'max' });

const levelPlan: fc.Arbitrary<LevelPlan> = fc.record({
  role: fc.constantFrom('supervisor', 'supervisor', 'buyer'), quorum: fc.constantFrom<number | 'all'>(1, 1, 2, 2, 3, 'all'), due: fc.constantFrom(undefined, 20, 60), hold: fc.constantFrom(0, 0, 5),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  levels: fc.array(levelPlan, { minLength: 1, maxLength: 3 }), order: fc.constantFrom('sequence', 'parallel'), amount: fc.constantFrom(undefined, 100, 950, 5000),
  requesters: fc.constantFrom([], [], ['p-vera']), conflicts: fc.boolean(), maxRounds: fc.constantFrom(undefined, 1),
});

describe('approval against a plain model', function () {
  this.timeout(modelTimeoutMs);

  it(`agrees over ${modelRuns} random runs: who may decide, what it comes to, and what does not count any more`, () => {
    fc.assert(fc.property(plan, fc.noBias(steps), (given, commands) => {
      fc.modelRun(() => ({ model: new Reference(given), real: new Real() }), commands);
    }), { numRuns: modelRuns });
  });
});
