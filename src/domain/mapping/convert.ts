import Big from 'big.js';
import type { Json } from '../json.ts';
import { convertUnit, currencyPlaces, isDecimalText } from '../contract/index.ts';
import { atParts, pointerParts } from '../json-pointer.ts';
import type { PackagingLevels } from '../packaging/index.ts';
import { gtin14 } from '../packaging/index.ts';
import type { CodeLookup } from './code-list.ts';
import { readDate, writeDate } from './dates.ts';
import { Fault } from './fault.ts';
import type { Conversion, Operand, Rounding } from './mapping.ts';

/** Where the mapping stands in the source. */
export interface Place {
  readonly entry: Json;
  readonly root: Json;
  /** JSON Pointer of the entry. */
  readonly at: string;
}

export interface Lookups {
  /** By `name@version`. */
  readonly lists: ReadonlyMap<string, CodeLookup>;
  readonly packaging?: PackagingLevels;
}

export type Step = (value: string, place: Place) => string | boolean | Fault;

const TIMES = { 'half-up': Big.roundHalfUp, 'half-even': Big.roundHalfEven, up: Big.roundUp, down: Big.roundDown } as const;

/** The same number with at most so many places, rounded as is said. */
export function roundedText(value: string, places: number, mode: Rounding): string {
  return new Big(value).round(places, TIMES[mode]).toFixed();
}

/** A text or a whole number as text; undefined for nothing (no member, null, an empty text). */
export function textOf(value: Json | undefined): string | Fault | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return new Fault('type', { value: JSON.stringify(value).slice(0, 60), type: typeof value === 'boolean' ? 'boolean' : Array.isArray(value) ? 'array' : 'object', wanted: 'string' });
}

/** Reads a pointer of the source: with `#` from the whole document, else from the entry. */
export function reader(pointer: string): (place: Place) => Json | undefined {
  const whole = pointer.startsWith('#');
  const parts = pointerParts(whole ? pointer.slice(1) : pointer);
  return (place) => atParts(whole ? place.root : place.entry, parts);
}

function operandReader(operand: Operand, { lists }: Lookups): (place: Place) => string | Fault {
  if (typeof operand === 'string') return () => operand;
  const read = reader(operand.at);
  const lookup = operand.list === undefined ? undefined : lists.get(operand.list);
  return (place) => {
    const text = textOf(read(place));
    if (text === undefined) return new Fault('operand-missing', { place: operand.at });
    if (text instanceof Fault || operand.list === undefined) return text;
    return lookup?.toCentral(text) ?? new Fault('code-missing', { value: text, list: operand.list });
  };
}

const decimal = (act: (value: string, place: Place) => string | Fault): Step => (value, place) => isDecimalText(value) ? act(value, place) : new Fault('no-decimal', { value });

function minorUnits(currency: (place: Place) => string | Fault, to: 'major' | 'minor'): Step {
  return decimal((value, place) => {
    const code = currency(place);
    if (code instanceof Fault) return code;
    const places = currencyPlaces(code);
    if (places === undefined) return new Fault('currency-unknown', { currency: code });
    const factor = new Big(10).pow(places);
    if (to === 'minor') {
      const minor = new Big(value).times(factor);
      return minor.round(0, Big.roundDown).eq(minor) ? minor.toFixed() : new Fault('too-fine', { value, places: String(places), has: String(value.split('.')[1]?.length ?? 0) });
    }
    if (new Big(value).round(0, Big.roundDown).eq(value)) return new Big(value).times(new Big(10).pow(-places)).toFixed(places);
    return new Fault('too-fine', { value, places: '0', has: String(value.split('.')[1]?.length ?? 0) });
  });
}

function packaging(gtin: (place: Place) => string | Fault, to: 'base-units' | 'packages', levels: PackagingLevels | undefined): Step {
  return decimal((value, place) => {
    const code = gtin(place);
    if (code instanceof Fault) return code;
    if (levels === undefined || levels.empty) return new Fault('no-packaging', { gtin: code });
    const known = levels.of(gtin14(code) ?? '');
    if (known === undefined) return new Fault('pack-unknown', { gtin: code });
    if (to === 'base-units') return new Big(value).times(known.each).toFixed();
    const Exact = Big();
    Exact.DP = 12;
    const packs = new Exact(value).div(new Exact(known.each)).toFixed();
    return new Big(packs).times(known.each).eq(value) ? packs : new Fault('uneven', { value, each: known.each, gtin: code });
  });
}

function readsDecimal(mark: '.' | ',', grouping: string | undefined): Step {
  return (value) => {
    const plain = (grouping === undefined || grouping === '' ? value : value.replaceAll(grouping, '')).trim();
    const other = mark === ',' ? '.' : ',';
    const text = plain.replace(/-$/, '') === plain ? plain : `-${plain.slice(0, -1)}`; // ERP lists write the sign behind
    if (text.includes(other) || !isDecimalText(text.replace(mark, '.').replace(/^\+/, ''))) return new Fault('no-decimal', { value });
    return text.replace(mark, '.').replace(/^\+/, '');
  };
}

/** One conversion, made ready. */
export function stepOf(conversion: Conversion, lookups: Lookups): Step {
  switch (conversion.kind) {
    case 'trim': return (value) => value.trim();
    case 'upper': return (value) => value.toUpperCase();
    case 'lower': return (value) => value.toLowerCase();
    case 'decimal': return readsDecimal(conversion.mark, conversion.grouping);
    case 'round': return decimal((value) => roundedText(value, conversion.places, conversion.mode));
    case 'minor-units': return minorUnits(operandReader(conversion.currency, lookups), conversion.to);
    case 'packaging': return packaging(operandReader(conversion.gtin, lookups), conversion.to, lookups.packaging);
    case 'unit': return unitStep(operandReader(conversion.from, lookups), operandReader(conversion.to, lookups));
    case 'date': return (value) => dated(readDate(value, conversion.format, conversion.zone, conversion.as));
    case 'format-date': return (value) => dated(writeDate(value, conversion.format, conversion.zone));
    case 'boolean': return (value) => conversion.yes.includes(value) ? true : conversion.no.includes(value) ? false : new Fault('no-boolean', { value, yes: conversion.yes.join(', '), no: conversion.no.join(', ') });
    case 'codes': {
      const lookup = lookups.lists.get(conversion.list);
      return (value) => (conversion.to === 'central' ? lookup?.toCentral(value) : lookup?.toSite(value)) ?? new Fault('code-missing', { value, list: conversion.list });
    }
  }
}

const dated = (read: ReturnType<typeof readDate>): string | Fault => 'value' in read ? read.value : new Fault(read.problem, read.values);

/** What does not come out even is cut at twelve places: a contract with fewer refuses it, unless a rule rounds. */
function unitStep(from: (place: Place) => string | Fault, to: (place: Place) => string | Fault): Step {
  return decimal((value, place) => {
    const [one, other] = [from(place), to(place)];
    if (one instanceof Fault) return one;
    if (other instanceof Fault) return other;
    const made = convertUnit(value, one, other);
    return 'problem' in made ? new Fault(made.problem, { unit: made.unit, from: one, to: other }) : made.value;
  });
}
