import type { Limit } from '../../domain/directory/index.ts';

const known = new Set(Intl.supportedValuesOf('currency'));

/** Whether the currency is one of ISO 4217 that this Node.js knows. */
export function isCurrency(code: string): boolean {
  return known.has(code);
}

/** One sentence about the first limit whose currency does not exist. */
export function unknownCurrency(limits: readonly Limit[]): string | undefined {
  const wrong = limits.find(({ currency }) => !isCurrency(currency));
  return wrong === undefined ? undefined : `Limits of ${wrong.role}: there is no currency ${wrong.currency}; write its three letters, for example EUR.`;
}
