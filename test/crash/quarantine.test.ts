import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceDefinition } from '../../src/domain/service/index.ts';
import type { FlowNode } from '../engine/support/messages.ts';
import { NodeRedProcess, ProcessGone } from '../engine/support/node-red-process.ts';
import { person } from '../nodes/support/rig.ts';
import { receiptService } from '../nodes/support/services.ts';

/** A damaged file goes to quarantine, and the process is killed before the file is out of the way. */
describe('a kill between quarantine and the source', function () {
  this.timeout(180_000);
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'waybill-quarantine-'));
    mkdirSync(path.join(root, 'files', 'in'), { recursive: true });
  });
  const running: NodeRedProcess[] = [];
  after(async () => {
    for (const node of running) if (!node.gone) await node.kill();
    rmSync(root, { recursive: true, force: true });
  });

  const service = (...required: readonly string[]): ServiceDefinition => receiptService({
    id: 'wms/host', system: 'wms', protocol: 'file', authentication: { kind: 'session' },
    operations: { orders: { title: 'Orders', effect: 'reads', recovery: { by: 'safe' }, answer: { type: 'object', required }, binding: { format: 'json', folder: '/in', settleSeconds: 0, identity: '/number', each: 'lines' } } },
  });
  const place = { z: 'c000000000000001', x: 10, y: 10, configVersion: 1 };
  const flows = (): FlowNode[] => [
    { id: 'c000000000000001', type: 'tab', label: 'files' },
    { id: 'c000000000000002', type: 'waybill-site', siteId: 'dc-1', enterprise: 'acme', configVersion: 1 },
    { id: 'c000000000000003', type: 'waybill-system', name: 'wms-1', kind: 'wms', url: `file://${path.join(root, 'files')}`, urlType: 'str', configVersion: 1 },
    { id: 'c000000000000004', type: 'waybill-file-in', ...place, stepId: 'come', site: 'c000000000000002', systemNode: 'c000000000000003', service: 'wms/host@1.0.0', operation: 'orders', everySeconds: 0.1, key: '/number', keyName: 'order', wires: [['c000000000000006']] },
    { id: 'c000000000000006', type: 'waybill-case-close', ...place, stepId: 'end', outcome: 'done', outcomeType: 'str' },
  ];
  const start = async (home: string, offered = service('number', 'date'), kill?: { readonly n: number; readonly at: 'before' | 'after' }): Promise<NodeRedProcess> => {
    const node = new NodeRedProcess(path.join(root, 'node-red'));
    running.push(node);
    await node.ask('open', { home: path.join(root, home), flows: flows(), tuning: { poisonEpochs: 1_000 }, services: [offered], ...(kill === undefined ? {} : { kill: { kind: 'append', ...kill } }) });
    return node;
  };
  const names = (folder: string): readonly string[] => {
    const at = path.join(root, 'files', 'in', folder);
    return existsSync(at) ? readdirSync(at).filter((name) => name.endsWith('.json')).sort() : [];
  };
  const bring = (name: string, text: string): void => { writeFileSync(path.join(root, 'files', 'in', name), text); };

  it('leaves the item in quarantine once, and none out', async () => {
    const first = await start('counted');
    const { append: opened } = await first.ask('counts', {});
    await first.kill();
    const struck = await start('home', undefined, { n: opened + 1, at: 'after' });
    bring('a.json', '{"number": ');
    await Promise.race([struck.ended, struck.until(() => names('failed').length > 0, 60_000).catch(() => undefined)]);
    assert.deepEqual([struck.gone, readdirSync(path.join(root, 'files', 'in', '.work')).length, names('failed')], [true, 1, []], 'it is recorded, and lies where it is worked on');
    const node = await start('home');
    const seen = await node.until(() => names('failed').length === 1, 60_000);
    assert.deepEqual([seen.counts.quarantineHeld, readdirSync(path.join(root, 'files', 'in', '.work'))], [1, []]);
    bring('a.json', '{"number": ');
    await node.until(({ counts }) => counts.quarantineHeld === 2 && names('failed').length === 2, 60_000);
    await node.kill();
  });

  it('leaves neither half of a document nor two of it when it strikes while the document is taken again', async () => {
    bring('b.json', '{"number": "4711", "lines": [{"item": "A"}, {"item": "B"}]}');
    // A boundary that is never reached: commits are counted only where one is asked for.
    const first = await start('home', undefined, { n: 1_000, at: 'after' });
    await first.until(({ counts }) => counts.quarantineHeld === 3, 60_000);
    const { append: opened } = await first.ask('counts', {});
    const { quarantine_id: quarantineId } = (await first.ask('quarantine', {})).find(({ topic }) => topic === 'b.json') ?? { quarantine_id: '' };
    await first.kill();
    // The number that it came under, and the first of its cases; of the file's own quarantine there is one commit less than before.
    const struck = await start('home', service('number'), { n: opened - 1 + 2, at: 'after' });
    await assert.rejects(struck.ask('admitQuarantine', { quarantineId, reason: 'the contract was corrected', by: person('carl', 'clerk') }), ProcessGone);
    const node = await start('home', service('number'));
    const seen = await node.until(({ closed }) => closed.length === 2, 60_000);
    assert.deepEqual([seen.counts.casesOpen, seen.counts.quarantineHeld], [0, 2]);
    const again = await node.ask('admitQuarantine', { quarantineId, reason: 'once more', by: person('carl', 'clerk') }) as { readonly code: string };
    assert.equal(again.code, 'quarantine-admitted');
    assert.deepEqual((await node.ask('events', { streamId: `quarantine:${quarantineId}` })).map(({ type }) => type), ['Quarantined', 'QuarantineResolved']);
    await node.kill();
  });
});
