import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readLayout, readRecords, writeRecords } from '../../../src/connectors/files/index.ts';
import type { Layout } from '../../../src/connectors/files/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const kind = (is: string): JsonObject => ({ name: 'kind', start: 1, width: 1, is });
const wide: JsonObject = {
  charset: 'cp1252', newline: '\r\n', zone: 'Europe/Berlin',
  records: [
    { name: 'header', fields: [kind('H'), { name: 'number', start: 2, width: 10, required: true }, { name: 'made', start: 12, width: 14, as: 'date-time', format: 'YYYYMMDDHHmmss' }] },
    { name: 'lines', many: true, fields: [kind('L'), { name: 'item', start: 2, width: 8 }, { name: 'quantity', start: 10, width: 12, as: 'decimal', scale: 3, required: true }] },
    { name: 'trailer', fields: [kind('T'), { name: 'count', start: 2, width: 6, as: 'integer', counts: 'lines' }, { name: 'total', start: 8, width: 15, as: 'decimal', scale: 3, sums: 'lines/quantity' }] },
  ],
};
const table: JsonObject = {
  delimiter: ';', names: true, decimal: ',',
  records: [{ name: 'lines', many: true, fields: [
    { name: 'item', column: 'Artikel', required: true }, { name: 'quantity', column: 'Menge', as: 'decimal' }, { name: 'due', column: 'Termin', as: 'date', format: 'DD.MM.YYYY' }, { name: 'text', column: 'Text' },
  ] }],
};
const layoutOf = (given: JsonObject, format: Layout['format']): Layout => {
  const { layout, problems } = readLayout(given, format);
  assert.deepEqual(problems, []);
  return layout;
};
const written = (document: JsonObject, layout: Layout): Buffer => {
  const result = writeRecords(document, layout);
  assert.ok('bytes' in result, JSON.stringify(result));
  return result.bytes;
};

