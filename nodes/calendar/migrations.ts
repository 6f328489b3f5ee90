import { migrationTo } from '../config-version.ts';

/** From `HH:MM` to `HH:MM`; over midnight when `to` is not after `from`. */
export interface ShiftConfig { readonly from: string; readonly to: string }

export interface ClosureConfig {
  /** `YYYY-MM-DD`; the last day is `to`, or the same when blank. */
  readonly from: string;
  readonly to: string;
  /** Times of a part of the day; blank is all day. */
  readonly start: string;
  readonly end: string;
  readonly name: string;
}

export interface OpeningConfig { readonly date: string; readonly from: string; readonly to: string; readonly name: string }

export type Weekly = Readonly<Record<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun', readonly ShiftConfig[]>>;

/** Configuration of a calendar node, version 1. */
export interface CalendarNodeConfig {
  readonly name: string;
  /** IANA time zone; '' is the time zone of the instance. */
  readonly timeZone: string;
  readonly weekly: Weekly;
  /** ISO 3166 code of the country whose public holidays close; '' takes none. */
  readonly country: string;
  readonly state: string;
  readonly region: string;
  readonly bankHolidays: boolean;
  readonly closures: readonly ClosureConfig[];
  readonly openings: readonly OpeningConfig[];
  readonly hoursPerDay: number;
  readonly configVersion: number;
}

const office: readonly ShiftConfig[] = [{ from: '08:00', to: '17:00' }];

export const CALENDAR_DEFAULTS: CalendarNodeConfig = {
  name: '',
  timeZone: '',
  weekly: { mon: office, tue: office, wed: office, thu: office, fri: office, sat: [], sun: [] },
  country: '',
  state: '',
  region: '',
  bankHolidays: false,
  closures: [],
  openings: [],
  hoursPerDay: 8,
  configVersion: 1,
};

export const migrateCalendar = migrationTo(CALENDAR_DEFAULTS);
