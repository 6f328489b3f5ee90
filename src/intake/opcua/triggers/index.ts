/** From the values of a controller to business events. Pure, no I/O. */
export { decideTrigger, initialTriggerState, MOST_AHEAD_MS, wakeAt } from './decide.ts';
export { tagsOf } from './observe.ts';
export { TriggerSet, type SetOutcome, type TagSnapshot, type TriggerMemory } from './trigger-set.ts';
export type { TagReading, TriggerDecision, TriggerFired, TriggerInput, TriggerOutcome, TriggerState, TriggerTrouble, Unseen } from './types.ts';
