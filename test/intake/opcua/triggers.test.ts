import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { Json } from '../../../src/domain/json.ts';
import { triggerProblems } from '../../../src/domain/plc/trigger.ts';
import type { PlcTrigger } from '../../../src/domain/plc/trigger.ts';
import { decideTrigger, initialTriggerState, TriggerSet, wakeAt } from '../../../src/intake/opcua/triggers/index.ts';
import type { TriggerFired, TriggerInput, TriggerOutcome, TriggerState } from '../../../src/intake/opcua/triggers/index.ts';

/** A value at a second of the clock of the controller; ours is `skew` ahead. */
const value = (tag: string, at: number, given: Json | undefined, { good = true, skew = 0 } = {}): TriggerInput => ({
  kind: 'value', reading: { tag, at: at * 1_000, receivedAt: (at + skew) * 1_000, good, ...(given === undefined ? {} : { value: given }) },
});
const bad = (tag: string, at: number): TriggerInput => value(tag, at, undefined, { good: false });
const tick = (at: number): TriggerInput => ({ kind: 'tick', now: at * 1_000 });
const lost: TriggerInput = { kind: 'lost' };
const restored = (gap: boolean): TriggerInput => ({ kind: 'restored', gap });

function play(trigger: PlcTrigger, ...inputs: readonly TriggerInput[]): { readonly state: TriggerState; readonly outcomes: readonly TriggerOutcome[] } {
  let state = initialTriggerState;
  const outcomes: TriggerOutcome[] = [];
  for (const input of inputs) {
    const decision = decideTrigger(trigger, state, input);
    state = JSON.parse(JSON.stringify(decision.state)) as TriggerState; // what is remembered survives being written down
    outcomes.push(...decision.outcomes);
  }
  return { state, outcomes };
}

/** Seconds at which it fired. */
function fired(trigger: PlcTrigger, ...inputs: readonly TriggerInput[]): readonly number[] {
  return play(trigger, ...inputs).outcomes.flatMap((outcome) => (outcome.kind === 'fired' ? [outcome.at / 1_000] : []));
}
const only = (trigger: PlcTrigger, ...inputs: readonly TriggerInput[]): TriggerFired => {
  const { outcomes } = play(trigger, ...inputs);
  equal(outcomes.length, 1, JSON.stringify(outcomes));
  return outcomes[0] as TriggerFired;
};
const troubles = (trigger: PlcTrigger, ...inputs: readonly TriggerInput[]): readonly string[] => play(trigger, ...inputs).outcomes.flatMap((outcome) => (outcome.kind === 'trouble' ? [outcome.code] : []));

const rising: PlcTrigger = { name: 'jam', kind: 'rising', tag: 'Jam' };
const hot: PlcTrigger = { name: 'hot', kind: 'above', tag: 'Temperature', limit: 80, hysteresis: 5 };
const standsJammed: PlcTrigger = {
  name: 'stands-jammed', kind: 'condition', forMs: 5_000,
  conditions: [{ tag: 'Jam', operator: '=', value: true }, { tag: 'Speed', operator: '<', value: 0.1 }],
};

describe('triggers of a controller: signals', () => {
  it('a signal that comes is an event, the first value and one that stays are none', () => {
    deepEqual(fired(rising, value('Jam', 0, true), value('Jam', 1, false), value('Jam', 2, true), value('Jam', 3, true)), [2]);
  });

  it('one that is there at the start counts when that is asked for', () => {
    const first = only({ ...rising, atStart: true }, value('Jam', 0, true), value('Jam', 1, true));
    equal(first.before, undefined);
    equal(first.after, true);
  });

  it('falling and either look at the other edge', () => {
    const inputs = [value('Jam', 0, false), value('Jam', 1, true), value('Jam', 2, false)];
    deepEqual(fired({ ...rising, kind: 'falling' }, ...inputs), [2]);
    deepEqual(fired({ ...rising, kind: 'either' }, ...inputs), [1, 2]);
  });

  it('a number is a signal: zero or not', () => {
    deepEqual(fired(rising, value('Jam', 0, 0), value('Jam', 1, 1), value('Jam', 2, 2), value('Jam', 3, 0), value('Jam', 4, -1)), [1, 4]);
  });

  it('a signal that flickers shorter than its time is none, both ways', () => {
    const calm = { ...rising, kind: 'either', forMs: 2_000 } as const;
    deepEqual(fired(calm, value('Jam', 0, false), value('Jam', 1, true), value('Jam', 2, false), value('Jam', 10, true), value('Jam', 13, false), value('Jam', 14, true), tick(30)), [12]);
  });
});

