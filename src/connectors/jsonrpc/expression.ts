import { compare, minus, plus } from '../../domain/decimals.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { DriverError } from '../driver.ts';
import { atPointer } from '../../domain/json-pointer.ts';
import { WireNumber } from './exact-json.ts';
import { Typed, typed, type WireType, type WireValue } from './typed.ts';

/** What expressions can see: `document`, `key`, `steps`, and the variables of lists that they are in. */
export type Scope = { readonly [name: string]: Json };

/**
 * Fills a template of a binding: plain JSON stands for itself, an object with one of these members for a value.
 * Values are put in as values: text from a document never becomes a part of a domain, a field name or a method.
 *
 * | member | value |
 * |---|---|
 * | `$get` | what stands at a JSON Pointer of the scope, such as `/document/order`; nothing there: `else`, or an error |
 * | `$each` | a list of `give` for each element, called `as`, that fits `where` |
 * | `$first` | `give` for the first element that fits `where`; none: `else`, or an error |
 * | `$concat` | the elements of several lists in one |
 * | `$count` | how many elements there are |
 * | `$sum` | exact sum of a list of decimals; of none `"0"` |
 * | `$minus` | exact difference of two decimals |
 * | `$text` | texts and numbers, joined |
 *
 * `type` beside it gives the value its type on the wire.
 * @throws DriverError
 */
export function fill(template: Json, scope: Scope): WireValue {
  if (Array.isArray(template)) return template.map((each: Json) => fill(each, scope));
  if (template === null || typeof template !== 'object') return template as WireValue;
  const object = template as JsonObject;
  if (!isExpression(object)) return Object.fromEntries(Object.entries(object).map(([name, each]) => [name, fill(each, scope)]));
  const value = evaluate(object, scope);
  const type = object['type'] as WireType | undefined;
  return type === undefined ? (value as WireValue) : typed(plain(value), type, placeOf(object));
}

/** The same where no typed value makes sense: in conditions, answers and lists. */
export function plainValue(template: Json, scope: Scope): Json {
  return plain(fill(template, scope));
}

export const EXPRESSIONS = ['$get', '$each', '$first', '$concat', '$count', '$sum', '$minus', '$text'] as const;

export function isExpression(object: JsonObject): boolean {
  return EXPRESSIONS.some((name) => Object.hasOwn(object, name));
}

function evaluate(object: JsonObject, scope: Scope): WireValue {
  if (Object.hasOwn(object, '$get')) return got(object, scope);
  if (Object.hasOwn(object, '$each')) return matching(object, '$each', scope).map((inner) => fill(object['give'] as Json, inner));
  if (Object.hasOwn(object, '$first')) {
    const [first] = matching(object, '$first', scope);
    if (first !== undefined) return object['give'] === undefined ? (first[variableOf(object)] as WireValue) : fill(object['give'] as Json, first);
    if (Object.hasOwn(object, 'else')) return fill(object['else'] as Json, scope);
    throw new DriverError(`Nothing in ${placeOf(object)} is what is looked for.`);
  }
  if (Object.hasOwn(object, '$concat')) return (object['$concat'] as readonly Json[]).flatMap((list) => fill(list, scope) as readonly WireValue[]);
  if (Object.hasOwn(object, '$count')) return listOf(object['$count'] as Json, scope).length;
  if (Object.hasOwn(object, '$sum')) return decimals(() => plus(...listOf(object['$sum'] as Json, scope)));
  if (Object.hasOwn(object, '$minus')) {
    const [one, other] = listOf(object['$minus'] as Json, scope);
    return decimals(() => minus(one, other));
  }
  return listOf(object['$text'] as Json, scope).map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('');
}

