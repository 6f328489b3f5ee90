import type { JsonObject } from '../../../domain/json.ts';
import type { SubscriptionPosition } from '../subscription/watched.ts';
import type { SelectedField } from './event-fields.ts';
import type { AlarmBook } from './types.ts';

/** What a node that hears events goes on from after a restart or a deploy. */
export interface EventMemory {
  readonly subscription: SubscriptionPosition;
  readonly alarms: AlarmBook;
  /** What was asked of each event, by the key of the item: what waits at the server was asked by that. */
  readonly asked: { readonly [key: string]: readonly SelectedField[] };
}

export function eventMemoryJson(memory: EventMemory): JsonObject {
  return memory as unknown as JsonObject;
}

/** Undefined for what no version of this code kept. */
export function readEventMemory(kept: JsonObject | undefined): EventMemory | undefined {
  const memory = kept as unknown as Partial<EventMemory> | undefined;
  return typeof memory?.subscription?.subscription === 'string' && typeof memory.alarms === 'object' && typeof memory.asked === 'object' ? memory as EventMemory : undefined;
}
