/** Formats that have a name; others are written with tokens. */
export const NAMED_FORMATS = ['iso', 'unix-seconds', 'unix-milliseconds', 'odata-v2'] as const;
const isNamed = (format: string): boolean => (NAMED_FORMATS as readonly string[]).includes(format);

const TOKEN = /YYYY|MM|DD|HH|mm|ss|SSS|Z|[^]/g;

/** `DD.MM.YYYY` in its parts: tokens, and what stands between them. */
export function tokensOf(format: string): readonly string[] {
  return format.match(TOKEN) ?? [];
}

/** Whether a format can be used: a year, month and day of it, each once, and no letter that is no token but the T of a time. */
export function isDateFormat(format: string): boolean {
  if (isNamed(format)) return true;
  const tokens = tokensOf(format);
  const known = tokens.filter((token) => /^(YYYY|MM|DD|HH|mm|ss|SSS|Z)$/.test(token));
  return format.length <= 40 && ['YYYY', 'MM', 'DD'].every((token) => known.includes(token)) && new Set(known).size === known.length && tokens.every((token) => known.includes(token) || !/[A-Za-z0-9]/.test(token) || token === 'T');
}

/** Whether it says a time of the day. Of `iso` only the text itself knows. */
export function readsTime(format: string): boolean {
  return isNamed(format) ? format !== 'iso' : tokensOf(format).includes('HH');
}

/** Whether it says an offset, so that no zone is needed. */
export function readsOffset(format: string): boolean {
  return format.startsWith('unix') || (!isNamed(format) && tokensOf(format).includes('Z'));
}

/** Whether the platform knows this IANA time zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
