import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { jsonRpcDriver } from '../../../src/connectors/jsonrpc/index.ts';
import type { Outcome, WireRequest, WireResult } from '../../../src/connectors/driver.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';

const tryton = JSON.parse(readFileSync(new URL('../../../services/erp/tryton-purchasing/service.json', import.meta.url), 'utf8')) as ServiceDefinition;

const answered = (body: Json, status = 200, headers: { readonly [name: string]: string } = {}): WireResult => ({ kind: 'response', status, headers, body: new TextEncoder().encode(JSON.stringify(body)), truncated: false });
const result = (value: Json): WireResult => answered({ id: 1, result: value });
const fault = (...error: Json[]): WireResult => answered({ id: 1, error });
const lost: WireResult = { kind: 'failure', sent: true, errorClass: 'timeout', message: 'No answer within 30000 ms.' };
const closed: WireResult = { kind: 'failure', sent: false, errorClass: 'ECONNREFUSED', message: 'Nobody listens.' };

const operation = (binding: JsonObject, effect: 'reads' | 'writes' = 'writes'): ServiceOperation => ({ title: 'Test', effect, recovery: { by: 'same-key' }, binding });

/** Plays answers to what is asked, in order; a driver that asks for more fails the test. */
function play(binding: JsonObject, answers: readonly WireResult[], effect?: 'reads' | 'writes'): { readonly outcome: Outcome; readonly asked: readonly WireRequest[] } {
  const definition = operation(binding, effect);
  const asked: WireRequest[] = [];
  const memory = new Map<string, unknown>([['tryton books waybill', { userId: 2, authorization: 'Session x', context: { company: 1 } }]]);
  const run = jsonRpcDriver.call({ service: tryton, operation: definition, document: { n: 1 }, idempotencyKey: 'key', repeated: false, memory, credentials: { database: 'books', user: 'waybill', password: 'secret' }, now: 0 });
  const rest = [...answers];
  let next = run.next();
  while (next.done !== true) {
    asked.push(next.value);
    const given = rest.shift();
    assert.ok(given, `nothing more was to be asked, but: ${String(next.value.body)}`);
    next = run.next(given);
  }
  assert.deepEqual(rest, []);
  return { outcome: next.value, asked };
}

const look: JsonObject = { name: 'found', model: 'a.b', method: 'search', effect: 'reads', arguments: [[['reference', '=', { $get: '/key' }]]] };
const make: JsonObject = { name: 'made', model: 'a.b', method: 'create', effect: 'writes', when: { empty: { $get: '/steps/found' } }, arguments: [[{ reference: { $get: '/key' } }]] };
const finish: JsonObject = { name: 'finish', model: 'a.b', method: 'do', effect: 'writes', undoOnRefusal: true, arguments: [[7]] };
const undo: JsonObject = { name: 'undo', model: 'a.b', method: 'delete', effect: 'writes', arguments: [[7]] };
const steps: JsonObject = { steps: [look, make, finish], undo: [undo], lookAgain: true };

