import type { Json, JsonObject } from '../json.ts';
import type { Priority } from '../events.ts';
import { valueAt } from '../merge-patch.ts';
import { parseDecimal } from '../reservation/reservation.ts';

/** What a rule looks at: the amount, how long the case is open (hours), or a fact. */
export type RuleSubject = 'amount' | 'age' | 'facts';
export type RuleOperator = 'gt' | 'ge' | 'lt' | 'le' | 'eq' | 'ne' | 'set';

/** One line of a priority rule: the first that fits decides. */
export interface PriorityRule {
  readonly on: RuleSubject;
  /** Dot path of the fact. */
  readonly path: string;
  readonly op: RuleOperator;
  readonly value: string;
  readonly priority: Priority;
}

const subjects: ReadonlySet<string> = new Set(['amount', 'age', 'facts']);
const operators: ReadonlySet<string> = new Set(['gt', 'ge', 'lt', 'le', 'eq', 'ne', 'set']);
const orders: ReadonlySet<string> = new Set(['gt', 'ge', 'lt', 'le']);

/** What is wrong with the rules, in one sentence; undefined when nothing is. Lines are counted from 1. */
export function priorityRulesProblem(rules: readonly PriorityRule[]): string | undefined {
  for (const [index, rule] of rules.entries()) {
    const line = `Line ${index + 1} of the priorities`;
    if (!subjects.has(rule.on)) return `${line} looks at "${rule.on}"; choose amount, age or a fact.`;
    if (!operators.has(rule.op)) return `${line} compares by "${rule.op}"; choose one of the comparisons.`;
    if (rule.on === 'facts' && rule.path.trim() === '') return `${line} names no fact; say which, for example receipt.supplier.`;
    if (![1, 2, 3, 4, 5].includes(rule.priority)) return `${line} has the priority ${String(rule.priority)}; give one from 1 (most urgent) to 5.`;
    const isNumber = rule.on !== 'facts' || orders.has(rule.op);
    if (rule.op !== 'set' && isNumber && parseDecimal(rule.value) === undefined) return `${line} compares with "${rule.value}", which is no number; write one such as 1000 or 12.5.`;
  }
  return undefined;
}

function compared(rule: PriorityRule, value: Json | undefined): boolean {
  if (rule.op === 'set') return value !== undefined && value !== null && value !== '' && value !== false;
  const number = parseDecimal(value);
  const limit = parseDecimal(rule.value);
  if (number !== undefined && limit !== undefined) {
    const order = number.cmp(limit);
    const holds: Readonly<Record<Exclude<RuleOperator, 'set'>, boolean>> = { gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0, eq: order === 0, ne: order !== 0 };
    return holds[rule.op];
  }
  if (orders.has(rule.op)) return false;
  const same = value !== undefined && value !== null && (typeof value === 'object' ? JSON.stringify(value) : String(value)) === rule.value;
  return rule.op === 'eq' ? same : !same;
}

/** Priority by the first rule that fits; undefined when none does. */
export function priorityByRules(rules: readonly PriorityRule[], about: { readonly document: JsonObject; readonly amount: string | undefined; readonly ageHours: number }): Priority | undefined {
  return rules.find((rule) => compared(rule, rule.on === 'amount' ? about.amount : rule.on === 'age' ? about.ageHours : valueAt(about.document, rule.path)))?.priority;
}