describe('files by a layout', () => {
  const order = { header: { number: '4711', made: '2026-11-29T09:15:00+01:00' }, lines: [{ item: 'Müsli €', quantity: '10.5' }, { item: 'B', quantity: '-0.25' }], trailer: {} };

  it('writes fixed widths with counts and sums, and reads them back', () => {
    const layout = layoutOf(wide, 'fixed-width');
    const bytes = written(order, layout);
    assert.equal(new TextDecoder('windows-1252').decode(bytes), 'H4711      20261129091500\r\nLMüsli € 000000010500\r\nLB       -00000000250\r\nT000002000000000010250\r\n');
    assert.deepEqual(readRecords(bytes, layout), { document: { ...order, lines: [{ item: 'Müsli €', quantity: '10.500' }, { item: 'B', quantity: '-0.250' }] }, faults: [] });
  });

  it('finds counts and sums that are wrong, records that are missing, and fields that are none, each with its place', () => {
    const layout = layoutOf(wide, 'fixed-width');
    const faults = (text: string): readonly string[] => readRecords(Buffer.from(text), layout).faults;
    assert.deepEqual(faults('H4711\nLA       000000010500\nT000002000000000010501\n'), ['In line 3, count: it says 2, and the number of lines is 1.', 'In line 3, total: it says 10.501, and the sum of lines/quantity is 10.500.'].map((each) => each.replace('10.500', '10.5')));
    assert.deepEqual(faults('H\nLA       00001O\nX\n'), ['In line 1, number: it is missing.', 'In line 2, quantity: "00001O" is no number with ".".', 'In line 3: it is none of the records of the layout.', 'In the file: there is no record "trailer".']);
    assert.match(faults('H4711      20261025023000\nT000000000000000000000')[0] ?? '', /it is not known which hour is meant/);
    assert.match(faults('H4711      20260229093000\nT000000000000000000000')[0] ?? '', /is no date-time of the form YYYYMMDDHHmmss/);
  });

  it('reads CSV by the names of its columns, whatever their order, with quotes, line breaks and both signs', () => {
    const layout = layoutOf(table, 'csv');
    const text = '\uFEFFMenge;Artikel;Text;Termin\r\n"1.234,50";A-1;"say ""hi"";\nthere";29.11.2026\r\n3,125-;B;;\r\n';
    assert.deepEqual(readRecords(Buffer.from(text), layout), { document: { lines: [{ item: 'A-1', quantity: '1234.50', due: '2026-11-29', text: 'say "hi";\nthere' }, { item: 'B', quantity: '-3.125' }] }, faults: [] });
    assert.equal(written({ lines: [{ item: 'A;1', quantity: '0.000000001', due: '2026-11-29' }] }, layout).toString(), 'Artikel;Menge;Termin;Text\n"A;1";0,000000001;29.11.2026;\n');
    assert.match(readRecords(Buffer.from('Artikel;Menge\nA;1\n'), layout).faults[0] ?? '', /no column "Termin"/);
    assert.match(readRecords(Buffer.from('Artikel;Menge;Termin;Text\nA;"1\n'), layout).faults[0] ?? '', /line 2: a quotation mark is never closed/);
    assert.match(readRecords(Uint8Array.of(0xff, 0xfe, 0x41), layout).faults[0] ?? '', /no text in utf-8/);
  });

  it('writes nothing of which something would be lost', () => {
    const layout = layoutOf(wide, 'fixed-width');
    const said = (more: JsonObject): string => {
      const result = writeRecords({ ...order, ...more }, layout);
      return 'faults' in result ? result.faults.join(' ') : '';
    };
    assert.match(said({ footer: {} }), /no record "footer"/);
    assert.match(said({ lines: [{ item: 'A', quantity: 10.5 }] }), /lines 1, quantity: it has to be a text/);
    assert.match(said({ lines: [{ item: 'A', quantity: '0.0001' }] }), /more than 3 decimals; round it before/);
    assert.match(said({ lines: [{ item: 'much too wide', quantity: '1' }] }), /more than 8 characters/);
    assert.match(said({ lines: [{ item: 'A', quantity: '1', slip: '' }] }), /"slip", which the layout does not know/);
    assert.match(said({ header: { number: '日本' } }), /"日" cannot be written in cp1252/);
    assert.match(said({ header: {} }), /header, number: it is missing/);
  });

  it('says what is wrong about a layout, with its place', () => {
    const problems = (given: unknown, format: Layout['format']): readonly string[] => readLayout(given, format).problems.map(({ at, message }) => `${at} ${message}`);
    assert.match(problems({}, 'csv').join(), /\/layout\/records Describe the records/);
    assert.match(problems({ records: [{ name: 'a', fields: [{ name: 'x', start: 1, width: 5 }, { name: 'y', start: 3, width: 5 }] }] }, 'fixed-width').join(), /"x" and "y" overlap/);
    assert.match(problems({ records: [{ name: 'a', fields: [{ name: 'at', column: 1, as: 'date-time', format: 'YYYYMMDDHHmm' }] }] }, 'csv').join(), /without an offset; say in the layout of which "zone"/);
    assert.match(problems({ records: [{ name: 'a', fields: [{ name: 'x', column: 'X' }] }, { name: 'b', fields: [{ name: 'x', column: 1 }] }] }, 'csv').join(), /no line of names.*told apart|told apart.*no line of names/s);
    assert.match(problems({ charset: 'ebcdic', zone: 'Berlin', records: [{ name: 'a', fields: [{ name: 'n', column: 1, as: 'integer', counts: 'b' }] }] }, 'csv').join(), /ebcdic.*Berlin.*no list of records/s);
  });

  it('gives back every decimal as it was, to the last digit', () => {
    const layout = layoutOf(table, 'csv');
    const decimal = fc.tuple(fc.bigInt(0n, 10n ** 18n), fc.stringMatching(/^\d{0,12}$/), fc.boolean()).map(([whole, fraction, minus]) => {
      const text = `${whole}${fraction === '' ? '' : `.${fraction}`}`;
      return minus && /[1-9]/.test(text) ? `-${text}` : text;
    });
    fc.assert(fc.property(decimal, (quantity) => {
      const read = readRecords(written({ lines: [{ item: 'A', quantity }] }, layout), layout);
      assert.deepEqual(read, { document: { lines: [{ item: 'A', quantity }] }, faults: [] });
    }));
  });
});
