import Big from 'big.js';
import type { Json } from '../json.ts';

/** An amount as a decimal string, never a float, in a currency of ISO 4217. */
export interface Money { readonly amount: string; readonly currency: string }

/** What one unit of a currency is worth in the base currency, from a day on. */
export interface ExchangeRate {
  readonly currency: string;
  /** Decimal, for example `0.92`. */
  readonly rate: string;
  /** `YYYY-MM-DD`; blank: always. */
  readonly from: string;
}

export type MoneyProblem = 'amount-missing' | 'amount-invalid' | 'amount-negative' | 'currency-missing' | 'currency-unknown' | 'rate-missing';

/** An amount in the base currency, with what it was before. */
export interface BaseAmount extends Money { readonly original: Money; readonly rate: string }

export const CURRENCY = /^[A-Z]{3}$/;

/** A decimal of at most 15 digits before and 6 after the point. A JSON number is taken as it is written. */
export function decimalOf(value: unknown): Big | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) < 1e15 ? new Big(value).round(6) : undefined;
  if (typeof value !== 'string' || !/^-?\d{1,15}(\.\d{1,6})?$/.test(value.trim())) return undefined;
  return new Big(value.trim());
}

/** The rate that is valid on a day: of those that have begun, the one that began last. */
function rateOn(rates: readonly ExchangeRate[], currency: string, day: string): Big | undefined {
  const begun = rates.filter((each) => each.currency === currency && (each.from === '' || each.from <= day));
  const latest = begun.reduce<ExchangeRate | undefined>((best, each) => (best === undefined || each.from >= best.from ? each : best), undefined);
  return latest === undefined ? undefined : decimalOf(latest.rate);
}

/**
 * A fact as an amount in the base currency. It fails rather than guesses: what is no amount, is below zero, or has no
 * rate on that day is a problem that a person mends.
 * @param currency fact with the currency; undefined when the amounts are all in the base currency
 * @param day `YYYY-MM-DD`
 */
export function inBase(amount: Json | undefined, currency: Json | undefined, base: string, rates: readonly ExchangeRate[], day: string): BaseAmount | MoneyProblem {
  if (amount === undefined || amount === null || amount === '') return 'amount-missing';
  const value = decimalOf(amount);
  if (value === undefined) return 'amount-invalid';
  if (value.lt(0)) return 'amount-negative';
  if (currency === null || currency === '') return 'currency-missing';
  const code = currency === undefined ? base : typeof currency === 'string' ? currency.trim().toUpperCase() : '';
  if (!CURRENCY.test(code)) return 'currency-unknown';
  const original = { amount: value.toFixed(), currency: code };
  if (code === base) return { ...original, original, rate: '1' };
  if (!rates.some((each) => each.currency === code)) return 'currency-unknown';
  const rate = rateOn(rates, code, day);
  if (rate === undefined || rate.lte(0)) return 'rate-missing';
  return { amount: value.times(rate).round(6, Big.roundHalfUp).toFixed(), currency: base, original, rate: rate.toFixed() };
}

/** Sum of decimal strings. */
export function sumOf(amounts: readonly string[]): string {
  return amounts.reduce((sum, each) => sum.plus(each), new Big(0)).toFixed();
}

/** Whether an amount is above a limit; undefined when the two are in different currencies, which nobody compares by guessing. */
export function exceeds(amount: Money, limit: Money): boolean | undefined {
  const bound = decimalOf(limit.amount);
  if (amount.currency !== limit.currency || bound === undefined) return undefined;
  return new Big(amount.amount).gt(bound);
}