describe('triggers of a controller: numbers', () => {
  it('a limit is crossed once until the value has come back beyond the hysteresis', () => {
    deepEqual(fired(hot, ...[70, 81, 79, 82, 76, 90, 75, 81].map((degrees, at) => value('Temperature', at, degrees))), [1, 7]);
  });

  it('below works the other way round', () => {
    deepEqual(fired({ ...hot, kind: 'below', limit: 2, hysteresis: 1 }, ...[5, 1.9, 2.5, 1, 3.1, 1].map((degrees, at) => value('Temperature', at, degrees))), [1, 5]);
  });

  it('a change within the deadband is none, and does not move what it is compared with', () => {
    const change: PlcTrigger = { name: 'weight', kind: 'change', tag: 'Weight', deadband: 0.5 };
    deepEqual(fired(change, ...[10, 10.4, 10.5, 10.6, 10.9, 10].map((kilos, at) => value('Weight', at, kilos))), [3, 5]);
  });

  it('every change of a text or a list is one', () => {
    const change: PlcTrigger = { name: 'unit', kind: 'change', tag: 'Unit' };
    deepEqual(fired(change, value('Unit', 0, 'A'), value('Unit', 1, 'B'), value('Unit', 2, 'B')), [1]);
    deepEqual(fired(change, value('Unit', 0, [1, 2]), value('Unit', 1, [1, 2]), value('Unit', 2, [1, 3])), [2]);
  });

  it('stable is another value that stays', () => {
    const stable: PlcTrigger = { name: 'weighed', kind: 'stable', tag: 'Weight', deadband: 0.2, forMs: 3_000 };
    const event = only(stable, value('Weight', 0, 0), value('Weight', 1, 5), value('Weight', 2, 12), value('Weight', 3, 12.1), value('Weight', 6, 12.05));
    deepEqual([event.at, event.before, event.after], [5_000, 0, 12]);
    deepEqual(fired(stable, value('Weight', 0, 0), value('Weight', 1, 5), value('Weight', 2, 0), tick(60)), [], 'back before its time');
  });
});

describe('triggers of a controller: several tags', () => {
  it('all rows have to hold for the whole time', () => {
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 1.2), value('Jam', 1, true), value('Speed', 2, 0), tick(6), tick(7)), [7]);
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), value('Speed', 4, 1), value('Speed', 5, 0), tick(9), value('Jam', 11, false)), [10]);
  });

  it('carries the values of its tags', () => {
    deepEqual(only(standsJammed, value('Jam', 0, false), value('Speed', 0, 0.05), value('Jam', 1, true), tick(9)).values, { Jam: true, Speed: 0.05 });
  });

  it('happens again only after it was over', () => {
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), tick(6), tick(60), value('Jam', 70, false), value('Jam', 71, true), tick(80)), [6, 76]);
  });

  it('knows nothing until all tags have a value, unless the others decide', () => {
    deepEqual(fired({ ...standsJammed, forMs: 0, atStart: true }, value('Jam', 0, true)), []);
    deepEqual(fired({ ...standsJammed, forMs: 0, atStart: true, match: 'any' }, value('Jam', 0, true)), [0]);
  });

  it('a value of another tag tells that time has passed, also when all come at once and late', () => {
    const late = (tag: string, at: number, given: Json): TriggerInput => value(tag, at, given, { skew: 100 - at });
    deepEqual(fired(standsJammed, late('Speed', 0, 0), late('Jam', 0, false), late('Jam', 1, true), late('Jam', 8, false)), [6]);
    deepEqual(fired(standsJammed, late('Speed', 0, 0), late('Jam', 0, false), late('Jam', 1, true), late('Jam', 5, false), late('Jam', 9, true), late('Jam', 10, false)), []);
  });
});

