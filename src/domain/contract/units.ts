import Big from 'big.js';

/** What a unit measures; only units of one kind convert into each other. */
export type Dimension = 'count' | 'mass' | 'length' | 'area' | 'volume' | 'time' | 'temperature';

/** A unit of UN/ECE Recommendation 20, revision 17. */
export interface Unit {
  readonly code: string;
  readonly name: string;
  readonly dimension: Dimension;
  /** How many of the dimension's base unit one of it is: exact decimal text. Base units: one, kilogram, metre, square and cubic metre, second, kelvin. */
  readonly factor: string;
  /** What is added after the factor, for temperatures alone. */
  readonly offset?: string;
}

const TABLE: readonly (readonly [code: string, name: string, dimension: Dimension, factor: string, offset?: string])[] = [
  ['C62', 'one', 'count', '1'], ['EA', 'each', 'count', '1'], ['H87', 'piece', 'count', '1'], ['PR', 'pair', 'count', '2'],
  ['DZN', 'dozen', 'count', '12'], ['GRO', 'gross', 'count', '144'], ['CEN', 'hundred', 'count', '100'], ['MIL', 'thousand', 'count', '1000'],
  ['KGM', 'kilogram', 'mass', '1'], ['GRM', 'gram', 'mass', '0.001'], ['MGM', 'milligram', 'mass', '0.000001'], ['TNE', 'tonne', 'mass', '1000'], ['DTN', 'decitonne', 'mass', '100'],
  ['CTM', 'metric carat', 'mass', '0.0002'], ['LBR', 'pound', 'mass', '0.45359237'], ['ONZ', 'ounce (avoirdupois)', 'mass', '0.028349523125'], ['STN', 'ton (US)', 'mass', '907.18474'], ['LTN', 'ton (UK)', 'mass', '1016.0469088'],
  ['MTR', 'metre', 'length', '1'], ['CMT', 'centimetre', 'length', '0.01'], ['MMT', 'millimetre', 'length', '0.001'], ['DMT', 'decimetre', 'length', '0.1'], ['KMT', 'kilometre', 'length', '1000'],
  ['INH', 'inch', 'length', '0.0254'], ['FOT', 'foot', 'length', '0.3048'], ['YRD', 'yard', 'length', '0.9144'], ['SMI', 'mile', 'length', '1609.344'],
  ['MTK', 'square metre', 'area', '1'], ['CMK', 'square centimetre', 'area', '0.0001'], ['FTK', 'square foot', 'area', '0.09290304'],
  ['MTQ', 'cubic metre', 'volume', '1'], ['LTR', 'litre', 'volume', '0.001'], ['MLT', 'millilitre', 'volume', '0.000001'], ['CLT', 'centilitre', 'volume', '0.00001'], ['DLT', 'decilitre', 'volume', '0.0001'], ['HLT', 'hectolitre', 'volume', '0.1'],
  ['CMQ', 'cubic centimetre', 'volume', '0.000001'], ['DMQ', 'cubic decimetre', 'volume', '0.001'], ['GLL', 'gallon (US)', 'volume', '0.003785411784'], ['GLI', 'gallon (UK)', 'volume', '0.00454609'],
  ['INQ', 'cubic inch', 'volume', '0.000016387064'], ['FTQ', 'cubic foot', 'volume', '0.028316846592'],
  ['SEC', 'second', 'time', '1'], ['MIN', 'minute', 'time', '60'], ['HUR', 'hour', 'time', '3600'], ['DAY', 'day', 'time', '86400'], ['WEE', 'week', 'time', '604800'],
  ['KEL', 'kelvin', 'temperature', '1', '0'], ['CEL', 'degree Celsius', 'temperature', '1', '273.15'],
];

/** Units that convert, by code. Another code is a unit all the same; nothing is known of it but its name. */
export const UNITS: ReadonlyMap<string, Unit> = new Map(TABLE.map(([code, name, dimension, factor, offset]) => [code, { code, name, dimension, factor, ...(offset === undefined ? {} : { offset }) }]));

/** The form of a code of Recommendation 20, or of 21 with its X: two or three capital letters or digits. */
export const UNIT_CODE = /^[A-Z0-9]{2,3}$/;

export type UnitProblem = 'unit-unknown' | 'unit-kinds';

/** Digits behind the point of a conversion that does not come out even. */
const INEXACT_PLACES = 12;

/**
 * A quantity in another unit. `exact` is false when the result goes on for ever (pounds out of kilograms) and was cut at 12 places.
 * @param value decimal text
 */
export function convertUnit(value: string, from: string, to: string): { readonly value: string; readonly exact: boolean } | { readonly problem: UnitProblem; readonly unit: string } {
  if (from === to) return { value, exact: true };
  const [one, other] = [UNITS.get(from), UNITS.get(to)];
  if (one === undefined) return { problem: 'unit-unknown', unit: from };
  if (other === undefined) return { problem: 'unit-unknown', unit: to };
  if (one.dimension !== other.dimension) return { problem: 'unit-kinds', unit: to };
  const base = new Big(value).times(one.factor).plus(one.offset ?? '0').minus(other.offset ?? '0');
  // A constructor of its own: places and rounding are settings of big.js's constructor, not of a division.
  const Exact = Big();
  Exact.DP = INEXACT_PLACES;
  Exact.RM = Big.roundHalfEven;
  const result = new Exact(base).div(new Exact(other.factor));
  return { value: result.toFixed(), exact: new Big(result.toFixed()).times(other.factor).eq(base) };
}
