import type { Texts } from '../texts.ts';

/** Where a deployed intake stands. Times are epoch milliseconds by the server's clock. */
export interface Standing {
  readonly now: number;
  readonly state: { readonly kind: string; readonly reason?: string };
  readonly counters: { readonly lastAt?: number };
  readonly lastProblem?: { readonly at: number; readonly reason: string };
}

/** An element that {@link showStanding} fills. */
export const liveLine = (): JQuery => $('<div class="waybill-live" role="status">');

/**
 * Shows in one line where an intake stands, what it counted and when it last had something; below it what was wrong last.
 * @param stands what is said of a state that has no reason
 */
export function showStanding(line: JQuery, { now, state, counters, lastProblem }: Standing, stands: string, counted: string, text: Texts): void {
  line.empty().append($('<span>').addClass(`waybill-dot waybill-dot-${state.kind}`), $('<span>').text([
    state.reason ?? stands, counted, ...(counters.lastAt === undefined ? [] : [text('live.last', { ago: ago(now - counters.lastAt) })]),
  ].join(' · ')));
  if (lastProblem !== undefined && state.reason === undefined) $('<div class="waybill-hint">').text(text('live.problem', { ago: ago(now - lastProblem.at), reason: lastProblem.reason })).appendTo(line);
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}
