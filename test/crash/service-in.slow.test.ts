import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEdi, toJson } from '../../src/connectors/edi/index.ts';
import { writeCallers } from '../../src/engine/offered/callers/caller-book.ts';
import { newToken } from '../../src/engine/offered/callers/secrets.ts';
import { boundariesOf, nameOf } from '../engine/support/boundary.ts';
import type { Boundary } from '../engine/support/boundary.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { edifactOrders, interchange, order, postedOrders, postedReceipts } from '../nodes/support/edi-services.ts';
import { deliveryService } from '../nodes/support/offered.ts';

const SERVICE = deliveryService();
const { token, sha256 } = newToken();
const BODY = JSON.stringify({ deliveredAt: '2026-11-29T10:00:00Z', lines: [{ sscc: '340123450000000018', quantity: '12.5' }] });

const place = { z: 'a000000000000001', x: 10, y: 10, configVersion: 1 };
const FLOWS: readonly FlowNode[] = [
  { id: 'a000000000000001', type: 'tab', label: 'deliveries' },
  { id: 'a000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
  { id: 'a000000000000003', type: 'waybill-service-in', ...place, stepId: 'in', site: 'a000000000000002', service: `${SERVICE.id}@${SERVICE.version}`, operation: 'confirm', key: '/shipment', keyName: 'shipment', wires: [['a000000000000004']] },
  { id: 'a000000000000004', type: 'change', z: 'a000000000000001', x: 20, y: 10, rules: [{ t: 'set', p: 'seen', pt: 'msg', to: 'true', tot: 'bool' }], wires: [['a000000000000005']] },
  { id: 'a000000000000005', type: 'waybill-service-out', ...place, stepId: 'out', says: 'answer', httpStatus: 201, body: '{"receipt": $facts.request.shipment & " " & $string($millis())}', bodyType: 'jsonata', wires: [['a000000000000006']] },
  { id: 'a000000000000006', type: 'waybill-case-close', ...place, stepId: 'end', outcome: 'delivered', outcomeType: 'str' },
];

const told = 'b000000000000001';
/** A case that waits for the delivery, opened by a request, and the node that tells it. */
const TELLING: readonly FlowNode[] = [
  { id: told, type: 'tab', label: 'deliveries awaited' },
  { id: 'b000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
  { id: 'b000000000000003', type: 'waybill-service-in', ...place, z: told, stepId: 'asked', site: 'b000000000000002', service: `${SERVICE.id}@${SERVICE.version}`, operation: 'status', key: '/shipment', keyName: 'shipment', wires: [['b000000000000004']] },
  { id: 'b000000000000004', type: 'waybill-wait-for-event', ...place, z: told, stepId: 'wait', eventName: 'confirm', key: 'request.shipment', keyType: 'facts', timeout: 0, recordAs: 'pod', wires: [['b000000000000005'], ['b000000000000005']] },
  { id: 'b000000000000005', type: 'waybill-service-out', ...place, z: told, stepId: 'out', says: 'answer', httpStatus: 200, body: '{"state": "delivered"}', bodyType: 'jsonata', wires: [['b000000000000006']] },
  { id: 'b000000000000006', type: 'waybill-case-close', ...place, z: told, stepId: 'end', outcome: 'delivered', outcomeType: 'str' },
  { id: 'b000000000000007', type: 'waybill-service-in', ...place, z: told, stepId: 'tell', site: 'b000000000000002', service: `${SERVICE.id}@${SERVICE.version}`, operation: 'confirm', key: '/shipment', does: 'tell', answer: '{"receipt": request.shipment & " " & $string($millis())}', wires: [[]] },
];

const EDI = deliveryService({ id: 'partner/acme', title: 'ACME', protocol: 'edi', offered: { admits: ['token'], maxBytes: 8_192, waitMs: 20_000 }, operations: postedOrders });
const FILES = deliveryService({ id: 'partner/files', title: 'Files', protocol: 'file', offered: { admits: ['token'], maxBytes: 8_192, waitMs: 20_000 }, operations: { receipts: postedReceipts } });
const posted = 'c000000000000001';
/** Documents that come by requests: interchanges of X12 and EDIFACT, and lines of fixed widths. */
const POSTED: readonly FlowNode[] = [
  { id: posted, type: 'tab', label: 'documents' },
  { id: 'c000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
  ...([['orders', EDI], ['edifact', EDI], ['receipts', FILES]] as const).map(([operation, { id, version }], i): FlowNode => ({ id: `c00000000000001${i}`, type: 'waybill-service-in', ...place, z: posted, stepId: operation, site: 'c000000000000002', service: `${id}@${version}`, operation, does: 'take', wires: [['c000000000000003']] })),
  { id: 'c000000000000003', type: 'waybill-case-close', ...place, z: posted, stepId: 'end', outcome: 'taken', outcomeType: 'str' },
];
/** What a partner brings as its n-th document, in turns, and how many cases that is. */
const DOCUMENTS = [
  (n: number) => ({ path: `${EDI.id}/${EDI.version}/orders`, type: 'application/edi-x12', body: interchange(String(n).padStart(9, '0'), [order(`A-${n}`), order(`B-${n}`)]), cases: 2 }),
  (n: number) => ({ path: `${EDI.id}/${EDI.version}/edifact`, type: 'application/edifact', body: new Uint8Array(edifactOrders(`REF${n}`, [`A-${n}`, `B-${n}`])), cases: 2 }),
  (n: number) => ({ path: `${FILES.id}/${FILES.version}/wide`, type: 'text/plain', body: `H${`RC-${n}`.padEnd(10)}\nLSKU-1   000000010500\n`, cases: 1 }),
] as const;

interface Told { readonly status: number; readonly text: string; readonly request: string | null }

/** A caller that lost the line does not know more than that. */
async function ask(base: string, key: string): Promise<Told | undefined> {
  try {
    const response = await fetch(`${base}/waybill/services/${SERVICE.id}/${SERVICE.version}/shipments/S-1/delivery`, { method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }, body: BODY });
    return { status: response.status, text: await response.text(), request: response.headers.get('waybill-request') };
  } catch {
    return undefined;
  }
}

/** In its long form every boundary is crossed, else those after which something is on disk that nobody was told of. */
const long = process.env['WAYBILL_CRASH_LONG'] === '1';

/** The process is killed at the commits and deliveries of a request: who asks again under the key gets one answer, of one case. */
describe('a request of another system over SIGKILL', function () {
  this.timeout(600_000);
  let root: string;
  let homes = 0;
  const processes: NodeRedProcess[] = [];
  const begin = (name: 'victim' | 'survivor'): NodeRedProcess => {
    const node = new NodeRedProcess(path.join(root, name), { admin: true });
    processes.push(node);
    return node;
  };

  before(() => { root = mkdtempSync(path.join(tmpdir(), 'waybill-service-in-')); });
  after(async () => {
    // What a test that failed left behind would keep this process alive.
    await Promise.all(processes.map((each) => each.kill()));
    rmSync(root, { recursive: true, force: true });
  });

  const home = (): string => {
    homes += 1;
    const folder = path.join(root, `home-${homes}`);
    mkdirSync(folder);
    writeCallers(folder, [{ name: 'dhl', services: ['*'], tokens: [{ id: 't1', sha256, createdAt: '2026-01-01' }], secrets: [], certificates: [], identities: [] }]);
    return folder;
  };
  const open = (node: NodeRedProcess, folder: string, kill?: Boundary, flows = FLOWS): ReturnType<typeof node.ask<'open'>> => node.ask('open', { home: folder, flows, tuning: {}, services: [SERVICE, EDI, FILES], ...(kill === undefined ? { recover: true } : { kill }) });

  it('is answered once, and always the same', async () => {
    let node = begin('victim');
    let folder = home();
    const { admin } = await open(node, folder);
    const before = await node.ask('counts', {});
    const first = await ask(admin, 'count');
    assert.equal(first?.status, 201, first?.text);
    await node.until(({ counts }) => counts.casesClosed === 1);
    const after = await node.ask('counts', {});
    await node.kill();
    const crossed = boundariesOf({ append: after.append, send: after.send, effect: 0, answer: 0 }).filter(({ kind, n }) => n > (kind === 'append' ? before.append : before.send)).filter(({ kind, at }) => long || (kind === 'append' && at === 'after'));
    assert.ok(crossed.length >= (long ? 12 : 4), JSON.stringify({ before, after }));
    const survivor = begin('survivor');
    for (const boundary of crossed) {
      folder = home();
      node = begin('victim');
      const { admin: address } = await open(node, folder, boundary);
      const lost = await ask(address, 'k');
      const { signal } = await node.ended;
      assert.equal(signal, 'SIGKILL', nameOf(boundary));
      const { admin: again } = await open(survivor, folder);
      const answers = await Promise.all([ask(again, 'k'), ask(again, 'k')]);
      const [told] = answers;
      assert.equal(told?.status, 201, `${nameOf(boundary)}: ${told?.text ?? 'nothing'}`);
      assert.deepEqual(answers[1], told, nameOf(boundary));
      if (lost !== undefined) assert.deepEqual(told, lost, nameOf(boundary));
      const { counts } = await survivor.until((seen) => seen.counts.casesClosed === 1);
      assert.equal(counts.casesOpen, 0, nameOf(boundary));
      await survivor.ask('close', {});
    }
    await survivor.kill();
  });

  it('reaches the case that waits for it once, with one answer', async () => {
    const look = async (base: string): Promise<string | null> => {
      const response = await fetch(`${base}/waybill/services/${SERVICE.id}/${SERVICE.version}/shipments/S-1`, { headers: { authorization: `Bearer ${token}`, prefer: 'respond-async' } });
      assert.equal(response.status, 202, await response.text());
      return response.headers.get('waybill-request');
    };
    /** Told as soon as the case waits; until then nothing is recorded, and the key stays free. */
    const tell = async (base: string): Promise<Told | undefined> => {
      for (;;) {
        const answer = await ask(base, 'k');
        if (answer?.status !== 404) return answer;
      }
    };
    const probe = begin('victim');
    const { admin } = await open(probe, home(), undefined, TELLING);
    await look(admin);
    await probe.until(({ counts }) => counts.casesOpen === 1 && counts.stepsOpen === 1);
    const { append } = await probe.ask('counts', {});
    await probe.kill();
    const survivor = begin('survivor');
    for (const n of long ? [append, append + 1, append + 2] : [append + 1]) {
      const folder = home();
      const node = begin('victim');
      const { admin: address } = await open(node, folder, { kind: 'append', n, at: 'after' }, TELLING);
      await look(address);
      const lost = await tell(address);
      const { signal } = await node.ended;
      assert.equal(signal, 'SIGKILL');
      const { admin: again } = await open(survivor, folder, undefined, TELLING);
      const answers = [await tell(again), await tell(again)];
      assert.deepEqual([answers[0]?.status, answers[1]], [200, answers[0]]);
      if (lost !== undefined) assert.deepEqual(answers[0], lost);
      await survivor.until(({ counts }) => counts.casesClosed === 1 && counts.casesOpen === 0);
      await survivor.ask('close', {});
    }
    await survivor.kill();
  });

  it('takes the documents of a body once, and acknowledges them under one number', async () => {
    const post = async (base: string, { path: at, type, body }: ReturnType<(typeof DOCUMENTS)[number]>): Promise<Told | undefined> => {
      try {
        const response = await fetch(`${base}/waybill/services/${at}`, { method: 'POST', headers: { 'authorization': `Bearer ${token}`, 'content-type': type }, body });
        return { status: response.status, text: Buffer.from(await response.arrayBuffer()).toString('latin1'), request: null };
      } catch {
        return undefined;
      }
    };
    type Kill = Boundary & { readonly kind: 'append' };
    const every = [1, 2, 3, 4, 5, 6].flatMap((append): readonly Kill[] => [{ kind: 'append', n: append, at: 'before' }, { kind: 'append', n: append, at: 'after' }]);
    // Commits before the answer: that it came, each of its cases, the number of its acknowledgement.
    const short: readonly (readonly Kill[])[] = [[{ kind: 'append', n: 1, at: 'before' }, { kind: 'append', n: 3, at: 'after' }], [{ kind: 'append', n: 1, at: 'after' }, { kind: 'append', n: 4, at: 'after' }], [{ kind: 'append', n: 2, at: 'after' }]];
    const folder = home();
    const survivor = begin('survivor');
    await open(survivor, folder, undefined, POSTED);
    await survivor.ask('close', {});
    await open(survivor, folder, undefined, POSTED);
    const { append: starting } = await survivor.ask('counts', {});
    await survivor.ask('close', {});
    const numbers = new Map<string, number[]>();
    let [n, cases] = [0, 0];
    for (const [i, make] of DOCUMENTS.entries()) {
      for (const kill of long ? every : short[i]!) {
        n += 1;
        const document = make(n);
        cases += document.cases;
        const node = begin('victim');
        const { admin: address } = await node.ask('open', { home: folder, flows: POSTED, tuning: {}, services: [EDI, FILES], kill: { ...kill, n: starting + kill.n } });
        const lost = await post(address, document);
        const { signal } = await node.ended;
        const name = `${document.path} ${nameOf(kill)}`;
        assert.equal(signal, 'SIGKILL', name);
        const { admin: again } = await open(survivor, folder, undefined, POSTED);
        const [first, second] = await Promise.all([post(again, document), post(again, document)]);
        assert.equal(first?.status, 200, `${name}: ${first?.text ?? 'nothing'}`);
        assert.deepEqual(second, first, name);
        if (lost !== undefined) assert.deepEqual(first, lost, name);
        const { counts } = await survivor.until((seen) => seen.counts.casesClosed === cases);
        assert.equal(counts.casesOpen, 0, name);
        if (document.type !== 'text/plain') {
          const { controlNumber } = toJson(readEdi(Buffer.from(first.text, 'latin1'))).file.interchanges[0]!;
          numbers.set(document.type, [...numbers.get(document.type) ?? [], Number(controlNumber)]);
        }
        await survivor.ask('close', {});
      }
    }
    await survivor.kill();
    for (const [type, taken] of numbers) assert.deepEqual(taken, taken.map((_number, i) => i + 1), `${type}: each number once, and none left out`);
    assert.equal(numbers.size, 2);
  });
});
