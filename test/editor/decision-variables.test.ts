import assert from 'node:assert/strict';
import { readTable, tableProblems } from '../../src/domain/decision-table/index.ts';
import type { DecisionTable } from '../../src/domain/decision-table/index.ts';
import { withStandIns } from '../../src/editor/decision/stand-ins.ts';

const table = (value: string): DecisionTable => readTable({
  hitPolicy: 'unique', inputs: [{ label: 'amount', source: 'amount', sourceType: 'facts', type: 'number' }], outputs: [{ name: 'role', type: 'string' }],
  rules: [{ id: 'small', when: ['< limit'], then: ['"buyer"'] }, { id: 'large', when: ['>= limit'], then: ['"finance"'] }],
  parameters: [{ name: 'limit', type: 'number', value, min: '5', max: '20', scope: 'site' }],
});
const errors = (value: string): readonly string[] => tableProblems(withStandIns(table(value))).filter(({ level }) => level === 'error').map(({ code }) => code);

describe('a parameter of a decision table that stands for a variable', () => {
  it('is no mistake, and its table is looked at as a whole', () => {
    assert.deepEqual(errors('${limit}'), []);
  });
  it('is told from a slip', () => {
    assert.ok(errors('$limit').includes('parameter-unreadable'));
    assert.deepEqual(errors('21'), ['parameter-out-of-bounds']);
  });
  it('whose variable is not there is named when the flow starts', () => {
    assert.deepEqual(tableProblems(table('${limit}')).map(({ code }) => code).filter((code) => code.startsWith('parameter')), ['parameter-unreadable']);
  });
});
