/** Units in which forms give a length of time, ms; a day is 24 hours here. */
export const unitMs = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;

/** Working time of a site, as patterns and ladders count it. */
export interface WorkCalendar {
  /** `name@hash`: what the ledger says of how a time was worked out. */
  readonly label: string;
  /** When a duration from `fromIso` on is over. */
  due(fromIso: string, duration: { readonly value: number; readonly unit: 'minutes' | 'hours' | 'days'; readonly working: boolean }): { readonly dueAt: string; readonly calendar?: string };
  /** The time itself while it is open, else when it opens next; undefined when that is out of sight. */
  nextOpening(fromIso: string): string | undefined;
  /** Working time between two times, ms. */
  between(fromIso: string, toIso: string): number;
  /** When so many ms of working time from `fromIso` on are over. */
  add(fromIso: string, ms: number): string;
}
