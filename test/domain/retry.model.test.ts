import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, evolve } from '../../src/domain/index.ts';
import type { CaseCommand, CaseState, Decision } from '../../src/domain/index.ts';
import * as make from './support/commands.ts';
import { happened, stateAfter } from './support/given.ts';
import { record } from './properties/hostile-case.ts';
import { modelRuns } from './support/model-runs.ts';

const policy = { maxAttempts: 4, maxElapsedMs: 30 * 60_000, baseDelayMs: 60_000, maxDelayMs: 240_000 };

/** What a message under a policy is at, said as plainly as a person would. */
interface Model {
  at: 'on its way' | 'waiting' | 'given up' | 'arrived' | 'rerouted';
  /** Number of the attempt that left last. */
  attempt: number;
  failed: number;
  /** Minute at which the first attempt of the round left. */
  since: number | undefined;
  dueBetween: readonly [number, number] | undefined;
  minute: number;
  operators: number;
}

/** The real one: deciders and evolve, as the engine uses them. */
interface Real { state: CaseState; serial: number; letter: string }

function run(real: Real, command: CaseCommand): Decision {
  const decision = decide(real.state, command);
  real.serial += 1;
  for (const event of decision.events) {
    real.state = evolve(real.state, record(event, real.serial));
    if (event.type === 'TokenDeadLettered') real.letter = event.data.deadLetterId;
  }
  return decision;
}

const iso = (minute: number): string => make.at(minute);
const minutes = (ms: number): number => ms / 60_000;

/** After every command the two agree on everything that can be seen. */
function agree(model: Model, real: Real): void {
  const token = real.state.tokens['t1'];
  assert.ok(token);
  const seen = token.state === 'consumed' ? 'arrived' : token.state === 'void' ? 'rerouted' : token.retry?.deadLetterId !== undefined ? 'given up' : token.retry?.dueAt !== undefined ? 'waiting' : 'on its way';
  assert.equal(seen, model.at);
  assert.equal(token.attempt, model.attempt);
  if (model.at === 'on its way' || model.at === 'waiting') assert.equal(token.retry?.failures ?? 0, model.failed);
  if (model.dueBetween !== undefined && model.at === 'waiting') {
    const due = minutes(Date.parse(token.retry?.dueAt ?? '') - make.start);
    assert.ok(due >= model.dueBetween[0] - 1e-3 && due <= model.dueBetween[1] + 1e-3, `due ${due}, expected ${model.dueBetween.join(' to ')}`);
  }
  assert.equal(real.state.operators.length, model.operators);
  assert.equal(Object.values(real.state.tokens).filter((t) => t.state === 'live' || t.state === 'consumed').length, 1, 'the message is in one place');
}

type Step = fc.Command<Model, Real>;
const command = (label: string, check: (m: Model) => boolean, go: (m: Model, r: Real) => void): Step => ({ check, run: (m, r) => { go(m, r); agree(m, r); }, toString: () => label });

function giveUp(m: Model, reroute: boolean): void {
  m.at = reroute ? 'rerouted' : 'given up';
  m.dueBetween = undefined;
}

/** An attempt fails `took` minutes after it left: the newest one, or one that was overtaken. */
const fails = (took: number, older: boolean, permanent: boolean, askedToWait: number | undefined, random: number, reroute: boolean): Step => command(
  `fails(${took}, ${older ? 'older' : 'newest'}, ${permanent ? 'permanent' : 'transient'}, ${String(askedToWait)}, ${reroute})`, () => true, (m, r) => {
    const attempt = older ? m.attempt - 1 : m.attempt;
    const left = m.minute;
    m.minute += took;
    run(r, make.failAttempt('t1', {
      attempt, outcome: permanent ? 'permanent' : 'transient', policy, random, startedAt: iso(left), at: iso(m.minute), deadLetterId: `dead-${r.serial}`,
      ...(askedToWait === undefined ? {} : { retryAfterMs: askedToWait * 60_000 }), ...(reroute ? { reroute: { tokens: [make.token('gone', 'clerk', 1)], message: '{}' } } : {}),
    }));
    if (m.at !== 'on its way' || older) return;
    m.failed += 1;
    m.since ??= left;
    const ceiling = Math.min(4, 2 ** (m.failed - 1));
    const pause = Math.max(askedToWait ?? 0, Math.round(random * ceiling * 60_000) / 60_000);
    if (permanent || m.failed >= policy.maxAttempts || m.minute - m.since + pause > 30) return giveUp(m, reroute);
    m.at = 'waiting';
    m.dueBetween = [m.minute + (askedToWait ?? 0), m.minute + Math.max(askedToWait ?? 0, ceiling)];
  });

