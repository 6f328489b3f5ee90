import assert from 'node:assert/strict';
import fc from 'fast-check';
import { alarmClosed, alarmOpened, answerDue, decideEvent, forgetRefresh, initialAlarmState } from '../../../src/intake/opcua/events/decide.ts';
import { AlarmSet } from '../../../src/intake/opcua/events/alarm-set.ts';
import { STANDARD_TYPE, type AlarmState, type ConditionState, type EventOutcome, type EventRules, type OpcUaEvent } from '../../../src/intake/opcua/events/types.ts';

const ALL: EventRules = { leastSeverity: 1, suppressed: false };
let count = 0;

function told(condition: Partial<ConditionState>, rest: Partial<OpcUaEvent> = {}): OpcUaEvent {
  count += 1;
  return {
    eventId: `e${count}`, eventType: 'i=10637', source: 'ns=1;s=Line', sourceName: 'Line', at: count * 1_000, message: 'jam', severity: 500, fields: {},
    condition: { id: 'ns=1;s=Jam', name: 'Jam', branch: '', retain: true, enabled: true, active: true, acknowledged: false, comment: '', ...condition }, ...rest,
  };
}
const system = (eventType: string): OpcUaEvent => ({ eventId: `s${count += 1}`, eventType, source: 'i=2253', sourceName: 'Server', at: count * 1_000, message: '', severity: 100, fields: {} });

/** What came of these, one after the other; a case is there as soon as it is wanted. */
function given(events: readonly OpcUaEvent[], rules = ALL, from = initialAlarmState): { readonly state: AlarmState; readonly outcomes: readonly EventOutcome[]; readonly short: readonly string[] } {
  let state = from;
  const outcomes: EventOutcome[] = [];
  for (const event of events) {
    const decision = decideEvent(state, event, rules);
    ({ state } = decision);
    outcomes.push(...decision.outcomes);
    for (const outcome of decision.outcomes) if (outcome.kind === 'open' && outcome.key !== undefined) state = alarmOpened(state, outcome.id, `case of ${outcome.id}`);
  }
  return { state, outcomes, short: outcomes.map((outcome) => (outcome.kind === 'changed' ? outcome.change : outcome.kind === 'passed' ? outcome.reason : outcome.kind)) };
}

