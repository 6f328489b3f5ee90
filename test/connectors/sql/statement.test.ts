import assert from 'node:assert/strict';
import { readAddress } from '../../../src/connectors/http/index.ts';
import { sqlDriver } from '../../../src/connectors/sql/index.ts';
import { readStatement } from '../../../src/connectors/sql/statement.ts';
import type { Engine } from '../../../src/connectors/sql/statement.ts';
import type { ServiceOperation } from '../../../src/domain/service/index.ts';
import { stockService } from './support.ts';

describe('statements of SQL', () => {
  it('are read between their parameters, and texts, names and casts are no parameters', () => {
    assert.deepEqual(readStatement('SELECT \'a:b\' AS "c:d", x::text FROM t WHERE i = :item AND j > :at  AND k = :item', 'postgresql'), {
      parts: ['SELECT \'a:b\' AS "c:d", x::text FROM t WHERE i = ', ' AND j > ', '  AND k = ', ''], names: ['item', 'at', 'item'], verb: 'SELECT',
      text: 'SELECT \'a:b\' AS "c:d", x::text FROM t WHERE i = :item AND j > :at AND k = :item',
    });
  });

  const refused: readonly (readonly [string, Engine, RegExp])[] = [
    ['SELECT 1; DROP TABLE t', 'postgresql', /semicolon/], ['SELECT 1 -- x', 'postgresql', /comment/], ['SELECT /*! 1 */ 1', 'mariadb', /comment/], ['SELECT 1 # x', 'mariadb', /comment/],
    ['SELECT $$ :a $$', 'postgresql', /dollar/], ['SELECT $1', 'postgresql', /dollar/], ['SELECT E\'\\\' :a', 'postgresql', /backslash/], ['SELECT ?', 'mariadb', /"\?"/], ['SELECT @a', 'mariadb', /"@"/], ['SELECT \'a', 'postgresql', /not closed/],
  ];
  for (const [text, engine, told] of refused) {
    it(`are refused on ${engine}: ${text}`, () => {
      const read = readStatement(text, engine);
      assert.ok('problem' in read);
      assert.match(read.problem, told);
    });
  }

  const problemsOf = (operation: Partial<ServiceOperation>): readonly string[] => sqlDriver.problems(stockService('postgresql', { other: { title: 'Other', effect: 'reads', recovery: { by: 'safe' }, binding: {}, ...operation } })).map(({ at, message }) => `${at.replace('/operations/other/binding', '')} ${message}`);

  it('of a sound service have no findings', () => {
    assert.deepEqual(sqlDriver.problems(stockService('postgresql')), []);
    assert.deepEqual(sqlDriver.problems(stockService('mariadb')), []);
  });

  it('are found wanting by their place', () => {
    const text = { type: 'text' };
    const cases: readonly (readonly [Partial<ServiceOperation>, RegExp])[] = [
      [{ binding: { statement: 'DELETE FROM stock' } }, /^\/statement The statement begins with "DELETE"/],
      [{ binding: { statement: 'SELECT * FROM stock' } }, /^\/statement The statement reads "\*"/],
      [{ binding: { statement: 'SELECT item FROM stock WHERE item = :item' } }, /^\/statement The statement has a parameter :item that is not declared/],
      [{ binding: { statement: 'SELECT item FROM stock', parameters: { item: text } } }, /^\/parameters\/item No statement has a parameter :item/],
      [{ binding: { statement: 'SELECT item FROM stock WHERE item = :item', parameters: { item: { type: 'numeric' } } } }, /^\/parameters\/item\/type/],
      [{ binding: { statement: 'SELECT item FROM stock', maxRows: 1_000_000 } }, /^\/maxRows/],
      [{ effect: 'writes', recovery: { by: 'same-key' }, binding: { statements: [{ statement: 'DELETE FROM stock' }] } }, /^\/once What writes and is sent again/],
      [{ effect: 'writes', recovery: { by: 'none' }, binding: { statements: [{ statement: 'DROP TABLE stock' }] } }, /^\/statements\/0\/statement The statement begins with "DROP"/],
      [{ effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'field', name: '/key' }, binding: { once: 'INSERT INTO calls VALUES (:key) ON CONFLICT DO NOTHING', statements: [{ statement: 'DELETE FROM stock' }], parameters: { key: text } } }, /^\/once A key that is there already has to be an error/],
      [{ effect: 'writes', recovery: { by: 'same-key' }, idempotency: { in: 'field', name: '/id' }, binding: { once: 'INSERT INTO calls VALUES (:key)', statements: [{ statement: 'DELETE FROM stock' }], parameters: { key: text } } }, /^\/once The statement does not take the key of the call/],
    ];
    for (const [operation, told] of cases) {
      const found = problemsOf(operation);
      assert.ok(found.some((each) => told.test(each)), JSON.stringify(found));
    }
  });
});

describe('addresses of databases', () => {
  it('are encrypted to every host but this machine', () => {
    assert.deepEqual(readAddress('postgresql://WMS.example:5433/stock'), { origin: 'postgresql://wms.example:5433', scheme: 'postgresql', secure: true, host: 'wms.example', port: 5433, path: '/stock' });
    assert.equal(readAddress('mariadb://127.0.0.1/stock').secure, false);
    for (const [address, told] of [['postgresql://u:p@host/db', /user or a password/], ['postgresql://host/db?sslmode=disable', /query/], ['oracle://host/db', /not supported/], ['postgresql:///db', /no host|no address/]] as const) assert.throws(() => readAddress(address), told);
  });
});
