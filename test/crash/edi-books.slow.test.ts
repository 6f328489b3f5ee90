import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEdi, toJson } from '../../src/connectors/edi/index.ts';
import type { JsonInterchange } from '../../src/connectors/edi/index.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess } from '../engine/support/node-red-process.ts';
import { partnerService, response } from '../nodes/support/edi-services.ts';
import { CuttingLine } from '../support/cutting-line.ts';
import { keepTables, table } from '../support/fault-tables.ts';
import { SftpServer } from '../support/sftp-server.ts';

/** What goes wrong while one document of the partner is worked on. */
type Fault =
  /** Node-RED ends by SIGKILL at the n-th commit after the flows have started. */
  | { readonly kind: 'kill'; readonly n: number; readonly at: 'before' | 'after' }
  /** Connections break after so many bytes to the server. */
  | { readonly kind: 'cut'; readonly after: number; readonly times: number }
  /** The server is killed with all its connections, and started again. */
  | { readonly kind: 'server' };

const long = process.env['WAYBILL_CRASH_LONG'] === '1';
/** Commits of one document: that it came, its case, the number of its acknowledgement, the step, the intention, the number, the call, what came of it, the end. */
const commits = 11;
const kills = Array.from({ length: commits }, (_none, i) => i + 1).flatMap((n): readonly Fault[] => (long ? [{ kind: 'kill', n, at: 'before' }, { kind: 'kill', n, at: 'after' }] : n % 3 === 2 ? [] : [{ kind: 'kill', n, at: n % 2 === 0 ? 'after' : 'before' }]));
const faults: readonly Fault[] = [...kills, { kind: 'cut', after: 5_500, times: 4 }, { kind: 'server' }];

/**
 * A partner brings responses to his SFTP server, one at a time; each opens a case, is acknowledged, and an order goes back. Node-RED
 * dies at every commit on the way, lines break, the server is killed. One ledger and one server throughout.
 */
