import type Big from 'big.js';
import type { Json, JsonObject } from '../json.ts';
import { valueAt } from '../merge-patch.ts';
import { decimalOf } from './money.ts';
import type { MatrixCondition } from './matrix.ts';

/** Text of a fact as it is compared; undefined for what is no single value. */
function textOf(fact: Json | undefined): string | undefined {
  if (fact === undefined || fact === null || typeof fact === 'object') return undefined;
  return String(fact).trim();
}

/** Two texts are the same when they are, or when both are the same decimal: `10` is `10.0`. */
function same(left: string, right: string): boolean {
  if (left === right) return true;
  const [a, b] = [decimalOf(left), decimalOf(right)];
  return a !== undefined && b !== undefined && a.eq(b);
}

const DAY = /^\d{4}-\d{2}-\d{2}/;

/** -1, 0 or 1; undefined when the two are neither both decimals nor both dates. */
function compare(left: string, right: string): number | undefined {
  const [a, b]: (Big | undefined)[] = [decimalOf(left), decimalOf(right)];
  if (a !== undefined && b !== undefined) return a.cmp(b);
  if (!DAY.test(left) || !DAY.test(right)) return undefined;
  return left === right ? 0 : left < right ? -1 : 1;
}

export function listed(value: string): readonly string[] {
  return value.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** Whether a text fulfils a condition. */
function fits(text: string, { operator, value }: Pick<MatrixCondition, 'operator' | 'value'>): boolean {
  const bound = value.trim();
  switch (operator) {
    case '=': return same(text, bound);
    case '!=': return !same(text, bound);
    case 'in': return listed(value).some((one) => same(text, one));
    case 'exists': return true;
    case 'missing': return false;
    default: {
      const order = compare(text, bound);
      if (order === undefined) return false;
      return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
    }
  }
}

/** Whether a condition holds for the facts. A fact that is not there fulfils `missing` alone. */
export function holds(condition: MatrixCondition, facts: JsonObject): boolean {
  const fact = valueAt(facts, condition.path.trim());
  const there = fact !== undefined && fact !== null && fact !== '';
  if (condition.operator === 'exists') return there;
  if (condition.operator === 'missing') return !there;
  const text = textOf(fact);
  return there && text !== undefined && fits(text, condition);
}

/** Whether one fact can fulfil all of these conditions, which are all about the same path. */
export function satisfiable(conditions: readonly MatrixCondition[]): boolean {
  if (conditions.some((each) => each.operator === 'missing')) return conditions.every((each) => each.operator === 'missing');
  const named = conditions.filter((each) => each.operator === '=' || each.operator === 'in');
  if (named.length > 0) {
    // Only what is named can be it: each candidate is tried.
    const candidates = named.flatMap((each) => (each.operator === '=' ? [each.value.trim()] : listed(each.value)));
    return candidates.some((candidate) => conditions.every((each) => fits(candidate, each)));
  }
  const lower = conditions.filter((each) => each.operator === '>' || each.operator === '>=');
  const upper = conditions.filter((each) => each.operator === '<' || each.operator === '<=');
  return lower.every((low) => upper.every((high) => {
    const order = compare(low.value.trim(), high.value.trim());
    // A date and a number bound the same fact: nothing is both.
    if (order === undefined) return false;
    return order < 0 || (order === 0 && low.operator === '>=' && high.operator === '<=');
  }));
}
