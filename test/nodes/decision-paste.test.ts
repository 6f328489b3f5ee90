import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asCell, readPasted } from '../../nodes/decision/editor/pasted.ts';

/** A cell as a spreadsheet writes it to the clipboard. */
const written = (cell: string): string => (/[\t\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

describe('a decision table pasted from a spreadsheet', () => {
  it('has the rows and cells that it had there, line breaks and quotes inside them included', () => {
    assert.deepEqual(readPasted('< 100\tfurniture\tbuyer\r\n>= 100\t"chairs\nand ""tables"""\tfinance\r\n'), [['< 100', 'furniture', 'buyer'], ['>= 100', 'chairs\nand "tables"', 'finance']]);
    assert.deepEqual(readPasted('a\t\tb'), [['a', '', 'b']]);
    assert.deepEqual(readPasted(''), []);
  });

  it('keeps what is text of FEEL in its quotes', () => {
    assert.deepEqual(readPasted('"dc-1"\t"dc-2"'), [['"dc-1"', '"dc-2"']]);
  });

  it('loses and makes up nothing, whatever the cells', () => {
    const cell = fc.stringMatching(/^[a-z0-9 <>="\t\n,.]{0,8}$/);
    fc.assert(fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
      // A cell that is quoted and holds neither quotes nor breaks inside is FEEL's own text, and looks the same on the clipboard.
      assert.deepEqual(readPasted(rows.map((row) => `${row.map(written).join('\t')}\n`).join('')), rows);
    }));
  });

  for (const [value, type, cell] of [
    ['furniture', 'string', '"furniture"'], ['chairs, tables', 'string', '"chairs", "tables"'], ['"chairs"', 'string', '"chairs"'], ['-', 'string', '-'], ['not("chairs")', 'string', 'not("chairs")'],
    ['2026-03-02', 'date', 'date("2026-03-02")'], ['WAHR', 'boolean', 'true'], ['FALSE', 'boolean', 'false'], [' < 100 ', 'number', '< 100'], ['limit', 'string', 'limit'], ['', 'string', ''],
  ] as const) {
    it(`takes ${JSON.stringify(value)} in a column of ${type} for ${cell === '' ? 'an empty cell' : cell}`, () => { assert.equal(asCell(value, type, ['limit']), cell); });
  }
});
