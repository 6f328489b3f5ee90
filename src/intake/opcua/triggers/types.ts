import type { Json } from '../../../domain/json.ts';

/** One value of a tag as it was reported. */
export interface TagReading {
  readonly tag: string;
  /** Absent when the server had none to give. */
  readonly value?: Json;
  /** Whether its status is Good (OPC 10000-8 §A.4.3); what is uncertain or bad never triggers. */
  readonly good: boolean;
  /** When the value came to be, epoch milliseconds by the source's or the server's clock. */
  readonly at: number;
  /** When it arrived here, epoch milliseconds by our clock. */
  readonly receivedAt: number;
}

/** Why something that happened is told only now: values were missed, or had bad quality, while it happened. */
export type Unseen = 'gap' | 'bad-quality';

/** A business event. */
export interface TriggerFired {
  readonly kind: 'fired';
  readonly trigger: string;
  /** Epoch milliseconds by the clock of the values; a duration is told for the moment at which it was over. */
  readonly at: number;
  /** What it was before, and is: the value, or whether the signal, crossing or condition holds. `before` is absent for the first value. */
  readonly before?: Json;
  readonly after: Json;
  /** Present when it happened somewhen while nobody could see. */
  readonly unseen?: Unseen;
  /** Further events since the last one that this one stands for. */
  readonly folded?: number;
  /** Values of the trigger's own tags at that moment. */
  readonly values: { readonly [tag: string]: Json };
}

/** A value that the trigger cannot use; told once until it is usable again. */
export interface TriggerTrouble {
  readonly kind: 'trouble';
  readonly trigger: string;
  readonly tag: string;
  readonly code: 'type' | 'type-changed' | 'not-a-number';
  readonly expected: string;
  readonly got: string;
  readonly at: number;
}

export type TriggerOutcome = TriggerFired | TriggerTrouble;

/** What reaches a trigger. */
export type TriggerInput =
  | { readonly kind: 'value'; readonly reading: TagReading }
  /** Time has passed and the connection is alive, so the values are what they were. */
  | { readonly kind: 'tick'; readonly now: number }
  /** The connection is gone: time says nothing any more. */
  | { readonly kind: 'lost' }
  /** Values come again. With a gap some were missed: what was known is known no longer. */
  | { readonly kind: 'restored'; readonly gap: boolean };

/** All that a trigger has to remember; JSON, so that it can be kept over a restart. */
export interface TriggerState {
  readonly values: { readonly [tag: string]: Json };
  /** What holds; absent until the first value. */
  readonly settled?: Json;
  /** What may come to hold when it lasts. */
  readonly pending?: { readonly value: Json; readonly since: number };
  readonly unseen?: Unseen;
  readonly lost?: true;
  /** How far our clock is ahead of that of the values, with the way here. */
  readonly skew: number;
  readonly lastToldAt?: number;
  readonly held?: { readonly event: TriggerFired; readonly count: number };
  readonly troubles: { readonly [tag: string]: TriggerTrouble['code'] };
}

export interface TriggerDecision {
  readonly state: TriggerState;
  readonly outcomes: readonly TriggerOutcome[];
}
