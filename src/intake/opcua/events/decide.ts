import { STANDARD_TYPE, type AlarmBook, type AlarmChange, type AlarmState, type ConditionState, type EventDecision, type EventOutcome, type EventRules, type KnownAlarm, type OpcUaEvent } from './types.ts';

/** A node that has heard nothing. */
export const initialAlarmState: AlarmState = { alarms: {} };

export function alarmKey({ id, branch }: Pick<ConditionState, 'id' | 'branch'>): string {
  return branch === '' ? id : `${id} ${branch}`;
}

/**
 * One event: what becomes a case, what is told about a case that is there, and what is remembered of the condition.
 *
 * An activation is one case: from the moment a condition becomes active until it is active anew. What a refresh tells again
 * is known. An alarm that came and went unheard, and still waits for somebody, is a case as well.
 */
export function decideEvent(state: AlarmState, event: OpcUaEvent, rules: EventRules): EventDecision {
  switch (event.eventType) {
    case STANDARD_TYPE.refreshStart: return { state: { ...state, refreshing: [] }, outcomes: [] };
    case STANDARD_TYPE.refreshEnd: return endRefresh(state);
    case STANDARD_TYPE.refreshRequired: return { state, outcomes: [{ kind: 'refresh-required' }] };
    case STANDARD_TYPE.overflow: return { state, outcomes: [{ kind: 'overflow', at: event.at }] };
    default: return event.condition === undefined ? { state, outcomes: [plain(event, rules)] } : decideCondition(state, event, event.condition, rules);
  }
}

/** A subscription was lost: what was being told is told anew. `restarted`: the server was, so its times of activation are others. */
export function forgetRefresh(state: AlarmState, restarted: boolean): AlarmState {
  if (!restarted) return { alarms: state.alarms };
  return { alarms: Object.fromEntries(Object.entries(state.alarms).map(([key, { since: _gone, ...alarm }]) => [key, alarm])) };
}

/** The case of an activation is durable; it may be a branch by now. */
export function alarmOpened(state: AlarmState, activation: string, caseId: string): AlarmState {
  return change(state, (alarm) => (alarm.activation === activation ? { ...alarm, caseId } : alarm));
}

/** The case of an alarm was closed. */
export function alarmClosed(state: AlarmState, caseId: string): AlarmState {
  return change(state, (alarm) => (alarm.caseId === caseId && alarm.closed !== true ? { ...alarm, closed: true } : alarm));
}

function change(state: AlarmState, how: (alarm: KnownAlarm) => KnownAlarm): AlarmState {
  const alarms = Object.fromEntries(Object.entries(state.alarms).map(([key, alarm]) => [key, how(alarm)]));
  return Object.keys(alarms).some((key) => alarms[key] !== state.alarms[key]) ? { ...state, alarms } : state;
}

function plain(event: OpcUaEvent, rules: EventRules): EventOutcome {
  return event.severity < rules.leastSeverity ? { kind: 'passed', reason: 'severity' } : { kind: 'open', event, id: `event/${event.eventId}` };
}

function decideCondition(state: AlarmState, event: OpcUaEvent, condition: ConditionState, rules: EventRules): EventDecision {
  const key = alarmKey(condition);
  const next: AlarmState = state.refreshing === undefined ? state : { ...state, refreshing: [...state.refreshing, key] };
  const known = knownAs(next.alarms, condition, key);
  if (!condition.enabled) return known === undefined ? { state: next, outcomes: [{ kind: 'passed', reason: 'over' }] } : over(next, known.key, 'disabled', event);
  if (condition.branch !== '') {
    if (known !== undefined) return follow(next, event, condition, key, known, known.alarm.active);
    return waits(condition) ? activate(next, event, condition, key, false, rules) : { state: next, outcomes: [{ kind: 'passed', reason: 'over' }] };
  }
  // A condition without a state of being active is live while it is of interest.
  const live = condition.active ?? condition.retain;
  if (known !== undefined && !isNewActivation(known.alarm, condition, live)) return afterBranches(follow(next, event, condition, key, known, live), event, condition, live);
  if (live || (known === undefined && waits(condition) && !hasBranch(next.alarms, condition.id))) return afterBranches(activate(next, event, condition, key, live, rules), event, condition, false);
  return afterBranches({ state: next, outcomes: [{ kind: 'passed', reason: 'over' }] }, event, condition, live);
}

