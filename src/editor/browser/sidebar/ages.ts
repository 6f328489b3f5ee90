const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/**
 * How long ago something began, in the largest whole unit: `3 d`, `2 hr`, `5 min`, and `0 min` below one.
 *
 * @param since ISO time; one that lies in the future counts as now, for clocks differ
 */
export function ageOf(since: string, now: number, language: string): string {
  const seconds = Math.max(0, (now - Date.parse(since)) / 1000);
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? UNITS[2];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.floor(seconds / size));
}

/** Date and time as the person at this browser writes them. */
export function momentOf(iso: string, language: string): string {
  return new Date(iso).toLocaleString(language);
}
