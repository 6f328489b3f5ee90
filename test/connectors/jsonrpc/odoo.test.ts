import assert from 'node:assert/strict';
import { jsonRpcDriver } from '../../../src/connectors/jsonrpc/index.ts';
import { xmlRpcDriver } from '../../../src/connectors/xmlrpc/index.ts';
import type { HttpDriver, Outcome, WireRequest, WireResult } from '../../../src/connectors/driver.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';
import type { ServiceDefinition, ServiceOperation } from '../../../src/domain/service/index.ts';
import { PURCHASING } from '../../support/tryton/tryton-server.ts';

const credentials = { database: 'mycompany', user: 'admin', password: 'key' };
const answered = (body: string, status = 200, headers: { readonly [name: string]: string } = {}): WireResult => ({ kind: 'response', status, headers, body: new TextEncoder().encode(body), truncated: false });
const json = (body: Json, status?: number): WireResult => answered(JSON.stringify(body), status);
const result = (value: Json): WireResult => json({ jsonrpc: '2.0', id: 1, result: value });
const error = (name: string, message: string): WireResult => json({ jsonrpc: '2.0', id: 1, error: { code: 200, message: 'Odoo Server Error', data: { name, debug: 'Traceback …', message, arguments: [message], context: {} } } });
const xml = (value: string): WireResult => answered(`<?xml version='1.0'?><methodResponse><params><param><value>${value}</value></param></params></methodResponse>`);
const fault = (code: number, text: string): WireResult => answered(`<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>${code}</int></value></member><member><name>faultString</name><value><string>${text}</string></value></member></struct></value></fault></methodResponse>`);

interface Played { readonly outcome: Outcome; readonly asked: readonly WireRequest[] }

/** Plays the answers that Odoo's documentation shows to a driver. */
function play(driver: HttpDriver, preset: string, binding: JsonObject, answers: readonly WireResult[], { document = {}, effect = 'reads' as 'reads' | 'writes', memory = new Map<string, unknown>() } = {}): Played {
  const operation: ServiceOperation = { title: 'Test', effect, recovery: { by: 'safe' }, binding };
  const service: ServiceDefinition = { ...PURCHASING, preset, authentication: { kind: preset === 'odoo-json2' ? 'bearer' : 'session' }, operations: { it: operation } };
  assert.deepEqual(driver.problems(service), []);
  const run = driver.call({ service, operation, document, idempotencyKey: undefined, repeated: false, memory, credentials, now: 0 });
  const asked: WireRequest[] = [];
  const rest = [...answers];
  let next = run.next();
  while (next.done !== true) {
    asked.push(next.value);
    const given = rest.shift();
    assert.ok(given, String(next.value.body));
    next = run.next(given);
  }
  assert.deepEqual(rest, []);
  return { outcome: next.value, asked };
}

const companies: JsonObject = { model: 'res.partner', method: 'search', arguments: [[['is_company', '=', true]]], keywords: { offset: 10, limit: { $get: '/document/limit' } } };

