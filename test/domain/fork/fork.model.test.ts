import assert from 'node:assert/strict';

import fc from 'fast-check';

import { absentCase, decide, evolve, isOpenRun } from '../../../src/domain/index.ts';
import type { AnyEvent, CaseCommand, CaseState } from '../../../src/domain/index.ts';
import * as make from '../support/commands.ts';
import { record } from '../properties/hostile-case.ts';
import { modelRuns, modelTimeoutMs } from '../support/model-runs.ts';

/** A fork as anybody would draw it: which branches are where, and what the gather has. */
interface Model {
  /** Where the one message of each branch is: on its way, at work in a step, called out, or gone. */
  readonly branches: Map<string, 'on-the-way' | 'at-work' | 'calling' | 'waits' | 'ended' | 'dropped'>;
  readonly arrived: string[];
  readonly need: number;
  gather: 'nobody' | 'waits' | 'complete' | 'partial';
  cancelled: boolean;
}

/** The real case beside it. */
class Real {
  state: CaseState = absentCase;
  serial = 0;
  readonly events: AnyEvent[] = [];
  /** Token or run of each branch now. */
  readonly at = new Map<string, string>();

  run(command: CaseCommand): readonly AnyEvent[] {
    this.serial += 1;
    const decision = decide(this.state, command);
    assert.equal(decision.kind, 'accepted', `${command.type} was refused: ${JSON.stringify(decision)}`);
    const recorded = decision.events.map((event) => record(event, this.serial));
    this.state = recorded.reduce(evolve, this.state);
    this.events.push(...recorded);
    return recorded;
  }

  gathering(): CaseState['gatherings'][string] | undefined {
    return Object.values(this.state.gatherings)[0];
  }
}

type Step = fc.Command<Model, Real>;
const at = (id: string): { readonly address: ReturnType<typeof make.address> } => ({ address: make.address(id) });
const isOver = (m: Model): boolean => m.gather === 'complete' || m.gather === 'partial';
/** Everything that is missing has ended elsewhere. */
const hopeless = (m: Model): boolean => m.arrived.length > 0 && [...m.branches].every(([name, where]) => m.arrived.includes(name) || where === 'ended' || where === 'dropped');

abstract class OfBranch implements Step {
  readonly branch: string;
  constructor(branch: string) {
    this.branch = branch;
  }
  protected where(m: Readonly<Model>): string | undefined {
    return m.branches.get(this.branch);
  }
  abstract check(m: Readonly<Model>): boolean;
  abstract run(m: Model, r: Real): void;
  toString(): string {
    return `${this.constructor.name} ${this.branch}`;
  }
}

/** The branch's message comes to a step of its own. */
class Enter extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'on-the-way';
  }
  run(m: Model, r: Real): void {
    r.run(make.enterStep(r.at.get(this.branch) ?? '', { ...at(`step-${this.branch}`), exceptionId: `x-${r.serial}` }));
    m.branches.set(this.branch, 'at-work');
    look(m, r);
  }
}
/** The step goes on to the next one. */
class Complete extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'at-work';
  }
  run(m: Model, r: Real): void {
    const token = `t-${r.serial}`;
    r.run(make.completeStep(r.at.get(this.branch) ?? '', [make.token(token)]));
    r.at.set(this.branch, token);
    // What is let end in a cancelled branch is absorbed.
    m.branches.set(this.branch, m.cancelled ? 'dropped' : 'on-the-way');
    look(m, r);
  }
}
/** The step ends, and nothing follows. */
class EndElsewhere extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'at-work';
  }
  run(m: Model, r: Real): void {
    r.run(make.completeStep(r.at.get(this.branch) ?? ''));
    m.branches.set(this.branch, 'ended');
    look(m, r);
  }
}
class StartCall extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'at-work' && !m.cancelled;
  }
  run(m: Model, r: Real): void {
    r.run(make.intendEffect(r.at.get(this.branch) ?? '', { effectId: `e-${r.serial}`, callId: `c-${r.at.get(this.branch) ?? ''}`, idempotencyKey: `key-${r.serial}`, operation: `op-${r.serial}` }));
    m.branches.set(this.branch, 'calling');
    look(m, r);
  }
}
class EndCall extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'calling';
  }
  run(m: Model, r: Real): void {
    const runId = r.at.get(this.branch) ?? '';
    const effect = Object.values(r.state.effects).find((one) => one.runId === runId && one.state === 'calling');
    r.run(make.endCall(effect?.effectId ?? '', 'success', effect?.openCallId ?? ''));
    m.branches.set(this.branch, 'at-work');
    look(m, r);
  }
}
/** The branch's message comes to the gather. */
class Arrive extends OfBranch {
  check(m: Readonly<Model>): boolean {
    return this.where(m) === 'on-the-way';
  }
  run(m: Model, r: Real): void {
    const id = r.at.get(this.branch) ?? '';
    r.run(make.enterStep(id, { ...at('join'), exceptionId: `x-${r.serial}` }));
    const { forks } = r.state.runs[id] ?? {};
    const [came] = r.run(make.arriveBranch(id, forks?.at(-1)?.forkId ?? 'nowhere', { need: m.need }));
    const late = isOver(m);
    if (late) m.branches.set(this.branch, 'dropped');
    else {
      if (!m.arrived.includes(this.branch)) m.arrived.push(this.branch);
      m.branches.set(this.branch, 'waits');
      m.gather = 'waits';
    }
    // By this a run that waits is woken, also by the next process.
    assert.deepEqual(came?.type === 'BranchArrived' && [came.data.ready, came.data.late ?? false], [!late && m.arrived.length >= m.need, late]);
    look(m, r);
  }
}
/** The gather goes on with what is there. */
class GoOn implements Step {
  readonly cancel: boolean;
  readonly late: boolean;
  constructor(cancel: boolean, late: boolean) {
    this.cancel = cancel;
    this.late = late;
  }
  check(m: Readonly<Model>): boolean {
    return m.gather === 'waits' && (m.arrived.length >= m.need || this.late || hopeless(m as Model));
  }
  run(m: Model, r: Real): void {
    const held = r.gathering();
    const outcome = m.arrived.length >= m.need ? 'complete' : 'partial';
    const holder = held?.holder ?? '';
    for (const command of [
      make.endGathering(holder, held?.arrived.map((one) => one.runId) ?? [], { outcome, cancelOthers: this.cancel }),
      { ...make.completeStep(holder, [make.token(`onwards-${r.serial}`)]), joins: held?.forkId ?? '' },
    ]) r.run(command);
    m.gather = outcome;
    m.cancelled = this.cancel;
    if (this.cancel) {
      for (const [name, where] of m.branches) if (where === 'on-the-way' || where === 'at-work') m.branches.set(name, 'dropped');
    }
    look(m, r);
  }
  toString(): string {
    return `GoOn ${this.cancel ? 'cancel' : 'finish'}${this.late ? ' in time or not' : ''}`;
  }
}

