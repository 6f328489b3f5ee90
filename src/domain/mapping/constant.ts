import { isDecimalText, roomOf, SAFE_DIGITS, significantDigits } from '../contract/index.ts';
import type { JsonType, SchemaField } from '../contract/index.ts';
import { isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { pointerOf } from '../json-pointer.ts';
import { Fault } from './fault.ts';

const SCALAR: readonly JsonType[] = ['string', 'number', 'integer'];
const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LONGEST_SHOWN = 60;
const LONGEST_MATCHED = 1_000;

/** A value of the type can stand where one of the others is wanted: texts and numbers stand for each other. */
export const standsFor = (type: JsonType, wanted: readonly JsonType[]): boolean => wanted.includes(type) || (SCALAR.includes(type) && wanted.some((each) => SCALAR.includes(each)));

/** Why what somebody wrote into a mapping does not fit its place, found before any document comes; undefined when it fits. */
export function constantFault(value: Json, field: SchemaField): Fault | undefined {
  const { choices, types } = field;
  if (choices !== undefined && !choices.includes(value as never)) return new Fault('not-a-choice', { value: shown(value), choices: choices.slice(0, 12).map(String).join(', ') });
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value as 'string';
  if (types.length > 0 && !standsFor(kind, types)) return new Fault('constant', { value: JSON.stringify(value).slice(0, LONGEST_SHOWN), to: types.join(', ') });
  if (Array.isArray(value)) return listFault(value as readonly Json[], field);
  if (isObject(value)) return groupFault(value, field);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (types.length === 0 || (field.decimal === undefined && types.includes('string'))) return typeof value === 'string' ? textFault(text, field) : undefined;
  return numberFault(text, field);
}

const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST_SHOWN);

function listFault(value: readonly Json[], { entry }: SchemaField): Fault | undefined {
  for (const each of entry === undefined ? [] : value) {
    const fault = constantFault(each, entry!);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function groupFault(value: Readonly<Record<string, Json>>, { members, open }: SchemaField): Fault | undefined {
  for (const member of members) {
    const given = Object.hasOwn(value, member.name) ? value[member.name] : undefined;
    if (given === undefined && member.required) return new Fault('constant-member', { member: pointerOf(member.name) });
    const fault = given === undefined ? undefined : constantFault(given, member);
    if (fault !== undefined) return fault;
  }
  const extra = open ? undefined : Object.keys(value).find((name) => !members.some((member) => member.name === name));
  return extra === undefined ? undefined : new Fault('constant-extra', { member: pointerOf(extra) });
}

function numberFault(text: string, { types, decimal, minimum, maximum }: SchemaField): Fault | undefined {
  const value = text.slice(0, LONGEST_SHOWN);
  const whole = !types.includes('number') && !types.includes('string');
  if (!isDecimalText(text)) return new Fault(whole ? 'constant-whole' : 'constant-decimal', { value });
  const { digits, places } = roomOf(text);
  const room = decimal ?? (whole ? { digits: SAFE_DIGITS, places: 0 } : undefined);
  if (whole && places > 0) return new Fault('constant-whole', { value });
  if (room !== undefined && places > room.places) return new Fault('constant-places', { value, has: String(places), places: String(room.places) });
  if (room !== undefined && digits > room.digits) return new Fault('constant-digits', { value, digits: String(room.digits) });
  if (!types.includes('string') && significantDigits(text) > SAFE_DIGITS) return new Fault('constant-digits', { value, digits: String(SAFE_DIGITS) });
  if (minimum !== undefined && Number(text) < minimum) return new Fault('constant-least', { value, least: String(minimum) });
  return maximum !== undefined && Number(text) > maximum ? new Fault('constant-most', { value, most: String(maximum) }) : undefined;
}

function textFault(text: string, { format, maxLength, minLength, pattern }: SchemaField): Fault | undefined {
  const value = text.slice(0, LONGEST_SHOWN);
  if (format === 'date' && !isDay(text)) return new Fault('constant-date', { value });
  if (format === 'date-time' && !isDay(TIME.exec(text)?.[1] ?? '')) return new Fault('constant-time', { value });
  const { length } = [...text];
  if (maxLength !== undefined && length > maxLength) return new Fault('constant-long', { value, has: String(length), most: String(maxLength) });
  if (minLength !== undefined && length < minLength) return new Fault('constant-short', { value, has: String(length), least: String(minLength) });
  return pattern === undefined || length > LONGEST_MATCHED || matches(text, pattern) ? undefined : new Fault('constant-pattern', { value, pattern });
}

/** A day of the calendar, 2026-02-30 not. */
function isDay(text: string): boolean {
  return DAY.test(text) && new Date(`${text}T00:00:00Z`).getUTCDate() === Number(text.slice(8));
}

/** What is no regular expression here is left to the check of the contract. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}
