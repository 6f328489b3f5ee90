import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ediDriver, readEdi, toJson } from '../../src/connectors/edi/index.ts';
import { FolderStore, sendAsFile } from '../../src/connectors/file-transfer/index.ts';
import type { ServiceOperation } from '../../src/domain/service/index.ts';
import { fixedServices } from '../../src/engine/services/source.ts';
import { order, partnerService } from './support/edi-services.ts';
import { end, opener, plain, Rig, step, withNodeRed } from './support/rig.ts';
import type { FlowNode } from './support/rig.ts';
import { OtherSystem } from './support/system.ts';

describe('call node: EDI to a partner', () => {
  withNodeRed();
  let rig: Rig;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-edi-'));
    mkdirSync(path.join(folder, 'out', 'taken'), { recursive: true });
    rig = await Rig.open();
  });
  afterEach(async () => {
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const flow = (url: string): FlowNode[] => [
    { id: 'sys', type: 'waybill-system', name: 'acme', kind: 'edi', url, urlType: 'str' }, opener(['send']),
    step('call', 'send', { systemNode: 'sys', service: 'partner/acme@1.0.0', operation: 'send-order', body: 'payload', bodyType: 'msg', recordAs: 'sent', wires: [['look'], ['refused'], []], outputs: 3 }),
    plain('look', 'done'), end('done'), end('refused'),
  ];
  async function load(url: string, service = partnerService()): Promise<void> {
    rig.engine.services = fixedServices([service]);
    await rig.load(flow(url));
    rig.node('look').on('input', function (this: { send(m: object): void }, msg: object) { this.send(msg); });
  }
  const out = (): readonly string[] => readdirSync(path.join(folder, 'out')).filter((name) => name !== 'taken').sort();
  const sentOf = async (caseId: string): Promise<Readonly<Record<string, unknown>>> => (await rig.closed(caseId)).document['sent'] as Readonly<Record<string, unknown>>;

  it('writes each document into a file of its own, under the next control number of the ledger', async () => {
    await load(`file://${folder}`);
    const cases = [await rig.start(order('PO-1')), await rig.start(order('PO-2', '0.000000001'))];
    const [first, second] = [await sentOf(cases[0] ?? ''), await sentOf(cases[1] ?? '')];
    assert.deepEqual([first['controlNumber'], first['file'], first['acknowledgement'], second['controlNumber']], ['1', '/out/850-000000001.edi', { event: 'edi-acknowledgement', key: 'x12 ZZ:ACME 1' }, '2']);
    assert.deepEqual(out(), ['850-000000001.edi', '850-000000002.edi']);
    const { file, findings } = toJson(readEdi(readFileSync(path.join(folder, 'out', '850-000000002.edi'))));
    assert.deepEqual(findings, []);
    const [interchange] = file.interchanges;
    const message = interchange?.groups[0]?.messages[0];
    assert.deepEqual([interchange?.controlNumber, interchange?.groups[0]?.['controlNumber'], message?.controlNumber, message?.document?.['number']], ['000000002', '2', '0001', 'PO-2']);
    assert.deepEqual((message?.document?.['lines'] as readonly { quantity: object }[])[0]?.quantity, { value: '0.000000001', unit: 'EA' });
    const taken = (await rig.engine.ledger.readAll(1, 1_000)).flatMap((event) => (event.type === 'ControlNumberTaken' ? [[event.data.number, event.content?.sequence]] : []));
    assert.deepEqual(taken, [[1, 'x12 ZZ:WAYBILL>ZZ:ACME'], [2, 'x12 ZZ:WAYBILL>ZZ:ACME']]);
  });

  it('says what a document cannot hold, and what stands in the way of a file', async () => {
    writeFileSync(path.join(folder, 'out', '850-000000001.edi'), 'of somebody else');
    await load(`file://${folder}`);
    assert.equal((await rig.closed(await rig.start({ type: 'purchase-order', slip: 'x' }))).outcome, 'refused');
    const caseId = await rig.start(order('PO-3'));
    assert.equal((await rig.closed(caseId)).outcome, 'refused');
    const [call] = await rig.eventsOf(caseId, 'CallEnded');
    assert.match(JSON.stringify(call?.content?.response), /850-000000001\.edi is there already with other content/);
    assert.equal(readFileSync(path.join(folder, 'out', '850-000000001.edi'), 'utf8'), 'of somebody else');
  });

  it('looks before it sends again, also where the partner has taken the file already', async () => {
    const store = new FolderStore(folder);
    const operation = partnerService().operations['send-order'] as ServiceOperation;
    const run = async (repeated: boolean): Promise<readonly [string, readonly string[]]> => {
      const asked: string[] = [];
      const call = ediDriver.call({ service: partnerService(), operation, document: order('PO-4'), idempotencyKey: 'k', repeated, memory: new Map(), address: `file://${folder}`, number: { number: 7, at: '2026-11-29T09:15:00.000Z' }, now: 0 });
      let next = call.next();
      while (next.done !== true) {
        asked.push(`${next.value.method} ${next.value.path}`);
        next = call.next(await sendAsFile(store, next.value));
      }
      return [next.value.kind, asked];
    };
    const name = '850-000000007.edi';
    assert.deepEqual(await run(false), ['done', [`PUT /out/${name}`]]);
    assert.deepEqual(await run(true), ['done', [`HEAD /out/taken/${name}`, `PUT /out/${name}`]]);
    renameSync(path.join(folder, 'out', name), path.join(folder, 'out', 'taken', name));
    assert.deepEqual(await run(true), ['done', [`HEAD /out/taken/${name}`]]);
    assert.deepEqual(out(), []);
  });

  it('sends by POST under its key, and the very same bytes when nobody knows whether they arrived', async () => {
    const partner = await OtherSystem.start();
    partner.answer = (_asked, nth) => (nth === 1 ? 'hang-up' : { status: 202 });
    try {
      await load(partner.url, partnerService({ path: '/edi' }));
      const sent = await sentOf(await rig.start(order('PO-5')));
      assert.equal(sent['controlNumber'], '1');
      const [one, two] = partner.asked;
      assert.deepEqual([one?.path, one?.headers['content-type'], partner.asked.length], ['/edi', 'application/edi-x12', 2]);
      assert.equal(one?.headers['idempotency-key'], two?.headers['idempotency-key']);
      assert.equal(one?.body, two?.body);
      assert.match(String(one?.body), /^ISA\*00.*\*000000001\*0\*P\*>~GS\*PO/);
    } finally {
      await partner.stop();
    }
  });
});
