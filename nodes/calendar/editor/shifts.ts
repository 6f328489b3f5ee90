import type { ShiftConfig, Weekly } from '../migrations.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

const SHIFT = /^(\d{1,2})(?::?(\d{2}))?\s*(?:-|–|—|to|bis)\s*(\d{1,2})(?::?(\d{2}))?$/i;
const MINUTES_PER_DAY = 1_440;

/** What a person writes for a day, `6-14, 14:00–22:00`, as shifts; undefined with the part that is none. */
export function readShifts(text: string): { readonly shifts: readonly ShiftConfig[] } | { readonly wrong: string } {
  const shifts: ShiftConfig[] = [];
  for (const part of text.split(/[,;]/).map((each) => each.trim()).filter((each) => each !== '')) {
    const [, fromHour, fromMinute = '00', toHour, toMinute = '00'] = SHIFT.exec(part) ?? [];
    const from = clock(fromHour, fromMinute);
    const to = clock(toHour, toMinute);
    if (from === undefined || to === undefined || from === to || from === '24:00') {
      return { wrong: part };
    }
    shifts.push({ from, to });
  }
  return { shifts };
}

export function writeShifts(shifts: unknown): string {
  return Array.isArray(shifts) ? (shifts as ShiftConfig[]).map(({ from, to }) => `${from}–${to}`).join(', ') : '';
}

function clock(hour: string | undefined, minute: string): string | undefined {
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (hour === undefined || minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) {
    return undefined;
  }
  return `${hour.padStart(2, '0')}:${minute}`;
}

/** Two shifts of the week that overlap, Sunday night into Monday included. */
export function overlapOf(weekly: Partial<Weekly>): { readonly day: Day; readonly shift: string } | undefined {
  const spans = DAYS.flatMap((day, index) => (weekly[day] ?? []).map((shift) => {
    const from = index * MINUTES_PER_DAY + minutes(shift.from);
    const length = (minutes(shift.to) - minutes(shift.from) + MINUTES_PER_DAY - 1) % MINUTES_PER_DAY + 1;
    return { day, shift: `${shift.from}–${shift.to}`, from, to: from + length };
  })).sort((a, b) => a.from - b.from);
  const [first] = spans;
  if (first === undefined) {
    return undefined;
  }
  const next = [...spans.slice(1), { ...first, from: first.from + DAYS.length * MINUTES_PER_DAY }];
  const index = next.findIndex((span, at) => (spans[at]?.to ?? 0) > span.from);
  return spans[index];
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