describe('which events become cases', () => {
  it('opens one case from the moment an alarm is active until it is active anew', () => {
    const { short, outcomes, state } = given([told({}), told({}, { severity: 700 }), told({ active: false }), told({ active: false, acknowledged: true }), told({})]);
    assert.deepEqual(short, ['open', 'known', 'inactive', 'acknowledged', 'open']);
    const ids = outcomes.filter((outcome) => outcome.kind === 'open').map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
    assert.equal(Object.keys(state.alarms).length, 1);
  });

  it('forgets an alarm that is of no interest any more', () => {
    assert.deepEqual(given([told({}), told({ active: false, acknowledged: true, retain: false })]).state.alarms, {});
    // some servers hold on to it although there is nothing left to say
    assert.deepEqual(given([told({}), told({ active: false, acknowledged: true })]).state.alarms, {});
  });

  it('names an activation by the time at which the server says it began', () => {
    const first = given([told({ activeSince: 77_000 })]);
    const again = given([told({ activeSince: 77_000 }, { severity: 900 })]);
    assert.deepEqual(first.outcomes.map((outcome) => outcome.kind === 'open' && outcome.id), again.outcomes.map((outcome) => outcome.kind === 'open' && outcome.id));
  });

  it('opens a case for an activation whose predecessor ended unheard, and says so', () => {
    const { short, outcomes } = given([told({ activeSince: 1_000 }), told({ activeSince: 50_000 })]);
    assert.deepEqual(short, ['open', 'inactive', 'open']);
    assert.equal(outcomes[1]?.kind === 'changed' && outcomes[1].unseen, true);
  });

  it('takes an alarm that stands after the server was started again for the one that is known', () => {
    const first = given([told({ activeSince: 1_000 })]);
    const { short } = given([told({ activeSince: 50_000 })], ALL, forgetRefresh(first.state, true));
    assert.deepEqual(short, ['known']);
  });

  it('opens a case for what came and went unheard and still waits for somebody', () => {
    const { short, outcomes } = given([told({ active: false, acknowledged: false })]);
    assert.deepEqual(short, ['open']);
    assert.equal(outcomes[0]?.kind === 'open' && outcomes[0].unseen, true);
    assert.deepEqual(given([told({ active: false, acknowledged: true })]).short, ['over']);
  });

  it('does not double what a refresh tells, and tells the end of what it does not', () => {
    const before = given([told({}), told({ id: 'ns=1;s=Hot' })]);
    const { short, state } = given([system(STANDARD_TYPE.refreshStart), told({}), system(STANDARD_TYPE.refreshEnd)], ALL, before.state);
    assert.deepEqual(short, ['known', 'inactive']);
    assert.deepEqual(Object.keys(state.alarms), ['ns=1;s=Jam']);
    assert.equal(state.refreshing, undefined);
  });

  it('ends nothing by a refresh that was broken off', () => {
    const before = given([told({}), system(STANDARD_TYPE.refreshStart)]);
    const { short } = given([system(STANDARD_TYPE.refreshEnd)], ALL, forgetRefresh(before.state, false));
    assert.deepEqual(short, []);
  });

  it('opens no case below the severity, for a suppressed alarm, or for a disabled condition', () => {
    const severe: EventRules = { leastSeverity: 600, suppressed: false };
    assert.deepEqual(given([told({}), told({ active: false }), told({}, { severity: 600 }), told({ active: false })], severe).short, ['severity', 'severity', 'open', 'inactive']);
    assert.deepEqual(given([told({ suppressed: true })]).short, ['suppressed']);
    assert.deepEqual(given([told({ suppressed: true })], { leastSeverity: 1, suppressed: true }).short, ['open']);
    assert.deepEqual(given([told({}), told({ enabled: false, retain: false })]).short, ['open', 'disabled']);
  });

  it('takes a branch of an earlier state for the activation that it was', () => {
    const { short, state, outcomes } = given([told({ activeSince: 1_000 }), told({ active: false }), told({ activeSince: 9_000 }), told({ branch: 'ns=1;g=1', active: false })]);
    assert.deepEqual(short, ['open', 'inactive', 'open', 'known']);
    const [first] = outcomes;
    assert.equal(state.alarms['ns=1;s=Jam ns=1;g=1']?.activation, first?.kind === 'open' && first.id);
    assert.deepEqual(Object.keys(state.alarms).length, 2);
  });

  it('tells the end of an activation that is a branch already', () => {
    // as a server does that branches off when a condition ends unacknowledged: the branch has the state of then
    const { short, state } = given([told({ activeSince: 1_000 }), told({ branch: 'ns=1;g=1', activeSince: 1_000 }), told({ active: false, acknowledged: true, activeSince: 2_000 })]);
    assert.deepEqual(short, ['open', 'known', 'inactive']);
    assert.deepEqual(Object.values(state.alarms).map(({ active, acknowledged }) => [active, acknowledged]), [[false, false]]);
    assert.deepEqual(given([told({ branch: 'ns=1;g=1', activeSince: 1_000, acknowledged: true, retain: false })], ALL, state).short, ['acknowledged']);
  });

  it('says what of an alarm is due at the server', () => {
    const when = { acknowledge: 'recorded', confirm: 'closed' } as const;
    const key = 'ns=1;s=Jam';
    let { state } = given([told({ confirmed: false })]);
    const due = (): string | undefined => answerDue(key, state.alarms[key]!, when);
    assert.equal(due(), 'acknowledge');
    state = given([told({ confirmed: false, acknowledged: true })], ALL, state).state;
    assert.equal(due(), undefined);
    state = alarmClosed(state, state.alarms[key]!.caseId!);
    assert.equal(due(), 'confirm');
    assert.equal(answerDue(key, { ...state.alarms[key]!, acknowledged: false }, { acknowledge: 'never', confirm: 'closed' }), undefined, 'a confirmation waits for the acknowledgement');
    assert.equal(answerDue(key, { ...state.alarms[key]!, confirmed: true }, when), undefined);
  });

  it('never lets what was due of one activation be given for the next', () => {
    const rules = { acknowledge: 'closed', confirm: 'closed' } as const;
    const before = given([told({ activeSince: 1_000 }), told({ active: false })]).state;
    const first = alarmClosed(before, before.alarms['ns=1;s=Jam']!.caseId!);
    assert.equal(answerDue('ns=1;s=Jam', first.alarms['ns=1;s=Jam']!, rules), 'acknowledge');
    const { state } = given([told({ activeSince: 9_000 })], ALL, first);
    assert.deepEqual(Object.entries(state.alarms).map(([key, alarm]) => answerDue(key, alarm, rules)), [undefined, undefined]);
    // its branch is the earlier activation, and may be acknowledged by itself
    const branched = given([told({ branch: 'ns=1;g=1', active: false })], ALL, state).state;
    assert.deepEqual(Object.entries(branched.alarms).map(([key, alarm]) => answerDue(key, alarm, rules)).sort(), ['acknowledge', undefined]);
  });

  it('opens as many cases as there are activations, whatever is told twice', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 3 })), { maxLength: 30 }), (steps) => {
      const events: OpcUaEvent[] = [];
      let activations = 0;
      let was = false;
      for (const [active, times] of steps) {
        if (active && !was) activations += 1;
        was = active;
        const event = told({ active });
        for (let at = 0; at < times; at += 1) events.push(event);
      }
      // the first may be an end whose beginning nobody heard: it waits for somebody, and is a case as well
      if (steps[0]?.[0] === false) activations += 1;
      const ids = new Set(given(events).outcomes.filter((outcome) => outcome.kind === 'open').map(({ id }) => id));
      assert.equal(ids.size, activations);
    }));
  });

  it('decides over the alarms of one condition as it does over all of them', () => {
    const step = fc.record({ id: fc.constantFrom('ns=1;s=A', 'ns=1;s=B', 'ns=1;s=C'), branch: fc.constantFrom('', '', 'ns=1;g=1'), active: fc.boolean(), acknowledged: fc.boolean(), confirmed: fc.boolean(), retain: fc.boolean() });
    const mark = fc.constantFrom(STANDARD_TYPE.refreshStart, STANDARD_TYPE.refreshEnd);
    fc.assert(fc.property(fc.array(fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: mark }), { maxLength: 60 }), (steps) => {
      const events = steps.map((one) => (typeof one === 'string' ? system(one) : told(one)));
      const whole = given(events);
      let set = new AlarmSet();
      const outcomes: EventOutcome[] = [];
      for (const [at, event] of events.entries()) {
        if (at === 10 && steps.slice(0, 10).every((one) => typeof one !== 'string')) set = new AlarmSet(JSON.parse(JSON.stringify(set.all())) as never); // as after a restart
        const came = set.tell(event, ALL);
        outcomes.push(...came);
        for (const outcome of came) if (outcome.kind === 'open') set.opened(outcome.event.condition?.id ?? '', outcome.id, `case of ${outcome.id}`);
      }
      const sorted = (list: readonly EventOutcome[]): string[] => list.map((outcome) => JSON.stringify(outcome)).sort();
      assert.deepEqual(sorted(outcomes), sorted(whole.outcomes));
      assert.deepEqual(set.all(), whole.state.alarms);
    }));
  });

  it('looks a closed case up', () => {
    const set = new AlarmSet();
    set.tell(told({}), ALL);
    set.opened('ns=1;s=Jam', set.all()['ns=1;s=Jam']!.activation, 'case-1');
    assert.deepEqual([set.has('case-1'), set.has('case-2')], [true, false]);
    set.closed('case-1');
    assert.equal(set.all()['ns=1;s=Jam']?.closed, true);
  });
});
