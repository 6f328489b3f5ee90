import { compileTable, parameterValues, readParameter } from './compile.ts';
import { coverage } from './coverage.ts';
import { feelTest, feelValue } from './feel.ts';
import type { FeelContext } from './feel.ts';
import { inputName } from './evaluate.ts';
import { fitsType, readLiteral, writeLiteral } from './literal.ts';
import type { Literal } from './literal.ts';
import { compare, isEmpty, isOrdered, regionOf } from './region.ts';
import { readCellTest } from './unary-test.ts';
import type { CellTest } from './unary-test.ts';
import type { ColumnType, DecisionTable, Parameter, Rule, TableProblem } from './table.ts';

const name = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Stands for a value of a column while cells are tried. */
const samples: Readonly<Record<ColumnType, Literal>> = {
  number: { type: 'number', value: '1' }, decimal: { type: 'number', value: '1' }, string: { type: 'string', value: 'a' },
  boolean: { type: 'boolean', value: true }, date: { type: 'date', value: '2025-01-01' },
};

function shapeProblems(table: DecisionTable): TableProblem[] {
  const problems: TableProblem[] = [];
  const error = (problem: Omit<TableProblem, 'level'>): void => { problems.push({ level: 'error', ...problem }); };
  if (table.inputs.length === 0) error({ code: 'no-inputs' });
  if (table.outputs.length === 0) error({ code: 'no-outputs' });
  if (table.rules.length === 0) error({ code: 'no-rules' });
  table.inputs.forEach((column, input) => { if (column.source.trim() === '') error({ code: 'column-without-source', input }); });
  table.outputs.forEach((column, output) => {
    if (!name.test(column.name)) error({ code: 'output-without-name', output });
    else if (table.outputs.findIndex((other) => other.name === column.name) < output) error({ code: 'output-name-twice', output });
  });
  table.rules.forEach((rule, i) => {
    if (rule.when.length !== table.inputs.length || rule.then.length !== table.outputs.length) error({ code: 'cells-missing', rule: rule.id });
    if (rule.id === '' || table.rules.findIndex((other) => other.id === rule.id) < i) error({ code: 'rule-id-twice', rule: rule.id });
  });
  return problems;
}

function parameterProblem(table: DecisionTable, parameter: Parameter, index: number): TableProblem | undefined {
  const problem = (code: TableProblem['code']): TableProblem => ({ level: 'error', code, parameter: parameter.name });
  if (!name.test(parameter.name)) return problem('parameter-name');
  if (table.parameters.findIndex((other) => other.name === parameter.name) < index) return problem('parameter-twice');
  const value = readParameter(parameter.value, parameter.type);
  if (value === undefined) return problem('parameter-unreadable');
  if (!isOrdered(parameter.type)) return undefined;
  const min = parameter.min === '' ? undefined : readParameter(parameter.min, parameter.type);
  const max = parameter.max === '' ? undefined : readParameter(parameter.max, parameter.type);
  if ((min === undefined) !== (parameter.min === '') || (max === undefined) !== (parameter.max === '')) return problem('parameter-unreadable');
  return (min !== undefined && compare(value, min) < 0) || (max !== undefined && compare(value, max) > 0) ? problem('parameter-out-of-bounds') : undefined;
}

function literalsOf(test: CellTest): readonly Literal[] {
  if (test.kind !== 'tests') return [];
  return test.tests.flatMap((each) => (each.kind === 'equal' ? [each.value] : [each.from, each.to].flatMap((bound) => (bound === undefined ? [] : [bound.value]))));
}

/** An interval has an order of its own; texts and truth values have none. */
function isInterval(test: CellTest): boolean {
  return test.kind === 'tests' && test.tests.some((each) => each.kind === 'interval');
}

