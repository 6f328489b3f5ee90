import assert from 'node:assert/strict';
import { readDmn, writeDmn } from '../../src/engine/decision/dmn.ts';
import { problemText } from '../../src/engine/decision/problem-texts.ts';
import { compileTable, evaluateTable, readTable, tableProblems } from '../../src/domain/decision-table/index.ts';
import { tableOf } from '../domain/decision-table/support.ts';

const table = tableOf(['amount:number', 'site:string'], ['role:string'], [['< limit', '"dc-1", "<&>"', '"supervisor"'], ['>= limit', '-', '"finance"']], {
  parameters: [{ name: 'limit', type: 'number', value: '1000' }], hitPolicy: 'first',
});

describe('DMN 1.3', () => {
  it('a table that was written is read as the same table, with values in the place of parameters', async () => {
    const xml = await writeDmn('approval level', table);
    const read = await readDmn(xml);
    assert.equal(read.name, 'approval level');
    assert.deepEqual(read.leftOut, []);
    assert.deepEqual(read.table, { ...table, parameters: [], rules: table.rules.map((rule) => ({ ...rule, when: rule.when.map((cell) => cell.replace('limit', '1000')) })) });
    assert.deepEqual(evaluateTable(compileTable(read.table), [999, '<&>']), { kind: 'decided', rules: ['r1'], output: { role: 'supervisor' } });
  });

  it('keeps what is collected and what is asked by an expression', async () => {
    const collected = readTable({ ...table, hitPolicy: 'collect', aggregation: 'sum', parameters: [], inputs: table.inputs.map((column) => ({ ...column, source: '$facts.a', sourceType: 'jsonata' })) });
    const { table: read } = await readDmn(await writeDmn('x', collected));
    assert.equal(read.aggregation, 'sum');
    assert.deepEqual(read.inputs.map(({ source, sourceType }) => [source, sourceType]), [['$facts.a', 'jsonata'], ['$facts.a', 'jsonata']]);
  });

  it('reads a document of another tool', async () => {
    const { table: read, leftOut, others } = await readDmn(`<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
      <decision id="first" name="Dish"><decisionTable id="t" hitPolicy="UNIQUE"><input id="i" label="Season"><inputExpression id="e" typeRef="string"><text>season</text></inputExpression>
      <inputValues id="v"><text>"Fall","Winter"</text></inputValues></input><output id="o" name="dish" typeRef="string"/>
      <rule id="row-1"><description>Save the calories</description><inputEntry id="a"><text>"Fall"</text></inputEntry><outputEntry id="b"><text>"Spareribs"</text></outputEntry></rule></decisionTable></decision>
      <decision id="second" name="Other"><decisionTable id="t2"><input id="i2"><inputExpression id="e2" typeRef="feel:foo"><text>x</text></inputExpression></input><output id="o2"/></decisionTable></decision></definitions>`);
    assert.deepEqual(read.inputs, [{ label: 'Season', source: 'season', sourceType: 'facts', type: 'string', values: ['Fall', 'Winter'] }]);
    assert.deepEqual(read.rules, [{ id: 'row-1', when: ['"Fall"'], then: ['"Spareribs"'], note: 'Save the calories', central: false }]);
    assert.deepEqual([leftOut, others], [[], ['Other']]);
  });

  for (const [what, xml, said] of [
    ['no XML', 'hello', /^This is no DMN document/],
    ['an entity trick', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "aaaa">]><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="&e;" namespace="x"/>', /no decision table|no DMN/],
    ['too large', `<a>${' '.repeat(1_000_001)}</a>`, /larger than a million/],
    ['a hit policy that is not known', '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x"><decision id="p" name="P"><decisionTable id="t" hitPolicy="PRIORITY"/></decision></definitions>', /hit policy PRIORITY; Waybill knows/],
  ] as const) {
    it(`refuses ${what} in a sentence`, async () => {
      await assert.rejects(readDmn(xml), (error: Error) => error.name === 'DmnError' && said.test(error.message));
    });
  }
});

describe('texts about decision tables', () => {
  it('name the place and say what to do', () => {
    const broken = tableOf(['amount:number'], ['role:string'], [['"a"', '"x"'], ['foo(', '"y"']]);
    assert.deepEqual(tableProblems(broken).map((problem) => problemText(problem, broken)), [
      'Rule r1, amount: the column holds numbers, this cell does not.',
      'Rule r2, amount: this cell cannot be read: Incomplete <FunctionInvocation>. Texts stand in quotes, ranges as [1..5].',
    ]);
    const gap = tableOf(['amount:number'], ['role:string'], [['< 5', '"x"']]);
    assert.deepEqual(tableProblems(gap).map((problem) => problemText(problem, gap)), ['No rule fits where amount is >= 5.']);
  });
});
