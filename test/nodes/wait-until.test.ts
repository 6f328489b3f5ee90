import assert from 'node:assert/strict';
import { end, eventually, opener, Rig, step, withNodeRed } from './support/rig.ts';

describe('wait until node', () => {
  withNodeRed();
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.open(); });
  afterEach(() => rig.close());

  const load = (config: Readonly<Record<string, unknown>>): Promise<void> => rig.load([opener(['wait']), step('wait-until', 'wait', { wires: [['end']], ...config }), end('end')]);
  const inFuture = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it('waits for a time of the facts, across a deploy, and goes on once', async () => {
    const config = { mode: 'time', until: 'releaseOn', untilType: 'facts' };
    await load(config);
    const releaseOn = inFuture(600);
    const caseId = await rig.start({ releaseOn });
    const [scheduled] = await eventually(async () => { const all = await rig.eventsOf(caseId, 'TimerScheduled'); return all.length > 0 ? all : undefined; });
    assert.equal(scheduled?.data.dueAt, releaseOn);
    await load(config);
    assert.equal((await rig.closed(caseId)).outcome, 'end');
    const completed = (await rig.eventsOf(caseId, 'StepCompleted')).filter((event) => event.address?.stepId === 'wait');
    assert.equal(completed.length, 1);
    assert.ok((completed[0]?.recordedAt ?? '') >= releaseOn);
    assert.equal((await rig.eventsOf(caseId, 'TimerScheduled')).length, 1);
  });

  it('waits for a length of time that an expression gives', async () => {
    await load({ mode: 'duration', duration: '$facts.seconds / 60', durationType: 'jsonata', durationUnit: 'minutes' });
    const before = Date.now();
    const caseId = await rig.start({ seconds: 0.3 });
    await rig.closed(caseId);
    assert.ok(Date.now() - before >= 300);
  });

  it('goes on at once when the time has passed, or asks a person', async () => {
    await load({ mode: 'time', until: '2020-01-01', untilType: 'str' });
    const early = await rig.start({});
    await rig.closed(early);
    assert.equal((await rig.eventsOf(early, 'TimerScheduled')).length, 0);

    await load({ mode: 'time', until: '2020-01-01', untilType: 'str', whenPast: 'exception' });
    const raised = await rig.exception(await rig.start({}));
    assert.equal(raised.code, 'time-passed');
    await rig.resolve(raised.exception_id, 'continue');
    await rig.closed(raised.case_id);
  });

  it('names what is no time and what is no length of time, and takes it up again when the facts were corrected', async () => {
    await load({ mode: 'time', until: 'releaseOn', untilType: 'facts' });
    const raised = await rig.exception(await rig.start({ releaseOn: 'next tuesday' }));
    assert.equal(raised.code, 'time-unreadable');
    assert.match(raised.message, /"next tuesday" is no time; correct the facts/);
    const answer = await rig.engine.resolveException({
      exceptionId: raised.exception_id, outcome: 'retry', code: 'corrected', correction: { releaseOn: '2020-02-01' }, by: { userId: 'u', name: 'u', roles: ['engineer'], sites: ['*'], authMethod: 'token', channel: 'api' },
    });
    assert.deepEqual(answer, { ok: true });
    await rig.closed(raised.case_id);

    await load({ mode: 'duration', duration: 'soon', durationType: 'facts' });
    assert.match((await rig.exception(await rig.start({ soon: -1 }))).message, /"-1" is no length of time/);
  });

  it('says how many wait and when the next goes on', async () => {
    await load({ mode: 'time', until: 'at', untilType: 'facts' });
    // Shown in the time zone of the machine, whichever that is.
    const at = new Date(2101, 4, 6, 7, 8);
    await rig.start({ at: at.toISOString() });
    const shown = await eventually(() => rig.shown('wait').find((status) => status.text?.includes('next')));
    assert.equal(shown.text, '1 here, next 2101-05-06 07:08');
  });

  it('says on the node what is missing', async () => {
    await load({ mode: 'opening' });
    assert.match(rig.shown('wait').at(-1)?.text ?? '', /names none; choose one|opening of a calendar/);
  });
});
