import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { EdiError, fromJson, readEdi, toJson, writeInterchange } from '../../../src/connectors/edi/index.ts';
import type { JsonInterchange } from '../../../src/connectors/edi/index.ts';

interface Any { readonly [key: string]: unknown }
/** Member of a member. */
const at = (value: unknown, ...keys: (string | number)[]): Any => keys.reduce<unknown>((inner, key) => (inner as Any)[key], value) as Any;
const documentOf = (name: string): Any => {
  const { file } = toJson(readEdi(readFileSync(path.join(import.meta.dirname, 'samples', name))));
  return file.interchanges[0]?.groups[0]?.messages[0]?.document as unknown as Any;
};
const some = (document: Any, ...keys: string[]): Record<string, unknown> => Object.fromEntries(keys.map((key) => [key, document[key]]));

describe('EDI documents', () => {
  it('are purchase orders of one form, from X12 850 and from EDIFACT ORDERS', () => {
    const [x12, edifact] = [documentOf('850.edi'), documentOf('orders.edi')];
    assert.deepEqual(some(x12, 'type', 'number', 'date', 'purpose', 'currency'), { type: 'purchase-order', number: 'PO-4711', date: '2026-03-02', purpose: 'original', currency: 'USD' });
    assert.deepEqual(some(edifact, 'type', 'number', 'date', 'purpose', 'currency'), { type: 'purchase-order', number: 'PO-4711', date: '2026-03-02', purpose: 'original', currency: 'EUR' });
    const [one, other] = [at(x12, 'lines', 0), at(edifact, 'lines', 0)];
    assert.deepEqual(some(one, 'number', 'quantity', 'price', 'items'), {
      number: '1', quantity: { value: '48', unit: 'CS' }, price: { value: '12.50', basis: 'PE', currency: 'USD' }, items: [{ scheme: 'gtin-12', value: '012345678905' }, { scheme: 'vendor-item', value: 'AC-100' }],
    });
    assert.deepEqual(some(other, 'number', 'quantity', 'items'), { number: '1', quantity: { value: '48', unit: 'H87' }, items: [{ scheme: 'gtin-13', value: '4012345678901' }] });
    assert.deepEqual(other['price'], { value: '12.5', basis: { value: '1', unit: 'H87' }, currency: 'EUR' });
    assert.deepEqual(at(edifact, 'dates', 0), { kind: 'requested-delivery', date: '2026-03-16', time: '08:00' });
    assert.deepEqual(some(at(edifact, 'parties', 1), 'role', 'id', 'name'), { role: 'supplier', id: { value: '4098765000003', scheme: 'gln' }, name: 'Müller + Söhne GmbH' });
  });

  it('are ship notices of levels, with SSCC, lot and expiry, from HL and from CPS', () => {
    const [x12, edifact] = [documentOf('856.edi'), documentOf('desadv.edi')];
    const levels = (document: Any): Any[] => document['levels'] as Any[];
    assert.deepEqual(levels(x12).map(({ id, parent, level }) => [id, parent, level]), [
      ['1', undefined, 'shipment'], ['2', '1', 'order'], ['3', '2', 'pack'], ['4', '3', 'item'], ['5', '2', 'pack'], ['6', '5', 'item']]);
    assert.deepEqual(levels(x12)[2]?.['marks'], [{ kind: 'sscc', value: '00340123450000000017' }]);
    const line = at(levels(x12), 3, 'lines', 0);
    assert.deepEqual(some(line, 'items', 'quantity', 'dates'), { items: [{ scheme: 'gtin-12', value: '012345678905' }, { scheme: 'lot', value: 'L-77A' }], quantity: { value: '40', unit: 'CS' }, dates: [{ kind: 'expiry', date: '2027-01-31' }] });
    const pack = at(levels(edifact), 1);
    assert.deepEqual(at(pack, 'packages', 0, 'markings', 0, 'marks'), [{ kind: 'sscc', value: '340123450000000017' }]);
    assert.deepEqual(at(pack, 'lines', 0, 'otherItems'), [{ use: '1', items: [{ scheme: 'lot', value: 'L-77A' }] }]);
    assert.deepEqual(at(pack, 'lines', 0, 'dates'), [{ kind: 'expiry', date: '2027-01-31' }]);
  });

  it('have amounts with implied decimals as decimal text, never as a number', () => {
    assert.equal(documentOf('810.edi')['total'], '543.05');
    const numbers: unknown[] = [];
    const look = (value: unknown): void => {
      if (typeof value === 'number') numbers.push(value);
      else if (typeof value === 'object' && value !== null) for (const [key, each] of Object.entries(value)) if (key !== 'rest') look(each);
    };
    for (const name of ['810.edi', '850.edi', '944.edi', 'invoic.edi', 'recadv.edi']) look(documentOf(name));
    assert.deepEqual(numbers, []);
  });

  const order = (more: object = {}, line: object = {}): JsonInterchange => ({
    standard: 'x12', sender: { id: 'NORTHWIND' }, receiver: { id: 'ACME' }, date: '2026-03-02', time: '09:15', controlNumber: '7', newline: '\n', tail: '\n',
    groups: [{ header: true, sender: 'NORTHWIND', receiver: 'ACME', date: '2026-03-02', time: '09:15', controlNumber: '1', messages: [{ message: '850', controlNumber: '0001', document: {
      type: 'purchase-order', purpose: 'original', kind: 'stand-alone', number: 'PO-1', date: '2026-03-02', currency: 'USD', currencyParty: 'buyer', lineCount: '1',
      lines: [{ number: '1', quantity: { value: '2.5', unit: 'KGM' }, price: { value: '4.10', currency: 'USD' }, items: [{ scheme: 'gtin-14', value: '10012345678902' }], ...line }], ...more } }] }],
  });

  it('are written from nothing but plain JSON', () => {
    const text = writeInterchange(fromJson(order())).toString();
    assert.equal(text, [
      'ISA*00*          *00*          *ZZ*NORTHWIND      *ZZ*ACME           *260302*0915*U*00401*000000007*0*P*>', 'GS*PO*NORTHWIND*ACME*20260302*0915*1*X*004010', 'ST*850*0001', 'BEG*00*SA*PO-1**20260302',
      'CUR*BY*USD', 'PO1*1*2.5*KG*4.10**UK*10012345678902', 'CTT*1', 'SE*6*0001', 'GE*1*1', 'IEA*1*000000007', ''].join('~\n'));
    assert.deepEqual(toJson(readEdi(Buffer.from(text))).findings, []);
  });

  const refused = (json: JsonInterchange, sentence: string): void => {
    assert.throws(() => writeInterchange(fromJson(json)), (error) => error instanceof EdiError && assert.equal(error.message, sentence) === undefined);
  };
  it('are written or refused with a sentence, whatever is put in the place of a part', () => {
    const names = ['850.edi', '856.edi', 'orders.edi', 'contrl.edi', 'invoic.edi'];
    const paths = (value: unknown, path: readonly string[] = []): (readonly string[])[] => (typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, each]) => [[...path, key], ...paths(each, [...path, key])]) : []);
    const others = fc.constantFrom<unknown>(null, 5, -1.5, true, '', 'x', '*', "+:'", '東京', [], {}, [[]], [['a']], [[['a']]], [null], { rest: 3 }, { rest: { elements: { BEG: { x: 1 } } } }, { rest: { segments: [{}] } });
    for (const name of names) {
      const whole = JSON.stringify(toJson(readEdi(readFileSync(path.join(import.meta.dirname, 'samples', name)))).file.interchanges[0]);
      const places = paths(JSON.parse(whole));
      fc.assert(fc.property(fc.constantFrom(...places), others, (keys, other) => {
        const json = JSON.parse(whole) as JsonInterchange;
        const last = keys.at(-1) ?? '';
        (keys.slice(0, -1).reduce<unknown>((inner, key) => (inner as Any)[key], json) as Record<string, unknown>)[last] = other;
        try {
          writeInterchange(fromJson(json));
        } catch (error) {
          if (!(error instanceof EdiError)) throw new Error(`${keys.join('/')} = ${JSON.stringify(other)}`, { cause: error });
        }
      }), { numRuns: 600 });
    }
  });

  it('are refused with one sentence that says where', () => {
    refused(order({}, { quantity: { value: 2.5, unit: 'KGM' } }), 'purchase-order, lines 1, PO1, quantity.value: "2.5" must be a text, as numbers and dates are, too.');
    refused(order({}, { quantity: { value: '2,5', unit: 'KGM' } }), 'purchase-order, lines 1, PO1, quantity.value: "2,5" is no decimal number; write it like 12.50.');
    refused(order({ date: '2026-02-30' }), 'purchase-order, BEG, date: "2026-02-30" is no date; write it like 2026-03-01.');
    refused(order({}, { price: { value: '1', currency: 'EUR' } }), 'purchase-order, lines 1, PO1, price.currency: "EUR" differs from currency of the whole document ("USD"), and the message has only one.');
    refused(order({ number: 'PO*1' }), 'BEG element 3: "PO*1" has one of the separators "*" ">" "~" in it; choose other separators, or other text.');
    refused(order({}, { quantitiy: { value: '1' } }), 'purchase-order, lines 1: the map has no member "quantitiy", so that it would be lost; it knows prices, descriptions, packings, references, charges, dates, routes, notes, parties, number, quantity, price, items.');
    refused(order({}, { price: { amount: '1' } }), 'purchase-order, lines 1, price: the map has no member "amount", so that it would be lost; it knows value, basis, currency.');
    refused({ ...order(), sender: {} }, 'The envelope, ISA: sender.id is missing.');
    refused({ ...order(), standard: 'edi' as 'x12' }, 'The interchange needs "standard": "x12" or "edifact", and has "edi".');
    refused({ ...order(), separators: { element: '*', component: '*', segment: '~' } }, 'The interchange has separators that do not differ from each other: {"element":"*","component":"*","segment":"~"}.');
    refused({ ...order(), newline: 'x' }, 'The interchange, newline must be line ends or blanks, and is "x".');
    refused({ ...order(), groups: [{ header: true, messages: [{ message: '850', segments: [['BEG', 5 as unknown as string]] }] }] }, 'The interchange, groups 1, messages 1, segments 1 2 must be a list, and is 5.');
  });
});
