import type { Json } from '../../../domain/json.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';
import { expectedTypes, lastingOf, observe, same, typeOf, wants } from './observe.ts';
import type { TagReading, TriggerDecision, TriggerFired, TriggerInput, TriggerOutcome, TriggerState, TriggerTrouble } from './types.ts';

/** A source whose clock is further ahead than this is not believed: its values count as made when they arrived. */
export const MOST_AHEAD_MS = 60_000;

type Draft = { -readonly [K in keyof TriggerState]: TriggerState[K] };

/** A trigger that has seen nothing. */
export const initialTriggerState: TriggerState = { values: {}, skew: 0, troubles: {} };

/**
 * One input of one trigger: what it remembers from now on, and what is to be told.
 *
 * An event needs a before: the first value only says how things are, unless the trigger is to tell that as well.
 * What lasts is timed by the clock of the values. Bad quality, a value of no use and a gap end what was lasting; what held
 * before stays known, so a change that happened meanwhile is told once, marked as unseen. One that came and went is not known.
 */
export function decideTrigger(trigger: PlcTrigger, state: TriggerState, input: TriggerInput): TriggerDecision {
  const next: Draft = { ...state };
  const outcomes: TriggerOutcome[] = [];
  switch (input.kind) {
    case 'value': takeValue(trigger, next, input.reading, outcomes); break;
    case 'tick':
      if (next.lost === undefined) advance(trigger, next, input.now - next.skew, outcomes);
      break;
    case 'lost': next.lost = true; break;
    case 'restored':
      delete next.lost;
      if (input.gap) forget(next, 'gap');
  }
  return { state: next, outcomes };
}

/** When time alone decides something next, epoch milliseconds by our clock. */
export function wakeAt(trigger: PlcTrigger, state: TriggerState): number | undefined {
  if (state.lost !== undefined) return undefined;
  const lasting = state.pending === undefined ? undefined : state.pending.since + lastingOf(trigger, state.pending.value);
  const held = state.held === undefined ? undefined : (state.lastToldAt ?? 0) + (trigger.everyMs ?? 0);
  const at = lasting === undefined ? held : held === undefined ? lasting : Math.min(lasting, held);
  return at === undefined ? undefined : at + state.skew;
}

/** What was known is known no longer; what held is. */
function forget(next: Draft, unseen: 'gap'): void {
  next.values = {};
  delete next.pending;
  if (next.settled !== undefined) next.unseen = unseen;
}

function takeValue(trigger: PlcTrigger, next: Draft, reading: TagReading, outcomes: TriggerOutcome[]): void {
  const at = reading.at > reading.receivedAt + MOST_AHEAD_MS ? reading.receivedAt : reading.at;
  next.skew = reading.receivedAt - at;
  advance(trigger, next, at, outcomes);
  const value = usable(trigger, next, reading, at, outcomes);
  if (value === undefined) {
    const { [reading.tag]: _unknown, ...rest } = next.values;
    next.values = rest;
  } else {
    next.values = { ...next.values, [reading.tag]: value };
  }
  look(trigger, next, at, outcomes);
}

/** The value when the trigger can read it; says once when not. */
function usable(trigger: PlcTrigger, next: Draft, reading: TagReading, at: number, outcomes: TriggerOutcome[]): Json | undefined {
  const { tag, value } = reading;
  if (!reading.good || value === undefined || value === null) return undefined;
  const got = typeOf(value);
  const expected = expectedTypes(trigger, tag);
  const before = next.settled === undefined ? undefined : typeOf(next.settled);
  const code: TriggerTrouble['code'] | undefined = typeof value === 'number' && !Number.isFinite(value) ? 'not-a-number'
    : expected !== undefined && !expected.includes(got) ? 'type'
    : expected === undefined && before !== undefined && before !== got ? 'type-changed' : undefined;
  if (code === undefined) {
    if (next.troubles[tag] !== undefined) {
      const { [tag]: _over, ...rest } = next.troubles;
      next.troubles = rest;
    }
    return value;
  }
  if (next.troubles[tag] !== code || code === 'type-changed') {
    outcomes.push({ kind: 'trouble', trigger: trigger.name, tag, code, expected: expected?.join(' or ') ?? before ?? 'number', got: code === 'not-a-number' ? String(value) : got, at });
  }
  if (code === 'type-changed') {
    // The program of the controller was changed: the new type is how things are from now on.
    begin(next, value);
    return value;
  }
  next.troubles = { ...next.troubles, [tag]: code };
  return undefined;
}

function begin(next: Draft, value: Json): void {
  next.settled = value;
  delete next.pending;
  delete next.unseen;
}

/** Compares what the values say with what holds. */
function look(trigger: PlcTrigger, next: Draft, at: number, outcomes: TriggerOutcome[]): void {
  const seen = observe(trigger, next.values, next.settled);
  const deadband = trigger.deadband ?? 0;
  if (seen === undefined) {
    delete next.pending;
    if (next.settled !== undefined) next.unseen ??= 'bad-quality';
    return;
  }
  if (next.settled === undefined && (trigger.atStart !== true || !wants(trigger, seen))) {
    begin(next, seen);
    return;
  }
  if (next.settled !== undefined && same(seen, next.settled, deadband)) {
    delete next.pending;
    delete next.unseen;
    return;
  }
  if (next.pending === undefined || !same(seen, next.pending.value, deadband)) next.pending = { value: seen, since: at };
  else if (at < next.pending.since) next.pending = { ...next.pending, since: at }; // the clock of the values was put back
  advance(trigger, next, at, outcomes);
}

/** Time, by the clock of the values: what lasted long enough holds, what was held back is told. */
function advance(trigger: PlcTrigger, next: Draft, at: number, outcomes: TriggerOutcome[]): void {
  release(trigger, next, at, outcomes);
  const { pending, settled } = next;
  if (pending === undefined) return;
  const lasted = pending.since + lastingOf(trigger, pending.value);
  if (at < lasted) return;
  const { unseen } = next;
  begin(next, pending.value);
  if (wants(trigger, pending.value)) {
    tell(trigger, next, {
      kind: 'fired', trigger: trigger.name, at: lasted, ...(settled === undefined ? {} : { before: settled }), after: pending.value,
      ...(unseen === undefined ? {} : { unseen }), values: next.values,
    }, outcomes);
  }
  release(trigger, next, at, outcomes);
}

function tell(trigger: PlcTrigger, next: Draft, event: TriggerFired, outcomes: TriggerOutcome[]): void {
  const everyMs = trigger.everyMs ?? 0;
  if (everyMs > 0 && next.held !== undefined) {
    next.held = { event: { ...event, ...(next.held.event.unseen === undefined ? {} : { unseen: next.held.event.unseen }) }, count: next.held.count + 1 };
    return;
  }
  // A time before the last one is a clock that was put back: nothing is held for that.
  if (everyMs > 0 && next.lastToldAt !== undefined && event.at >= next.lastToldAt && event.at - next.lastToldAt < everyMs) {
    next.held = { event, count: 1 };
    return;
  }
  if (everyMs > 0) next.lastToldAt = event.at;
  outcomes.push(event);
}

function release(trigger: PlcTrigger, next: Draft, at: number, outcomes: TriggerOutcome[]): void {
  const { held, lastToldAt } = next;
  if (held === undefined) return;
  const due = (lastToldAt ?? 0) + (trigger.everyMs ?? 0);
  if (at < due && at >= (lastToldAt ?? 0)) return;
  delete next.held;
  next.lastToldAt = Math.max(due, held.event.at);
  outcomes.push(held.count > 1 ? { ...held.event, folded: held.count - 1 } : held.event);
}
