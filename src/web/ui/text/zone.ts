import { regional } from '../locales/language.ts';
import { zoneOf } from '../locales/times.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of a time at a site, in words. */
export function formatDay(iso: string, site?: string): string {
  const zone = zoneOf(site);
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(regional, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: zone });
    formats.set(zone, format);
  }
  return format.format(new Date(iso));
}