/** Somebody still has to say something to it. */
const waits = ({ retain, acknowledged, confirmed }: ConditionState): boolean => retain && (acknowledged === false || confirmed === false);
const hasBranch = (alarms: AlarmBook, id: string): boolean => Object.values(alarms).some(({ condition }) => condition === id);

/** A branch has the state of then: that an activation is over is said by the condition itself, also when it is a branch meanwhile. */
function afterBranches({ state, outcomes }: EventDecision, event: OpcUaEvent, { id }: ConditionState, live: boolean): EventDecision {
  if (live) return { state, outcomes };
  const ended: EventOutcome[] = [];
  const alarms = Object.fromEntries(Object.entries(state.alarms).map(([key, alarm]) => {
    if (alarm.condition !== id || key === id || !alarm.active) return [key, alarm];
    const over = { ...alarm, active: false };
    ended.push({ kind: 'changed', change: 'inactive', alarm: over, at: event.at, event });
    return [key, over];
  }));
  return ended.length === 0 ? { state, outcomes } : { state: { ...state, alarms }, outcomes: [...ended, ...outcomes.filter(({ kind }) => kind !== 'passed')] };
}

/** A branch that was an activation which is known goes on as that (Part 9 §5.5.2). */
function knownAs(alarms: AlarmBook, condition: ConditionState, key: string): { readonly key: string; readonly alarm: KnownAlarm } | undefined {
  const alarm = alarms[key];
  if (alarm !== undefined) return { key, alarm };
  if (condition.branch === '') return undefined;
  const earlier = earlierKey(condition.id);
  const [from, before] = alarms[earlier] === undefined ? [condition.id, alarms[condition.id]] as const : [earlier, alarms[earlier]] as const;
  // Without a time nobody can tell: it is the one before, for a condition has branches of earlier states only.
  return before !== undefined && (from === earlier || (condition.activeSince !== undefined && before.since === condition.activeSince)) ? { key: from, alarm: before } : undefined;
}

/** Where an activation is kept whose condition is active anew, until its branch is told. */
const earlierKey = (id: string): string => `${id} (earlier)`;

/** When an alarm is acknowledged, or confirmed, at the server. */
export type AnswerWhen = 'never' | 'recorded' | 'closed';
export interface AnswerRules { readonly acknowledge: AnswerWhen; readonly confirm: AnswerWhen }

/** What the server is to be told of an alarm now. A confirmation waits for the acknowledgement, whoever gives it (Part 9 §5.7.2). */
export function answerDue(key: string, alarm: KnownAlarm, { acknowledge, confirm }: AnswerRules): 'acknowledge' | 'confirm' | undefined {
  if (alarm.caseId === undefined || key === earlierKey(alarm.condition)) return undefined;
  const now = (when: AnswerWhen): boolean => when === 'recorded' || (when === 'closed' && alarm.closed === true);
  if (!alarm.acknowledged) return now(acknowledge) ? 'acknowledge' : undefined;
  return alarm.confirmed === false && now(confirm) ? 'confirm' : undefined;
}

function isNewActivation(alarm: KnownAlarm, { branch, activeSince }: ConditionState, live: boolean): boolean {
  if (branch !== '' || !live) return false;
  return !alarm.active || (activeSince !== undefined && alarm.since !== undefined && activeSince > alarm.since);
}

