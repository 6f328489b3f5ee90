import assert from 'node:assert/strict';
import { date, unaryTest } from 'feelin';
import fc from 'fast-check';

import { compileTable, evaluateTable, tableProblems } from '../../../src/domain/decision-table/index.ts';
import type { DecisionTable, TableProblem } from '../../../src/domain/decision-table/index.ts';
import type { Json } from '../../../src/domain/index.ts';
import { tableOf } from './support.ts';

const decide = (table: DecisionTable, ...inputs: readonly (Json | undefined)[]) => evaluateTable(compileTable(table), inputs);
const short = (problems: readonly TableProblem[]): unknown[] => problems.map(({ code, rule, rules, where, input, output, parameter }) => JSON.parse(JSON.stringify({ code, rule, rules, where, input, output, parameter })) as unknown);

const levels = tableOf(['amount:number', 'category:string'], ['role:string', 'days:number'], [
  ['< 1000', '-', '"supervisor"', '1'],
  ['[1000..5000)', 'not("capital")', '"site-manager"', '2'],
  ['[1000..5000)', '"capital"', '"finance"', '3'],
  ['>= 5000', '-', '"finance"', '5'],
]);

describe('decision table', () => {
  it('answers by the one rule that fits', () => {
    assert.deepEqual(decide(levels, 999, 'parts'), { kind: 'decided', rules: ['r1'], output: { role: 'supervisor', days: 1 } });
    assert.deepEqual(decide(levels, '1000', 'parts'), { kind: 'decided', rules: ['r2'], output: { role: 'site-manager', days: 2 } });
    assert.deepEqual(decide(levels, 4999.99, 'capital'), { kind: 'decided', rules: ['r3'], output: { role: 'finance', days: 3 } });
    assert.deepEqual(decide(levels, '5000', 'x'), { kind: 'decided', rules: ['r4'], output: { role: 'finance', days: 5 } });
  });

  it('is exact where floats are not', () => {
    const table = tableOf(['amount:number'], ['ok:boolean'], [['<= 9007199254740993.1', 'true'], ['> 9007199254740993.1', 'false']]);
    assert.deepEqual(decide(table, '9007199254740993.1'), { kind: 'decided', rules: ['r1'], output: { ok: true } });
    assert.deepEqual(decide(table, '9007199254740993.11'), { kind: 'decided', rules: ['r2'], output: { ok: false } });
  });

  it('says which fact is of another kind, and takes a missing one for no number', () => {
    assert.deepEqual(decide(levels, 'many', 'x'), { kind: 'input-wrong', input: 0, value: 'many' });
    assert.deepEqual(decide(levels, undefined, 'x'), { kind: 'no-rule' });
    assert.deepEqual(decide(levels, { a: 1 }, 'x'), { kind: 'input-wrong', input: 0, value: { a: 1 } });
  });

  it('first: the first that fits; unique: two that fit are no decision', () => {
    const rows = [['< 10', '"low"'], ['< 100', '"middle"'], ['-', '"high"']];
    assert.deepEqual(decide(tableOf(['n:number'], ['size'], rows, { hitPolicy: 'first' }), 5), { kind: 'decided', rules: ['r1'], output: { size: 'low' } });
    assert.deepEqual(decide(tableOf(['n:number'], ['size'], rows), 5), { kind: 'several-rules', rules: ['r1', 'r2', 'r3'] });
  });

  it('collect: a list, a sum, the largest, how many', () => {
    const rows = [['< 10', '0.1'], ['< 100', '0.2'], ['> 50', '7']];
    const collected = (aggregation: string, n: number) => decide(tableOf(['n:number'], ['fee:decimal'], rows, { hitPolicy: 'collect', aggregation }), n);
    assert.deepEqual(collected('list', 5), { kind: 'decided', rules: ['r1', 'r2'], output: [{ fee: '0.1' }, { fee: '0.2' }] });
    assert.deepEqual(collected('sum', 5), { kind: 'decided', rules: ['r1', 'r2'], output: { fee: '0.3' } });
    assert.deepEqual(collected('max', 60), { kind: 'decided', rules: ['r2', 'r3'], output: { fee: '7' } });
    assert.deepEqual(collected('count', 5), { kind: 'decided', rules: ['r1', 'r2'], output: 2 });
    assert.deepEqual(decide(tableOf(['n:number'], ['fee:decimal'], [['> 1', '1']], { hitPolicy: 'collect', aggregation: 'count' }), 0), { kind: 'decided', rules: [], output: 0 });
  });

  it('knows parameters, days, and expressions of FEEL', () => {
    const table = tableOf(['amount:number', 'due:date', 'name:string'], ['fee:decimal', 'text:string'], [
      ['> limit', '>= date("2026-03-01")', 'starts with(?, "A")', 'amount * 2', '"over " + string(limit)'],
    ], { parameters: [{ name: 'limit', type: 'number', value: '100', min: '50', max: '200' }] });
    assert.deepEqual(tableProblems(table).filter(({ level }) => level === 'error'), []);
    assert.deepEqual(decide(table, 150, '2026-03-01', 'Acme'), { kind: 'decided', rules: ['r1'], output: { fee: '300', text: 'over 100' } });
    assert.deepEqual(decide(table, 150, '2026-02-28T23:00:00Z', 'Acme'), { kind: 'no-rule' });
    assert.deepEqual(decide(table, 150, '2026-03-01', 'Beta'), { kind: 'no-rule' });
  });

  it('names the cell that failed while deciding', () => {
    const table = tableOf(['n:number'], ['x:number'], [['-', 'n / "a"']]);
    const result = decide(table, 1);
    assert.ok(result.kind === 'cell-failed' && result.rule === 'r1' && result.column === 'x', JSON.stringify(result));
  });
});