describe('triggers of a controller: what cannot be used', () => {
  it('bad quality never triggers, and ends what was lasting', () => {
    deepEqual(fired(rising, value('Jam', 0, false), value('Jam', 1, true, { good: false }), value('Jam', 2, false)), []);
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), bad('Speed', 3), value('Speed', 4, 0), tick(8)), []);
  });

  it('what happened while quality was bad is told as unseen', () => {
    equal(only(rising, value('Jam', 0, false), bad('Jam', 1), value('Jam', 2, true)).unseen, 'bad-quality');
    equal(only(rising, value('Jam', 0, false), bad('Jam', 1), value('Jam', 2, false), value('Jam', 3, true)).unseen, undefined);
  });

  it('NaN and infinity are said once and never trigger', () => {
    deepEqual(troubles(hot, value('Temperature', 0, 70), value('Temperature', 1, Number.NaN), value('Temperature', 2, Number.POSITIVE_INFINITY), value('Temperature', 3, 70), value('Temperature', 4, Number.NaN)), ['not-a-number', 'not-a-number']);
    deepEqual(fired(hot, value('Temperature', 0, 70), value('Temperature', 1, Number.POSITIVE_INFINITY)), []);
  });

  it('a value of a type that the trigger cannot read is said once', () => {
    deepEqual(troubles(hot, value('Temperature', 0, 'hot'), value('Temperature', 1, 'hotter'), value('Temperature', 2, 20)), ['type']);
    deepEqual(troubles(standsJammed, value('Jam', 0, 1)), ['type']);
  });

  it('a tag that changes its type is said, and begins anew', () => {
    const change: PlcTrigger = { name: 'unit', kind: 'change', tag: 'Unit' };
    deepEqual(troubles(change, value('Unit', 0, 'A'), value('Unit', 1, 7)), ['type-changed']);
    deepEqual(fired(change, value('Unit', 0, 'A'), value('Unit', 1, 7), value('Unit', 2, 8)), [2]);
  });

  it('a clock far ahead is not believed, one that is put back starts the time anew', () => {
    equal(only(rising, value('Jam', 0, false), value('Jam', 100_000, true, { skew: -99_990 })).at, 10_000);
    deepEqual(fired(standsJammed, value('Speed', 100, 0), value('Jam', 100, false), value('Jam', 101, true), value('Speed', 50, 0.01), value('Speed', 54, 0), value('Speed', 55, 0)), [55]);
  });

  it('a clock that is wrong but steady makes no difference', () => {
    const events = [value('Jam', 0, false, { skew: 3_600 }), value('Speed', 0, 0, { skew: 3_600 }), value('Jam', 1, true, { skew: 3_600 })];
    const { state } = play(standsJammed, ...events);
    equal(wakeAt(standsJammed, state), (3_600 + 6) * 1_000);
    deepEqual(fired(standsJammed, ...events, tick(3_605)), []);
    deepEqual(fired(standsJammed, ...events, tick(3_606)), [6]);
  });
});

describe('triggers of a controller: connection lost', () => {
  it('while it is gone, time decides nothing', () => {
    const before = [value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), lost];
    deepEqual(fired(standsJammed, ...before, tick(60)), []);
    equal(wakeAt(standsJammed, play(standsJammed, ...before).state), undefined);
    deepEqual(fired(standsJammed, ...before, restored(false), tick(60)), [6], 'nothing was missed');
  });

  it('after a gap what lasted begins anew', () => {
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), lost, restored(true), value('Jam', 60, true), tick(99), value('Speed', 100, 0), tick(104), tick(105)), [105]);
  });

  it('an edge that happened in the gap is told once, as unseen', () => {
    const event = only(rising, value('Jam', 0, false), lost, restored(true), value('Jam', 60, true), value('Jam', 61, true));
    deepEqual([event.at, event.unseen], [60_000, 'gap']);
    deepEqual(fired(rising, value('Jam', 0, true), lost, restored(true), value('Jam', 60, true)), []);
  });

  it('what had been told before the gap is not told again', () => {
    deepEqual(fired(standsJammed, value('Jam', 0, false), value('Speed', 0, 0), value('Jam', 1, true), tick(6), lost, restored(true), value('Jam', 60, true), value('Speed', 60, 0), tick(99)), [6]);
  });
});