function activate(state: AlarmState, event: OpcUaEvent, condition: ConditionState, key: string, live: boolean, rules: EventRules): EventDecision {
  if (event.severity < rules.leastSeverity) return { state: without(state, key), outcomes: [{ kind: 'passed', reason: 'severity' }] };
  if (condition.suppressed === true && !rules.suppressed) return { state: without(state, key), outcomes: [{ kind: 'passed', reason: 'suppressed' }] };
  const activation = `${condition.id}/${condition.branch}/${condition.activeSince ?? event.at}`;
  const before = state.alarms[key];
  const outcomes: EventOutcome[] = [];
  let { alarms } = state;
  if (before !== undefined) {
    // Its end was not heard of. What waits for somebody may come back as a branch; nothing of the new activation belongs to it.
    if (before.active) outcomes.push({ kind: 'changed', change: 'inactive', alarm: before, at: 0, unseen: true });
    const { [key]: _before, ...rest } = alarms;
    alarms = before.acknowledged && before.confirmed !== false ? rest : { ...rest, [earlierKey(condition.id)]: { ...before, active: false } };
  }
  const alarm: KnownAlarm = {
    condition: condition.id, activation, ...(condition.activeSince === undefined ? {} : { since: condition.activeSince }), active: live, acknowledged: condition.acknowledged ?? true,
    ...(condition.confirmed === undefined ? {} : { confirmed: condition.confirmed }), eventId: event.eventId, name: nameOf(event, condition),
  };
  outcomes.push({ kind: 'open', event, id: activation, key, ...(live ? {} : { unseen: true as const }) });
  return { state: { ...state, alarms: { ...alarms, [key]: alarm } }, outcomes };
}

/** What is new about an activation that is known. */
function follow(state: AlarmState, event: OpcUaEvent, condition: ConditionState, key: string, { key: from, alarm }: { readonly key: string; readonly alarm: KnownAlarm }, live: boolean): EventDecision {
  const outcomes: EventOutcome[] = [];
  const acknowledged = condition.acknowledged ?? true;
  const tell = (what: AlarmChange): void => { outcomes.push({ kind: 'changed', change: what, alarm: updated, at: event.at, event }); };
  const { since: _since, ...kept } = alarm;
  const since = condition.active === false ? alarm.since : condition.activeSince ?? alarm.since;
  const updated: KnownAlarm = {
    ...kept, ...(since === undefined ? {} : { since }), active: live, acknowledged, ...(condition.confirmed === undefined ? {} : { confirmed: condition.confirmed }), eventId: event.eventId,
  };
  if (alarm.caseId === undefined) outcomes.push({ kind: 'open', event, id: alarm.activation, key });
  if (alarm.active && !live) tell('inactive');
  if (!alarm.acknowledged && acknowledged) tell('acknowledged');
  if (alarm.confirmed === false && condition.confirmed === true) tell('confirmed');
  const { [from]: _moved, ...rest } = state.alarms;
  // over, and nobody has to say anything to it any more, whatever the server still holds on to
  const done = !live && acknowledged && updated.confirmed !== false;
  const alarms = !done && (live || condition.retain) ? { ...rest, [key]: updated } : rest;
  return { state: { ...state, alarms }, outcomes: outcomes.length === 0 ? [{ kind: 'passed', reason: 'known' }] : outcomes };
}

function over(state: AlarmState, key: string, what: AlarmChange, event: OpcUaEvent): EventDecision {
  const alarm = state.alarms[key];
  return { state: without(state, key), outcomes: alarm === undefined ? [] : [{ kind: 'changed', change: what, alarm: { ...alarm, active: false, eventId: event.eventId }, at: event.at, event }] };
}

/** What was not told is of interest no longer: nobody heard how it ended. */
function endRefresh(state: AlarmState): EventDecision {
  const { refreshing, alarms } = state;
  if (refreshing === undefined) return { state, outcomes: [] };
  const told = new Set(refreshing);
  const outcomes: EventOutcome[] = [];
  const left: { [key: string]: KnownAlarm } = {};
  for (const [key, alarm] of Object.entries(alarms)) {
    if (told.has(key)) left[key] = alarm;
    else if (alarm.active) outcomes.push({ kind: 'changed', change: 'inactive', alarm: { ...alarm, active: false }, at: 0, unseen: true });
  }
  return { state: { alarms: left }, outcomes };
}

function without(state: AlarmState, key: string): AlarmState {
  if (state.alarms[key] === undefined) return state;
  const { [key]: _gone, ...alarms } = state.alarms;
  return { ...state, alarms };
}

const nameOf = ({ sourceName }: OpcUaEvent, { name, id }: ConditionState): string => [sourceName, name].filter((part) => part !== '').join(' ') || id;
