/** An amount of money: a decimal as text and a currency (ISO 4217). Never a float. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

/** At most 15 digits before and 4 after the point. */
const AMOUNT = /^\d{1,15}(\.\d{1,4})?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** Why a limit cannot be one, in one sentence; undefined when it can. Whether the currency exists is not known here. */
export function moneyProblem({ amount, currency }: Money): string | undefined {
  if (amount.startsWith('-')) return `The limit ${amount} is negative; give 0 or more.`;
  if (!AMOUNT.test(amount)) return `"${amount}" is no amount; write digits with a point, for example 2500.00.`;
  return CURRENCY.test(currency) ? undefined : `"${currency}" is no currency; write its three letters, for example EUR.`;
}
