import type { Json } from '../../../domain/json.ts';
import { conditionHolds } from '../../../domain/plc/trigger.ts';
import type { PlcTrigger } from '../../../domain/plc/trigger.ts';

type Values = { readonly [tag: string]: Json };

/** JSON type of a value in one word. */
export function typeOf(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Types with which a trigger can read a tag; undefined is any. */
export function expectedTypes(trigger: PlcTrigger, tag: string): readonly string[] | undefined {
  switch (trigger.kind) {
    case 'rising': case 'falling': case 'either': return ['boolean', 'number'];
    case 'above': case 'below': return ['number'];
    case 'condition': return [...new Set((trigger.conditions ?? []).filter((row) => row.tag === tag).map(({ value }) => typeof value))];
    case 'change': case 'stable': return undefined;
  }
}

/** Names of the tags that a trigger watches. */
export function tagsOf(trigger: PlcTrigger): readonly string[] {
  return trigger.kind === 'condition' ? [...new Set((trigger.conditions ?? []).map(({ tag }) => tag))] : [trigger.tag ?? ''];
}

/** Values count as the same within the deadband; lists and structures by what is in them. */
export function same(a: Json, b: Json, deadband: number): boolean {
  if (a === b) return true;
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= deadband;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}

/** Three-valued: a row that cannot be known leaves the whole unknown, unless the others decide it alone. */
function allHold(trigger: PlcTrigger, values: Values): boolean | undefined {
  const any = trigger.match === 'any';
  let unknown = false;
  for (const row of trigger.conditions ?? []) {
    const actual = Object.hasOwn(values, row.tag) ? values[row.tag] : undefined;
    if (actual === undefined) unknown = true;
    else if (conditionHolds(row, actual) === any) return any;
  }
  return unknown ? undefined : !any;
}

/** What the values say to this trigger; undefined when they say nothing. `settled` is what held before, for the hysteresis. */
export function observe(trigger: PlcTrigger, values: Values, settled: Json | undefined): Json | undefined {
  if (trigger.kind === 'condition') return allHold(trigger, values);
  const tag = trigger.tag ?? '';
  const value = Object.hasOwn(values, tag) ? values[tag] : undefined;
  if (value === undefined) return undefined;
  const limit = trigger.limit ?? 0;
  const hysteresis = trigger.hysteresis ?? 0;
  switch (trigger.kind) {
    case 'change': case 'stable': return value;
    case 'rising': case 'falling': case 'either': return value !== false && value !== 0;
    case 'above': return (value as number) > limit || (settled === true && (value as number) > limit - hysteresis);
    case 'below': return (value as number) < limit || (settled === true && (value as number) < limit + hysteresis);
  }
}

/** Whether coming to hold this is the event. */
export function wants(trigger: PlcTrigger, value: Json): boolean {
  switch (trigger.kind) {
    case 'change': case 'stable': case 'either': return true;
    case 'falling': return value === false;
    case 'rising': case 'above': case 'below': case 'condition': return value === true;
  }
}

/** How long this has to last; a signal is debounced both ways, of the others only what is told has to last. */
export function lastingOf(trigger: PlcTrigger, value: Json): number {
  const forMs = trigger.forMs ?? 0;
  const crossing = trigger.kind === 'above' || trigger.kind === 'below' || trigger.kind === 'condition';
  return crossing && value === false ? 0 : forMs;
}
