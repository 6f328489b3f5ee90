import type { MatrixProblem, MatrixProblemCode } from './problems.ts';
import type { MoneyProblem } from './money.ts';
import type { ApprovalMatrix } from './matrix.ts';

/** One sentence for each mistake in a matrix: what is so, and what to do. */
const sentences: Readonly<Record<MatrixProblemCode, string>> = {
  'unreadable': 'The matrix cannot be read; open the node, set it up again, and deploy.',
  'row-id': 'has no name, or one with other signs than letters, digits, dot, dash, underscore and @; name it.',
  'row-id-twice': 'has the name of another row; give it its own.',
  'band': 'has a band that is no decimal number; write for example 1000 or 1000.50.',
  'band-negative': 'has a band below zero; amounts are never negative.',
  'band-empty': 'has a band in which no amount lies; its end must be above its beginning.',
  'band-without-amount': 'has an amount band, but the matrix does not say which fact is the amount; name its path.',
  'condition-path': 'has a condition without a path to a fact, for example supplier.country.',
  'condition-value': 'has a condition with nothing to compare to; give a value.',
  'no-level': 'asks nobody; add a level, or let it approve by itself.',
  'auto-with-level': 'approves by itself and asks a level as well; take one of them away.',
  'role': 'has a level without a role; say who decides, in small letters, digits and dashes.',
  'quorum': 'has a level whose number of approvals is none; give a whole number from 1 to 50, any, or all.',
  'deadline': 'has a level with a deadline in the past or beyond ten years; give 0 for none, or a time.',
  'hold': 'has a level whose time for a recall is not between 0 and 3600 seconds.',
  'no-calendar': 'counts a deadline in working time, but no calendar is chosen; choose one.',
  'overlap': 'fit the same case; change their bands or conditions, or let the first that fits count.',
  'base': 'The base currency is none; give its three letters, for example EUR.',
  'amount-path': 'The amount is no path to a fact; write for example order.total.',
  'currency-path': 'The currency is no path to a fact; write for example order.currency.',
  'rate-currency': 'is for no other currency than the base currency; give its three letters, for example USD.',
  'rate': 'is no decimal number above zero.',
  'rate-day': 'has no day; write for example 2026-01-01, or leave it blank.',
  'rate-twice': 'is there twice for the same day; take one away.',
  'sum-keys': 'What amounts are summed up by is no list of paths; write for example requester, order.supplier.',
  'sum-days': 'The window in which amounts are summed up is no number of days; give 1 to 3660.',
  'sum-without-amount': 'Amounts are to be summed up, but the matrix does not say which fact is the amount; name its path.',
};

/** A mistake as a sentence that names its place. */
export function matrixProblemText(problem: MatrixProblem, matrix: ApprovalMatrix): string {
  const sentence = sentences[problem.code];
  const named = (place: number): string => `“${matrix.rows[place]?.id || place + 1}”`;
  if (problem.rate !== undefined) return `Exchange rate ${problem.rate + 1} ${sentence}`;
  if (problem.row === undefined) return sentence;
  if (problem.other !== undefined) return `Rows ${named(problem.row)} and ${named(problem.other)} ${sentence}`;
  return `Row ${named(problem.row)} ${sentence}`;
}

/** One sentence for each amount that cannot be decided about. */
export const moneyProblemText: Readonly<Record<MoneyProblem, string>> = {
  'amount-missing': 'The case has no amount, so nobody can say who approves it. Correct the facts and go on, or cancel the case.',
  'amount-invalid': 'The amount of the case is no decimal number with at most 15 digits before and 6 after the point. Correct the facts and go on, or cancel the case.',
  'amount-negative': 'The amount of the case is below zero. Correct the facts and go on, or cancel the case.',
  'currency-missing': 'The amount of the case has no currency. Correct the facts and go on, or cancel the case.',
  'currency-unknown': 'The currency of the amount is not in the rate table of the approval. Add a rate to the node and deploy, then retry; or correct the facts.',
  'rate-missing': 'The rate table of the approval has no rate for this currency on this day. Add one to the node and deploy, then retry.',
};
