import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEdi, toJson } from '../../../src/connectors/edi/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { fixedServices } from '../../../src/engine/services/source.ts';
import type { FolderIntake } from '../../../src/intake/files/index.ts';
import type { CaseRow, QuarantineRow } from '../../../src/ledger/port.ts';
import { order, partnerService, response } from '../support/edi-services.ts';
import { end, eventually, opener, person, Rig, step, withNodeRed } from '../support/rig.ts';
import type { FlowNode } from '../support/rig.ts';

describe('file in: EDI of a partner', () => {
  withNodeRed();
  let rig: Rig;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-file-in-'));
    for (const name of ['in', 'out']) mkdirSync(path.join(folder, name));
    rig = await Rig.open();
  });
  afterEach(async () => {
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const flow = (): FlowNode[] => [
    { id: 'sys', type: 'waybill-system', name: 'acme', kind: 'edi', url: `file://${folder}`, urlType: 'str' },
    { id: 'site', type: 'waybill-site', siteId: 'dc-1' },
    step('file-in', 'in', { site: 'site', systemNode: 'sys', service: 'partner/acme@1.0.0', operation: 'receive-responses', everySeconds: 3_600, process: 'procure-to-pay', template: 'response@1.0.0', key: '/order/number', keyName: 'order', wires: [['done']] }),
    opener(['send']),
    step('call', 'send', { systemNode: 'sys', service: 'partner/acme@1.0.0', operation: 'send-order', body: 'payload', bodyType: 'msg', recordAs: 'sent', wires: [['await'], [], []], outputs: 3 }),
    step('wait-for-event', 'await', { mode: 'wait', eventName: 'edi-acknowledgement', key: 'sent.acknowledgement.key', keyType: 'facts', recordAs: 'acknowledged', timeout: 8, timeoutUnit: 'hours', wires: [['done'], []] }),
    end('done'),
  ];
  async function load(service = partnerService()): Promise<void> {
    rig.engine.services = fixedServices([service]);
    await rig.load(flow());
  }
  /** Looks into the folder until everything that is there has been worked on. */
  const look = async (): Promise<void> => {
    const { files } = rig.node('in') as unknown as { readonly files: FolderIntake };
    await files.look();
    await files.look();
  };
  const bring = (name: string, bytes: string | Buffer): void => { writeFileSync(path.join(folder, 'in', name), bytes); };
  const names = (at: string): readonly string[] => (existsSync(path.join(folder, at)) ? readdirSync(path.join(folder, at), { withFileTypes: true }).filter((entry) => !entry.isDirectory()).map(({ name }) => name).sort() : []);
  const cases = async (): Promise<readonly CaseRow[]> => (await rig.engine.ledger.listCases({}, { limit: 100 })).items;
  const aside = async (): Promise<readonly QuarantineRow[]> => (await rig.engine.ledger.listQuarantine({}, { limit: 100 })).items;
  const documentOf = (name: string): JsonObject => toJson(readEdi(readFileSync(path.join(folder, 'out', name)))).file.interchanges[0]?.groups[0]?.messages[0]?.document as unknown as JsonObject;

  it('opens a case for each message, acknowledges the interchange, and moves the file away', async () => {
    await load();
    bring('r1.edi', response('000000007', ['PO-1', 'PO-2']));
    await look();
    const opened = await cases();
    assert.deepEqual(opened.map(({ title }) => title).sort(), ['855 PO-1 from ZZ:ACME', '855 PO-2 from ZZ:ACME']);
    const view = await rig.closed(opened.find(({ title }) => title.includes('PO-1'))?.case_id ?? '');
    assert.deepEqual([(view.document['file'] as JsonObject)['controlNumber'], view.keys.map(({ type, value }) => [type, value])], ['000000007', [['order', 'PO-1']]]);
    assert.deepEqual(((view.document['document'] as JsonObject)['lines'] as readonly JsonObject[])[0]?.['quantity'], { value: '10.50', unit: 'EA' });
    assert.deepEqual([names('in'), names('in/done'), names('in/failed'), names('out')], [[], ['r1.edi'], [], ['997-000000001.edi']]);
    assert.deepEqual([documentOf('997-000000001.edi')['status'], documentOf('997-000000001.edi')['accepted']], ['accepted', '2']);
  });

  it('refuses a control number that comes again, whether with the same document or another', async () => {
    await load();
    bring('r1.edi', response('000000007', ['PO-1']));
    await look();
    bring('again.edi', response('000000007', ['PO-1']));
    bring('other.edi', response('000000007', ['PO-9']));
    await look();
    assert.equal((await cases()).length, 1);
    assert.deepEqual([names('in/done'), names('in/failed').filter((name) => name.endsWith('.edi'))], [['r1.edi'], ['again.edi', 'other.edi']]);
    const held = await aside();
    assert.deepEqual(held.map(({ reason }) => reason), ['same-control-number', 'same-control-number']);
    assert.ok(held.some(({ message }) => /in r1\.edi of .*; it is the same document/.test(message)) && held.some(({ message }) => /for another document; ask for it under a number of its own/.test(message)));
    assert.match(readFileSync(path.join(folder, 'in/failed', names('in/failed').find((name) => name.endsWith('again.edi.txt')) ?? ''), 'utf8'), /same document/);
    assert.deepEqual(names('out'), ['997-000000001.edi'], 'a repeat is not acknowledged a second time');
  });

  it('takes the good messages of an interchange and names the place of a damaged segment', async () => {
    await load();
    bring('bad.edi', response('000000008', ['PO-1', 'PO-2']).toString('latin1').replace(/(?<=BAK\*00\*\w+\*PO-2\*)20261129/, '20261329'));
    await look();
    assert.deepEqual((await cases()).map(({ title }) => title), ['855 PO-1 from ZZ:ACME']);
    const [held] = await aside();
    assert.match(held?.message ?? '', /bad\.edi: Interchange 000000008, group 8, message 0002 \(855\), segment 2 BAK, element 4, .*"20261329" is no date/);
    assert.deepEqual([names('in/failed').filter((name) => name.endsWith('.edi')), documentOf('997-000000001.edi')['status']], [['bad.edi'], 'partially-accepted']);
  });

  it('takes nothing that is no file of the partner, and says why', async () => {
    await load(partnerService({}, { maxBytes: 2_000 }));
    bring('note.txt', 'hello');
    bring('stranger.edi', response('000000009', ['PO-1']).toString('latin1').replace('ACME           ', 'EVIL           '));
    bring('grows.edi', 'ISA*');
    truncateSync(path.join(folder, 'in', 'grows.edi'), 100_000_000);
    bring('half.edi.part', 'ISA*');
    bring('.hidden', 'ISA*');
    bring('a..b.edi', 'ISA*');
    writeFileSync(path.join(folder, 'secret'), response('000000010', ['PO-1']));
    symlinkSync(path.join(folder, 'secret'), path.join(folder, 'in', 'link.edi'));
    await look();
    assert.equal((await cases()).length, 0);
    assert.deepEqual((await aside()).map(({ reason }) => reason).sort(), ['edi-damaged', 'edi-partner', 'file-name', 'file-no-file', 'file-too-large']);
    assert.deepEqual(names('in'), ['.hidden', 'a..b.edi', 'half.edi.part', 'link.edi']);
    assert.deepEqual(names('in/failed').filter((name) => !name.endsWith('.txt') || name === 'note.txt'), ['grows.edi', 'note.txt', 'stranger.edi']);
  });

  it('tells the case that waits that the partner has, or has not, taken what was sent', async () => {
    await load();
    const caseId = await rig.start(order('PO-1'));
    await eventually(() => (names('out').includes('850-000000001.edi') ? true : undefined));
    await eventually(async () => (await rig.eventsOf(caseId, 'EventAwaited')).length > 0 ? true : undefined);
    const acknowledgement = (number: string, group: string): Buffer => response(number, [], { groups: [{ header: true, sender: 'ACME', receiver: 'WAYBILL', date: '2026-11-29', time: '09:15', controlNumber: String(Number(number)), release: '004010', messages: [{ message: '997', controlNumber: '0001', document: { type: 'functional-acknowledgment', group: { code: 'PO', controlNumber: group }, messages: [{ message: '850', controlNumber: '0001', status: 'accepted' }], status: 'accepted', included: '1', received: '1', accepted: '1' } }] }] } as unknown as JsonObject);
    bring('ack1.edi', acknowledgement('000000011', '1'));
    bring('ack2.edi', acknowledgement('000000012', '77'));
    await look();
    const { document } = await rig.closed(caseId);
    assert.deepEqual([(document['acknowledged'] as JsonObject)['accepted'], (document['acknowledged'] as JsonObject)['controlNumber']], [true, '1']);
    assert.deepEqual((await aside()).map(({ reason, message }) => [reason, message]), [['edi-acknowledgement', 'ack2.edi: ZZ:ACME acknowledges the control number 77, which was never sent there.']]);
    assert.deepEqual([names('in/done'), (await cases()).length, names('out')], [['ack1.edi'], 1, ['850-000000001.edi']]);
  });

  it('takes a message again alone when the service was corrected, without a second acknowledgement; an interchange of a partner who was unknown with its first', async () => {
    const by = person('carl', 'clerk');
    const service = (messages: string, sender = 'ACME'): ReturnType<typeof partnerService> => partnerService({}, { messages: [messages], sender: { qualifier: 'ZZ', id: sender }, acknowledge: { by: '997', folder: '/out', name: '{message}-{receiver}-{controlNumber}.edi' } });
    await load(service('856'));
    bring('r1.edi', response('000000007', ['PO-1', 'PO-2']));
    bring('r2.edi', response('000000009', ['PO-3']).toString('latin1').replace('ACME           ', 'NEWNAME        '));
    await look();
    const held = await aside();
    assert.deepEqual([held.map(({ reason }) => reason).sort(), names('out')], [['edi-damaged', 'edi-damaged', 'edi-partner'], ['997-ACME-000000001.edi']]);
    await load(service('855'));
    const [one, two] = held.filter(({ reason }) => reason === 'edi-damaged').map(({ quarantine_id: id }) => id).sort();
    assert.ok(one !== undefined && two !== undefined);
    const taken = await rig.engine.admitQuarantine({ quarantineId: two, reason: 'corrected', by });
    assert.ok(taken.ok && taken.cases === 1);
    assert.deepEqual([(await cases()).map(({ title }) => title), names('out')], [['855 PO-2 from ZZ:ACME'], ['997-ACME-000000001.edi']]);
    const stranger = held.find(({ reason }) => reason === 'edi-partner')?.quarantine_id ?? '';
    const still = await rig.engine.admitQuarantine({ quarantineId: stranger, reason: 'corrected', by });
    assert.match(still.ok ? '' : still.message, /from ZZ:NEWNAME to/);
    await load(service('855', 'NEWNAME'));
    const known = await rig.engine.admitQuarantine({ quarantineId: stranger, reason: 'the partner has a new name', by });
    assert.deepEqual([known.ok ? '' : known.message, (await cases()).length, names('out').length], ['', 2, 2]);
    assert.ok((await rig.engine.quarantineDetail(one))?.origin?.answered);
  });
});
