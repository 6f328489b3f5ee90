import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../../src/domain/json.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import type { FolderIntake } from '../../../src/intake/files/index.ts';
import { end, opener, person, Rig, step, withNodeRed } from '../support/rig.ts';
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
    await begin();
  });
  /** @param corrected what the catalogue says otherwise by now */
  async function begin(corrected: { readonly pattern?: string; readonly control?: JsonObject } = {}): Promise<void> {
    const { pattern = '^\\d+$', control = idocControl } = corrected;
    rig.engine.services = fixedServices([receiptService({
      id: 'wms/host', system: 'wms', protocol: 'file', authentication: { kind: 'session' },
      operations: {
        receipts: { title: 'Receipts', effect: 'reads', recovery: { by: 'safe' }, answer: { type: 'object', properties: { header: { type: 'object', properties: { number: { type: 'string', pattern } } } } }, binding: { format: 'csv', layout, folder: '/csv', settleSeconds: 0, identity: '/header/number' } },
        deliveries: { title: 'Deliveries', effect: 'reads', recovery: { by: 'safe' }, binding: { format: 'idoc', type: 'DELVRY07', control, folder: '/idoc', settleSeconds: 0 } },
        order: { title: 'Order', effect: 'writes', recovery: { by: 'same-key' }, binding: { format: 'csv', layout, folder: '/out', name: 'order-{number}.csv' } },
      },
    })]);
    const fileIn = (id: string): ReturnType<typeof step> => step('file-in', id, { site: 'site', systemNode: 'sys', service: 'wms/host@1.0.0', operation: id, everySeconds: 3_600, template: `${id}@1.0.0`, key: '/header/number', keyName: 'receipt', wires: [['done']] });
    await rig.load([
      { id: 'sys', type: 'waybill-system', name: 'wms-1', kind: 'wms', url: `file://${folder}`, urlType: 'str' }, { id: 'site', type: 'waybill-site', siteId: 'dc-1' },
      fileIn('receipts'), fileIn('deliveries'), opener(['send']),
      step('call', 'send', { systemNode: 'sys', service: 'wms/host@1.0.0', operation: 'order', body: 'payload', bodyType: 'msg', recordAs: 'sent', wires: [['done'], ['refused'], []], outputs: 3 }), end('done'), end('refused'),
    ]);
  }
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
    for (const part of [/b\.csv: It has come before, in a\.csv/, /c\.csv: 4711 stands for another document/, /d\.csv: In line 3, count: it says 2, and the number of lines is 1/, /e\.csv from wms-1 breaks the contract of wms\/host@1\.0\.0 receipts: \/header\/number/]) assert.match(said, part);
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

  describe('taken again out of quarantine', () => {
    const by = person('carl', 'clerk');
    const held = async (file: string): Promise<string> => {
      const row = (await rig.engine.ledger.listQuarantine({ status: 'held' }, { limit: 100 })).items.find(({ topic }) => topic === file);
      assert.ok(row, `${file} is held`);
      return row.quarantine_id;
    };
    const admit = (quarantineId: string): ReturnType<typeof rig.engine.admitQuarantine> => rig.engine.admitQuarantine({ quarantineId, reason: 'the service was corrected', by });
    const codeOf = (outcome: { readonly ok: boolean; readonly code?: string; readonly message?: string }): readonly (string | undefined)[] => [outcome.code, outcome.message];

    it('is refused with what is wrong as long as that is so, and changes nothing', async () => {
      const before = (await titles()).length;
      const damaged = await held('d.csv');
      assert.deepEqual(codeOf(await admit(damaged) as never), ['file-damaged', 'In line 3, count: it says 2, and the number of lines is 1.']);
      assert.match(String(codeOf(await admit(await held('e.csv')) as never)[1]), /breaks the contract of wms\/host@1\.0\.0 receipts: \/header\/number/);
      assert.match(String(codeOf(await admit(await held('b.csv')) as never)[1]), /It has come before, in a\.csv/);
      assert.equal((await rig.engine.quarantineDetail(damaged))?.origin?.name, 'd.csv');
      assert.deepEqual(codeOf(await rig.engine.admitQuarantine({ quarantineId: damaged, message: 'H;4712', reason: 'mended', by }) as never)[0], 'quarantine-as-it-came');
      assert.equal((await titles()).length, before);
      await rig.engine.discardQuarantine({ quarantineId: await held('b.csv'), reason: 'came twice', by });
    });

    it('opens the case when the service was corrected: once, and says who did it', async () => {
      await begin({ pattern: '^[\\dx]+$' });
      const id = await held('e.csv');
      const preview = await rig.engine.previewQuarantine({ quarantineId: id, by });
      assert.deepEqual(preview, { ok: true, admissible: true, kind: 'opens', title: 'e.csv from wms-1', keys: [{ type: 'receipt', value: 'x' }], cases: 1 });
      const [first, second] = await Promise.all([admit(id), admit(id)]);
      assert.ok(first.ok && first.caseId !== null && first.cases === 1);
      assert.deepEqual(codeOf(second as never), ['quarantine-admitted', `This message was admitted already, to case ${first.caseId}.`]);
      const view = await rig.closed(first.caseId);
      assert.deepEqual([(view.document['document'] as JsonObject)['lines'], view.keys.map(({ value }) => value)], [[{ item: 'A', quantity: '1' }], ['x']]);
      const [, resolved] = await rig.engine.ledger.readStream(`quarantine:${id}`);
      assert.deepEqual([resolved?.type, resolved?.actor.id, (resolved?.content as { reason: string }).reason], ['QuarantineResolved', rig.engine.pseudonym(by.userId), 'the service was corrected']);
      await bring('receipts', 'csv', 'f.csv', 'H;x\nL;A;1\nT;1\n');
      assert.match((await wrong()).join('\n'), /f\.csv: It has come before, in e\.csv/);
    });

    it('opens every case of a file, and tells when its node is gone', async () => {
      const two = idoc('0000000000000021', '80000021').replace('</DELVRY07>', '') + idoc('0000000000000022', '80000022').replace('<DELVRY07>', '');
      await bring('deliveries', 'idoc', 'two.xml', two.replaceAll('>S4<', '>X9<'));
      await begin({ control: { ...idocControl, SNDPRN: 'X9' } });
      const taken = await admit(await held('two.xml'));
      assert.ok(taken.ok && taken.cases === 2 && taken.kind === 'opens');
      assert.deepEqual((await titles()).filter((title) => title.endsWith('from X9')).sort(), ['DESADV 21 from X9', 'DESADV 22 from X9']);
      await rig.load([end('done')]);
      const gone = codeOf(await admit(await held('d.csv')) as never);
      assert.deepEqual(gone, ['quarantine-node-gone', 'No file in node of dc-1 takes from /csv of wms-1 any more; deploy one that does, or discard this.']);
    });
  });
});