describe('triggers of a controller: rate', () => {
  const seldom: PlcTrigger = { ...rising, everyMs: 10_000 };
  const pulses = (...at: readonly number[]): TriggerInput[] => [value('Jam', 0, false), ...at.flatMap((second) => [value('Jam', second, true), value('Jam', second + 0.1, false)])];

  it('folds what is too many into one that counts it', () => {
    const { outcomes } = play(seldom, ...pulses(1, 3, 5, 20), tick(40));
    deepEqual(outcomes.map((outcome) => [outcome.at / 1_000, (outcome as TriggerFired).folded]), [[1, undefined], [5, 1], [20, undefined]]);
  });

  it('time releases the last one', () => {
    deepEqual(fired(seldom, ...pulses(1, 3), tick(10.9)), [1]);
    deepEqual(fired(seldom, ...pulses(1, 3), tick(11)), [1, 3]);
  });
});

describe('triggers of a controller: properties', () => {
  const input = (tags: readonly string[]): fc.Arbitrary<TriggerInput> => fc.oneof(
    { weight: 12, arbitrary: fc.record({ tag: fc.constantFrom(...tags), value: fc.oneof(fc.boolean(), fc.double({ min: -5, max: 5 }), fc.constant(Number.NaN), fc.constantFrom('a', 'b')), good: fc.boolean(), at: fc.integer({ min: 0, max: 100 }) }).map((r) => value(r.tag, r.at, r.value as Json, { good: r.good })) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 120 }).map(tick) },
    { weight: 1, arbitrary: fc.constantFrom(lost, restored(true), restored(false)) },
  );
  const trigger: fc.Arbitrary<PlcTrigger> = fc.record({
    name: fc.constant('t'), kind: fc.constantFrom('change', 'rising', 'falling', 'either', 'above', 'below', 'stable', 'condition'), tag: fc.constant('Jam'),
    limit: fc.integer({ min: -3, max: 3 }), hysteresis: fc.integer({ min: 0, max: 3 }), deadband: fc.integer({ min: 0, max: 2 }), forMs: fc.constantFrom(0, 1_000, 5_000),
    conditions: fc.constant(standsJammed.conditions!), match: fc.constantFrom('all', 'any'), atStart: fc.boolean(),
  });

  it('nothing fires from values that are all bad, whatever the trigger', () => {
    fc.assert(fc.property(trigger, fc.array(input(['Jam', 'Speed'])), (rule, inputs) => {
      const worthless = inputs.map((each): TriggerInput => (each.kind === 'value' ? { kind: 'value', reading: { ...each.reading, good: false } } : each));
      deepEqual(play(rule, ...worthless).outcomes, []);
    }));
  });

  it('a signal, crossing or condition alternates: two events of the same side have its end between them', () => {
    fc.assert(fc.property(trigger.filter(({ kind }) => kind === 'either'), fc.array(input(['Jam'])), (rule, inputs) => {
      const sides = play(rule, ...inputs).outcomes.flatMap((outcome) => (outcome.kind === 'fired' ? [outcome.after] : []));
      ok(sides.every((side, at) => at === 0 || side !== sides[at - 1]), JSON.stringify(sides));
    }));
  });

  it('a rate limit loses none: what is told, folded and still held is what happened', () => {
    fc.assert(fc.property(trigger, fc.integer({ min: 1, max: 20 }), fc.array(input(['Jam', 'Speed']), { maxLength: 60 }), (rule, every, inputs) => {
      const all = play(rule, ...inputs).outcomes.filter((outcome) => outcome.kind === 'fired').length;
      const limited = play({ ...rule, everyMs: every * 1_000 }, ...inputs);
      const told = limited.outcomes.reduce((sum, outcome) => sum + (outcome.kind === 'fired' ? 1 + (outcome.folded ?? 0) : 0), 0);
      equal(told + (limited.state.held?.count ?? 0), all);
    }));
  });

  it('no NaN, and no value that is not good, is ever among the values of an event', () => {
    fc.assert(fc.property(trigger, fc.array(input(['Jam', 'Speed'])), (rule, inputs) => {
      for (const outcome of play(rule, ...inputs).outcomes) {
        if (outcome.kind === 'fired') ok(Object.values(outcome.values).every((each) => typeof each !== 'number' || Number.isFinite(each)));
      }
    }));
  });
});

