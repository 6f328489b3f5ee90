import Big from 'big.js';
import { currencyPlaces, isDecimalText } from '../contract/index.ts';
import type { ServiceProblem } from './problem.ts';

/** What one call that is answered costs the site. */
export interface ServiceCost {
  /** Decimal text, such as `0.12`. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

/** Sums of money by currency, as decimal texts. Currencies are never added to each other. */
export type Amounts = Readonly<Record<string, string>>;

export function withAmount(sum: Amounts, { amount, currency }: ServiceCost): Amounts {
  return { ...sum, [currency]: new Big(sum[currency] ?? '0').plus(amount).toFixed() };
}

export function withAmounts(sum: Amounts, more: Amounts): Amounts {
  return Object.entries(more).reduce((all, [currency, amount]) => withAmount(all, { amount, currency }), sum);
}

/** The share of each of `count`, to two places more than the currency has. */
export function amountsFor(sum: Amounts, count: number): Amounts {
  if (count <= 0) return {};
  return Object.fromEntries(Object.entries(sum).map(([currency, amount]) => [currency, new Big(amount).div(count).toFixed((currencyPlaces(currency) ?? 2) + 2)]));
}

/** What an outcome says of whether the system has done, or refused, something: that is what is paid for. */
export function isPaidFor(outcome: string | undefined): boolean {
  return outcome === 'success' || outcome === 'permanent';
}

export function* costProblems(cost: ServiceCost | undefined): Generator<ServiceProblem> {
  if (cost === undefined) return;
  if (!isDecimalText(cost.amount) || cost.amount.startsWith('-')) yield { at: '/cost/amount', message: `${JSON.stringify(cost.amount)} is no amount; write a decimal such as "0.12".` };
  if (currencyPlaces(cost.currency) === undefined) yield { at: '/cost/currency', message: `${JSON.stringify(cost.currency)} is no currency of ISO 4217, such as EUR.` };
}
