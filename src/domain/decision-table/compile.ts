import { readLiteral } from './literal.ts';
import type { Literal } from './literal.ts';
import { regionOf } from './region.ts';
import type { Region } from './region.ts';
import { readCellTest } from './unary-test.ts';
import type { DecisionTable, OutputColumn, Rule } from './table.ts';

/** A condition that is ready: a region, or a text for FEEL. */
export type Condition = { readonly kind: 'region'; readonly region: Region } | { readonly kind: 'feel'; readonly text: string };
/** An output that is ready: a constant, or a text for FEEL. */
export type Answer = { readonly kind: 'literal'; readonly value: Literal } | { readonly kind: 'feel'; readonly text: string };

export interface CompiledRule { readonly rule: Rule; readonly when: readonly Condition[]; readonly then: readonly Answer[] }
export interface CompiledTable { readonly table: DecisionTable; readonly parameters: ReadonlyMap<string, Literal>; readonly rules: readonly CompiledRule[] }

/** Values of the parameters that can be read. */
export function parameterValues(table: DecisionTable): ReadonlyMap<string, Literal> {
  return new Map(table.parameters.flatMap(({ name, type, value }) => {
    const literal = readParameter(value, type);
    return literal === undefined ? [] : [[name, literal] as const];
  }));
}

/** A parameter's value; texts need no quotes, days no `date()`. */
export function readParameter(value: string, type: OutputColumn['type']): Literal | undefined {
  const text = value.trim();
  if (type === 'string') return readLiteral(text)?.type === 'string' ? readLiteral(text) : { type: 'string', value: text };
  if (type === 'date') return readLiteral(text.startsWith('date') || text.startsWith('@') ? text : `date("${text}")`);
  const literal = readLiteral(text);
  return literal?.type === (type === 'decimal' ? 'number' : type) ? literal : undefined;
}

function answerOf(cell: string, parameters: ReadonlyMap<string, Literal>): Answer {
  const text = cell.trim();
  const literal = text === '' || text === '-' ? { type: 'null' as const } : readLiteral(text) ?? parameters.get(text);
  return literal === undefined ? { kind: 'feel', text } : { kind: 'literal', value: literal };
}

/** Makes a table ready for many evaluations. The table has to be free of errors ({@link tableProblems}). */
export function compileTable(table: DecisionTable): CompiledTable {
  const parameters = parameterValues(table);
  return {
    table, parameters,
    rules: table.rules.map((rule) => ({
      rule,
      when: table.inputs.map((column, i): Condition => {
        const test = readCellTest(rule.when[i] ?? '', parameters);
        const region = regionOf(test, column);
        return region === undefined ? { kind: 'feel', text: test.kind === 'feel' ? test.text : '' } : { kind: 'region', region };
      }),
      then: table.outputs.map((_column, i) => answerOf(rule.then[i] ?? '', parameters)),
    })),
  };
}