function got(object: JsonObject, scope: Scope): WireValue {
  const pointer = String(object['$get']);
  const found = atPointer(scope, pointer);
  if (found !== undefined) return found as WireValue;
  if (Object.hasOwn(object, 'else')) return fill(object['else'] as Json, scope);
  const inDocument = pointer.startsWith('/document/');
  throw new DriverError(inDocument ? `The document has nothing at ${pointer.slice('/document'.length)}; it is needed here.` : `There is nothing at ${pointer}.`, inDocument ? pointer.slice('/document'.length) : undefined);
}

const variableOf = (object: JsonObject): string => (typeof object['as'] === 'string' ? object['as'] : 'each');

/** One scope for each element that fits. */
function matching(object: JsonObject, name: string, scope: Scope): readonly Scope[] {
  const where = object['where'];
  return listOf(object[name] as Json, scope)
    .map((element): Scope => ({ ...scope, [variableOf(object)]: element }))
    .filter((inner) => where === undefined || holds(where as Json, inner));
}

/** A list, given as a template of one or as the pointer to one. */
function listOf(template: Json, scope: Scope): readonly Json[] {
  const list = typeof template === 'string' ? plainValue({ $get: template }, scope) : plainValue(template, scope);
  if (!Array.isArray(list)) throw new DriverError(`${typeof template === 'string' ? template : 'What is gone through'} has to be a list.`, typeof template === 'string' && template.startsWith('/document/') ? template.slice('/document'.length) : undefined);
  return list as readonly Json[];
}

/**
 * Whether a condition holds. One member each: `equal` and `same` (as JSON, as decimals) of two values, `atMost` of two
 * decimals, `oneOf` a value and a list, `empty` a list or nothing, `all`, `any`, `not` of conditions, `every` and `some`
 * of a list `in`, whose elements are called `as`, by `holds`.
 * @throws DriverError
 */
export function holds(condition: Json, scope: Scope): boolean {
  if (typeof condition === 'boolean') return condition;
  const [name, of] = Object.entries(condition as JsonObject)[0] ?? [];
  const values = (): readonly Json[] => (of as readonly Json[]).map((each) => plainValue(each, scope));
  switch (name) {
    case 'equal': {
      const [one, other] = values();
      return JSON.stringify(one) === JSON.stringify(other);
    }
    case 'same':
    case 'atMost': {
      const [one, other] = values();
      const order = decimals(() => compare(one, other));
      return name === 'same' ? order === 0 : order <= 0;
    }
    case 'oneOf': {
      const [one, list] = values();
      return Array.isArray(list) && list.some((each) => JSON.stringify(each) === JSON.stringify(one));
    }
    case 'empty': {
      const value = plainValue(of as Json, scope);
      return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
    }
    case 'all': return (of as readonly Json[]).every((each) => holds(each, scope));
    case 'any': return (of as readonly Json[]).some((each) => holds(each, scope));
    case 'not': return !holds(of as Json, scope);
    case 'every':
    case 'some': {
      const quantified = of as JsonObject;
      const fits = listOf(quantified['in'] as Json, scope).map((element) => holds(quantified['holds'] as Json, { ...scope, [variableOf(quantified)]: element }));
      return name === 'every' ? fits.every(Boolean) : fits.some(Boolean);
    }
    default: throw new DriverError(`"${String(name)}" is no condition; use one of ${CONDITIONS.join(', ')}.`);
  }
}

export const CONDITIONS = ['equal', 'same', 'atMost', 'oneOf', 'empty', 'all', 'any', 'not', 'every', 'some'] as const;

function decimals<T>(count: () => T): T {
  try {
    return count();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new DriverError(error.message);
    throw error;
  }
}

function plain(value: WireValue): Json {
  if (Array.isArray(value)) return value.map((each: WireValue) => plain(each));
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Typed || value instanceof WireNumber) return value.text;
  return Object.fromEntries(Object.entries(value as { readonly [key: string]: WireValue }).map(([name, each]) => [name, plain(each)]));
}

function placeOf(object: JsonObject): string {
  const place = object['$get'] ?? object['$first'] ?? object['$each'];
  return typeof place === 'string' ? place : 'a value of the binding';
}


