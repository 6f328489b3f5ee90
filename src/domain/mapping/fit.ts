import type { Json } from '../json.ts';
import { cutZeros, isDecimalText, roomOf, SAFE_DIGITS, significantDigits } from '../contract/index.ts';
import type { SchemaField } from '../contract/index.ts';
import { Fault } from './fault.ts';

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const kindOf = (value: Json): string => value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/**
 * A value as the place of the target takes it: text and whole numbers stand for each other where nothing is lost. Nothing is
 * rounded, nothing cut but zeros. Without a schema the value stays as it is.
 */
export function fit(value: Json, field: SchemaField | undefined): Json | Fault {
  if (field === undefined || field.types.length === 0) return value;
  const { types, decimal } = field;
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    if (types.includes('string')) return decimal === undefined ? fitText(text, field) : fitDecimal(text, decimal);
    if (types.includes('number') || types.includes('integer')) return fitNumber(text, types.includes('number'), decimal);
  }
  const kind = kindOf(value);
  if (types.some((type) => type === kind)) return value;
  return new Fault('type', { value: JSON.stringify(value).slice(0, 60), type: kind, wanted: types.join(', ') });
}

function fitDecimal(text: string, decimal: { readonly digits: number; readonly places: number }): string | Fault {
  if (!isDecimalText(text)) return new Fault('no-decimal', { value: text });
  const { digits, places } = roomOf(text);
  if (places > decimal.places) return new Fault('too-fine', { value: text, has: String(places), places: String(decimal.places) });
  if (digits > decimal.digits) return new Fault('too-large', { value: text, digits: String(decimal.digits) });
  // as a contract writes it: no zeros before the first digit, none that it has no room for
  return cutZeros(text, decimal.places).replace(/^(-?)0+(?=\d)/, '$1');
}

function fitText(text: string, { format, choices, maxLength }: SchemaField): string | Fault {
  if (format === 'date-time' && !ZONED.test(text)) return LOCAL.test(text) || DAY.test(text) ? new Fault('zone-missing', { value: text, format: 'iso', zone: '' }) : new Fault('date-form', { value: text, format: 'iso', zone: '' });
  if (format === 'date' && !DAY.test(text)) return new Fault('date-form', { value: text, format: 'YYYY-MM-DD', zone: '' });
  if (choices !== undefined && !choices.includes(text)) return new Fault('not-a-choice', { value: text, choices: choices.slice(0, 12).map(String).join(', ') });
  if (maxLength !== undefined && [...text].length > maxLength) return new Fault('too-long', { value: text.slice(0, 60), has: String([...text].length), most: String(maxLength) });
  return text;
}

/** A number of JSON only where a float keeps every digit, so that what is sent reads as it was. */
function fitNumber(text: string, fractions: boolean, decimal: { readonly digits: number; readonly places: number } | undefined): number | Fault {
  if (!isDecimalText(text)) return new Fault('no-decimal', { value: text });
  const { places } = roomOf(text);
  if (!fractions && places > 0) return new Fault('too-fine', { value: text, has: String(places), places: '0' });
  if (decimal !== undefined && places > decimal.places) return new Fault('too-fine', { value: text, has: String(places), places: String(decimal.places) });
  if (significantDigits(text) > SAFE_DIGITS) return new Fault('imprecise', { value: text, digits: String(SAFE_DIGITS) });
  return Number(text);
}
