import type { Json } from '../json.ts';

/** How a row of a condition compares a tag with its value. */
export type TagOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One row of a condition over tags. */
export interface TagCondition { readonly tag: string; readonly operator: TagOperator; readonly value: boolean | number | string }

/**
 * - `change`: every other value;
 * - `rising`, `falling`, `either`: a signal (boolean, or a number that is zero or not) comes, goes, or both;
 * - `above`, `below`: a number crosses its limit, and counts as back only beyond the hysteresis;
 * - `stable`: another value that then stays the same for `forMs`;
 * - `condition`: rows over several tags become true and stay true for `forMs`.
 */
export type TriggerKind = 'change' | 'rising' | 'falling' | 'either' | 'above' | 'below' | 'stable' | 'condition';

/** When values of a controller are a business event. Tags are named as the node names them. */
export interface PlcTrigger {
  readonly name: string;
  readonly kind: TriggerKind;
  /** Of all kinds but `condition`. */
  readonly tag?: string;
  readonly limit?: number;
  /** How far a value has to come back before the limit can be crossed anew; 0 is not at all. */
  readonly hysteresis?: number;
  /** Of `change` and `stable`: differences of numbers up to this are none. */
  readonly deadband?: number;
  readonly conditions?: readonly TagCondition[];
  readonly match?: 'all' | 'any';
  /** How long it has to last before it counts, in milliseconds; 0 is at once. */
  readonly forMs?: number;
  /** At most one event in this time, in milliseconds; those between are folded into one that counts them. 0 is no limit. */
  readonly everyMs?: number;
  /** Whether what is so already at the very first value counts as an event. */
  readonly atStart?: boolean;
}

export const TRIGGER_KINDS: readonly TriggerKind[] = ['change', 'rising', 'falling', 'either', 'above', 'below', 'stable', 'condition'];
export const TAG_OPERATORS: readonly TagOperator[] = ['=', '!=', '<', '<=', '>', '>='];

/** Longest time that a trigger may ask for: a day. */
export const LONGEST_TRIGGER_MS = 86_400_000;
/** Rows of one condition. */
export const MOST_CONDITIONS = 20;
/** Triggers of one node. */
export const MOST_TRIGGERS = 100;

/** What is wrong with a trigger, by its place. */
export interface TriggerProblem {
  readonly code: 'no-name' | 'name-twice' | 'no-tag' | 'unknown-tag' | 'no-limit' | 'bad-hysteresis' | 'bad-deadband' | 'no-conditions' | 'too-many-conditions' | 'no-condition-tag' | 'unknown-condition-tag' | 'order-needs-number' | 'no-condition-value' | 'bad-duration' | 'stable-needs-duration' | 'bad-interval' | 'too-many-triggers' | 'unreadable';
  readonly trigger: number;
  /** Row of its condition. */
  readonly row?: number;
}

/** Whether a value fulfils a row; a number is in no order with anything else. */
export function conditionHolds({ operator, value }: TagCondition, actual: Json): boolean {
  if (operator === '=') return actual === value;
  if (operator === '!=') return actual !== value;
  if (typeof actual !== 'number' || typeof value !== 'number') return false;
  switch (operator) {
    case '<': return actual < value;
    case '<=': return actual <= value;
    case '>': return actual > value;
    case '>=': return actual >= value;
  }
}

const outside = (value: number | undefined, most: number): boolean => value !== undefined && !(Number.isFinite(value) && value >= 0 && value <= most);

function conditionProblems(trigger: PlcTrigger, at: number, known: (tag: string) => boolean): TriggerProblem[] {
  const rows = trigger.conditions ?? [];
  if (rows.length === 0) return [{ code: 'no-conditions', trigger: at }];
  if (rows.length > MOST_CONDITIONS) return [{ code: 'too-many-conditions', trigger: at }];
  return rows.flatMap(({ tag, operator, value }, row): TriggerProblem[] => {
    const code = tag === '' ? 'no-condition-tag' : !known(tag) ? 'unknown-condition-tag'
      : !TAG_OPERATORS.includes(operator) ? 'unreadable'
      : operator !== '=' && operator !== '!=' && typeof value !== 'number' ? 'order-needs-number'
      : (typeof value === 'number' && !Number.isFinite(value)) || !['boolean', 'number', 'string'].includes(typeof value) ? 'no-condition-value' : undefined;
    return code === undefined ? [] : [{ code, trigger: at, row }];
  });
}

function ownProblems(trigger: PlcTrigger, at: number, known: (tag: string) => boolean): TriggerProblem[] {
  if (!TRIGGER_KINDS.includes(trigger.kind)) return [{ code: 'unreadable', trigger: at }];
  if (trigger.kind === 'condition') return conditionProblems(trigger, at, known);
  const problems: TriggerProblem[] = [];
  if (trigger.tag === undefined || trigger.tag === '') problems.push({ code: 'no-tag', trigger: at });
  else if (!known(trigger.tag)) problems.push({ code: 'unknown-tag', trigger: at });
  if (trigger.kind === 'above' || trigger.kind === 'below') {
    if (trigger.limit === undefined || !Number.isFinite(trigger.limit)) problems.push({ code: 'no-limit', trigger: at });
    if (outside(trigger.hysteresis, Number.MAX_VALUE)) problems.push({ code: 'bad-hysteresis', trigger: at });
  }
  if ((trigger.kind === 'change' || trigger.kind === 'stable') && outside(trigger.deadband, Number.MAX_VALUE)) problems.push({ code: 'bad-deadband', trigger: at });
  if (trigger.kind === 'stable' && !((trigger.forMs ?? 0) > 0)) problems.push({ code: 'stable-needs-duration', trigger: at });
  return problems;
}

/** All that is wrong with the triggers of a node whose tags have these names; `undefined` judges no name. */
export function triggerProblems(triggers: readonly PlcTrigger[], tags: readonly string[] | undefined): readonly TriggerProblem[] {
  if (triggers.length > MOST_TRIGGERS) return [{ code: 'too-many-triggers', trigger: MOST_TRIGGERS }];
  const names = new Set(tags ?? []);
  const known = (tag: string): boolean => tags === undefined || names.has(tag);
  const seen = new Set<string>();
  return triggers.flatMap((trigger, at): TriggerProblem[] => {
    if (typeof trigger !== 'object' || trigger === null) return [{ code: 'unreadable', trigger: at }];
    const name = typeof trigger.name === 'string' ? trigger.name.trim() : '';
    const named: TriggerProblem[] = name === '' ? [{ code: 'no-name', trigger: at }] : seen.has(name) ? [{ code: 'name-twice', trigger: at }] : [];
    seen.add(name);
    const times: TriggerProblem[] = [
      ...(outside(trigger.forMs, LONGEST_TRIGGER_MS) ? [{ code: 'bad-duration', trigger: at } as const] : []),
      ...(outside(trigger.everyMs, LONGEST_TRIGGER_MS) ? [{ code: 'bad-interval', trigger: at } as const] : []),
    ];
    return [...named, ...ownProblems(trigger, at, known), ...times];
  });
}
