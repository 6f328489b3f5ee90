import assert from 'node:assert/strict';
import { addWorkingTime, CalendarError, isWorking, nextWorking, workingTimeBetween } from '../../../src/domain/calendar/index.ts';
import { calendar, hours, office, weekdays } from './support.ts';

const nights = (zone: string) => calendar(zone, [{ from: '22:00', to: '06:00' }]);

describe('working time', () => {
  it('goes on after the weekend', () => {
    // Friday 2026-06-12 15:00 in Berlin (13:00Z): two hours until 17:00, two more on Monday.
    assert.equal(addWorkingTime(office('Europe/Berlin'), '2026-06-12T13:00:00.000Z', hours(4)), '2026-06-15T08:00:00.000Z');
    assert.equal(workingTimeBetween(office('Europe/Berlin'), '2026-06-12T13:00:00.000Z', '2026-06-15T08:00:00.000Z'), hours(4));
  });

  it('ends with the shift, not with the start of the next one', () => {
    assert.equal(addWorkingTime(office('Europe/Berlin'), '2026-06-12T13:00:00.000Z', hours(2)), '2026-06-12T15:00:00.000Z');
    assert.equal(addWorkingTime(office('Europe/Berlin'), '2026-06-13T10:00:00.000Z', 0), '2026-06-13T10:00:00.000Z');
    assert.equal(addWorkingTime(office('Europe/Berlin'), '2026-06-13T10:00:00.000Z', 1), '2026-06-15T06:00:00.001Z');
  });

  it('has 7 real hours in the night in which clocks go forward, 9 in which they go back', () => {
    assert.equal(workingTimeBetween(nights('Europe/Berlin'), '2026-03-28T21:00:00.000Z', '2026-03-29T04:00:00.000Z'), hours(7));
    assert.equal(addWorkingTime(nights('Europe/Berlin'), '2026-03-28T21:00:00.000Z', hours(7)), '2026-03-29T04:00:00.000Z');
    assert.equal(workingTimeBetween(nights('Europe/Berlin'), '2026-10-24T20:00:00.000Z', '2026-10-25T05:00:00.000Z'), hours(9));
    assert.equal(addWorkingTime(nights('Europe/Berlin'), '2026-10-24T20:00:00.000Z', hours(9)), '2026-10-25T05:00:00.000Z');
    assert.equal(workingTimeBetween(nights('America/New_York'), '2026-03-08T03:00:00.000Z', '2026-03-08T10:00:00.000Z'), hours(7));
  });

  it('knows the half hour of Lord Howe Island', () => {
    // 2026-04-05 02:00 +11 goes back to 01:30 +10:30.
    const night = nights('Australia/Lord_Howe');
    assert.equal(workingTimeBetween(night, '2026-04-04T11:00:00.000Z', '2026-04-04T19:30:00.000Z'), hours(8.5));
    assert.equal(workingTimeBetween(night, '2026-10-03T11:30:00.000Z', '2026-10-03T19:00:00.000Z'), hours(7.5));
  });

  it('moves a boundary that the clock skips forward, and takes the first of one that comes twice', () => {
    const early = calendar('Europe/Berlin', [{ from: '02:30', to: '04:00' }]);
    assert.equal(nextWorking(early, '2026-03-29T00:00:00.000Z'), '2026-03-29T01:30:00.000Z');
    assert.equal(workingTimeBetween(early, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'), hours(0.5));
    const late = calendar('Europe/Berlin', [{ from: '01:00', to: '02:30' }]);
    assert.equal(workingTimeBetween(late, '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'), hours(1.5));
    assert.equal(isWorking(late, '2026-10-25T01:15:00.000Z'), false);
    // Both ends in the skipped hour, or turned around by it: nothing twice, nothing negative.
    const turned = calendar('Europe/Berlin', [{ from: '02:30', to: '03:00' }]);
    assert.equal(workingTimeBetween(turned, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'), 0);
  });

  it('stops at midnight of a holiday in the middle of a night shift, and goes on when it is over', () => {
    const night = calendar('Europe/Berlin', [{ from: '22:00', to: '06:00' }], { holidays: (year) => [{ from: `${year}-12-25`, to: `${year}-12-26`, name: 'Christmas' }] });
    assert.equal(workingTimeBetween(night, '2026-12-24T21:00:00.000Z', '2026-12-25T23:00:00.000Z'), hours(2));
    assert.equal(nextWorking(night, '2026-12-25T00:00:00.000Z'), '2026-12-26T23:00:00.000Z');
  });

  it('starts and ends on holidays', () => {
    const year = office('Europe/Berlin', { holidays: (y) => [{ from: `${y}-05-01` }, { from: `${y}-05-14` }] });
    // Friday 1 May is a holiday; 4 May 08:00 to 13 May 17:00 are eight days of nine hours; 14 May is a holiday.
    assert.equal(workingTimeBetween(year, '2026-05-01T08:00:00.000Z', '2026-05-14T12:00:00.000Z'), hours(8 * 9));
    assert.equal(addWorkingTime(year, '2026-05-01T08:00:00.000Z', hours(8 * 9 + 1)), '2026-05-15T07:00:00.000Z');
  });

  it('takes a holiday that begins in the old year', () => {
    const shut = calendar('UTC', [{ from: '00:00', to: '24:00' }], { holidays: (y) => [{ from: `${y}-12-31`, to: `${y + 1}-01-02` }] });
    assert.equal(nextWorking(shut, '2026-12-31T05:00:00.000Z'), '2027-01-03T00:00:00.000Z');
  });

  it('closes part of a day, and opens extra in spite of a closure', () => {
    const half = office('Europe/Berlin', { closures: [{ from: '2026-12-24', start: '12:00', end: '24:00' }, { from: '2026-12-28', to: '2026-12-31' }], openings: [{ date: '2026-12-30', from: '10:00', to: '12:00' }] });
    assert.equal(workingTimeBetween(half, '2026-12-23T23:00:00.000Z', '2026-12-24T23:00:00.000Z'), hours(4));
    assert.equal(workingTimeBetween(half, '2026-12-27T23:00:00.000Z', '2026-12-31T23:00:00.000Z'), hours(2));
  });

  it('adds several shifts a day and shifts that touch', () => {
    const split = calendar('Asia/Kolkata', [{ from: '06:00', to: '10:00' }, { from: '10:00', to: '12:00' }, { from: '13:00', to: '14:30' }], {}, weekdays);
    assert.equal(workingTimeBetween(split, '2026-06-14T18:30:00.000Z', '2026-06-15T18:30:00.000Z'), hours(7.5));
    assert.equal(addWorkingTime(split, '2026-06-15T00:30:00.000Z', hours(6.5)), '2026-06-15T08:00:00.000Z');
  });

  it('counts backwards as negative time', () => {
    assert.equal(workingTimeBetween(office('UTC'), '2026-06-15T12:00:00.000Z', '2026-06-15T09:00:00.000Z'), -hours(3));
  });

  it('ends the search of a calendar that never opens', () => {
    const shut = office('Europe/Berlin', { closures: [{ from: '2026-07-01', to: '9999-12-31' }] });
    assert.throws(() => addWorkingTime(shut, '2026-06-30T16:00:00.000Z', hours(1)), (error) => error instanceof CalendarError && error.code === 'no-working-time' && /after 2026-07-01/.test(error.message));
    assert.equal(nextWorking(shut, '2026-06-30T16:00:00.000Z'), undefined);
    assert.equal(workingTimeBetween(shut, '2026-07-01T00:00:00.000Z', '2027-07-01T00:00:00.000Z'), 0);
  });

  it('refuses durations that are none', () => {
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => addWorkingTime(office('UTC'), '2026-06-30T16:00:00.000Z', wrong), { code: 'duration-invalid' });
  });
});
