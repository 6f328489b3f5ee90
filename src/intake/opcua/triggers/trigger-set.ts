import type { Json } from '../../../domain/json.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';
import { decideTrigger, initialTriggerState, wakeAt } from './decide.ts';
import { tagsOf } from './observe.ts';
import type { TagReading, TriggerFired, TriggerInput, TriggerState, TriggerTrouble } from './types.ts';

/** What all tags were when it happened: the last good value of each, and the names of those that have none at the moment. */
export interface TagSnapshot { readonly tags: { readonly [tag: string]: Json }; readonly unknown: readonly string[] }

export type SetOutcome = (TriggerFired & { readonly snapshot: TagSnapshot }) | TriggerTrouble;

/** What a set remembers, as JSON: by trigger, with the trigger that it was remembered for. */
export type TriggerMemory = { readonly [trigger: string]: { readonly declared: string; readonly state: TriggerState } };

interface Entry { readonly trigger: PlcTrigger; readonly declared: string; state: TriggerState }

/**
 * The triggers of one node over its tags. Give it every value in `take`, call `tick` at {@link wakeAt} while the connection
 * is alive, `lost` when it is not. `restored` goes before the first values that come again: with `gap: true` when the
 * subscription is another one or its queue overflowed, and after a restart of ours that kept nothing at the server.
 */
export class TriggerSet {
  readonly #entries: readonly Entry[];
  readonly #byTag = new Map<string, Entry[]>();
  readonly #tags: readonly string[];
  readonly #latest = new Map<string, Json>();

  /** `tags` are all tags of the node; `memory` what an earlier set of the same node remembered. A trigger that was changed since begins anew. */
  constructor(triggers: readonly PlcTrigger[], tags: readonly string[], memory: TriggerMemory = {}) {
    this.#tags = tags;
    this.#entries = triggers.map((trigger) => {
      const declared = JSON.stringify(trigger);
      const kept = Object.hasOwn(memory, trigger.name) ? memory[trigger.name] : undefined;
      return { trigger, declared, state: kept?.declared === declared ? kept.state : initialTriggerState };
    });
    for (const entry of this.#entries) {
      for (const tag of tagsOf(entry.trigger)) this.#byTag.set(tag, [...this.#byTag.get(tag) ?? [], entry]);
    }
  }

  /** Values of one notification, in any order; they are looked at by the time they were made. */
  take(readings: readonly TagReading[]): readonly SetOutcome[] {
    const outcomes: SetOutcome[] = [];
    const inOrder = readings.length < 2 ? readings : readings.toSorted((a, b) => a.at - b.at);
    for (const reading of inOrder) {
      const { tag, value, good } = reading;
      if (good && value !== undefined) this.#latest.set(tag, value);
      else this.#latest.delete(tag);
      for (const entry of this.#byTag.get(tag) ?? []) this.#feed(entry, { kind: 'value', reading }, outcomes);
    }
    return outcomes;
  }

  /** `now` is our clock, epoch milliseconds. */
  tick(now: number): readonly SetOutcome[] {
    return this.#all({ kind: 'tick', now });
  }

  /** How things are, for snapshots only: read after a restart, when what did not change is not reported again. */
  know(values: { readonly [tag: string]: Json }): void {
    for (const [tag, value] of Object.entries(values)) if (this.#tags.includes(tag) && !this.#latest.has(tag)) this.#latest.set(tag, value);
  }

  lost(): void {
    this.#all({ kind: 'lost' });
  }

  restored(gap: boolean): void {
    if (gap) this.#latest.clear();
    this.#all({ kind: 'restored', gap });
  }

  /** When `tick` has something to decide next, epoch milliseconds by our clock. */
  wakeAt(): number | undefined {
    let first: number | undefined;
    for (const { trigger, state } of this.#entries) {
      const at = wakeAt(trigger, state);
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  /** What a later set has to know, for example after a restart: follow it with `restored`. */
  memory(): TriggerMemory {
    return Object.fromEntries(this.#entries.map(({ trigger, declared, state }) => [trigger.name, { declared, state }]));
  }

  /** Values of all tags as they are now. */
  snapshot(): TagSnapshot {
    return { tags: Object.fromEntries(this.#latest), unknown: this.#tags.filter((tag) => !this.#latest.has(tag)) };
  }

  #all(input: TriggerInput): readonly SetOutcome[] {
    const outcomes: SetOutcome[] = [];
    for (const entry of this.#entries) this.#feed(entry, input, outcomes);
    return outcomes;
  }

  #feed(entry: Entry, input: TriggerInput, outcomes: SetOutcome[]): void {
    const decision = decideTrigger(entry.trigger, entry.state, input);
    entry.state = decision.state;
    for (const outcome of decision.outcomes) outcomes.push(outcome.kind === 'fired' ? { ...outcome, snapshot: this.snapshot() } : outcome);
  }
}
