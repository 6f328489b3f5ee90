import { locale, regional } from './language.ts';

/**
 * Times as people read them: in the zone of the site that they are about, whatever zone the reader is in.
 * IANA names come with `GET me`; before that, and for a name that the browser does not know, the reader's own.
 */

const own: string = new Intl.DateTimeFormat().resolvedOptions().timeZone;
let house = own;
let bySite: Readonly<Record<string, string>> = {};

/** Takes over the zones of the signed-in person's sites. */
export function setTimeZones(zone: string | undefined, zones: Readonly<Record<string, string>> = {}): void {
  house = zone !== undefined && known(zone) ? zone : own;
  bySite = zones;
}

function known(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    // A zone newer than the browser's own tables.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The zone of a site, or of the house. */
export function zoneOf(site?: string): string {
  const zone = site === undefined ? undefined : bySite[site];
  return zone !== undefined && known(zone) ? zone : house;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, name: 'time' | 'day' | 'year' | 'whole' | 'date'): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  let found = formats.get(key);
  if (found === undefined) {
    const options: Record<typeof name, Intl.DateTimeFormatOptions> = {
      time: { hour: '2-digit', minute: '2-digit' },
      day: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
      year: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
      whole: { dateStyle: 'full', timeStyle: 'long' },
      date: { year: 'numeric', month: '2-digit', day: '2-digit' },
    };
    found = new Intl.DateTimeFormat(name === 'date' ? 'en-CA' : regional, { ...options[name], timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** Time of today, else with the day, and of another year with the year, in the zone of `site`. */
export function formatTime(iso: string, now: number, site?: string): string {
  const zone = zoneOf(site);
  const date = new Date(iso);
  const [day, today] = [date, new Date(now)].map((each) => format(zone, 'date').format(each));
  return format(zone, day === today ? 'time' : day?.slice(0, 4) === today?.slice(0, 4) ? 'day' : 'year').format(date);
}

/** A day of the calendar, `2026-12-21`, whatever the zone. */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(regional, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`));
}

/** Day and time with the year, in the zone of the site, or of the house. */
export function formatInstant(iso: string, site?: string): string {
  return new Intl.DateTimeFormat(regional, { dateStyle: 'medium', timeStyle: 'short', timeZone: zoneOf(site) }).format(new Date(iso));
}

/** Whether a time is on the site's present day. */
export function isToday(iso: string, now: number, site?: string): boolean {
  const day = format(zoneOf(site), 'date');
  return day.format(new Date(iso)) === day.format(new Date(now));
}

/** The whole of a time, with its zone. */
export function formatWhole(iso: string, site?: string): string {
  return format(zoneOf(site), 'whole').format(new Date(iso));
}

/** The same time in the reader's own zone; undefined when the clock shows the same there. */
export function formatOwn(iso: string, site?: string): string | undefined {
  const date = new Date(iso);
  const zone = zoneOf(site);
  if (zone === own || format(zone, 'day').format(date) === format(own, 'day').format(date)) return undefined;
  return format(own, 'whole').format(date);
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/** `in 3 hr`, `5 min ago`. */
export function formatRelative(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  const [unit, size] = steps.find(([, each]) => Math.abs(distance) >= each) ?? ['minute', 60_000];
  return relative.format(Math.trunc(distance / size), unit);
}

const days = new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' });

/** A length of time: `2 days`, `3:59 h`, `47 min`, and below ten minutes `4:09 min` (minutes and seconds). */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.floor(Math.abs(milliseconds) / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds >= 2 * 86_400) return days.format(Math.floor(seconds / 86_400));
  if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)} h`;
  if (seconds >= 600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
}
