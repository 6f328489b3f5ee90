import assert from 'node:assert/strict';

import { absentCase, decide, evolve } from '../../../src/domain/index.ts';
import type { AnyEvent, CaseCommand, CaseEvent, CaseState, Decision, EventType, RefusalCode } from '../../../src/domain/index.ts';
import { caseId, site, start } from './commands.ts';

/** The events of a stream with what the engine adds: epoch 1, one second between two events. */
export function recorded(events: readonly AnyEvent[], epoch = 1): readonly CaseEvent[] {
  return events.map((event, index) => ({
    ...event, epoch, site, streamId: caseId, rootCaseId: caseId, recordedAt: new Date(start + index * 1000).toISOString(),
  }));
}

export function stateAfter(events: readonly AnyEvent[]): CaseState {
  return recorded(events).reduce(evolve, absentCase);
}

/** Events of commands that are carried out one after the other; every one must be accepted. */
export function happened(...commands: readonly CaseCommand[]): readonly AnyEvent[] {
  const events: AnyEvent[] = [];
  for (const command of commands) {
    const decision = decide(stateAfter(events), command);
    assert.equal(decision.kind, 'accepted', `${command.type} is part of the given history, but was refused: ${JSON.stringify(decision)}`);
    events.push(...decision.events);
  }
  return events;
}

/** What can be said of the answer to a command; each returns itself, so that they can be chained. */
export interface Outcome {
  readonly decision: Decision;
  readonly state: CaseState;
  /** Accepted with exactly these events. */
  then(...events: readonly AnyEvent[]): Outcome;
  /** Accepted with events of these types, in this order. */
  thenTypes(...types: readonly EventType[]): Outcome;
  /** Accepted, and there was nothing to do. */
  thenNothing(note: string): Outcome;
  /** Refused with this code; `CommandRefused` is recorded, followed by `extra`. */
  thenRefused(code: RefusalCode, ...extra: readonly EventType[]): Outcome;
  /** Looks at the state after the events. */
  thenState(look: (state: CaseState) => void): Outcome;
}

function outcomeOf(command: CaseCommand, decision: Decision, state: CaseState): Outcome {
  const types = (): readonly EventType[] => decision.events.map((event) => event.type);
  const outcome: Outcome = {
    decision, state,
    then(...events) {
      assert.equal(decision.kind, 'accepted', `refused: ${JSON.stringify(decision)}`);
      assert.deepEqual(decision.events, events);
      return outcome;
    },
    thenTypes(...expected) {
      assert.equal(decision.kind, 'accepted', `refused: ${JSON.stringify(decision)}`);
      assert.deepEqual(types(), expected);
      return outcome;
    },
    thenNothing(note) {
      assert.deepEqual(decision, { kind: 'accepted', events: [], note });
      return outcome;
    },
    thenRefused(code, ...extra) {
      assert.equal(decision.kind, 'refused', `accepted: ${JSON.stringify(decision)}`);
      assert.equal(decision.kind === 'refused' ? decision.code : undefined, code);
      assert.deepEqual(decision.events[0], { type: 'CommandRefused', data: { command: command.type, code }, reasonCode: code });
      assert.deepEqual(types(), ['CommandRefused', ...extra]);
      return outcome;
    },
    thenState(look) {
      look(state);
      return outcome;
    },
  };
  return outcome;
}

/** Given/when/then of a decider, after emmett's `DeciderSpecification`. Clock and ids are fixed (see `commands.ts`). */
export function given(...history: readonly (AnyEvent | readonly AnyEvent[])[]): { readonly state: CaseState; when(command: CaseCommand): Outcome } {
  const events = history.flat() as readonly AnyEvent[];
  const state = stateAfter(events);
  return {
    state,
    when(command) {
      const decision = decide(state, command);
      return outcomeOf(command, decision, stateAfter([...events, ...decision.events]));
    },
  };
}

/** Picks an element that must be there. */
export function only<T>(found: T | undefined): T {
  assert.ok(found !== undefined, 'expected to be there');
  return found;
}
