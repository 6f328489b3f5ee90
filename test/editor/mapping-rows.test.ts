import assert from 'node:assert/strict';
import { absolutePlace, countRows, entryPlace, findRow, makeRow, pointerOf, relativePlace, removeRow } from '../../src/editor/browser/mapping/rows.ts';
import type { EditedRow } from '../../src/editor/browser/mapping/rows.ts';

describe('rows of the mapping form', () => {
  it('are made with the lists around them, as far as the source tells where those come from', () => {
    const rows: EditedRow[] = [];
    makeRow(rows, '/lines/*/item/id', '/Items/*/Material').from = '/Material';
    makeRow(rows, '/number', '/No').from = '/No';
    makeRow(rows, '/lines/*/marks/*', '/Items/*/Marks/*').from = '';
    assert.deepEqual(rows, [
      { to: '/lines', each: '/Items', rows: [{ to: '/item/id', from: '/Material' }, { to: '/marks', each: '/Marks', rows: [{ to: '', from: '' }] }] },
      { to: '/number', from: '/No' },
    ]);
    assert.equal(countRows(rows), 5);
  });

  it('are found by their place, and their place by the row', () => {
    const rows: EditedRow[] = [{ to: '/lines', each: '/Items', rows: [{ to: '/item/id', from: '/Material' }, { to: '/marks', each: '/Marks', rows: [{ to: '', from: '' }] }] }];
    for (const [pointer, path] of [['/lines', '0'], ['/lines/*/item/id', '0.0'], ['/lines/*/marks', '0.1'], ['/lines/*/marks/*', '0.1.0']] as const) {
      assert.equal(findRow(rows, pointer)?.path, path);
      assert.equal(pointerOf(rows, path), pointer);
    }
    assert.equal(findRow(rows, '/lines/*/item'), undefined);
    assert.equal(entryPlace(rows, '/lines/*/marks/*'), '/Items/*/Marks/*');
    assert.equal(entryPlace(rows, '/other/*/x'), undefined);
    assert.equal(entryPlace(rows, '/number'), '');
    removeRow(rows, '/lines/*/item/id');
    assert.equal(findRow(rows, '/lines/*/item/id'), undefined);
  });

  it('write a place of the source from the entry in which they stand, else from the top', () => {
    assert.deepEqual([relativePlace('/Items/*/Pos', '/Items/*'), relativePlace('/Currency', '/Items/*'), relativePlace('/No', ''), relativePlace('/Items/*', '/Items/*')], ['/Pos', '#/Currency', '/No', '']);
    assert.deepEqual([relativePlace('/Others/*/Pos', '/Items/*'), relativePlace('/Items/*/Marks/*', '/Items/*')], [undefined, undefined]);
    assert.deepEqual([absolutePlace('/Pos', '/Items/*'), absolutePlace('#/Currency', '/Items/*')], ['/Items/*/Pos', '/Currency']);
  });
});
