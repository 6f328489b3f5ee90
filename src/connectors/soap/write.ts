import { isDecimalText } from '../../domain/contract/index.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { pointerOf } from '../../domain/json-pointer.ts';
import { DriverError } from '../driver.ts';
import { kindOf } from './types.ts';
import type { SoapField, SoapTypes } from './types.ts';

const mostDepth = 40;

/** Text between tags and in attributes. @throws DriverError for characters that XML 1.0 does not have */
export function escaped(text: string, at: string): string {
  // eslint-disable-next-line no-control-regex -- these are what XML has no place for
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) throw new DriverError(`The value at ${at} holds a character that XML does not carry; write it without.`, at);
  return text.replace(/[&<>"'\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** One field of a document as XML: nothing, an element, or as many as the list has. @throws DriverError with the place */
export function written(field: SoapField, value: Json | undefined, types: SoapTypes, at = ''): string {
  if (field.list === true) {
    if (value === undefined || value === null) return missing(field, at);
    if (!Array.isArray(value)) throw new DriverError(`At ${at} stands no list; give one, of one entry if need be.`, at);
    return (value as readonly Json[]).map((each, index) => element(field, each, types, `${at}/${index}`, 0)).join('');
  }
  return value === undefined || (value === null && field.nillable !== true) ? missing(field, at) : element(field, value, types, at, 0);
}

function missing({ min, name }: SoapField, at: string): string {
  if (min > 0) throw new DriverError(`The document has nothing at ${at}, where "${name}" is needed; give it.`, at);
  return '';
}

function element(field: SoapField, value: Json, types: SoapTypes, at: string, depth: number): string {
  if (depth > mostDepth) throw new DriverError(`The document is nested deeper than ${mostDepth} levels.`, at);
  // Each element says its namespace itself: blank for an unqualified one within a qualified one.
  const open = `${field.name} xmlns="${escaped(field.ns, at)}"`;
  if (value === null) return `<${open} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`;
  if (!field.type.startsWith('#')) return `<${open}>${escaped(simple(field.type, value, at), at)}</${field.name}>`;
  const type = types[field.type.slice(1)];
  if (type === undefined) throw new DriverError(`The service does not say what "${field.type.slice(1)}" is; its owner has to mend it.`, at);
  if (!isObject(value)) throw new DriverError(`At ${at} stands no object; give one with ${type.fields.slice(0, 4).map(({ name }) => name).join(', ')}.`, at);
  const attributes = type.fields.filter((each) => each.attribute === true).map((each) => {
    const given = value[`@${each.name}`];
    return given === undefined || given === null ? missing(each, `${at}${pointerOf(`@${each.name}`)}`) : ` ${each.name}="${escaped(simple(each.type, given, at), at)}"`;
  }).join('');
  const text = type.text === undefined ? '' : escaped(simple(type.text, value['$'] ?? '', `${at}/$`), at);
  const inner = type.fields.filter((each) => each.attribute !== true).map((each) => member(each, value, types, `${at}${pointerOf(each.name)}`, depth + 1)).join('');
  return `<${open}${attributes}>${text}${inner}</${field.name}>`;
}

function member(field: SoapField, holder: JsonObject, types: SoapTypes, at: string, depth: number): string {
  const value = Object.hasOwn(holder, field.name) ? holder[field.name] : undefined;
  if (field.list !== true) return value === undefined || (value === null && field.nillable !== true) ? missing(field, at) : element(field, value, types, at, depth);
  if (value === undefined || value === null) return missing(field, at);
  if (!Array.isArray(value)) throw new DriverError(`At ${at} stands no list; give one, of one entry if need be.`, at);
  return (value as readonly Json[]).map((each, index) => element(field, each, types, `${at}/${index}`, depth)).join('');
}

function simple(type: string, value: Json, at: string): string {
  const wrong = (what: string): never => { throw new DriverError(`The value at ${at} is ${what}.`, at); };
  switch (kindOf(type)) {
    case 'boolean': return typeof value === 'boolean' ? String(value) : wrong('neither true nor false');
    case 'small': return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : wrong('no whole number');
    case 'decimal': return typeof value === 'string' && isDecimalText(value) ? value : typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : wrong('no decimal number as text; write it like "12.500"');
    case 'float': return typeof value === 'number' ? String(value) : wrong('no number');
    case 'date': return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : wrong('no day; write it like 2026-11-30');
    case 'dateTime':
      if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(value)) return wrong('no time; write it like 2026-11-30T08:15:00+01:00');
      return /(Z|[+-]\d{2}:\d{2})$/.test(value) ? value : wrong('a time without a zone; write it like 2026-11-30T08:15:00+01:00');
    case 'base64': case 'text': return typeof value === 'string' ? value : wrong('no text; give one, or map it to one');
  }
}
