export type { Aggregation, ColumnType, DecisionTable, HitPolicy, InputColumn, OutputColumn, Parameter, Rule, TableProblem, TableProblemCode } from './table.ts';
export { columnTypes } from './table.ts';
export { compileTable } from './compile.ts';
export type { CompiledTable } from './compile.ts';
export { evaluateTable } from './evaluate.ts';
export type { DecisionResult } from './evaluate.ts';
export { tableProblems } from './problems.ts';
export { readTable } from './read-table.ts';