describe('triggers of a controller: a node\'s set', () => {
  const reading = (tag: string, at: number, given: Json, good = true): { tag: string; at: number; receivedAt: number; good: boolean; value: Json } => ({ tag, at: at * 1_000, receivedAt: at * 1_000, good, value: given });

  it('looks at the values of one notification by their time and tells what all tags were', () => {
    const set = new TriggerSet([standsJammed, rising], ['Jam', 'Speed', 'Unit']);
    deepEqual(set.take([reading('Jam', 0, false), reading('Speed', 0, 0), reading('Unit', 0, '4711')]), []);
    const outcomes = set.take([reading('Speed', 9, 1), reading('Jam', 1, true)]);
    deepEqual(outcomes.map((outcome) => [outcome.trigger, outcome.at]), [['jam', 1_000], ['stands-jammed', 6_000]]);
    deepEqual(outcomes[0]?.kind === 'fired' ? outcomes[0].snapshot : undefined, { tags: { Jam: true, Speed: 0, Unit: '4711' }, unknown: [] });
  });

  it('remembers over a restart, unless the trigger was changed', () => {
    const before = new TriggerSet([rising], ['Jam']);
    before.take([reading('Jam', 0, false)]);
    const kept = JSON.parse(JSON.stringify(before.memory())) as ReturnType<TriggerSet['memory']>;
    const after = new TriggerSet([rising], ['Jam'], kept);
    after.restored(true);
    deepEqual(after.take([reading('Jam', 9, true)]).map((outcome) => (outcome.kind === 'fired' ? outcome.unseen : undefined)), ['gap']);
    const changed = new TriggerSet([{ ...rising, forMs: 1_000 }], ['Jam'], kept);
    changed.restored(true);
    deepEqual(changed.take([reading('Jam', 9, true)]), []);
  });

  it('says when it has to be asked again', () => {
    const set = new TriggerSet([standsJammed], ['Jam', 'Speed']);
    set.take([reading('Jam', 0, false), reading('Speed', 0, 0)]);
    equal(set.wakeAt(), undefined);
    set.take([reading('Jam', 1, true)]);
    equal(set.wakeAt(), 6_000);
    set.lost();
    equal(set.wakeAt(), undefined);
  });
});

describe('triggers of a controller: mistakes in a declaration', () => {
  const codes = (...triggers: readonly PlcTrigger[]): readonly string[] => triggerProblems(triggers, ['Jam', 'Speed', 'Temperature']).map(({ code }) => code);

  it('good ones have none', () => { deepEqual(codes(rising, hot, standsJammed), []); });

  it('each mistake has its own code', () => {
    deepEqual(codes({ ...rising, name: ' ' }), ['no-name']);
    deepEqual(codes(rising, rising), ['name-twice']);
    deepEqual(codes({ ...rising, tag: '' }), ['no-tag']);
    deepEqual(codes({ ...rising, tag: 'Other' }), ['unknown-tag']);
    deepEqual(codes({ name: 'hot', kind: 'above', tag: 'Temperature' }), ['no-limit']);
    deepEqual(codes({ ...hot, hysteresis: -1 }), ['bad-hysteresis']);
    deepEqual(codes({ ...rising, kind: 'change', deadband: Number.NaN }), ['bad-deadband']);
    deepEqual(codes({ ...rising, kind: 'stable' }), ['stable-needs-duration']);
    deepEqual(codes({ ...rising, forMs: -1 }), ['bad-duration']);
    deepEqual(codes({ ...rising, everyMs: Number.POSITIVE_INFINITY }), ['bad-interval']);
    deepEqual(codes({ ...standsJammed, conditions: [] }), ['no-conditions']);
    deepEqual(codes({ ...standsJammed, conditions: [{ tag: 'Jam', operator: '<', value: true }] }), ['order-needs-number']);
    deepEqual(codes({ ...standsJammed, conditions: [{ tag: 'Other', operator: '=', value: true }] }), ['unknown-condition-tag']);
    deepEqual(codes({ ...standsJammed, conditions: [{ tag: 'Jam', operator: '=', value: Number.NaN }] }), ['no-condition-value']);
  });
});