describe('what is wrong with a decision table', () => {
  it('nothing, with this one but that nobody decides below', () => {
    assert.deepEqual(short(tableProblems(levels)), []);
  });

  it('overlaps of unique rules, gaps, rules that are never reached', () => {
    assert.deepEqual(short(tableProblems(tableOf(['n:number'], ['x'], [['[1..10]', '"a"'], ['[10..20)', '"b"'], ['> 30', '"c"']]))), [
      { code: 'overlap', rule: 'r2', rules: ['r1'] }, { code: 'gap', where: ['< 1'] }, { code: 'gap', where: ['[20..30]'] },
    ]);
    assert.deepEqual(short(tableProblems(tableOf(['n:number', 'b:boolean'], ['x'], [['-', 'true', '"a"'], ['> 5', '-', '"b"'], ['> 7', '-', '"c"']], { hitPolicy: 'first' }))), [
      { code: 'never-reached', rule: 'r3' }, { code: 'gap', where: ['<= 5', 'false'] },
    ]);
    assert.deepEqual(short(tableProblems(tableOf(['site:string', 'd:date'], ['x'], [['"dc-1","dc-2"', '>= @"2026-01-01"', '"a"'], ['"dc-1"', '< date("2026-01-01")', '"b"']]))), [
      { code: 'gap', where: ['"dc-2"', '< date("2026-01-01")'] }, { code: 'gap', where: ['not("dc-1", "dc-2")', '-'] },
    ]);
  });

  it('cells, columns, rules and parameters that cannot be', () => {
    const where = (rows: readonly (readonly string[])[], change: object = {}) => short(tableProblems(tableOf(['n:number', 's:string'], ['x:number'], rows, change)).filter(({ level }) => level === 'error'));
    assert.deepEqual(where([['"a"', '-', '1']]), [{ code: 'cell-wrong-type', rule: 'r1', input: 0 }]);
    assert.deepEqual(where([['-', '< "a"', '1']]), [{ code: 'cell-wrong-type', rule: 'r1', input: 1 }]);
    assert.deepEqual(where([['[5..1]', '-', '1']]), [{ code: 'cell-matches-nothing', rule: 'r1', input: 0 }]);
    assert.deepEqual(where([['foo(', '-', '1']]), [{ code: 'cell-unreadable', rule: 'r1', input: 0 }]);
    assert.deepEqual(where([['> nobody', '-', '1']]), [{ code: 'cell-unreadable', rule: 'r1', input: 0 }]);
    assert.deepEqual(where([['-', '-', '"one"']]), [{ code: 'cell-wrong-type', rule: 'r1', output: 0 }]);
    assert.deepEqual(where([['-', '-', 'n + now()']]), [{ code: 'cell-unreadable', rule: 'r1', output: 0 }]);
    assert.deepEqual(where([['-', '-']]), [{ code: 'cells-missing', rule: 'r1' }]);
    assert.deepEqual(where([]), [{ code: 'no-rules' }]);
    assert.deepEqual(where([['> p', '-', '1']], { parameters: [{ name: 'p', type: 'number', value: '500', min: '1', max: '100' }] }), [{ code: 'parameter-out-of-bounds', parameter: 'p' }]);
    assert.deepEqual(where([['-', '-', '1']], { parameters: [{ name: 'p q', type: 'number', value: '5' }] }), [{ code: 'parameter-name', parameter: 'p q' }]);
  });

  it('says that an expression was not looked at, and that a huge space was not', () => {
    assert.deepEqual(short(tableProblems(tableOf(['n:number'], ['x'], [['? * 2 > 5', '"a"']]))), [{ code: 'not-checked' }]);
    const columns = Array.from({ length: 12 }, (_, i) => `c${i}:number`);
    const rows = Array.from({ length: 60 }, (_, i) => [...columns.map((_c, j) => `> ${(i * 7 + j * 13) % 50}`), '"a"']);
    assert.ok(tableProblems(tableOf(columns, ['x'], rows, { hitPolicy: 'first' })).some(({ code }) => code === 'too-large-to-check'));
  });
});

// ── properties ────────────────────────────────────────────────────────────────────────────────────

