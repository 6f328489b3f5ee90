import assert from 'node:assert/strict';
import { compileMapping } from '../../../src/domain/mapping/index.ts';
import type { Json } from '../../../src/domain/json.ts';
import { mappingExpressions } from '../../../src/engine/mapping/expressions.ts';

const by = (expression: string, source: Json, limitMs = 200): unknown => {
  const { document, problems } = compileMapping({ rows: [{ to: '', expression }] }, { expressions: mappingExpressions(limitMs) }).run(source);
  return problems[0] === undefined ? document : [problems[0].code, problems[0].values['detail'] ?? problems[0].values['value']];
};

describe('expressions of a mapping', () => {
  it('are JSONata, with exact decimals and the whole document', () => {
    assert.equal(by('$uppercase(a)', { a: 'x' }), 'X');
    assert.equal(by('$plus(a, b)', { a: '0.1', b: 0.2 }), '0.3');
    assert.equal(by('$times(lines.q)', { lines: [{ q: '1.5' }, { q: '2' }] }), '3');
    assert.equal(compileMapping({ rows: [{ to: '/l', each: '/l', rows: [{ to: '/x', expression: '$root.no & "-" & pos' }] }] }, { expressions: mappingExpressions() }).run({ no: 'A', l: [{ pos: 1 }, { pos: 2 }] }).document instanceof Object, true);
    assert.deepEqual(compileMapping({ rows: [{ to: '/l', each: '/l', rows: [{ to: '/x', expression: '$root.no & "-" & pos' }] }] }, { expressions: mappingExpressions() }).run({ no: 'A', l: [{ pos: 1 }, { pos: 2 }] }).document, { l: [{ x: 'A-1' }, { x: 'A-2' }] });
  });

  it('that count with floats, fail or are none say so', () => {
    assert.deepEqual(by('0.1 + 0.2', {}), ['float', '0.30000000000000004']);
    assert.deepEqual(by('$plus(a, "x")', { a: '1' }), ['expression-failed', '"x" is no decimal number; it must be written like 1250.00.']);
    assert.throws(() => by('a +', {}), /The expression "a \+" is no JSONata/);
  });

  it('always end, and reach nothing of this process', () => {
    assert.deepEqual(by('($f := function() { $f() }; $f())', {}, 60), ['expression-failed', 'stopped after 60 ms']);
    for (const attempt of ['$plus.constructor', '$root.constructor', '$eval("process")']) assert.deepEqual(by(attempt, {}), {}, attempt);
  });
});
