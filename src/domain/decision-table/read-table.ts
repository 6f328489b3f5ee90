import { columnTypes } from './table.ts';
import type { Aggregation, ColumnType, DecisionTable, HitPolicy } from './table.ts';

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Members : {};
}
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((each) => each === value) ?? fallback;
}

/** A table out of what a flow holds: whatever is missing or of another kind becomes empty, for {@link tableProblems} to name. */
export function readTable(value: unknown): DecisionTable {
  const table = members(value);
  const type = (column: Members): ColumnType => oneOf(column['type'], columnTypes, 'string');
  return {
    hitPolicy: oneOf<HitPolicy>(table['hitPolicy'], ['unique', 'first', 'collect'], 'unique'),
    aggregation: oneOf<Aggregation>(table['aggregation'], ['list', 'sum', 'min', 'max', 'count'], 'list'),
    inputs: list(table['inputs']).map(members).map((column) => ({
      label: text(column['label']), source: text(column['source']), sourceType: oneOf(column['sourceType'], ['facts', 'jsonata', 'msg'], 'facts'), type: type(column), values: list(column['values']).map(text),
    })),
    outputs: list(table['outputs']).map(members).map((column) => ({ name: text(column['name']), type: type(column), values: list(column['values']).map(text) })),
    rules: list(table['rules']).map(members).map((rule, i) => ({
      id: text(rule['id']) || String(i + 1), when: list(rule['when']).map(text), then: list(rule['then']).map(text), note: text(rule['note']), central: rule['central'] === true,
    })),
    parameters: list(table['parameters']).map(members).map((parameter) => ({
      name: text(parameter['name']), type: type(parameter), value: text(parameter['value']), min: text(parameter['min']), max: text(parameter['max']), scope: oneOf(parameter['scope'], ['central', 'site'], 'site'),
    })),
  };
}
