import assert from 'node:assert/strict';
import { fileDriver, readIdocs, writeIdoc } from '../../../src/connectors/files/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ServiceOperation } from '../../../src/domain/service/index.ts';

const control = { MANDT: '100', MESTYP: 'ORDERS', SNDPOR: 'WAYBILL', SNDPRT: 'LS', SNDPRN: 'WAYBILL', RCVPOR: 'SAPS4H', RCVPRT: 'LS', RCVPRN: 'S4HCLNT100' };
const order: JsonObject = { E1EDK01: [{ BELNR: '4711', CURCY: 'EUR' }], E1EDKA1: [{ PARVW: 'AG', NAME1: 'Müller & Söhne <GmbH>' }, { PARVW: 'LF' }], E1EDP01: [{ POSEX: '000010', MENGE: '10.500', MENEE: 'PCE', E1EDP19: [{ QUALF: '002', IDTNR: 'A-1' }] }] };

describe('IDocs in XML', () => {
  it('writes one as an XML port does, and reads it back', () => {
    const written = writeIdoc('ORDERS05', { TABNAM: 'EDI_DC40', DOCNUM: '0000000000000001', IDOCTYP: 'ORDERS05', ...control }, order);
    assert.ok('bytes' in written);
    assert.match(written.bytes.toString(), /^<\?xml version="1.0" encoding="UTF-8"\?>\n<ORDERS05>\n {2}<IDOC BEGIN="1">\n {4}<EDI_DC40 SEGMENT="1">\n {6}<TABNAM>EDI_DC40<\/TABNAM>[^]*<E1EDP01 SEGMENT="1">\n {6}<POSEX>000010<\/POSEX>/);
    const read = readIdocs(written.bytes, 100_000);
    assert.ok('idocs' in read);
    const [idoc] = read.idocs;
    assert.deepEqual([idoc?.type, idoc?.control['DOCNUM'], idoc?.control['RCVPRN'], idoc?.document], ['ORDERS05', '0000000000000001', 'S4HCLNT100', order]);
  });

  it('reads several IDocs of one file, and says why something is none', () => {
    const one = (number: string): string => `<IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>${number}</DOCNUM><IDOCTYP>DELVRY07</IDOCTYP><MESTYP>DESADV</MESTYP><SNDPRN>S4</SNDPRN><RCVPRN>WB</RCVPRN></EDI_DC40><E1EDL20 SEGMENT="1"><VBELN>80${number}</VBELN></E1EDL20></IDOC>`;
    const read = readIdocs(Buffer.from(`<DELVRY07>${one('1')}${one('2')}</DELVRY07>`), 10_000);
    assert.ok('idocs' in read);
    assert.deepEqual(read.idocs.map(({ document }) => document), [{ E1EDL20: [{ VBELN: '801' }] }, { E1EDL20: [{ VBELN: '802' }] }]);
    const problem = (text: string, most = 10_000): string => {
      const result = readIdocs(Buffer.from(text), most);
      return 'problem' in result ? result.problem : '';
    };
    assert.match(problem('<x/>'), /no element IDOC/);
    assert.match(problem('<A><IDOC><EDI_DC40><DOCNUM>1</DOCNUM></EDI_DC40></IDOC></A>'), /has no IDOCTYP/);
    assert.match(problem('<!DOCTYPE a [<!ENTITY x "y">]><A/>'), /DOCTYPE/);
    assert.match(problem('<A><IDOC>', 10_000), /damaged|no element/);
    assert.match(problem(`<A>${' '.repeat(200)}</A>`, 100), /longer than 100 bytes/);
  });

  it('is numbered by the ledger, and the same to the byte whenever it is sent', () => {
    const operation = { title: 'Order', effect: 'writes', recovery: { by: 'same-key' }, binding: { format: 'idoc', type: 'ORDERS05', control, folder: '/out', name: 'ORDERS-{number}.xml' } } as unknown as ServiceOperation;
    assert.deepEqual(fileDriver.sequence?.(operation, order), { name: 'idoc WAYBILL>S4HCLNT100', last: 999_999_999 });
    assert.equal(fileDriver.sequence?.(operation, { E1EDK01: [{ MENGE: 10.5 }] }), undefined);
    const send = (): readonly [string, string] => {
      const call = fileDriver.call({ service: { id: 'x/y' } as never, operation, document: order, idempotencyKey: 'k', repeated: false, memory: new Map(), address: 'sftp://h', number: { number: 42, at: '2026-11-29T09:15:30.000Z' }, now: Date.now() });
      const request = call.next().value;
      assert.ok(request !== undefined && 'method' in request);
      return [`${request.method} ${request.path}`, String(request.body)];
    };
    const [path, body] = send();
    assert.equal(path, 'PUT /out/ORDERS-0000000000000042.xml');
    assert.match(body, /<DOCNUM>0000000000000042<\/DOCNUM>[^]*<CREDAT>20261129<\/CREDAT>\n {6}<CRETIM>091530<\/CRETIM>/);
    assert.deepEqual(send(), [path, body]);
  });

  it('refuses what an IDoc cannot hold, and bindings that a partner profile would refuse', () => {
    const said = (document: JsonObject): string => {
      const result = writeIdoc('ORDERS05', {}, document);
      return 'faults' in result ? result.faults.join(' ') : '';
    };
    assert.match(said({ BELNR: '1' }), /fields stand in segments/);
    assert.match(said({ E1EDK01: [{ MENGE: 1 }] as never }), /decimal text/);
    assert.match(said({ E1EDK01: [{ X: '\u0001' }] }), /control character/);
    assert.match(said({ '<E1>': [] }), /no name of a segment/);
    const problems = fileDriver.problems({ operations: { send: { effect: 'writes', binding: { format: 'idoc', type: 'ORDERS05', control: { MESTYP: 'ORDERS' }, name: 'x.xml' } } } } as never);
    assert.deepEqual(problems.map(({ at }) => at), ['SNDPRT', 'SNDPRN', 'SNDPOR', 'RCVPRT', 'RCVPRN', 'RCVPOR'].map((name) => `/operations/send/binding/control/${name}`).concat('/operations/send/binding/name'));
  });
});
