/** Compares the simulator's book with what a ledger, or a running Waybill, says. */
import type { LedgerTally, TallyFile } from './tally.ts';

export interface CheckRow {
  readonly what: string;
  /** The least and the most that the simulator allows; the same where nothing was uncertain. */
  readonly expected: readonly [number, number];
  readonly found: number;
  readonly agrees: boolean;
}

function row(what: string, low: number, high: number, found: number): CheckRow {
  return { what, expected: [low, high], found, agrees: found >= low && found <= high };
}

/**
 * One row for each count. What was sent again, or never acknowledged, widens a row: an intake without an id from its device takes
 * such a message a second time, and nothing says so.
 */
export function compare(tally: TallyFile, now: LedgerTally): CheckRow[] {
  const { expected, possible, missed, before } = tally;
  // a handling unit whose first scan never left its device was opened by the next one
  const shift = Math.min(missed.opened, expected.repeat + possible.repeat);
  const quarantined = (of: LedgerTally): number => Object.values(of.quarantined).reduce((sum, count) => sum + count, 0);
  const grown = (of: (tally: LedgerTally) => number): number => of(now) - (before === undefined ? 0 : of(before));
  const reasons = Object.entries(expected.reasons).sort(([a], [b]) => a.localeCompare(b));
  return [
    row('cases opened', expected.opened, expected.opened + possible.opened + shift, grown(({ opened }) => opened)),
    row('repeated scans on their cases', expected.repeat - shift, expected.repeat + possible.repeat, grown(({ repeat }) => repeat)),
    row('put into quarantine', expected.quarantined, expected.quarantined + possible.quarantined, grown((of) => quarantined(of))),
    ...reasons.map(([reason, count]) => row(`  ${reason}`, count, count + possible.quarantined, grown((of) => of.quarantined[reason] ?? 0))),
  ];
}

/** The rows as a table for a terminal, with what cannot be compared below. */
export function checkText(tally: TallyFile, now: LedgerTally, rows: readonly CheckRow[]): string {
  const count = (value: number): string => value.toLocaleString('en');
  const span = ([low, high]: CheckRow['expected']): string => (low === high ? count(low) : `${count(low)} to ${count(high)}`);
  const cells = [['', 'simulator', 'ledger', ''], ...rows.map(({ what, expected, found, agrees }) => [what, span(expected), count(found), agrees ? 'agrees' : 'DIFFERS'])];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  const table = cells.map(([what = '', simulator = '', ledger = '', verdict = '']) => `${what.padEnd(widths[0] ?? 0)}  ${simulator.padStart(widths[1] ?? 0)}  ${ledger.padStart(widths[2] ?? 0)}  ${verdict}`.trimEnd());
  const open = now.opened - now.closed;
  const wrong = rows.filter(({ agrees }) => !agrees).length;
  return [
    ...table, '',
    `${count(tally.messages.acknowledged)} of ${count(tally.messages.planned)} messages acknowledged, ${count(tally.expected.duplicate)} of the scans in them the same message again, ${count(tally.expected.nowhere)} on topics that no intake takes.`,
    ...(tally.messages.resent > 0 ? [`${count(tally.messages.resent)} messages were sent again after a lost line.`] : []),
    ...(open > 0 ? [`${count(open)} cases are still open.`] : []),
    wrong === 0 ? 'OK: the counts agree.' : `NOT OK: ${wrong} of ${rows.length} counts differ.`,
  ].join('\n');
}
