/** What stands on the labels and tags of a simulated site, made from numbers. */
import { ARTICLES, SUPPLIERS } from '../demo-data/goods.ts';

/** GS1 General Specifications §7.9: the last digit of the key. */
function checkDigit(body: string): number {
  let total = 0;
  for (let at = 0; at < body.length; at += 1) total += (body.charCodeAt(at) - 48) * ((body.length - at) % 2 === 1 ? 3 : 1);
  return (10 - (total % 10)) % 10;
}

export interface UnitNumber {
  /** 0 to 9: the extension digit, so that another run has other units. */
  readonly run: number;
  /** 0 to 99. */
  readonly site: number;
  /** 0 to 9,999,999, once per site. */
  readonly unit: number;
}

function prefixOf(unit: number): string {
  return (SUPPLIERS[unit % SUPPLIERS.length] as (typeof SUPPLIERS)[number]).prefix;
}

function serialOf({ site, unit }: UnitNumber): string {
  return `${String(site).padStart(2, '0')}${String(unit).padStart(7, '0')}`;
}

/** The SSCC of a handling unit. */
export function ssccOfUnit(number: UnitNumber): string {
  const body = `${number.run}${prefixOf(number.unit)}${serialOf(number)}`;
  return `${body}${checkDigit(body)}`;
}

/** The same handling unit as a tag says it: SSCC-96 with a company prefix of seven digits (EPC Tag Data Standard 2.2 §14.6.2). */
export function epcOfUnit(number: UnitNumber): string {
  const reference = BigInt(`${number.run}${serialOf(number)}`);
  const bits = (0x31n << 88n) | (2n << 85n) | (5n << 82n) | (BigInt(prefixOf(number.unit)) << 58n) | (reference << 24n);
  return bits.toString(16).toUpperCase().padStart(24, '0');
}

/** GTIN-14 of an article of the assortment. */
export function gtinOfArticle(article: number): string {
  const supplier = SUPPLIERS[article % SUPPLIERS.length] as (typeof SUPPLIERS)[number];
  const body = `0${supplier.prefix}${String(Math.floor(article / SUPPLIERS.length) % 100_000).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

/** How many articles a site picks from. */
export const ASSORTMENT = ARTICLES.length * SUPPLIERS.length * 4;
