import assert from 'node:assert/strict';
import type { CalendarDefinition } from '../../../src/domain/calendar/index.ts';
import { calendarFinding, calendarProblem } from '../../../src/domain/calendar/index.ts';
import { calendar, office } from './support.ts';

const now = '2026-06-15T08:00:00.000Z';
const one = (from: string, to: string) => calendar('Europe/Berlin', [{ from, to }], {}, ['mon']);

describe('a calendar that is wrong', () => {
  const wrong: readonly (readonly [string, CalendarDefinition, RegExp])[] = [
    ['zone-unknown', office('Europe/Brelin'), /"Europe\/Brelin" is unknown/],
    ['zone-unknown', office('+02:00'), /IANA name/],
    ['zone-unknown', office(''), /IANA name/],
    ['hours-per-day', office('UTC', { hoursPerDay: 0 }), /0 hours/],
    ['hours-per-day', office('UTC', { hoursPerDay: Number.NaN }), /NaN hours/],
    ['time-invalid', one('8:00', '12:00'), /"8:00" is no time/],
    ['time-invalid', one('08:00', '24:01'), /"24:01"/],
    ['shift-empty', one('06:00', '06:00'), /00:00 to 24:00/],
    ['shift-start-late', one('24:00', '06:00'), /begins at 24:00/],
    ['shifts-overlap', calendar('UTC', [{ from: '08:00', to: '12:00' }, { from: '11:59', to: '13:00' }], {}, ['tue']), /tue 08:00–12:00 and tue 11:59–13:00/],
    ['shifts-overlap', calendar('UTC', [], { weekly: { sun: [{ from: '22:00', to: '06:00' }], mon: [{ from: '05:00', to: '13:00' }] } }), /sun 22:00–06:00 and mon 05:00–13:00/],
    ['shifts-overlap', calendar('UTC', [{ from: '08:00', to: '07:00' }], { weekly: { wed: [{ from: '08:00', to: '07:00' }], thu: [{ from: '06:00', to: '07:30' }] } }), /overlap/],
    ['date-invalid', office('UTC', { closures: [{ from: '2026-02-30' }] }), /"2026-02-30"/],
    ['date-invalid', office('UTC', { openings: [{ date: '24.12.2026', from: '08:00', to: '12:00' }] }), /"24.12.2026"/],
    ['closure-backwards', office('UTC', { closures: [{ from: '2026-08-14', to: '2026-08-01' }] }), /ends before it begins/],
    ['closure-part', office('UTC', { closures: [{ from: '2026-08-14', start: '12:00' }] }), /needs both times/],
    ['closure-part', office('UTC', { closures: [{ from: '2026-08-14', start: '12:00', end: '11:00' }] }), /first before the second/],
    ['too-many', office('UTC', { closures: Array.from({ length: 1_001 }, () => ({ from: '2026-08-14' })) }), /1001 entries/],
    ['no-working-time', calendar('UTC', []), /at least one day a shift/],
    ['never-opens', office('UTC', { closures: [{ from: '2020-01-01', to: '2099-12-31' }] }), /next two years/],
    ['never-opens', calendar('UTC', [], { openings: [{ date: '2020-06-01', from: '08:00', to: '12:00' }] }), /next two years/],
  ];
  for (const [index, [code, definition, sentence]] of wrong.entries()) {
    it(`says so: ${code} (${index + 1})`, () => {
      assert.equal(calendarFinding(definition, now)?.code, code);
      assert.match(calendarProblem(definition, now) ?? '', sentence);
      assert.doesNotMatch(calendarProblem(definition, now) ?? '', /[{}]/);
    });
  }

  it('is none when shifts touch, go over midnight or around the clock', () => {
    for (const right of [office('Europe/Berlin'), calendar('UTC', [{ from: '00:00', to: '24:00' }]), calendar('UTC', [{ from: '06:00', to: '14:00' }, { from: '14:00', to: '22:00' }, { from: '22:00', to: '06:00' }])]) {
      assert.equal(calendarProblem(right, now), undefined);
    }
  });
});
