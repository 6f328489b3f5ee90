import assert from 'node:assert/strict';
import { Calendars } from '../../../src/engine/calendar/calendars.ts';
import type { CalendarConfig } from '../../../src/engine/calendar/calendar-config.ts';
import { CALENDAR_DEFAULTS } from '../../../nodes/calendar/migrations.ts';

const now = '2026-12-23T14:00:00.000Z'; // Wednesday, 15:00 in Berlin
const config = (more: Partial<CalendarConfig> = {}): CalendarConfig => ({ ...CALENDAR_DEFAULTS, name: 'dc-1', timeZone: 'Europe/Berlin', ...more });

describe('calendars of the running flows', () => {
  let calendars: Calendars;
  beforeEach(() => { calendars = new Calendars({ timeZone: () => 'America/New_York', now: () => now }); });

  it('count working and elapsed time, and name themselves', async () => {
    assert.equal(await calendars.set('c1', config()).problem, undefined);
    const calendar = calendars.get('c1');
    const due = calendar?.due(now, { value: 4, unit: 'hours', working: true });
    assert.equal(due?.dueAt, '2026-12-24T09:00:00.000Z');
    assert.match(due?.calendar ?? '', /^dc-1@[\w-]{10}$/);
    assert.equal(calendar?.label, due?.calendar);
    assert.deepEqual(calendar?.due(now, { value: 2, unit: 'days', working: false }), { dueAt: '2026-12-25T14:00:00.000Z' });
    assert.equal(calendar?.due(now, { value: 1, unit: 'days', working: true }).dueAt, '2026-12-24T13:00:00.000Z');
    assert.equal(calendar?.due(now, { value: 1.5, unit: 'minutes', working: true }).dueAt, '2026-12-23T14:01:30.000Z');
  });

  it('close on the public holidays of a state, and are there only when these are loaded', async () => {
    const placed = calendars.set('c1', config({ country: 'DE', state: 'BY' }));
    assert.equal(calendars.pending, true);
    assert.equal(calendars.get('c1'), undefined);
    await calendars.ready();
    assert.equal(await placed.problem, undefined);
    assert.equal(calendars.pending, false);
    // Christmas is Friday, 25 December; Epiphany (6 January) is a holiday in Bavaria and not in Berlin.
    assert.equal(calendars.get('c1')?.nextOpening('2026-12-24T20:00:00.000Z'), '2026-12-28T07:00:00.000Z');
    assert.equal(calendars.get('c1')?.nextOpening('2027-01-05T20:00:00.000Z'), '2027-01-07T07:00:00.000Z');
    await calendars.set('c2', config({ country: 'DE', state: 'BE' })).problem;
    assert.equal(calendars.get('c2')?.nextOpening('2027-01-05T20:00:00.000Z'), '2027-01-06T07:00:00.000Z');
    assert.notEqual(calendars.get('c1')?.label, calendars.get('c2')?.label);
  });

  it('take half holidays and those of several days', async () => {
    await calendars.set('at', config({ country: 'AT', bankHolidays: true, timeZone: 'Europe/Vienna' })).problem;
    assert.equal(calendars.get('at')?.between('2026-12-23T23:00:00.000Z', '2026-12-24T23:00:00.000Z'), 6 * 3_600_000);
    await calendars.set('sa', config({ country: 'SA', timeZone: 'Asia/Riyadh' })).problem;
    assert.equal(calendars.get('sa')?.between('2026-03-18T21:00:00.000Z', '2026-03-22T21:00:00.000Z'), 0);
  });

  it('have the zone of the instance where none is given, and their id where they have no name', async () => {
    await calendars.set('c1', config({ timeZone: '', name: '' })).problem;
    assert.equal(calendars.get('c1')?.nextOpening('2026-12-24T02:00:00.000Z'), '2026-12-24T13:00:00.000Z');
    assert.match(calendars.get('c1')?.label ?? '', /^c1@/);
    await calendars.set('c2', config({ name: ' Lager Süd / 1@x ' })).problem;
    assert.match(calendars.get('c2')?.label ?? '', /^Lager-Süd-1-x@/);
  });

  it('change their version with what a deadline depends on, and with nothing else', async () => {
    const label = async (more: Partial<CalendarConfig>): Promise<string | undefined> => {
      await calendars.set('v', config(more)).problem;
      return calendars.get('v')?.label;
    };
    const first = await label({});
    assert.equal(await label({}), first);
    for (const more of [{ hoursPerDay: 7 }, { timeZone: 'Europe/Paris' }, { closures: [{ from: '2027-01-01' }] }, { openings: [{ date: '2027-01-01', from: '08:00', to: '09:00' }] }, { country: 'DE' }]) assert.notEqual(await label(more), first);
  });

  it('are not there when they are wrong, and say why', async () => {
    for (const [more, says] of [
      [{ weekly: {} }, /no working time/], [{ timeZone: 'Mars/Olympus' }, /unknown/], [{ country: 'XX' }, /no public holidays for XX/], [{ country: 'DE', state: 'ZZ' }, /DE \/ ZZ/],
      [{ closures: [{ from: '2020-01-01', to: '2099-01-01' }] }, /next two years/], [{ weekly: { mon: 'all day' } }, /no working time/], [{ weekly: { mon: [7] } }, /no time of day/],
      [{ closures: ['x', null] as unknown as object[] }, /is no date/], [{ hoursPerDay: Number.NaN }, /NaN hours/],
    ] as const) {
      assert.match(await calendars.set('c1', config(more)).problem ?? '', says);
      assert.equal(calendars.get('c1'), undefined);
    }
  });

  it('are taken away by the node that made them only', async () => {
    const old = calendars.set('c1', config());
    const next = calendars.set('c1', config({ name: 'new' }));
    await next.problem;
    old.forget();
    assert.match(calendars.get('c1')?.label ?? '', /^new@/);
    next.forget();
    assert.equal(calendars.get('c1'), undefined);
  });

  it('show in a form what they mean', async () => {
    const preview = await calendars.preview(config({ country: 'DE', state: 'BY', closures: [{ from: '2026-12-28', to: '2026-12-31', name: 'Stocktaking' }] }));
    assert.deepEqual(preview.due, { hours: 4, date: '2026-12-24', time: '10:00' });
    assert.deepEqual(preview.week?.[0], { date: '2026-12-23', minutes: 540, closed: [], open: [{ from: '08:00', to: '17:00' }] });
    assert.deepEqual(preview.week?.map(({ minutes }) => minutes), [540, 540, 0, 0, 0, 0, 0]);
    assert.deepEqual(preview.week?.[5]?.closed, ['Stocktaking']);
    assert.equal(preview.holidays?.[0]?.date, '2026-12-25');
    assert.equal((await calendars.preview(config({ weekly: {} }))).finding?.code, 'no-working-time');
    assert.deepEqual((await calendars.preview(config({ country: 'DE', state: 'ZZ' }))).finding, { code: 'place-unknown', values: { place: 'DE / ZZ' } });
    const round = await calendars.preview(config({ weekly: { wed: [{ from: '00:00', to: '24:00' }] } }));
    assert.deepEqual(round.week?.[0]?.open, [{ from: '00:00', to: '24:00' }]);
  });

  it('offer countries, states and regions in the language of the form', async () => {
    const { countries, states, regions } = await calendars.places('de', 'DE', 'BY');
    assert.equal(countries.find(({ code }) => code === 'AT')?.name, 'Österreich');
    assert.ok(states.some(({ name }) => name === 'Baden-Württemberg') && regions.length > 0);
    assert.deepEqual((await calendars.places('en', '', '')).states, []);
  });
});
