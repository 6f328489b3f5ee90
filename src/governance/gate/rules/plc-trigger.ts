/** What a trigger of a *plc in* node is and what is wrong with one, the same in the editor and in the engine. */
export { LONGEST_TRIGGER_MS, MOST_CONDITIONS, TAG_OPERATORS, TRIGGER_KINDS, triggerProblems } from '../../../domain/plc/trigger.ts';
export type { PlcTrigger, TagCondition, TagOperator, TriggerKind, TriggerProblem } from '../../../domain/plc/trigger.ts';
