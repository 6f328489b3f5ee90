/** OPC UA events and conditions: what is asked for, what becomes a case, what is answered. */
export { answerCondition, answerLatest, judgeAnswer, refusedAnswer, type ConditionAnswer } from './conditions.ts';
export { alarmOpened, decideEvent, initialAlarmState, type AnswerRules, type AnswerWhen } from './decide.ts';
export { OpcUaEventIntake, type AlarmReport, type EventIntakeOptions, type EventNews, type EventPort } from './event-intake.ts';
export { readEventMemory, type EventMemory } from './event-memory.ts';
export { eventOpenings, type EventOpeningOptions } from './event-opening.ts';
export { eventTypes, type EventTypeView } from './event-types.ts';
export type { AlarmChange, EventRules, KnownAlarm, OpcUaEvent } from './types.ts';
