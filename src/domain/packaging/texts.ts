import { MOST_LEVELS, MOST_PACKAGING_ROWS, type PackagingProblem, type PackagingProblemCode } from './levels.ts';

/** Sentences about a list of packaging levels; the forms have them in their own languages. */
const TEXTS: Readonly<Record<PackagingProblemCode, (of: Readonly<Record<string, string>>) => string>> = {
  'too-many': ({ rows }) => `${rows} rows are more than the ${MOST_PACKAGING_ROWS} that a list may have.`,
  'gtin-form': ({ gtin }) => `"${gtin}" is no GTIN; write its 8, 12, 13 or 14 digits.`,
  'contained-form': ({ gtin }) => `"${gtin}" is no GTIN of what is contained; write its 8, 12, 13 or 14 digits, or leave it blank for a base unit.`,
  'check-digit': ({ gtin, digit }) => `The check digit of ${gtin} is wrong; with these digits it would be ${digit}.`,
  'twice': ({ gtin, row }) => `${gtin} stands in row ${row} already; one GTIN has one content.`,
  'itself': ({ gtin }) => `${gtin} cannot contain itself; leave the contained GTIN blank for a base unit.`,
  'quantity': ({ quantity }) => `"${quantity}" is no quantity of what is contained; write a positive number with at most six decimals.`,
  'base-quantity': ({ quantity }) => `A base unit holds nothing, so ${quantity} says nothing; leave it blank, or say what is contained.`,
  'unit': ({ unit }) => `"${unit}" is no unit of measure; write two or three letters or digits as UN/ECE Recommendation 20 has them, for example EA or MTR.`,
  'circle': ({ gtin }) => `What ${gtin} contains leads back to it.`,
  'open-end': ({ gtin, indicator }) => `${gtin} has the indicator digit ${indicator}, so it is a pack itself, and no row says what it contains; add that row, or one with this GTIN alone when it is your base unit.`,
  'too-deep': ({ gtin }) => `${gtin} is more than ${MOST_LEVELS} levels above its base unit.`,
  'too-large': ({ gtin, units }) => `One ${gtin} would be ${units} base units; look at the quantities.`,
  'too-fine': ({ gtin, units }) => `One ${gtin} would be ${units} base units, which has more than six decimals; choose a smaller base unit.`,
  'derivation': ({ gtin, indicator, contained, expected }) => `${gtin} has the indicator digit ${indicator}, so its digits 2 to 13 must be those of what it contains; from ${contained} it would be ${expected}.`,
  'units-differ': ({ gtin, unit, other, row }) => `The base unit ${gtin} is counted in ${unit} here and in ${other} in row ${row}.`,
};

/** The sentence about one row, which it names. */
export function packagingProblemText({ row, code, values }: PackagingProblem): string {
  return `Packaging levels, row ${row}: ${TEXTS[code](values)}`;
}