/** The circuit is open: no attempt leaves, and none is counted. */
const held = (wait: number): Step => command(`held(${wait})`, (m) => m.at === 'on its way', (m, r) => {
  run(r, make.holdToken('t1', { policy, at: iso(m.minute), dueAt: iso(m.minute + wait), deadLetterId: `dead-${r.serial}` }));
  m.since ??= m.minute;
  if (m.minute >= m.since + 30) return giveUp(m, false);
  m.at = 'waiting';
  const due = Math.min(m.minute + wait, m.since + 30);
  m.dueBetween = [due, due];
});

/** Sent again: its time has come, or the process was started anew (which counts as no failure). */
const sent = (): Step => command('sent', () => true, (m, r) => {
  run(r, make.resendToken('t1'));
  if (m.at !== 'waiting' && m.at !== 'on its way') return;
  if (m.dueBetween !== undefined) m.minute = Math.max(m.minute, m.dueBetween[1]);
  m.at = 'on its way';
  m.attempt += 1;
  m.dueBetween = undefined;
});

/** A message reaches the next governed node: of the newest attempt, or of an older one. The first wins. */
const arrives = (back: number): Step => command(`arrives(${back})`, (m) => m.attempt > back, (m, r) => {
  const decision = run(r, make.enterStep('t1', { attempt: m.attempt - back }));
  const entered = decision.events.some((event) => event.type === 'StepEntered');
  const may = m.at === 'on its way' || m.at === 'waiting' || m.at === 'given up';
  assert.equal(entered, may, 'entered once, and never after it went another way');
  if (may) m.at = 'arrived';
});

const replayed = (edited: boolean, toucher: boolean, circuitOpen: boolean): Step => command(`replayed(${edited}, ${toucher}, ${circuitOpen})`, () => true, (m, r) => {
  const person = toucher ? make.olga : 'p-clerk';
  const decision = run(r, make.replayToken('t1', { deadLetterId: r.letter, person, circuitOpen, ...(edited ? { message: '{"payload":2}' } : {}) }));
  // Who has edited before has touched the case.
  const mayEdit = !toucher && m.operators === 1;
  const may = m.at === 'given up' && !circuitOpen && (!edited || mayEdit);
  assert.equal(decision.kind, may ? 'accepted' : 'refused');
  if (!may) return;
  if (edited) m.operators += 1;
  Object.assign(m, { at: 'on its way', failed: 0, since: undefined });
});

const rarely = (n: number): fc.Arbitrary<boolean> => fc.nat(n).map((drawn) => drawn === 0);
const failing = fc.tuple(fc.nat(9), rarely(4), rarely(11), fc.option(fc.nat(12), { nil: undefined, freq: 2 }), fc.double({ min: 0, max: 0.999, noNaN: true }), rarely(6))
  .map(([took, older, permanent, wait, random, reroute]) => fails(took, older, permanent, wait, random, reroute));
const quickly = fc.double({ min: 0, max: 0.999, noNaN: true }).map((random) => fails(1, false, false, undefined, random, false));
/** Failing and sending come often, so that rounds come to their ends; an arrival ends everything. */
const commands = [
  failing, failing, quickly, quickly, quickly, fc.constant(sent()), fc.constant(sent()), fc.constant(sent()), fc.constant(sent()), fc.nat(15).map(held), fc.nat(2).map(arrives),
  fc.tuple(fc.boolean(), fc.boolean(), rarely(4)).map(([edited, toucher, open]) => replayed(edited, toucher, open)),
];

describe('retry against a plain model', function () {
  this.timeout(600_000);

  it(`agrees with it in ${modelRuns} random runs`, () => {
    fc.assert(fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (steps) => {
      fc.modelRun(() => ({
        model: { at: 'on its way', attempt: 1, failed: 0, since: undefined, dueBetween: undefined, minute: 1, operators: 1 } as Model,
        real: { state: stateAfter(happened(make.openCase())), serial: 10, letter: 'none' } as Real,
      }), steps);
    }), { numRuns: modelRuns });
  });
});
