import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, evolve, absentCase } from '../../../src/domain/index.ts';
import type { CaseCommand, CaseEvent, CaseState, RungAction, RungSpec } from '../../../src/domain/index.ts';
import { Calendar } from '../../../src/engine/calendar/calendars.ts';
import { ladderCommands } from '../../../src/engine/escalation/follow.ts';
import * as make from '../support/commands.ts';
import { modelRuns } from '../support/model-runs.ts';

const shift = [{ from: '08:00', to: '16:00' }];
/** Shifts on workdays, and a holiday in the middle of the first week. */
const holiday = '2026-03-04';
const calendar = new Calendar({
  id: 'c', version: '1', timeZone: 'UTC', hoursPerDay: 8, weekly: { mon: shift, tue: shift, wed: shift, thu: shift, fri: shift, sat: [], sun: [] }, closures: [], openings: [], holidays: (year) => (year === 2026 ? [{ from: holiday }] : []),
});
const isWorking = (minute: number): boolean => {
  const at = new Date(make.start + minute * 60_000);
  return at.toISOString().slice(0, 10) !== holiday && at.getUTCDay() >= 1 && at.getUTCDay() <= 5 && at.getUTCHours() >= 8 && at.getUTCHours() < 16;
};

/** A rung as the reference has it: minutes that are left, counted down one by one. */
interface ModelRung { left: number; readonly working: boolean; readonly action: RungAction; reachedAt: number | undefined }

/** The reference: a clock that ticks in minutes, and counters that run down while nothing holds them. */
class Model {
  now = 1;
  rungs: ModelRung[] = [];
  next = 0;
  asked = false;
  paused = false;
  ended = false;
  fired: number[] = [];

  arm(specs: readonly RungSpec[]): void {
    this.rungs = specs.map(({ value, working, action }) => ({ left: value, working, action, reachedAt: undefined }));
  }
  get held(): boolean { return this.asked || this.paused; }
  tick(): void {
    for (const rung of this.rungs) {
      if (this.held || this.ended || rung.reachedAt !== undefined || (rung.working && !isWorking(this.now))) continue;
      rung.left -= 1;
      if (rung.left === 0) rung.reachedAt = this.now + 1;
    }
    this.now += 1;
  }
  /** What is reached by now, in order. */
  look(): void {
    while (!this.ended && !this.held && this.rungs[this.next]?.reachedAt !== undefined) {
      this.fired.push(this.next + 1);
      if (this.rungs[this.next]?.action === 'reject') this.ended = true;
      this.next += 1;
      if (this.next >= this.rungs.length) this.ended = true;
    }
  }
  get tooLate(): boolean {
    return !this.ended && !this.held && this.rungs.some((rung, index) => index >= this.next && rung.action === 'reject' && rung.reachedAt !== undefined && rung.reachedAt < this.now);
  }
}

/** The case, as the executor decides and records. */
class Real {
  state: CaseState = absentCase;
  readonly events: CaseEvent[] = [];
  #ids = 0;

  constructor(specs: readonly RungSpec[]) {
    const token = make.token('t-1', 'next');
    this.run(1, make.openCase({ tokens: [token], operators: [make.olga] }));
    this.run(1, make.enterStep('t-1'));
    this.run(1, { type: 'ArmEscalation', runId: 't-1', watch: 'task', steps: [], until: 'approved', rungs: specs, calendarId: 'c' });
    const { dueAt: _due, ...task } = make.createTask('t-1', { taskId: 'task' });
    this.run(1, task);
  }

  run(minute: number, command: CaseCommand): string {
    const decision = decide(this.state, command);
    this.#record(decision.events);
    if (decision.kind === 'refused') return decision.code;
    let fresh = decision.events;
    while (fresh.length > 0) {
      const following = ladderCommands(this.state, fresh, make.at(minute), { calendar: () => calendar, newId: () => `ladder-${this.#ids++}`, idsAt: (address) => [address.stepId] });
      fresh = following.flatMap((next) => {
        const decided = decide(this.state, next);
        this.#record(decided.events);
        return decided.events;
      });
    }
    return 'accepted';
  }
  #record(events: readonly unknown[]): void {
    for (const event of events) {
      const recorded = { ...event as object, epoch: 1, site: make.site, streamId: make.caseId, recordedAt: make.at(0) } as CaseEvent;
      this.events.push(recorded);
      this.state = evolve(this.state, recorded);
    }
  }
  /** The timers have fired, maybe late. */
  look(minute: number): void {
    for (let before = -1; before !== this.events.length;) {
      before = this.events.length;
      const [ladder] = Object.values(this.state.ladders);
      if (ladder !== undefined) this.run(minute, { type: 'EscalateLadder', ladderId: ladder.ladderId, rung: ladder.next + 1, at: make.at(minute), exceptionId: `x-${this.#ids++}` });
    }
  }
  get fired(): number[] {
    return this.events.flatMap((event) => (event.type === 'Escalated' ? [event.data.rung] : []));
  }
}