const number = fc.integer({ min: -20, max: 20 }).map((n) => String(n / 2));
const interval = fc.tuple(fc.constantFrom('[', '(', ']'), number, number, fc.constantFrom(']', ')', '[')).map(([l, a, b, r]) => `${l}${Number(a) <= Number(b) ? a : b}..${Number(a) <= Number(b) ? b : a}${r}`);
const simple = fc.oneof(number, interval, fc.tuple(fc.constantFrom('<', '<=', '>', '>='), number).map(([op, n]) => `${op} ${n}`));
const cell = fc.oneof(fc.constant('-'), fc.array(simple, { minLength: 1, maxLength: 3 }).map((all) => all.join(', ')), fc.array(simple, { minLength: 1, maxLength: 3 }).map((all) => `not(${all.join(', ')})`));
const textCell = fc.oneof(fc.constant('-'), fc.subarray(['"a"', '"b"', '"c"'], { minLength: 1 }).map((all) => all.join(',')), fc.subarray(['"a"', '"b"', '"c"'], { minLength: 1 }).map((all) => `not(${all.join(',')})`));
const points = Array.from({ length: 90 }, (_, i) => -22 / 2 + (i - 1) / 4);

describe('decision table, whatever the cells', () => {
  it('a condition lets pass what the FEEL interpreter lets pass', () => {
    fc.assert(fc.property(cell, fc.constantFrom(...points), (text, value) => {
      const ours = decide(tableOf(['n:number'], ['x'], [[text, '"hit"']]), value).kind === 'decided';
      assert.equal(ours, unaryTest(text, { '?': value }).value, `${text} of ${value}`);
    }), { numRuns: 400 });
  });

  it('of days as well', () => {
    const day = fc.integer({ min: 1, max: 28 }).map((d) => `2026-02-${String(d).padStart(2, '0')}`);
    fc.assert(fc.property(fc.constantFrom('<', '<=', '>', '>='), day, day, (op, a, b) => {
      const text = `${op} date("${a}")`;
      assert.equal(decide(tableOf(['d:date'], ['x'], [[text, '"hit"']]), b).kind === 'decided', unaryTest(text, { '?': date(b) }).value);
    }), { numRuns: 100 });
  });

  it('gaps, overlaps and unreached rules are those that trying every value finds', () => {
    fc.assert(fc.property(fc.array(fc.tuple(cell, textCell), { minLength: 1, maxLength: 5 }), (rows) => {
      const table = tableOf(['n:number', 's:string'], ['x'], rows.map(([n, s]) => [n, s, '"y"']), { hitPolicy: 'collect' });
      const problems = (hitPolicy: string): readonly TableProblem[] => tableProblems({ ...table, hitPolicy: hitPolicy as DecisionTable['hitPolicy'] });
      if (problems('unique').some(({ code }) => code === 'cell-matches-nothing')) return;
      const compiled = compileTable(table);
      const firsts = new Set<string>();
      const pairs = new Set<string>();
      let uncovered = false;
      for (const n of points) {
        for (const s of ['a', 'b', 'c', 'z']) {
          const result = evaluateTable(compiled, [n, s]);
          const hits = result.kind === 'decided' ? result.rules : [];
          uncovered ||= hits.length === 0;
          if (hits[0] !== undefined) firsts.add(hits[0]);
          hits.forEach((a, i) => { hits.slice(i + 1).forEach((b) => pairs.add(`${a} ${b}`)); });
        }
      }
      const unique = problems('unique');
      assert.deepEqual(new Set(unique.filter(({ code }) => code === 'overlap').map(({ rule, rules }) => `${rules?.[0]} ${rule}`).filter((pair) => !pairs.has(pair) && !bothMissing(rows, pair))), new Set());
      assert.ok([...pairs].every((pair) => unique.some(({ code, rule, rules }) => code === 'overlap' && `${rules?.[0]} ${rule}` === pair)));
      assert.equal(unique.some(({ code }) => code === 'gap'), uncovered);
      // A rule that is left with a missing value alone is not found by trying values.
      const plain = table.rules.filter(({ when }) => !when.some((text) => text.startsWith('not'))).map(({ id }) => id);
      const unreached = problems('first').filter(({ code }) => code === 'never-reached').map(({ rule }) => rule ?? '');
      assert.deepEqual(unreached.filter((id) => plain.includes(id)), plain.filter((id) => !firsts.has(id)));
      assert.ok(unreached.every((id) => !firsts.has(id)));
    }), { numRuns: 150 });
  });
});

/** Two rules that meet only where a value is missing. */
function bothMissing(rows: readonly (readonly [string, string])[], pair: string): boolean {
  const [a, b] = pair.split(' ').map((id) => rows[Number(id.slice(1)) - 1]);
  return a !== undefined && b !== undefined && a.some((text, i) => /^(-|not)/.test(text) && /^(-|not)/.test(b[i] ?? ''));
}
