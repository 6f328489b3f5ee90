import type { Gs1Measure } from './types.ts';

/**
 * Trade measures (General Specifications §3.6.2), the one by which goods are sold first: weight, volume, area, length, width,
 * height; metric before other units. Logistic measures (§3.6.3) are of the whole unit with its packaging, and kilograms per
 * square metre (§3.6.4) are no quantity.
 */
const TRADE = [
  '310', '320', '357', '356',
  '315', '316', '360', '361', '364', '365', '366',
  '314', '350', '351', '352',
  '311', '321', '322', '323',
  '312', '324', '325', '326',
  '313', '327', '328', '329',
];
const RANK: ReadonlyMap<string, number> = new Map(TRADE.map((stem, rank) => [stem, rank]));

/** The better of the two as the quantity of the goods; undefined when neither is a trade measure. */
export function asTradeMeasure(measure: Gs1Measure, best: Gs1Measure | undefined): Gs1Measure | undefined {
  const rank = RANK.get(measure.ai.slice(0, 3));
  if (rank === undefined) return best;
  return best === undefined || rank < (RANK.get(best.ai.slice(0, 3)) ?? Infinity) ? measure : best;
}
