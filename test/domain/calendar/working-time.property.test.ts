import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CalendarDefinition, Shift } from '../../../src/domain/calendar/index.ts';
import { addWorkingTime, isWorking, nextWorking, WEEKDAYS, workingTimeBetween } from '../../../src/domain/calendar/index.ts';
import { calendar } from './support.ts';
import { changesOfClocks, Reference, Walk } from './reference.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/London', 'America/Asuncion', 'Africa/Casablanca', 'Pacific/Apia', 'America/Havana'];
const day = 86_400_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Moments to look at: every change of clocks, and, where there are none, the days on which Europe and America change theirs. */
const momentsOf = (zone: string): number[] => {
  const changes = changesOfClocks(zone);
  return changes.length > 0 ? changes : [...changesOfClocks('Europe/Berlin'), ...changesOfClocks('America/New_York')];
};
const moments = new Map(zones.map((zone) => [zone, momentsOf(zone)]));

const shift: fc.Arbitrary<Shift> = fc.tuple(fc.integer({ min: 0, max: 287 }), fc.integer({ min: 1, max: 287 })).map(([start, length]) => ({ from: clock(start * 5), to: clock(((start + length) % 288) * 5) }));
const weekly = fc.record(Object.fromEntries(WEEKDAYS.map((name) => [name, fc.array(shift, { maxLength: 2 })])));

/** Shifts, holidays and closures around a moment; shifts may overlap here, the time counts once all the same. */
function calendarAround(zone: string, moment: number): fc.Arbitrary<CalendarDefinition> {
  const near = (offset: number): string => iso(moment + offset * day).slice(0, 10);
  const date = fc.integer({ min: -2, max: 2 }).map(near);
  const part = fc.option(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 87 })).map(([start, length]) => ({ start: clock(start * 5), end: clock((start + length) * 5) })), { nil: {} });
  return fc.record({
    weekly, closures: fc.array(fc.tuple(date, part).map(([from, times]) => ({ from, ...times })), { maxLength: 2 }),
    openings: fc.array(fc.tuple(date, shift).map(([at, times]) => ({ date: at, ...times })), { maxLength: 1 }),
    holiday: fc.option(date, { nil: undefined }),
  }).map(({ weekly: week, closures, openings, holiday }) => calendar(zone, [], { weekly: week, closures, openings, holidays: () => (holiday === undefined ? [] : [{ from: holiday }]) }));
}

describe('working time around every change of clocks from 2020 to 2035', function () {
  this.timeout(120_000);

  it('is tested where clocks change', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) assert.equal(changesOfClocks(zone).length, 32);
  });

  for (const zone of zones) {
    it(`agrees in ${zone} with a walk through the minutes of a clock on the wall`, () => {
      for (const moment of moments.get(zone) ?? []) {
        const walk = new Walk(zone, moment - day, moment + day);
        for (const definition of fc.sample(calendarAround(zone, moment), { numRuns: 3, seed: moment / 60_000 % 2_147_483_647 })) {
          const reference = new Reference(definition, walk);
          for (const from of [-26, -7, -1, 0, 1].map((hours) => moment + hours * 3_600_000)) {
            assert.equal(isWorking(definition, iso(from)), reference.isOpen(from), `${iso(from)} ${JSON.stringify(definition)}`);
            const to = moment + 26 * 3_600_000;
            const expected = reference.between(from, to);
            assert.equal(workingTimeBetween(definition, iso(from), iso(to)), expected, `${iso(from)} to ${iso(to)} ${JSON.stringify(definition)}`);
          }
        }
      }
    });
  }

  const situation = fc.constantFrom(...zones).chain((zone) => fc.constantFrom(...(moments.get(zone) ?? [])).chain((moment) => fc.record({
    definition: calendarAround(zone, moment), from: fc.integer({ min: -3 * day, max: 2 * day }).map((offset) => moment + offset), a: fc.integer({ min: 0, max: 3 * day }), b: fc.integer({ min: 0, max: 3 * day }),
  }))).filter(({ definition }) => WEEKDAYS.some((name) => (definition.weekly[name] ?? []).length > 0));
  const holds = (check: (situation: { readonly definition: CalendarDefinition; readonly from: number; readonly a: number; readonly b: number }) => void): void => {
    fc.assert(fc.property(situation, (each) => { check(each); }), { numRuns: 400 });
  };

  it('adding and measuring are inverse', () => {
    holds(({ definition, from, a }) => assert.equal(workingTimeBetween(definition, iso(from), addWorkingTime(definition, iso(from), a)), a));
  });

  it('gives the first instant at which the work is done', () => {
    holds(({ definition, from, a }) => {
      const due = Date.parse(addWorkingTime(definition, iso(from), a));
      if (a > 0) assert.equal(workingTimeBetween(definition, iso(from), iso(due - 1)), a - 1);
    });
  });

  it('grows with the duration and with the start', () => {
    holds(({ definition, from, a, b }) => {
      const [short = 0, long = 0] = [a, b].sort((x, y) => x - y);
      assert.ok(addWorkingTime(definition, iso(from), short) <= addWorkingTime(definition, iso(from), long));
      assert.ok(addWorkingTime(definition, iso(from), a) <= addWorkingTime(definition, iso(from + b), a));
    });
  });

  it('adds up', () => {
    holds(({ definition, from, a, b }) => {
      assert.equal(addWorkingTime(definition, addWorkingTime(definition, iso(from), a), b), addWorkingTime(definition, iso(from), a + b));
      const [middle, end] = [iso(from + a), iso(from + a + b)];
      assert.equal(workingTimeBetween(definition, iso(from), middle) + workingTimeBetween(definition, middle, end), workingTimeBetween(definition, iso(from), end));
      assert.equal(workingTimeBetween(definition, end, iso(from)), -workingTimeBetween(definition, iso(from), end) + 0);
    });
  });

  it('works at the next working instant, and not before', () => {
    holds(({ definition, from }) => {
      const next = nextWorking(definition, iso(from));
      assert.ok(next !== undefined && isWorking(definition, next) && workingTimeBetween(definition, iso(from), next) === 0);
    });
  });
});
