import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../../src/domain/json.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import type { FolderIntake } from '../../../src/intake/files/index.ts';
import { end, opener, Rig, step, withNodeRed } from '../support/rig.ts';
import { receiptService } from '../support/services.ts';

const layout: JsonObject = {
  delimiter: ';', records: [
    { name: 'header', fields: [{ name: 'kind', column: 1, is: 'H' }, { name: 'number', column: 2, required: true }] },
    { name: 'lines', many: true, fields: [{ name: 'kind', column: 1, is: 'L' }, { name: 'item', column: 2 }, { name: 'quantity', column: 3, as: 'decimal' }] },
    { name: 'trailer', fields: [{ name: 'kind', column: 1, is: 'T' }, { name: 'count', column: 2, as: 'integer', counts: 'lines' }] },
  ],
};
const idocControl = { SNDPRN: 'S4', RCVPRN: 'WB' };
const idoc = (number: string, delivery: string): string => `<DELVRY07><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>${number}</DOCNUM><IDOCTYP>DELVRY07</IDOCTYP><MESTYP>DESADV</MESTYP><SNDPRN>S4</SNDPRN><RCVPRN>WB</RCVPRN></EDI_DC40><E1EDL20 SEGMENT="1"><VBELN>${delivery}</VBELN></E1EDL20></IDOC></DELVRY07>`;

describe('file in and call: files by a layout, IDocs', () => {
  withNodeRed();
  let rig: Rig;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-files-'));
    for (const name of ['csv', 'idoc', 'out']) mkdirSync(path.join(folder, name));
    rig = await Rig.open();
    rig.engine.services = fixedServices([receiptService({
      id: 'wms/host', system: 'wms', protocol: 'file', authentication: { kind: 'session' },
      operations: {
        receipts: { title: 'Receipts', effect: 'reads', recovery: { by: 'safe' }, answer: { type: 'object', properties: { header: { type: 'object', properties: { number: { type: 'string', pattern: '^\\d+$' } } } } }, binding: { format: 'csv', layout, folder: '/csv', settleSeconds: 0, identity: '/header/number' } },
        deliveries: { title: 'Deliveries', effect: 'reads', recovery: { by: 'safe' }, binding: { format: 'idoc', type: 'DELVRY07', control: idocControl, folder: '/idoc', settleSeconds: 0 } },
        order: { title: 'Order', effect: 'writes', recovery: { by: 'same-key' }, binding: { format: 'csv', layout, folder: '/out', name: 'order-{number}.csv' } },
      },
    })]);
    const fileIn = (id: string): ReturnType<typeof step> => step('file-in', id, { site: 'site', systemNode: 'sys', service: 'wms/host@1.0.0', operation: id, everySeconds: 3_600, template: `${id}@1.0.0`, key: '/header/number', keyName: 'receipt', wires: [['done']] });
    await rig.load([
      { id: 'sys', type: 'waybill-system', name: 'wms-1', kind: 'wms', url: `file://${folder}`, urlType: 'str' }, { id: 'site', type: 'waybill-site', siteId: 'dc-1' },
      fileIn('receipts'), fileIn('deliveries'), opener(['send']),
      step('call', 'send', { systemNode: 'sys', service: 'wms/host@1.0.0', operation: 'order', body: 'payload', bodyType: 'msg', recordAs: 'sent', wires: [['done'], ['refused'], []], outputs: 3 }), end('done'), end('refused'),
    ]);
  });
  after(async () => {
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const bring = async (node: string, at: string, name: string, text: string): Promise<void> => {
    writeFileSync(path.join(folder, at, name), text);
    await (rig.node(node) as unknown as { readonly files: FolderIntake }).files.look();
  };
  const titles = async (): Promise<readonly string[]> => (await rig.engine.ledger.listCases({}, { limit: 100 })).items.map(({ title }) => title);
  const wrong = async (): Promise<readonly string[]> => (await rig.engine.ledger.listQuarantine({}, { limit: 100 })).items.map(({ message }) => message);

  it('takes a CSV file once by its number, checks its count and its contract, and says what is wrong with others', async () => {
    await bring('receipts', 'csv', 'a.csv', 'H;4711\nL;A;10.50\nL;B;3\nT;2\n');
    assert.deepEqual(await titles(), ['a.csv from wms-1']);
    const view = await rig.closed((await rig.engine.ledger.listCases({}, { limit: 1 })).items[0]?.case_id ?? '');
    assert.deepEqual([(view.document['document'] as JsonObject)['lines'], view.keys.map(({ value }) => value)], [[{ item: 'A', quantity: '10.50' }, { item: 'B', quantity: '3' }], ['4711']]);
    await bring('receipts', 'csv', 'b.csv', 'H;4711\nL;A;10.50\nL;B;3\nT;2\n');
    await bring('receipts', 'csv', 'c.csv', 'H;4711\nL;A;99\nT;1\n');
    await bring('receipts', 'csv', 'd.csv', 'H;4712\nL;A;1\nT;2\n');
    await bring('receipts', 'csv', 'e.csv', 'H;x\nL;A;1\nT;1\n');
    const said = (await wrong()).join('\n');
    for (const part of [/b\.csv: It has come before, in a\.csv/, /c\.csv: 4711 stands for another document/, /d\.csv: In line 3, count: it says 2, and the number of lines is 1/, /e\.csv: .* breaks the contract of wms\/host@1\.0\.0 receipts: \/header\/number/]) assert.match(said, part);
    assert.equal((await titles()).length, 1);
    assert.equal(readdirSync(path.join(folder, 'csv', 'failed')).filter((name) => name.endsWith('.csv')).length, 4);
  });

  it('takes an IDoc once by its DOCNUM, and refuses one of another partner', async () => {
    await bring('deliveries', 'idoc', 'd1.xml', idoc('0000000000000007', '80000001'));
    await bring('deliveries', 'idoc', 'd2.xml', idoc('0000000000000007', '80000001'));
    await bring('deliveries', 'idoc', 'd3.xml', idoc('0000000000000008', '80000002').replace('>S4<', '>X9<'));
    assert.deepEqual((await titles()).filter((title) => title.startsWith('DESADV')), ['DESADV 7 from S4']);
    assert.match((await wrong()).join('\n'), /d2\.xml: It has come before[^]*|d3\.xml: IDoc 0000000000000008 is a DELVRY07 from X9 to WB/);
  });

  it('writes a file by a layout under a number of the ledger', async () => {
    const sent = (await rig.closed(await rig.start({ header: { number: '9' }, lines: [{ item: 'A', quantity: '0.000000001' }], trailer: {} }))).document['sent'] as JsonObject;
    assert.deepEqual([sent['number'], sent['file']], ['000000001', '/out/order-000000001.csv']);
    assert.equal(readFileSync(path.join(folder, 'out', 'order-000000001.csv'), 'utf8'), 'H;9;\nL;A;0.000000001\nT;1;\n');
    assert.equal((await rig.closed(await rig.start({ header: {} }))).outcome, 'refused');
  });
});
