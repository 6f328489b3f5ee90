import type { EventType } from '../domain/events.ts';
import type { JsonObject } from '../domain/json.ts';

/** The parts of an event that have a version of their own; erased parts are absent. */
export interface EventParts {
  readonly data: JsonObject;
  readonly content?: JsonObject;
  readonly personal?: JsonObject;
}

/** Lifts the parts of an event from one type version to the next. */
export type Upcaster = (parts: EventParts) => EventParts;

/**
 * For each event type: upcasters by the version they start from. They act when reading and never touch
 * hashed bytes (PROTOCOL §6). Empty as long as every released type is at version 1.
 */
export const upcasters: { readonly [T in EventType]?: Readonly<Record<number, Upcaster>> } = {};

/**
 * Brings the parts of an event to the version that is written today.
 * @throws Error when a step is missing on the way
 */
export function upcast(
  type: EventType, from: number, to: number, parts: EventParts,
  registry: { readonly [T in EventType]?: Readonly<Record<number, Upcaster>> } = upcasters,
): EventParts {
  let lifted = parts;
  for (let version = from; version < to; version += 1) {
    const step = registry[type]?.[version];
    if (step === undefined) throw new Error(`no upcaster leads from ${type}@${version} to ${type}@${version + 1}`);
    lifted = step(lifted);
  }
  return lifted;
}
