import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileExpression } from '../../../src/engine/intake/expression.ts';
import { createScanMapper, type MapResult } from '../../../src/intake/mapper/index.ts';
import { MqttIntakeError, ScanIntake } from '../../../src/intake/mqtt/index.ts';
import { EngineDouble, message } from '../../intake/mqtt/support/engine-double.ts';

const SSCC = '340123450000000086';
const RECEIVED_AT = Date.UTC(2026, 10, 28);
const LIMIT_MS = 30;

function read(expression: string, payload: unknown, topic: Record<string, string> = {}, limitMs = LIMIT_MS * 20): MapResult {
  const map = createScanMapper({ preset: 'jsonata', evaluate: compileExpression(expression, limitMs) });
  return map(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), { receivedAt: RECEIVED_AT, topic });
}

function scans(result: MapResult): unknown[] {
  assert.ok(result.ok, result.ok ? '' : `${result.reason}: ${result.detail}`);
  assert.deepEqual(result.rejections, []);
  return result.scans.map(({ code, deviceId, transportId, station, quantity, baseUnits, extra }) => JSON.parse(JSON.stringify({ code, deviceId, transportId, station, quantity, baseUnits, extra })) as unknown);
}

function refusal(result: MapResult): string {
  assert.ok(!result.ok);
  return `${result.reason}: ${result.detail}`;
}

describe('a format that is a JSONata expression', () => {
  it('gives the fields of a scan by the names of the pointers, and keeps what else it gives', () => {
    assert.deepEqual(scans(read('{ "code": data.barcode, "device": dev, "sequence": $string(n), "quantity": "012.50", "baseUnits": 12, "temperature": t }', { data: { barcode: `(00)${SSCC}` }, dev: 'ring-1', n: 7, t: 4.5 })), [
      { code: `(00)${SSCC}`, deviceId: 'ring-1', transportId: 'ring-1:7', quantity: '12.5', baseUnits: '12', extra: { temperature: 4.5 } },
    ]);
  });

  it('reads a message that is no JSON as text, and knows the variables of the topic', () => {
    assert.deepEqual(scans(read('{ "code": $split($, ";")[1], "station": "belt " & $topic.lane }', `S1;(00)${SSCC};x`, { lane: '4' })), [{ code: `(00)${SSCC}`, station: 'belt 4', extra: {} }]);
  });

  it('gives a list of scans, or bare codes', () => {
    assert.deepEqual(scans(read('tags.{ "code": epc }', { tags: [{ epc: `(00)${SSCC}` }, { epc: '0109506000134352' }] })).length, 2);
    assert.deepEqual(scans(read('tags[0].epc', { tags: [{ epc: `(00)${SSCC}` }] })), [{ code: `(00)${SSCC}`, extra: {} }]);
  });

  it('says in one sentence why a message gives no scan', () => {
    assert.equal(refusal(read('nothing.there', {})), 'not-a-scan: the expression gives nothing for it');
    assert.equal(refusal(read('[]', {})), 'not-a-scan: the expression gives an empty list for it');
    assert.equal(refusal(read('42', {})), 'expression-result: it gives 42 and no object with the field code');
    assert.match(refusal(read('[1..2000].{"code": "x"}', {})), /^expression-result: it gives 2000 scans/);
    assert.equal(refusal(read('$error("the label is empty")', {})), 'expression-failed: the label is empty');
    assert.match(refusal(read('$toMillis(t)', { t: 'yesterday' })), /^expression-failed: The argument of the toMillis function/);
    assert.equal(refusal(read('{ "device": "d" }', {})).split(':')[0], 'missing-code');
    assert.equal(refusal(read('{ "code": "x" }', '{"a": '))?.split(':')[0], 'malformed-json');
  });

  it('is refused when it is no JSONata', () => {
    assert.throws(() => compileExpression('{ "code": '), /^RangeError: The expression is no JSONata: /);
    assert.throws(() => compileExpression(''), /^RangeError: The format JSONata needs an expression/);
    assert.throws(() => createScanMapper({ preset: 'jsonata' }), /^RangeError: The format JSONata needs an expression/);
  });

  it('ends, whatever the message makes of it, and reads the next one', () => {
    const hostile: readonly (readonly [string, unknown])[] = [
      ['($f := function($x){ $f($x + 1) }; $f(code))', { code: 1 }],
      ['($f := function($x){ 1 + $f($x + 1) }; $f(code))', { code: 1 }],
      ['$match(code, /^(a+)+$/)', { code: `${'a'.repeat(60)}b` }],
      ['[1..n]', { n: 9_999_999 }],
      ['$eval(code)', { code: '[1..9000000].[1..9000000]' }],
    ];
    for (const [expression, payload] of hostile) {
      const evaluate = compileExpression(`a = 1 ? { "code": "x" } : ${expression}`, LIMIT_MS);
      const from = performance.now();
      const ended = evaluate(JSON.stringify(payload), '{}');
      assert.ok(!ended.ok && (ended.reason === 'expression-too-slow' || ended.reason === 'expression-failed'), expression);
      assert.ok(performance.now() - from < 5_000, `${expression} took ${performance.now() - from} ms`);
      let next = evaluate('{"a": 1}', '{}');
      // On a busy machine a good one may be stopped as well.
      for (let i = 0; i < 50 && !next.ok && next.reason === 'expression-too-slow'; i += 1) next = evaluate('{"a": 1}', '{}');
      assert.deepEqual(next, { ok: true, value: { code: 'x' } });
    }
  });

  it('reaches nothing of the process', () => {
    for (const expression of ['$process', '$globalThis', '$require("node:fs")', 'a.constructor.constructor("return process")()', '$clone.constructor("return this")()']) {
      let evaluated;
      try {
        evaluated = compileExpression(expression, LIMIT_MS * 20)('{"a": {}}', '{}');
      } catch (error) {
        assert.ok(error instanceof RangeError); // it is no JSONata at all
        continue;
      }
      assert.ok(!evaluated.ok || evaluated.value === undefined || JSON.stringify(evaluated.value) === '{}', `${expression}: ${JSON.stringify(evaluated)}`);
    }
  });

  it('never throws, for any message', () => {
    const evaluate = compileExpression('{ "code": a.b & $string(c), "id": $topic.x, "quantity": $number(d) }', 2_000);
    const map = createScanMapper({ preset: 'jsonata', evaluate });
    fc.assert(fc.property(fc.json(), (document) => {
      const result = map(Buffer.from(document), { receivedAt: RECEIVED_AT });
      assert.equal(typeof result.ok, 'boolean');
    }), { numRuns: 150 });
  });
});