type Step = fc.Command<Model, Real>;

function agree(model: Model, real: Real): void {
  assert.deepEqual(real.fired, model.fired, 'rungs reached');
  assert.equal(Object.keys(real.state.ladders).length, model.ended ? 0 : 1, 'the ladder stands');
  const [ladder] = Object.values(real.state.ladders);
  if (ladder !== undefined) assert.equal(ladder.paused !== undefined, model.held, 'its time stands still');
  assert.equal(new Set(real.fired).size, real.fired.length, 'a rung was reached twice');
}

class Advance implements Step {
  readonly minutes: number;
  readonly fires: boolean;
  constructor(minutes: number, fires: boolean) { this.minutes = minutes; this.fires = fires; }
  check(): boolean { return true; }
  run(model: Model, real: Real): void {
    for (let i = 0; i < this.minutes; i += 1) model.tick();
    if (this.fires) {
      model.look();
      real.look(model.now);
    }
    agree(model, real);
  }
  toString(): string { return `advance ${this.minutes} min${this.fires ? '' : ', timers late'}`; }
}

class Person implements Step {
  readonly what: 'pause' | 'resume' | 'ask' | 'answer' | 'decide' | 'milestone';
  constructor(what: Person['what']) { this.what = what; }
  check(): boolean { return true; }
  run(model: Model, real: Real): void {
    const { now } = model;
    const said = { by: make.uma, reason: 'supplier' };
    switch (this.what) {
      case 'pause':
        assert.equal(real.run(now, { type: 'PauseCase', ...said, at: make.at(now) }), model.paused ? 'case-paused' : 'accepted');
        model.paused = true;
        break;
      case 'resume':
        assert.equal(real.run(now, { type: 'ResumeCase', ...said }), model.paused ? 'accepted' : 'case-not-paused');
        model.paused = false;
        break;
      case 'ask':
        if (real.run(now, { type: 'RequestInfo', taskId: 'task', infoId: `i-${now}`, question: 'q', at: make.at(now), person: make.susan, roles: ['supervisor'] }) === 'accepted') model.asked = true;
        break;
      case 'answer':
        if (real.run(now, { type: 'AnswerInfo', taskId: 'task', person: make.olga, roles: [], answer: 'a', at: make.at(now) }) === 'accepted') model.asked = false;
        break;
      case 'decide': {
        const open = real.state.tasks['task']?.status === 'open';
        const answer = real.run(now, make.decideTask('task', { at: make.at(now) }));
        // Either the decision or the rung, never both: after the time of a rung that rejects it is too late, fired or not.
        if (open && model.tooLate) assert.equal(answer, 'task-overdue');
        else if (answer === 'accepted') model.ended = true;
        else assert.ok(!open || real.state.tasks['task']?.info !== undefined, `refused: ${answer}`);
        break;
      }
      case 'milestone':
        assert.equal(real.run(now, make.reachMilestone('t-1', 'approved', 'facts-1')), 'accepted');
        model.ended = true;
        break;
    }
    agree(model, real);
  }
  toString(): string { return this.what; }
}

const action = fc.constantFrom<RungAction>('remind', 'notify', 'raise', 'reassign', 'reject', 'exception');
const rung: fc.Arbitrary<RungSpec> = fc.record({ value: fc.integer({ min: 1, max: 1_500 }), unit: fc.constant<'minutes'>('minutes'), working: fc.boolean(), action, role: fc.constant('supervisor') });
const commands = [
  fc.tuple(fc.integer({ min: 1, max: 900 }), fc.boolean()).map(([minutes, fires]) => new Advance(minutes, fires)),
  fc.constantFrom<Person['what']>('pause', 'resume', 'ask', 'answer', 'pause', 'resume', 'ask', 'answer', 'decide', 'milestone').map((what) => new Person(what)),
];

describe('escalation against a plain reference model', function () {
  this.timeout(20 * 60_000);

  it(`agrees in ${modelRuns} random runs: rungs in order and once, none after the end, pauses keep the working time that was left`, () => {
    fc.assert(fc.property(fc.array(rung, { minLength: 1, maxLength: 5 }), fc.commands<Model, Real>(commands, { maxCommands: 30, size: 'max' }), (specs, steps) => {
      fc.modelRun(() => {
        const model = new Model();
        model.arm(specs);
        return { model, real: new Real(specs) };
      }, steps);
    }), { numRuns: modelRuns });
  });
});
