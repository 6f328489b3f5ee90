import { currencyOf } from './currencies.ts';
import type { Gs1Amount, Gs1Element } from './types.ts';

/** What AI 390n to 393n say: exact decimal text, and the currency where they name it. */
export function amountOf({ currency }: Gs1Element, decimal: string): Gs1Amount {
  return currency === undefined ? { amount: decimal } : { amount: decimal, currency: currencyOf(currency) };
}
