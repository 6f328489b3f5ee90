import assert from 'node:assert/strict';
import fc from 'fast-check';
import { packagingLevels, packagingProblems, packagingProblemText, readPackagingList, type PackagingRow } from '../../../src/domain/packaging/index.ts';
import { withCheckDigit } from '../../../src/domain/gs1/check-digit.ts';

/** GS1's own example company (9506000, General Specifications): a piece, its case and its pallet. */
const EACH = '9506000134352';
const EACH_14 = `0${EACH}`;
const CASE = withCheckDigit('1950600013435');
const PALLET = withCheckDigit('3950600013435');

const row = (gtin: string, contained = '', quantity = '', unit = ''): PackagingRow => ({ gtin, contained, quantity, unit });
const codes = (...rows: readonly PackagingRow[]): readonly string[] => packagingProblems(rows).map(({ row: at, code }) => `${at} ${code}`);

describe('packaging levels', () => {
  it('a case of 12 is 12 of the base unit, whatever form its GTIN is written in', () => {
    const levels = packagingLevels([row(CASE, EACH, '12', 'EA')]);
    assert.deepEqual(levels.of(CASE), { gtin: EACH_14, each: '12', unit: 'EA' });
    assert.deepEqual(levels.of(EACH_14), { gtin: EACH_14, each: '1', unit: 'EA' });
    assert.equal(levels.of(PALLET), undefined);
    assert.equal(levels.derivedFrom(PALLET), EACH_14);
  });

  it('levels multiply: a pallet of 40 cases of 12', () => {
    const levels = packagingLevels([row(PALLET, CASE, '40'), row(CASE, EACH_14, '12')]);
    assert.deepEqual(levels.problems, []);
    assert.deepEqual(levels.of(PALLET), { gtin: EACH_14, each: '480' });
  });

  it('quantities are exact: 0.1 of a base unit three times', () => {
    assert.equal(packagingLevels([row(CASE, EACH, '0.100000'), row(PALLET, CASE, '3')]).of(PALLET)?.each, '0.3');
  });

  it('a case may have a GTIN-13 of its own, and a GTIN-8 may be inside', () => {
    const carton = withCheckDigit('950600013439');
    assert.deepEqual(packagingLevels([row(carton, '95050003', '6')]).of(`0${carton}`), { gtin: '00000095050003', each: '6' });
  });

  it('§3.3.2: a GTIN-14 with an indicator digit of 1 to 8 is built from the GTIN of what it contains, at whatever level', () => {
    const carton = withCheckDigit('950600013439');
    assert.deepEqual(codes(row(PALLET, carton, '40'), row(carton, EACH, '12')), []);
    const other = withCheckDigit('1950600013999');
    const [problem] = packagingProblems([row(other, EACH, '12')]);
    assert.deepEqual(problem, { row: 1, code: 'derivation', values: { gtin: other, indicator: '1', contained: EACH_14, expected: CASE } });
    assert.match(packagingProblemText(problem), new RegExp(`^Packaging levels, row 1: ${other} .* it would be ${CASE}\\.$`));
  });

  it('§3.3.2: indicator 9 is a variable measure, from which nothing is derived', () => {
    const variable = withCheckDigit('9950600013999');
    assert.deepEqual(codes(row(variable, EACH, '1')), []);
    assert.equal(packagingLevels([row(CASE, EACH, '12')]).derivedFrom(withCheckDigit('9950600013435')), undefined);
  });

  for (const [what, rows, problems] of [
    ['no GTIN', [row('12345', EACH, '12')], ['1 gtin-form']],
    ['a GTIN that a spreadsheet made a number of', [row('1.95E+13', EACH, '12')], ['1 gtin-form']],
    ['no GTIN inside', [row(CASE, 'each', '12')], ['1 contained-form']],
    ['§7.9: a wrong check digit', [row(`${CASE.slice(0, 13)}${(Number(CASE[13]) + 1) % 10}`, EACH, '12')], ['1 check-digit']],
    ['§7.9: a wrong check digit inside', [row(CASE, '9506000134353', '12')], ['1 check-digit']],
    ['the same GTIN twice, written differently', [row(EACH), row(EACH_14)], ['2 twice']],
    ['itself', [row(EACH, EACH_14, '12')], ['1 itself']],
    ['no quantity', [row(CASE, EACH)], ['1 quantity']],
    ['zero', [row(CASE, EACH, '0')], ['1 quantity']],
    ['a negative quantity', [row(CASE, EACH, '-12')], ['1 quantity']],
    ['a quantity of a base unit', [row(EACH, '', '12')], ['1 base-quantity']],
    ['a unit in words', [row(CASE, EACH, '12', 'pieces')], ['1 unit']],
    ['a circle', [row(withCheckDigit('950600013439'), EACH, '2'), row(EACH, withCheckDigit('950600013439'), '2')], ['1 circle', '2 circle']],
    ['a pack that is left open', [row(PALLET, CASE, '40')], ['1 open-end']],
    ['two units of one base unit', [row(CASE, EACH, '12', 'EA'), row(EACH, '', '', 'MTR')], ['2 units-differ']],
    ['more than twelve digits', [row(PALLET, CASE, '999999999'), row(CASE, EACH, '999999999')], ['1 too-large']],
    ['more than six decimals', [row(PALLET, CASE, '0.000001'), row(CASE, EACH, '0.1')], ['1 too-fine']],
  ] as const) {
    it(`is told: ${what}`, () => {
      assert.deepEqual(codes(...rows), problems);
      for (const problem of packagingProblems(rows)) assert.doesNotMatch(packagingProblemText(problem), /undefined/);
    });
  }

  it('a case that is the base unit of a business is so when its row says it', () => {
    assert.deepEqual(codes(row(PALLET, CASE, '40'), row(CASE)), []);
    assert.equal(packagingLevels([row(PALLET, CASE, '40'), row(CASE)]).of(PALLET)?.gtin, CASE);
  });

  it('more than eight levels are a slip', () => {
    const gtins = Array.from({ length: 9 }, (_, n) => withCheckDigit(`95060001300${n}0`.slice(0, 12)));
    const rows = gtins.slice(1).map((gtin, n) => row(gtin, gtins[n], '2'));
    assert.deepEqual(codes(...rows), ['8 too-deep']);
    assert.equal(packagingLevels(rows).of(`0${gtins[7]}`)?.each, '128');
  });

  it('no list throws, and what has no problem has a base unit for every row', () => {
    const text = fc.oneof(fc.constantFrom(EACH, EACH_14, CASE, PALLET, '', '95050003'), fc.string());
    const any = fc.record({ gtin: text, contained: text, quantity: fc.oneof(fc.constantFrom('1', '12', '0.5', ''), fc.string()), unit: fc.constantFrom('', 'EA', 'x') });
    fc.assert(fc.property(fc.array(any, { maxLength: 6 }), (rows) => {
      const { problems } = packagingLevels(rows);
      problems.forEach((problem) => packagingProblemText(problem));
      const levels = packagingLevels(rows);
      if (problems.length > 0) return;
      for (const { gtin } of rows) assert.notEqual(levels.of(gtin.replace(/[\s-]/g, '').padStart(14, '0')), undefined);
    }));
  });
});