describe('Odoo (no server: answers that its documentation shows are played by us)', () => {
  it('JSON-RPC: signs in once, calls execute_kw with positional and named arguments', () => {
    const memory = new Map<string, unknown>();
    const { outcome, asked } = play(jsonRpcDriver, 'odoo', companies, [result(2), result([13, 20, 30, 22, 29])], { document: { limit: 5 }, memory });
    assert.deepEqual(outcome, { kind: 'done', answer: [13, 20, 30, 22, 29], status: 200 });
    assert.deepEqual(asked.map((request) => [request.path, (JSON.parse(String(request.body)) as JsonObject)['params']]), [
      ['/jsonrpc', { service: 'common', method: 'authenticate', args: ['mycompany', 'admin', 'key', {}] }],
      ['/jsonrpc', { service: 'object', method: 'execute_kw', args: ['mycompany', 2, 'key', 'res.partner', 'search', [[['is_company', '=', true]]], { offset: 10, limit: 5 }] }],
    ]);
    assert.equal(play(jsonRpcDriver, 'odoo', companies, [result([7])], { document: { limit: 1 }, memory }).asked.length, 1);
  });

  it('JSON-RPC: a method that returns nothing is done; numbers keep their digits both ways', () => {
    const done = play(jsonRpcDriver, 'odoo', { model: 'stock.picking', method: 'button_validate', arguments: [[7]] }, [result(2), json({ jsonrpc: '2.0', id: 1 })], { effect: 'writes' });
    assert.deepEqual(done.outcome, { kind: 'done', answer: null, status: 200 });
    const write: JsonObject = { model: 'stock.move', method: 'write', arguments: [[7], { quantity: { $get: '/document/quantity', type: 'float' }, date: { $get: '/document/at', type: 'datetime' } }] };
    const { asked, outcome } = play(jsonRpcDriver, 'odoo', write, [result(2), answered('{"jsonrpc":"2.0","id":1,"result":[{"qty":12.50,"name":false}]}')], { document: { quantity: '0.10', at: '2026-11-29T23:30:00+01:00' }, effect: 'writes' });
    assert.match(String(asked[1]?.body), /\{"quantity":0\.10,"date":"2026-11-29 22:30:00"\}/);
    assert.deepEqual((outcome as Outcome & { kind: 'done' }).answer, [{ qty: '12.5', name: false }]);
  });

  for (const [what, given, effect, kind, errorClass] of [
    ['a refusal of Odoo', error('odoo.exceptions.UserError', 'You cannot validate a transfer without quantities.'), 'writes', 'refused', 'refused'],
    ['a validation that fails', error('odoo.exceptions.ValidationError', 'The quantity is negative.'), 'writes', 'refused', 'refused'],
    ['a user without the right', error('odoo.exceptions.AccessError', 'You are not allowed to modify \'Transfer\' records.'), 'writes', 'again', 'not-authorised'],
    ['a transaction that lost against another', error('psycopg2.errors.SerializationFailure', 'could not serialize access due to concurrent update'), 'writes', 'again', 'contended'],
    ['a fault in a write', error('builtins.TypeError', 'Object of type X is not JSON serializable'), 'writes', 'unknown', 'server-error'],
    ['a fault in a read', error('builtins.KeyError', '\'nope\''), 'reads', 'again', 'server-error'],
    ['a page of a proxy', answered('<html>', 502), 'writes', 'unknown', 'http-502'],
    ['no JSON-RPC', json({ hello: 1 }), 'writes', 'unknown', 'malformed-answer'],
  ] as const) {
    it(`JSON-RPC: ${what} is ${kind}`, () => {
      const { outcome } = play(jsonRpcDriver, 'odoo', { model: 'stock.picking', method: 'button_validate', arguments: [[7]] }, [result(2), given], { effect });
      assert.deepEqual([outcome.kind, (outcome as Exclude<Outcome, { kind: 'done' }>).problem.errorClass], [kind, errorClass]);
    });
  }

  it('JSON-RPC: a wrong password is hopeless; a user id that is denied is asked for anew once', () => {
    assert.deepEqual(play(jsonRpcDriver, 'odoo', companies, [result(false)], { document: { limit: 1 } }).outcome, { kind: 'again', hopeless: true, problem: { title: 'Odoo did not take user and password of the system.', errorClass: 'not-authorised' } });
    const memory = new Map<string, unknown>([['odoo mycompany admin', 99]]);
    const { outcome, asked } = play(jsonRpcDriver, 'odoo', companies, [error('odoo.exceptions.AccessDenied', 'Access Denied'), result(2), result([1])], { document: { limit: 1 }, memory });
    assert.deepEqual([outcome.kind, asked.length], ['done', 3]);
  });

  it('JSON-2: posts named arguments to model and method, the key being the transport\'s', () => {
    const binding: JsonObject = { model: 'res.partner', method: 'search_read', keywords: { domain: [['name', 'ilike', { $get: '/document/name' }], ['is_company', '=', true]], fields: ['name'] }, context: { lang: 'en_US' } };
    const { outcome, asked } = play(jsonRpcDriver, 'odoo-json2', binding, [json([{ id: 25, name: 'Deco Addict' }])], { document: { name: '%deco%' } });
    assert.deepEqual(outcome, { kind: 'done', answer: [{ id: 25, name: 'Deco Addict' }], status: 200 });
    assert.deepEqual(asked, [{ method: 'POST', path: '/json/2/res.partner/search_read', safe: true, headers: { 'content-type': 'application/json; charset=utf-8', 'accept': 'application/json', 'x-odoo-database': 'mycompany' }, body: '{"domain":[["name","ilike","%deco%"],["is_company","=",true]],"fields":["name"],"context":{"lang":"en_US"}}' }]);
  });

  it('JSON-2: reads the error object, whatever the status', () => {
    const binding: JsonObject = { model: 'stock.picking', method: 'button_validate', keywords: { ids: [7] } };
    const outcomeOf = (given: WireResult): Outcome => play(jsonRpcDriver, 'odoo-json2', binding, [given], { effect: 'writes' }).outcome;
    const unauthorized = outcomeOf(json({ name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey', arguments: ['Invalid apikey', 401], context: {}, debug: 'Traceback' }, 401));
    assert.deepEqual(unauthorized, { kind: 'again', hopeless: true, problem: { title: 'Invalid apikey', code: 'werkzeug.exceptions.Unauthorized', status: 401, errorClass: 'not-authorised' } });
    assert.equal(outcomeOf(json({ name: 'odoo.exceptions.UserError', message: 'No.', arguments: ['No.'], context: {}, debug: '' }, 422)).kind, 'refused');
    assert.equal(outcomeOf(json({ name: 'builtins.ValueError', message: 'x', arguments: [], context: {}, debug: '' }, 500)).kind, 'unknown');
    assert.equal(outcomeOf(answered('', 503, { 'retry-after': '3' })).kind, 'again');
    assert.match(jsonRpcDriver.problems({ ...PURCHASING, preset: 'odoo-json2', operations: {} })[0]?.message ?? '', /bearer/);
  });

  it('XML-RPC 2: the same call in XML, and faults by their codes', () => {
    const { outcome, asked } = play(xmlRpcDriver, 'odoo', companies, [xml('<int>2</int>'), xml('<array><data><value><int>13</int></value><value><int>20</int></value></data></array>')], { document: { limit: 5 } });
    assert.deepEqual((outcome as Outcome & { kind: 'done' }).answer, [13, 20]);
    assert.deepEqual(asked.map((request) => request.path), ['/xmlrpc/2/common', '/xmlrpc/2/object']);
    const faulty = (code: number, text: string): Outcome => play(xmlRpcDriver, 'odoo', { model: 'stock.picking', method: 'button_validate', arguments: [[7]] }, [xml('<int>2</int>'), fault(code, text)], { effect: 'writes' }).outcome;
    assert.equal(faulty(2, 'No.').kind, 'refused');
    assert.equal(faulty(4, 'Not allowed').kind, 'again');
    assert.equal(faulty(1, 'Traceback\nValueError: x').kind, 'unknown');
    assert.deepEqual(faulty(1, 'TypeError: cannot marshal None unless allow_none is enabled'), { kind: 'done', answer: null, status: 200 });
  });
});
