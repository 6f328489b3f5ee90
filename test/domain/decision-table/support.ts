import { readTable } from '../../../src/domain/decision-table/index.ts';
import type { DecisionTable } from '../../../src/domain/decision-table/index.ts';

/** A table of `[...conditions, ...answers]` rows; inputs as `name:type`, outputs likewise. */
export function tableOf(inputs: readonly string[], outputs: readonly string[], rows: readonly (readonly string[])[], change: object = {}): DecisionTable {
  const column = (text: string): { name: string; type: string } => ({ name: text.split(':')[0] ?? '', type: text.split(':')[1] ?? 'string' });
  return readTable({
    hitPolicy: 'unique',
    inputs: inputs.map(column).map(({ name, type }) => ({ label: name, source: name, type })), outputs: outputs.map(column),
    rules: rows.map((cells, i) => ({ id: `r${i + 1}`, when: cells.slice(0, inputs.length), then: cells.slice(inputs.length) })),
    ...change,
  });
}
