import type { Json, JsonObject } from '../../../domain/json.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';
import { observe } from '../triggers/observe.ts';
import type { TriggerMemory } from '../triggers/index.ts';
import type { SubscriptionPosition } from '../subscription/watched.ts';

/** What a plc in node goes on from after a restart or a deploy: kept in the ledger before what led to it is acknowledged. */
export interface PlcMemory {
  readonly subscription: SubscriptionPosition;
  readonly triggers: TriggerMemory;
  /** Time of the last event of each trigger, epoch milliseconds. */
  readonly told: { readonly [trigger: string]: number };
  /** By tag: what is not newer came from the server's history already. */
  readonly until?: { readonly [tag: string]: number };
}

export function memoryJson(memory: PlcMemory): JsonObject {
  return memory as unknown as JsonObject;
}

/** Undefined for what no version of this code kept. */
export function readMemory(kept: JsonObject | undefined): PlcMemory | undefined {
  const memory = kept as unknown as Partial<PlcMemory> | undefined;
  return typeof memory?.subscription?.subscription === 'string' && typeof memory.triggers === 'object' && typeof memory.told === 'object' ? memory as PlcMemory : undefined;
}

/**
 * That of a memory which decides about events to come. While it stays the same, what came in between had no effect:
 * it can be acknowledged without another word in the ledger, and nothing is missed when it is forgotten.
 */
export function signatureOf(triggers: readonly PlcTrigger[], memory: TriggerMemory): string {
  return JSON.stringify(triggers.map((trigger) => {
    const state = memory[trigger.name]?.state;
    const rows = (trigger.conditions ?? []).map((row): Json => observe({ name: '', kind: 'condition', conditions: [row] }, state?.values ?? {}, undefined) ?? null);
    return [state?.settled ?? null, state?.pending ?? null, state?.unseen ?? null, state?.held ?? null, rows];
  }));
}
