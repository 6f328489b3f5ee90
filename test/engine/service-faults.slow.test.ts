import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { receiptService } from '../nodes/support/services.ts';
import type { FlowNode, Look } from './support/messages.ts';
import { NodeRedProcess } from './support/node-red-process.ts';
import { ReceiptBooks } from './support/receipt-books.ts';
import type { Fault } from './support/receipt-books.ts';

const CASES = 21;
const FAULTS: readonly Fault[] = ['slow', 'too-many', 'away', 'half-answer', 'no-answer', 'redirect', 'endless'];

describe('books of another system and of the ledger after faults', function () {
  this.timeout(240_000);
  let folder: string;
  let books: ReceiptBooks;
  let node: NodeRedProcess | undefined;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'waybill-faults-'));
    writeFileSync(path.join(folder, 'client'), 'waybill\n');
    // Every third receipt meets a fault at its first request, each kind in turn.
    books = new ReceiptBooks(new Map(Array.from({ length: CASES }, (_, i): [string, Fault] => [`r-${i}`, FAULTS[Math.floor(i / 3) % FAULTS.length] ?? 'slow']).filter((_each, i) => i % 3 === 0)));
    await books.start();
  });
  after(async () => {
    await node?.kill();
    await books.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const flows = (): FlowNode[] => [
    { id: 'tab', type: 'tab', label: 'Receiving' },
    { id: 'sys', type: 'waybill-system', name: 'erp-1', kind: 'erp', url: `${books.url}/api`, urlType: 'str', secrets: [{ name: 'clientId', value: path.join(folder, 'client'), valueType: 'file' }, { name: 'clientSecret', value: path.join(folder, 'client'), valueType: 'file' }], configVersion: 1 },
    { id: 'n-open', z: 'tab', x: 0, y: 0, type: 'waybill-case-open', stepId: 'open', process: 'procure-to-pay', template: 'receiving@1.0.0', facts: 'payload', factsType: 'msg', transportId: 'payload.id', transportIdType: 'msg', operatorType: 'msg', operator: '', configVersion: 1, wires: [['n-call'], []] },
    { id: 'n-call', z: 'tab', x: 0, y: 0, type: 'waybill-call', stepId: 'post', systemNode: 'sys', service: 'erp/goods-receipts@1.0.0', operation: 'post', body: 'payload', bodyType: 'msg', recordAs: 'receipt', configVersion: 1, wires: [['n-done'], ['n-refused']] },
    { id: 'n-done', z: 'tab', x: 0, y: 0, type: 'waybill-case-close', stepId: 'done', outcome: 'done', outcomeType: 'str', configVersion: 1, wires: [] },
    { id: 'n-refused', z: 'tab', x: 0, y: 0, type: 'waybill-case-close', stepId: 'refused', outcome: 'refused', outcomeType: 'str', configVersion: 1, wires: [] },
  ];
  const service = () => receiptService({
    authentication: { kind: 'oauth2-client-credentials', tokenUrl: `${books.url}/token` }, limits: { concurrency: 4, perSecond: 40, burst: 10, quota: { calls: 10_000, per: 'day' } },
    timeouts: { connectMs: 2_000, headersMs: 1_000, totalMs: 5_000 }, retry: { maxAttempts: 40, maxMinutes: 30, baseDelaySeconds: 0.1, maxDelaySeconds: 1 }, circuit: { failures: 8, openSeconds: 1 },
  }, { request: { type: 'object', required: ['id', 'quantity'], properties: { id: { type: 'string' }, quantity: { type: 'string' } } } });

  async function open(): Promise<NodeRedProcess> {
    const started = new NodeRedProcess(path.join(folder, 'user'));
    await started.ask('open', { home: path.join(folder, 'home'), flows: flows(), tuning: { poisonEpochs: 10 }, services: [service()] });
    return started;
  }

  it('agree: with slow and broken answers, 429, 503, a redirect, expired tokens, the other side restarted and ours killed', async () => {
    node = await open();
    const acknowledged = new Set<string>();
    node.onAcknowledged(({ transportId }) => acknowledged.add(transportId));
    for (let i = 0; i < CASES; i++) await node.ask('inject', { node: 'n-open', msg: { payload: { id: `r-${i}`, quantity: String(i + 1) } } });
    while (acknowledged.size < CASES) await new Promise((resolve) => { setTimeout(resolve, 20); });
    while (books.booked.size < 8) await new Promise((resolve) => { setTimeout(resolve, 10); });
    await books.stop();
    await books.start();
    while (books.booked.size < 16) await new Promise((resolve) => { setTimeout(resolve, 10); });
    await node.kill();
    node = await open();
    let seen: Look;
    do {
      await new Promise((resolve) => { setTimeout(resolve, 200); });
      seen = await node.ask('look', {});
      for (const { exceptions } of seen.open) {
        for (const { exceptionId, code } of exceptions) {
          assert.equal(code, 'answer-contract', JSON.stringify(exceptions));
          await node.ask('resolveException', { exceptionId, outcome: 'continue', code: 'looked-at', by: { userId: 'u', name: 'u', roles: ['engineer'], sites: ['*'], authMethod: 'password', channel: 'inbox' } });
        }
      }
      assert.deepEqual(seen.open.flatMap(({ deadLetters }) => deadLetters), []);
    } while (seen.open.length > 0);
    const outcomes = Map.groupBy(seen.closed, ({ outcome }) => outcome);
    // A redirect is a refusal, and books nothing.
    const redirected = books.met.get('redirect') ?? 0;
    assert.deepEqual([outcomes.get('done')?.length, outcomes.get('refused')?.length], [CASES - redirected, redirected]);
    const receipts = [...books.booked.values()];
    assert.equal(receipts.length, CASES - redirected, 'one receipt for each case, none twice');
    assert.equal(new Set(receipts.map(({ document }) => document.id)).size, receipts.length);
    assert.equal(receipts.reduce((sum, { document }) => sum + Number(document.quantity), 0), Array.from({ length: CASES }, (_, i) => i + 1).reduce((sum, quantity, i) => sum + (i % 3 === 0 && FAULTS[(i / 3) % FAULTS.length] === 'redirect' ? 0 : quantity), 0));
    for (const keys of Map.groupBy(books.requests, ({ id }) => id).values()) assert.equal(new Set(keys.map(({ key }) => key)).size, 1, 'one key over all attempts');
    assert.deepEqual([...books.met.keys()].sort(), [...FAULTS].sort(), 'every fault was met');
  });
});
