/** Which events of a controller a node hears and what can be wrong with that, the same in the editor and in the engine. */
export { eventProblems, MOST_SEVERITY } from '../../../domain/plc/event.ts';
export type { AnswerWhen, PlcEventProblem, PlcEventType } from '../../../domain/plc/event.ts';