describe('the books of EDI over SFTP after a run with faults', function () {
  this.timeout(600_000);
  let server: SftpServer;
  let line: CuttingLine;
  let root: string;
  before(async function () {
    server = await SftpServer.start(this);
    line = await CuttingLine.open(server.port);
    root = mkdtempSync(path.join(tmpdir(), 'waybill-edi-books-'));
    for (const folder of ['in', 'out']) mkdirSync(path.join(server.folder, folder));
    writeFileSync(path.join(root, 'user'), server.user);
  });
  after(async () => {
    await line?.close();
    await server?.close();
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  });

  const place = { z: 'b000000000000001', x: 10, y: 10, configVersion: 1 };
  const order = '{"type":"purchase-order","purpose":"original","kind":"new","number":payload.order.number,"date":"2026-11-29","lines":[{"number":"1","quantity":{"value":"10.50","unit":"EA"},"price":{"value":"1"},"items":[{"scheme":"gtin-12","value":"012345678905"}]}]}';
  const flows = (): FlowNode[] => [
    { id: 'b000000000000001', type: 'tab', label: 'edi' },
    { id: 'b000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'b000000000000003', type: 'waybill-system', name: 'acme', kind: 'edi', url: `sftp://127.0.0.1:${line.port}${server.folder}`, urlType: 'str', hostKey: server.hostKey, keyFile: server.clientKeyFile, secrets: [{ name: 'user', valueType: 'file', value: path.join(root, 'user') }], configVersion: 1 },
    { id: 'b000000000000004', type: 'waybill-file-in', ...place, stepId: 'come', site: 'b000000000000002', systemNode: 'b000000000000003', service: 'partner/acme@1.0.0', operation: 'receive-responses', everySeconds: 0.2, key: '/order/number', keyName: 'order', wires: [['b000000000000005']] },
    { id: 'b000000000000005', type: 'waybill-call', ...place, stepId: 'go', systemNode: 'b000000000000003', service: 'partner/acme@1.0.0', operation: 'send-order', body: order, bodyType: 'jsonata', recordAs: 'sent', wires: [['b000000000000006'], [], []], outputs: 3 },
    { id: 'b000000000000006', type: 'waybill-case-close', ...place, stepId: 'end', outcome: 'done', outcomeType: 'str' },
  ];
  const service = partnerService({}, {}, { retry: { maxAttempts: 1_000, maxMinutes: 60, baseDelaySeconds: 0.1, maxDelaySeconds: 0.5 } });
  const start = async (kill?: { readonly n: number; readonly at: 'before' | 'after' }): Promise<NodeRedProcess> => {
    const node = new NodeRedProcess(path.join(root, 'node-red'));
    await node.ask('open', { home: path.join(root, 'home'), flows: flows(), tuning: { poisonEpochs: 1_000 }, services: [service], ...(kill === undefined ? {} : { kill: { kind: 'append', ...kill } }) }).catch((error: unknown) => {
      // It takes documents before it has answered.
      if (kill === undefined || !node.gone) throw error;
    });
    return node;
  };
  /** As a partner's program does: under another name first. */
  const bring = (name: string, bytes: Buffer): void => {
    writeFileSync(path.join(server.folder, 'in', `.${name}.part`), bytes);
    renameSync(path.join(server.folder, 'in', `.${name}.part`), path.join(server.folder, 'in', name));
  };
  const names = (folder: string): readonly string[] => readdirSync(path.join(server.folder, folder), { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).sort();
  const interchange = (name: string): JsonInterchange => {
    const { file, findings } = toJson(readEdi(readFileSync(path.join(server.folder, 'out', name))));
    assert.deepEqual(findings, [], name);
    const [found] = file.interchanges;
    assert.ok(found);
    return found;
  };

  it('agree: one case, one order and one acknowledgement for each document, and no number twice', async () => {
    const first = await start();
    const { append: opened } = await first.ask('counts', {});
    await first.kill();
    let killed = 0;
    let restarts = 0;
    for (const [i, fault] of faults.entries()) {
      bring(`r${i + 1}.edi`, response(String(i + 1).padStart(9, '0'), [`PO-${i + 1}`]));
      if (fault.kind === 'cut') line.cutNext(fault.after, fault.times);
      const node = await start(fault.kind === 'kill' ? { n: opened + fault.n, at: fault.at } : undefined);
      if (fault.kind === 'server') {
        await server.stop();
        await server.run();
        restarts += 1;
      }
      const all = node.until(({ closed }) => closed.length === i + 1, 120_000).catch((error: unknown) => {
        if (!node.gone) throw error;
      });
      await Promise.race([node.ended, all]);
      if (node.gone) killed += 1;
      else await node.kill();
      await all;
      line.mend();
    }
    const last = await start();
    await last.until(({ closed, counts }) => closed.length === faults.length && counts.casesOpen === 0, 120_000);
    // The answer to the last document leaves before it is moved away.
    await last.until(() => names('in/done').length === faults.length, 60_000);
    const { counts } = await last.ask('look', {});
    await last.kill();

    const out = names('out');
    const [orders, acknowledgements] = [out.filter((name) => name.startsWith('850-')), out.filter((name) => name.startsWith('997-'))];
    const ordered = orders.map((name) => String(interchange(name).groups[0]?.messages[0]?.document?.['number']));
    const answered = acknowledgements.map((name) => (interchange(name).groups[0]?.messages[0]?.document?.['group'] as { readonly controlNumber: string }).controlNumber);
    const numbers = out.map((name) => Number(interchange(name).controlNumber));
    const contents = new Set(out.map((name) => hash('sha256', readFileSync(path.join(server.folder, 'out', name)))));
    const highest = Math.max(...numbers);
    keepTables('edi-books.md', table(['At the partner and in the ledger', 'Number'], [
      ['documents that the partner brought', String(faults.length)], ['cases opened and closed', String(faults.length)], ['orders on his side (850)', String(orders.length)], ['acknowledgements on his side (997)', String(acknowledgements.length)],
      ['files there twice, or by half', String(out.length - contents.size)], ['control numbers used', `${new Set(numbers).size}, from 1 to ${highest}`], ['numbers taken and never sent (gaps)', String(highest - new Set(numbers).size)],
      ['messages in quarantine', String(counts.quarantineHeld)],
    ]), table(['Fault', 'Times'], [['Node-RED killed at a commit', String(killed)], ['connection broken', String(line.cuts)], ['SFTP server killed', String(restarts)]]));

    const expected = faults.map((_fault, i) => i + 1);
    assert.deepEqual(ordered.map((number) => Number(number.slice(3))).sort((a, b) => a - b), expected);
    assert.deepEqual(answered.map(Number).sort((a, b) => a - b), expected);
    assert.equal(new Set(numbers).size, numbers.length, 'no number stands for two files');
    assert.deepEqual([contents.size, counts.quarantineHeld, names('in'), names('in/failed')], [out.length, 0, [], []]);
    assert.ok(killed >= kills.length - 2 && line.cuts >= 1, `${killed} kills and ${line.cuts} cuts struck`);
  });
});