/** Model and case agree on everything that can be seen of them. */
function look(m: Model, r: Real): void {
  const forkRun = 'r-fork';
  const inFork = (one: { readonly forks?: readonly { readonly forkId: string }[] }): boolean => one.forks?.some((place) => place.forkId === forkRun) === true;
  const gathering = r.gathering();
  assert.deepEqual(gathering?.arrived.map((one) => one.branch) ?? [], m.arrived);
  assert.equal(gathering?.status ?? 'none', m.gather === 'nobody' ? 'none' : m.gather === 'waits' ? (hopeless(m) && m.arrived.length < m.need ? 'ended' : 'open') : m.gather);
  const open = Object.values(r.state.runs).filter((run) => isOpenRun(run) && inFork(run)).length + Object.values(r.state.tokens).filter((token) => token.state === 'live' && inFork(token)).length;
  const underWay = [...m.branches.values()].filter((where) => where === 'on-the-way' || where === 'at-work' || where === 'calling').length;
  assert.equal(open, underWay + (m.gather === 'waits' ? 1 : 0), 'work under way');
  const onwards = Object.values(r.state.tokens).filter((token) => token.tokenId.startsWith('onwards')).length;
  assert.equal(onwards, isOver(m) ? 1 : 0, 'goes on once');
  assert.equal(r.events.filter((event) => event.type === 'Gathered').length, isOver(m) ? 1 : 0);
  assert.ok(Object.values(r.state.tokens).filter((token) => token.tokenId.startsWith('onwards')).every((token) => token.forks === undefined), 'what goes on is in no fork');
}

const names = ['a', 'b', 'c', 'd'];

/** A case that has forked just now. */
function forked(count: number, need: number): { readonly model: Model; readonly real: Real } {
  const real = new Real();
  real.run(make.openCase({ tokens: [make.token('r-fork', 'fork')] }));
  real.run(make.enterStep('r-fork', at('fork')));
  const branches = names.slice(0, count);
  real.run(make.completeStep('r-fork', branches.map((branch, port) => ({ ...make.token(`t-${branch}`, branch, port), fork: { forkId: 'r-fork', branch, of: count } }))));
  for (const branch of branches) real.at.set(branch, `t-${branch}`);
  return { real, model: { branches: new Map(branches.map((branch) => [branch, 'on-the-way' as const])), arrived: [], need: Math.min(need, count), gather: 'nobody', cancelled: false } };
}

const of = (make_: (branch: string) => Step): fc.Arbitrary<Step> => fc.constantFrom(...names).map(make_);
const steps = fc.commands([
  of((b) => new Enter(b)), of((b) => new Complete(b)), of((b) => new EndElsewhere(b)), of((b) => new StartCall(b)), of((b) => new EndCall(b)), of((b) => new Arrive(b)), of((b) => new Arrive(b)),
  fc.tuple(fc.boolean(), fc.nat(5).map((n) => n === 0)).map(([cancel, late]): Step => new GoOn(cancel, late)),
], { maxCommands: 80, size: 'max' });

describe('fork and join against a plain model', function () {
  this.timeout(modelTimeoutMs);

  it(`agree over ${modelRuns} random runs`, () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 4 }), steps, (count, need, commands) => {
      fc.modelRun(() => forked(count, need), commands);
    }), { numRuns: modelRuns });
  });
});
