export type { CalendarDate, CalendarDefinition, ClockTime, Closure, Opening, Shift, Weekday } from './definition.ts';
export { WEEKDAYS } from './definition.ts';
export { addWorkingTime, CalendarError, isWorking, nextWorking, workingTimeBetween } from './working-time.ts';
export { calendarFinding, calendarProblem, calendarSentence } from './problem.ts';
export type { CalendarFinding } from './problem.ts';
export { daysOf } from './days.ts';
export type { WorkingDay } from './days.ts';
export { dateAt, epochOf, isDate, isoOf, isZone } from './clock-time.ts';
