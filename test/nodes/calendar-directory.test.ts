import assert from 'node:assert/strict';
import { end, eventually, opener, Rig, step, withNodeRed, type FlowNode } from './support/rig.ts';
import { CALENDAR_DEFAULTS } from '../../nodes/calendar/migrations.ts';
import { DIRECTORY_DEFAULTS } from '../../nodes/directory/migrations.ts';

describe('calendar and directory nodes', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  const calendar = (config: object = {}): FlowNode => ({ id: 'cal', type: 'waybill-calendar', ...CALENDAR_DEFAULTS, name: 'dc-1', timeZone: 'Europe/Berlin', ...config });
  const wait = step('wait-until', 'wait', { mode: 'duration', duration: '9', durationType: 'num', durationUnit: 'hours', working: true, calendar: 'cal', wires: [['end']] });
  const never = [{ from: '2020-01-01', to: '2099-12-31', start: '', end: '', name: '' }];

  it('counts the working time of a wait, holidays of the place included, from the first message on', async () => {
    await rig.load([opener(['wait']), wait, end('end'), calendar({ country: 'DE', state: 'BY' })]);
    const caseId = await rig.start({});
    const [scheduled] = await eventually(async () => { const all = await rig.eventsOf(caseId, 'TimerScheduled'); return all.length > 0 ? all : undefined; });
    assert.match(scheduled?.data.calendar ?? '', /^dc-1@[\w-]{10}$/);
    const dueAt = scheduled?.data.dueAt ?? '';
    const known = rig.engine.calendars.get('cal');
    const entered = (await rig.eventsOf(caseId, 'StepEntered')).find(({ address }) => address?.stepId === 'wait');
    // Nine hours are one whole shift: at least a night lies between, wherever the day begins.
    assert.ok(Date.parse(dueAt) - Date.parse(entered?.recordedAt ?? '') >= 9 * 3_600_000);
    assert.ok(Math.abs((known?.between(entered?.recordedAt ?? '', dueAt) ?? 0) - 9 * 3_600_000) < 5_000);
  });

  it('a change of the calendar leaves a deadline that is set alone', async () => {
    await rig.load([opener(['wait']), wait, end('end'), calendar()]);
    const caseId = await rig.start({});
    const first = await eventually(async () => (await rig.eventsOf(caseId, 'TimerScheduled'))[0]?.data.dueAt);
    await rig.load([opener(['wait']), wait, end('end'), calendar({ weekly: { ...CALENDAR_DEFAULTS.weekly, sat: [{ from: '00:00', to: '24:00' }], sun: [{ from: '00:00', to: '24:00' }] } })]);
    const second = await rig.start({});
    await eventually(async () => (await rig.eventsOf(second, 'TimerScheduled'))[0]);
    assert.deepEqual((await rig.eventsOf(caseId, 'TimerScheduled')).map(({ data }) => data.dueAt), [first]);
  });

  it('a calendar that never opens is an exception that says what to mend, and goes on when it is mended', async () => {
    await rig.load([opener(['wait']), wait, end('end'), calendar({ closures: never })]);
    assert.equal(rig.engine.calendars.get('cal'), undefined);
    const raised = await rig.exception(await rig.start({}));
    assert.match(raised.message, /calendar/);
    await rig.load([opener(['wait']), wait, end('end'), calendar()]);
    await rig.resolve(raised.exception_id, 'retry');
    assert.ok(await eventually(async () => (await rig.eventsOf(raised.case_id, 'TimerScheduled'))[0]));
  });

  it('the only directory node answers who may, until it is gone', async () => {
    await rig.load([opener(['end']), end('end'), { id: 'dir', type: 'waybill-directory', ...DIRECTORY_DEFAULTS, conflicts: [{ one: 'buyer', other: 'clerk' }], longestDelegationDays: 5 }]);
    assert.deepEqual(rig.engine.directory().conflicts(), [['buyer', 'clerk']]);
    assert.equal(rig.engine.directories.longestDays(), 5);
    await rig.load([opener(['end']), end('end')]);
    assert.deepEqual(rig.engine.directory().conflicts(), []);
    assert.equal(rig.engine.directories.longestDays(), 92);
  });
});