describe('a pasted list of packaging levels', () => {
  it('needs no line of column names', () => {
    assert.deepEqual(readPackagingList(`${CASE};${EACH};12;EA\n`), { rows: [{ line: 1, gtin: CASE, contained: EACH, quantity: '12', unit: 'EA' }], problems: [] });
  });

  it('takes the columns in any order, by the names that people use, with a byte order mark and quotes', () => {
    const { rows } = readPackagingList(`\uFEFFQty\tBase GTIN\tGTIN\r\n\r\n"12"\t${EACH}\t${CASE}\r\n`);
    assert.deepEqual(rows, [{ line: 3, gtin: CASE, contained: EACH, quantity: '12', unit: '' }]);
  });

  it('a first line may name a base unit alone', () => {
    assert.deepEqual(readPackagingList(`${EACH}\n${CASE};${EACH};12`).rows.map(({ gtin, contained }) => [gtin, contained]), [[EACH, ''], [CASE, EACH]]);
  });

  it('a decimal comma counts where it separates no fields', () => {
    assert.equal(readPackagingList(`${CASE};${EACH};2,5`).rows[0]?.quantity, '2.5');
  });

  it('says in which line what is wrong, and reads the others', () => {
    assert.deepEqual(readPackagingList('article,amount\n1,2').problems, [{ line: 1, code: 'no-columns' }]);
    const { rows, problems } = readPackagingList(`gtin,contained,quantity\n"${CASE},${EACH},12\n${CASE},${EACH},12,EA\n${CASE},${EACH},12`);
    assert.deepEqual(problems, [{ line: 2, code: 'open-quote' }, { line: 3, code: 'too-many-fields' }]);
    assert.deepEqual(rows.map(({ line }) => line), [4]);
  });
});
