import type { CalendarDefinition, Shift } from '../../../src/domain/calendar/index.ts';
import { WEEKDAYS } from '../../../src/domain/calendar/index.ts';

/** A calendar with the same shifts every day, or from Monday to Friday. */
export function calendar(timeZone: string, shifts: readonly Shift[], more: Partial<CalendarDefinition> = {}, days: readonly (typeof WEEKDAYS)[number][] = WEEKDAYS): CalendarDefinition {
  return {
    id: 'test', version: '1', timeZone, weekly: Object.fromEntries(days.map((day) => [day, shifts])), closures: [], holidays: () => [], openings: [], hoursPerDay: 8, ...more,
  };
}

export const weekdays = WEEKDAYS.slice(0, 5);
export const office = (timeZone: string, more: Partial<CalendarDefinition> = {}): CalendarDefinition => calendar(timeZone, [{ from: '08:00', to: '17:00' }], more, weekdays);
export const hours = (count: number): number => count * 3_600_000;