describe('an intake whose expression had to be stopped', () => {
  it('leaves the process room: the next messages wait, in their order, and nothing is lost', async () => {
    const engine = new EngineDouble();
    const intake = new ScanIntake(engine, {
      pattern: '{enterprise}/{site}/{area}/{station}/scan', preset: 'jsonata', fnc1: '', maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'receiving@1.0.0',
      enterprise: 'acme', site: 'dc-1', uniqueScope: '', clock: () => RECEIVED_AT, evaluate: compileExpression('$match(code, /^(a+)+$/) ? "" : { "code": code }', LIMIT_MS),
    });
    const codes = ['0109506000134352', `${'a'.repeat(60)}b`, '0109506000134369', `(00)${SSCC}`];
    const from = performance.now();
    let ticks = 0;
    const ticking = setInterval(() => { ticks += 1; }, 20);
    await Promise.all(codes.map((code) => intake.take(message({ code }))));
    clearInterval(ticking);
    assert.deepEqual(engine.calls, [codes[0], codes[2], codes[3]]);
    assert.deepEqual(engine.quarantined.map(({ reason }) => reason), ['expression-too-slow']);
    assert.ok(performance.now() - from > 700 && ticks > 10, `${ticks} ticks`);

    const late = [intake.take(message({ code: `${'a'.repeat(60)}b` })), intake.take(message({ code: '0109506000134352' }))];
    intake.close();
    const [stopped, waiting] = await Promise.allSettled(late);
    assert.equal(stopped?.status, 'fulfilled');
    assert.ok(waiting?.status === 'rejected' && waiting.reason instanceof MqttIntakeError && waiting.reason.code === 'detached');
  });
});