describe('a sequence of calls (answers of Tryton played by us)', () => {
  it('looks first, makes, finishes; a second time it only looks and finishes', () => {
    const first = play(steps, [result([]), result([7]), result(null)]);
    assert.equal(first.outcome.kind, 'done');
    assert.deepEqual(first.asked.map((request) => [(JSON.parse(String(request.body)) as JsonObject)['method'], request.safe]), [['model.a.b.search', true], ['model.a.b.create', false], ['model.a.b.do', false]]);
    assert.deepEqual((JSON.parse(String(first.asked[0]?.body)) as JsonObject)['params'], [[['reference', '=', 'key']], { company: 1 }]);
    assert.equal(play(steps, [result([7]), result(null)]).outcome.kind, 'done');
  });

  for (const [what, answers, kind] of [
    ['a look that gets no answer is made again', [lost], 'again'],
    ['a write that gets no answer is unknown', [result([]), lost], 'unknown'],
    ['a write that was not sent is made again', [result([]), closed], 'again'],
    ['what was not sent after a step that wrote is unknown: a part is done', [result([]), result([7]), closed], 'unknown'],
    ['a 503 after a step that wrote is unknown', [result([]), result([7]), answered({}, 503)], 'unknown'],
    ['half an answer to a write is unknown', [result([]), { kind: 'response', status: 200, headers: {}, body: new TextEncoder().encode('{"id":1,"res'), truncated: false }], 'unknown'],
    ['half an answer to a look is made again', [{ kind: 'response', status: 200, headers: {}, body: new TextEncoder().encode('{"id":1,"res'), truncated: false }], 'again'],
    ['an error of the server itself in a write is unknown: it may have come after the commit', [result([]), fault('database is locked', '')], 'unknown'],
    ['an answer that is longer than what is taken is unknown', [result([]), { kind: 'response', status: 200, headers: {}, body: new Uint8Array(), truncated: true }], 'unknown'],
    ['a refusal that was taken back is a refusal', [result([]), result([7]), fault('UserError', ['No', '', null]), result(null)], 'refused'],
    ['a refusal that could not be taken back is unknown', [result([]), result([7]), fault('UserError', ['No', '', null]), lost], 'unknown'],
    ['a record that was changed: looks again from the start, and goes on', [result([]), fault('ConcurrencyException', 'Records were modified'), result([7]), result(null)], 'done'],
    ['changed twice: others work on the records, so it is made again later', [result([]), fault('ConcurrencyException', 'x'), result([]), fault('ConcurrencyException', 'x')], 'again'],
    ['changed twice after a step that wrote is unknown: a part is done', [result([]), fault('ConcurrencyException', 'x'), result([]), result([7]), fault('ConcurrencyException', 'x')], 'unknown'],
  ] as const satisfies readonly (readonly [string, readonly WireResult[], Outcome['kind']])[]) {
    it(what, () => { assert.equal(play(steps, answers).outcome.kind, kind); });
  }

  it('is a conflict when a record was changed and the service does not look again', () => {
    assert.equal(play({ steps: [look, make] }, [result([]), fault('ConcurrencyException', 'x')]).outcome.kind, 'conflict');
  });

  it('comes again later where a check says so, and is unknown when a part is done', () => {
    const check: JsonObject = { name: 'free', check: { equal: [1, 2] }, otherwise: 'again', title: 'Others are at it.' };
    assert.deepEqual(play({ steps: [look, check, make] }, [result([])]).outcome, { kind: 'again', problem: { title: 'Others are at it.', code: 'free', errorClass: 'contended' } });
    assert.equal(play({ steps: [look, make, check] }, [result([]), result([7])]).outcome.kind, 'unknown');
  });

  it('says that earlier steps stand when a refusal takes nothing back', () => {
    const { outcome } = play({ steps: [look, make, { ...finish, undoOnRefusal: false }] }, [result([]), result([7]), fault('UserError', ['No', 'The period is closed.', null])]);
    assert.deepEqual(outcome, { kind: 'refused', problem: { title: 'No', code: 'UserError', errorClass: 'refused', detail: 'The period is closed. What steps before "finish" did stands in the system.' } });
  });

  it('waits as long as Retry-After says', () => {
    const { outcome } = play(steps, [answered({}, 429, { 'retry-after': '7' })]);
    assert.deepEqual(outcome, { kind: 'again', problem: { title: 'The system answered HTTP 429.', status: 429, errorClass: 'http-429' }, retryAfterMs: 7000 });
  });

  it('finds what is wrong with a binding before anybody calls it', () => {
    const problems = (binding: JsonObject, effect?: 'reads' | 'writes'): readonly string[] => jsonRpcDriver.problems({ ...tryton, operations: { it: operation(binding, effect) } }).map(({ at, message }) => `${at}: ${message}`);
    assert.match(problems({ model: 'a.b', method: 'create' })[0] ?? '', /no step before the first that writes looks for the key/);
    assert.match(problems({ steps: [look, { ...make, when: { emtpy: [] } }] })[0] ?? '', /^\/operations\/it\/binding\/steps\/1\/when: A condition has one member of/);
    assert.match(problems({ steps: [look, { ...make, arguments: [{ $got: '/key' }] }] })[0] ?? '', /\/steps\/1\/arguments\/0\/\$got: "\$got" is no expression/);
    assert.match(problems({ steps: [look, make, { ...finish, name: 'made' }] })[0] ?? '', /Two steps are called "made"/);
    assert.match(problems(steps, 'reads')[0] ?? '', /is said to read/);
    assert.deepEqual(jsonRpcDriver.problems({ ...tryton, preset: 'sap' }), [{ at: '/preset', message: 'A service of this protocol needs a preset; use one of tryton, odoo, odoo-json2.' }]);
  });
});