function conditionProblem(table: DecisionTable, rule: Rule, input: number, names: ReadonlyMap<string, Literal>, context: FeelContext): TableProblem | undefined {
  const column = table.inputs[input];
  if (column === undefined) return undefined;
  const at = { level: 'error' as const, rule: rule.id, input };
  const test = readCellTest(rule.when[input] ?? '', names);
  if (test.kind === 'feel') {
    const result = feelTest(test.text, samples[column.type], context);
    return result.ok ? undefined : { ...at, code: 'cell-unreadable', reason: result.problem };
  }
  const literals = literalsOf(test);
  if (literals.some((literal) => !fitsType(literal, column.type) || (literal.type === 'null' && isInterval(test)))) return { ...at, code: 'cell-wrong-type', reason: column.type };
  if (isInterval(test) && !isOrdered(column.type)) return { ...at, code: 'cell-wrong-type', reason: column.type };
  const unlisted = column.values.length > 0 ? literals.find((literal) => literal.type === 'string' && !column.values.includes(literal.value)) : undefined;
  if (unlisted !== undefined) return { ...at, code: 'value-not-listed', reason: writeLiteral(unlisted) };
  const region = regionOf(test, column);
  return region !== undefined && isEmpty(region) ? { ...at, code: 'cell-matches-nothing' } : undefined;
}

function answerProblem(table: DecisionTable, rule: Rule, output: number, names: ReadonlyMap<string, Literal>, context: FeelContext): TableProblem | undefined {
  const column = table.outputs[output];
  const cell = (rule.then[output] ?? '').trim();
  if (column === undefined || cell === '' || cell === '-') return undefined;
  const at = { level: 'error' as const, rule: rule.id, output };
  const literal = readLiteral(cell) ?? names.get(cell);
  if (literal === undefined) {
    const result = feelValue(cell, context);
    return result.ok ? undefined : { ...at, code: 'cell-unreadable', reason: result.problem };
  }
  if (!fitsType(literal, column.type)) return { ...at, code: 'cell-wrong-type', reason: column.type };
  return column.values.length > 0 && literal.type === 'string' && !column.values.includes(literal.value) ? { ...at, code: 'value-not-listed', reason: writeLiteral(literal) } : undefined;
}

/** Everything that is wrong with a table, errors first. Gaps, overlaps and rules that are never reached are looked for when it has no error. */
export function tableProblems(table: DecisionTable): readonly TableProblem[] {
  const shape = shapeProblems(table);
  const parameters = table.parameters.flatMap((parameter, i) => parameterProblem(table, parameter, i) ?? []);
  if (shape.some(({ code }) => code === 'cells-missing')) return [...shape, ...parameters];
  const names = parameterValues(table);
  const context = Object.fromEntries([...names, ...table.inputs.map((column) => [inputName(column), samples[column.type]] as const)].filter(([each]) => each !== ''));
  const cells = table.rules.flatMap((rule) => [
    ...table.inputs.flatMap((_column, i) => conditionProblem(table, rule, i, names, context) ?? []),
    ...table.outputs.flatMap((_column, i) => answerProblem(table, rule, i, names, context) ?? []),
  ]);
  const errors = [...shape, ...parameters, ...cells];
  return errors.length > 0 ? errors : coverageProblems(table);
}

function coverageProblems(table: DecisionTable): readonly TableProblem[] {
  const id = (index: number): string => table.rules[index]?.id ?? '';
  const { overlaps, gaps, neverReached, partly, cut } = coverage(compileTable(table));
  return [
    ...(table.hitPolicy === 'unique' ? overlaps.map(([a, b]): TableProblem => ({ level: 'error', code: 'overlap', rule: id(b), rules: [id(a)] })) : []),
    ...(table.hitPolicy === 'first' ? neverReached.map((index): TableProblem => ({ level: 'warning', code: 'never-reached', rule: id(index) })) : []),
    ...gaps.map((where): TableProblem => ({ level: 'warning', code: 'gap', where })),
    ...(partly ? [{ level: 'warning', code: 'not-checked' } satisfies TableProblem] : []),
    ...(cut ? [{ level: 'warning', code: 'too-large-to-check' } satisfies TableProblem] : []),
  ];
}
