import Big from 'big.js';
import type { Json, JsonObject } from '../json.ts';
import type { CompiledRule, CompiledTable } from './compile.ts';
import { decimal } from './literal.ts';
import type { Literal } from './literal.ts';
import { feelTest, feelValue } from './feel.ts';
import type { FeelContext } from './feel.ts';
import { contains } from './region.ts';
import { asJson, asLiteral } from './values.ts';
import type { OutputColumn } from './table.ts';

/** What a table answers. `rules` are the rules that count, in the order of the table. */
export type DecisionResult =
  | { readonly kind: 'decided'; readonly rules: readonly string[]; readonly output: Json }
  | { readonly kind: 'no-rule' }
  | { readonly kind: 'several-rules'; readonly rules: readonly string[] }
  | { readonly kind: 'input-wrong'; readonly input: number; readonly value: Json }
  | { readonly kind: 'cell-failed'; readonly rule: string; readonly column: string; readonly problem: string };

/** A cell that could not be evaluated; ends the evaluation. */
class CellFailed extends Error {
  readonly result: DecisionResult & { readonly kind: 'cell-failed' };
  constructor(rule: string, column: string, problem: string) {
    super(problem);
    this.result = { kind: 'cell-failed', rule, column, problem };
  }
}

/** Names of inputs that a cell may use: the label where it is a name, and the last part of a fact's path. */
export function inputName(column: { readonly label: string; readonly source: string; readonly sourceType: string }): string {
  return column.label.trim() === '' ? column.source.split('.').at(-1) ?? '' : column.label.trim();
}

function matches(compiled: CompiledTable, rule: CompiledRule, values: readonly Literal[], context: FeelContext): boolean {
  return rule.when.every((condition, i) => {
    const value = values[i] ?? { type: 'null' as const };
    if (condition.kind === 'region') return contains(condition.region, value);
    const result = feelTest(condition.text, value, context);
    if (!result.ok) throw new CellFailed(rule.rule.id, compiled.table.inputs[i]?.label ?? '', result.problem);
    return result.value;
  });
}

function fits(value: Json, column: OutputColumn): Json | undefined {
  const literal = value === null ? { type: 'null' as const } : asLiteral(value, column.type);
  return literal === undefined ? undefined : asJson(literal, column.type);
}

function answers(compiled: CompiledTable, rule: CompiledRule, context: FeelContext): JsonObject {
  return Object.fromEntries(compiled.table.outputs.map((column, i) => {
    const answer = rule.then[i];
    if (answer === undefined || answer.kind === 'literal') return [column.name, answer === undefined ? null : asJson(answer.value, column.type)];
    const result = feelValue(answer.text, context);
    if (!result.ok) throw new CellFailed(rule.rule.id, column.name, result.problem);
    const value = fits(result.value, column);
    if (value === undefined) throw new CellFailed(rule.rule.id, column.name, `${JSON.stringify(result.value).slice(0, 80)} is no ${column.type}`);
    return [column.name, value];
  }));
}

function aggregate(numbers: readonly string[], how: 'sum' | 'min' | 'max'): Big {
  return numbers.map((each) => new Big(each)).reduce((a, b) => (how === 'sum' ? a.plus(b) : (how === 'min' ? a.lt(b) : a.gt(b)) ? a : b));
}

/** DMN 1.3 §8.2.10: aggregation is over the first output; `list` keeps all of them. */
function collected(compiled: CompiledTable, outputs: readonly JsonObject[]): Json {
  const { aggregation, outputs: columns } = compiled.table;
  const [column] = columns;
  if (aggregation === 'count') return outputs.length;
  if (aggregation === 'list' || column === undefined) return outputs;
  const numbers = outputs.flatMap((each) => decimal(String(each[column.name] ?? '')) ?? []);
  if (numbers.length === 0) return null;
  const total = aggregate(numbers, aggregation).toFixed();
  return { [column.name]: column.type === 'decimal' ? total : Number(total) };
}

/**
 * Evaluates a table: `inputs` are the facts, one for each input column.
 * The output is an object with a member for each output column; with *collect* a list of such, or the aggregate.
 */
export function evaluateTable(compiled: CompiledTable, inputs: readonly (Json | undefined)[]): DecisionResult {
  const { table } = compiled;
  const values: Literal[] = [];
  for (const [i, column] of table.inputs.entries()) {
    const value = asLiteral(inputs[i], column.type);
    if (value === undefined) return { kind: 'input-wrong', input: i, value: inputs[i] ?? null };
    values.push(value);
  }
  const context = Object.fromEntries([
    ...compiled.parameters, ...table.inputs.map((column, i) => [inputName(column), values[i] ?? { type: 'null' as const }] as const),
  ].filter(([name]) => name !== ''));
  try {
    const hits: CompiledRule[] = [];
    for (const rule of compiled.rules) {
      if (!matches(compiled, rule, values, context)) continue;
      hits.push(rule);
      if (table.hitPolicy === 'first') break;
    }
    const rules = hits.map(({ rule }) => rule.id);
    const [hit] = hits;
    if (table.hitPolicy === 'collect') {
      return hit === undefined && table.aggregation !== 'count' ? { kind: 'no-rule' } : { kind: 'decided', rules, output: collected(compiled, hits.map((each) => answers(compiled, each, context))) };
    }
    if (hit === undefined) return { kind: 'no-rule' };
    return hits.length > 1 ? { kind: 'several-rules', rules } : { kind: 'decided', rules, output: answers(compiled, hit, context) };
  } catch (error) {
    if (error instanceof CellFailed) return error.result;
    throw error;
  }
}
