/**
 * Six-digit GS1 dates (GS1 General Specifications §3.4.2 and §7.12).
 *
 * YYMMDD; the century is the one that brings the year within 49 years back and 50 years ahead of the reference year;
 * a day of 00 means the last day of the month.
 */

/** Full year of a two-digit year, seen from `referenceYear` (§7.12, figure 7.12-1). */
export function fullYear(yy: number, referenceYear: number): number {
  const century = referenceYear - (referenceYear % 100);
  const difference = yy - (referenceYear % 100);
  if (difference >= 51) return century - 100 + yy;
  if (difference <= -50) return century + 100 + yy;
  return century + yy;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * The ISO date (YYYY-MM-DD) that `text[start, start + 6)`, digits only, stands for; undefined when there is no such day.
 * `allowDayZero` admits DD = 00.
 */
export function gs1Date(text: string, start: number, referenceYear: number, allowDayZero: boolean): string | undefined {
  const pair = (at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  const year = fullYear(pair(start), referenceYear);
  const month = pair(start + 2);
  if (month < 1 || month > 12) return undefined;
  const last = daysInMonth(year, month);
  let day = pair(start + 4);
  if (day === 0) {
    if (!allowDayZero) return undefined;
    day = last;
  }
  if (day > last) return undefined;
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}
